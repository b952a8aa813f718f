"""The ways to read a store where the usual one is barred; a disk that is full is the matter of tests/reliability."""

import os
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from reqlog.exceptions import StoreError
from reqlog.store.sqlite.reading import open_readable


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A file in write-ahead mode that was closed well, with one row."""
    path = tmp_path / "odd ? name # 100%41.db"
    with closing(apsw.Connection(str(path))) as connection:
        connection.pragma("journal_mode", "wal")
        connection.execute("CREATE TABLE numbers (number); INSERT INTO numbers VALUES (1)")
    return path


def rows(connection: apsw.Connection) -> int:
    return int(str(connection.execute("SELECT count(*) FROM numbers").get))


def opened(place: Path, barred: int = 0) -> tuple[apsw.Connection, int]:
    """Open `place` when so many ways of the three are barred."""
    left = [barred]

    def begin(connection: apsw.Connection) -> tuple[apsw.Connection, int]:
        if left[0]:
            left[0] -= 1
            raise apsw.IOError("disk I/O error")
        return connection, rows(connection)

    return open_readable(str(place), begin)


@pytest.mark.parametrize("barred", [0, 1, 2])
def test_it_is_read_in_the_first_way_that_is_open_and_nothing_is_written(place, barred) -> None:
    before = place.read_bytes()
    connection, count = opened(place, barred)
    with pytest.raises(apsw.ReadOnlyError):
        connection.execute("INSERT INTO numbers VALUES (2)")
    connection.close()
    assert (count, place.read_bytes()) == (1, before)


def test_if_none_is_open_the_reason_is_that_of_the_usual_one(place) -> None:
    with pytest.raises(apsw.IOError, match="disk I/O error"):
        opened(place, 3)
    place.unlink()
    with pytest.raises(apsw.CantOpenError):
        opened(place)


@pytest.mark.parametrize("barred", [0, 1])
def test_what_is_in_the_log_is_read_too(place, barred) -> None:
    left = place.with_name("left.db")
    with closing(apsw.Connection(str(place))) as connection:
        connection.execute("INSERT INTO numbers VALUES (2)")
        for suffix in ("", "-wal"):
            Path(f"{left}{suffix}").write_bytes(Path(f"{place}{suffix}").read_bytes())
    connection, count = opened(left, barred)
    connection.close()
    assert count == 2


def test_what_has_something_in_its_log_is_not_read_without_it(place) -> None:
    with closing(apsw.Connection(str(place))) as connection:
        connection.execute("INSERT INTO numbers VALUES (2)")
        with pytest.raises(apsw.IOError):
            opened(place, 2)


def test_what_is_read_as_it_lies_and_changes_meanwhile_is_told(place) -> None:
    connection, _ = opened(place, 2)
    with closing(apsw.Connection(str(place))) as other:
        other.execute("INSERT INTO numbers VALUES (2)")
    with pytest.raises(StoreError, match=r"was written to while it was read without a lock.*ask again\.$"):
        connection.close()
    connection.close()


def test_a_log_that_is_begun_meanwhile_is_told_too(place) -> None:
    connection, _ = opened(place, 2)
    with closing(apsw.Connection(str(place))) as other:
        other.execute("INSERT INTO numbers VALUES (2)")
        with pytest.raises(StoreError, match="was written to"):
            connection.close()


def test_what_is_no_database_is_not_tried_again(tmp_path) -> None:
    path = tmp_path / "notes"
    path.write_text("These are not requests. " * 100)
    tried = []

    def begin(connection: apsw.Connection) -> None:
        tried.append(connection)
        rows(connection)

    with pytest.raises(apsw.NotADBError):
        open_readable(str(path), begin)
    assert len(tried) == 1
    assert os.listdir(tmp_path) == ["notes"]  # noqa: PTH208  (names are all that is asked for)
