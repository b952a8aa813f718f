from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog.store.sqlite import salvage

PAGE = 4096


def table(path: Path) -> dict[int, tuple[object, ...]]:
    with closing(apsw.Connection(str(path))) as connection:
        return {row[0]: (None, *row[1:]) for row in connection.execute("SELECT * FROM requests")}


def columns(path: Path) -> int:
    return len(next(iter(table(path).values())))


def read(path: Path, count: int) -> dict[int, tuple[object, ...]]:
    with path.open("rb") as file:
        return dict(salvage.records(file, range(count, count + 1)))


def test_every_row_is_read_off_the_pages_as_sqlite_reads_it(store) -> None:
    assert read(store, columns(store)) == table(store)


@pytest.mark.parametrize("page", [0, 1], ids=["the header", "the root of the table"])
def test_nothing_is_lost_with_a_page_above_the_leaves(store, page) -> None:
    expected = table(store)
    count = columns(store)
    content = bytearray(store.read_bytes())
    content[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
    store.write_bytes(content)
    assert read(store, count) == expected


def test_what_was_deleted_is_not_read_from_pages_that_are_free(store) -> None:
    count = columns(store)
    with closing(apsw.Connection(str(store))) as connection:
        connection.execute("DELETE FROM requests WHERE seq > (SELECT avg(seq) FROM requests)")
        assert connection.pragma("freelist_count") > 1
    assert read(store, count) == table(store)


def test_records_of_another_number_of_columns_are_passed_over(store) -> None:
    assert read(store, 3) == {}


def test_pages_of_another_size_are_read_too(tmp_path) -> None:
    path = tmp_path / "large.db"
    rows = {1: (None, "a" * 200_000, -1.5, -(1 << 40)), -7: (None, b"\x00" * 70_000, None, 1), 3: (None, "é", 0.5, 0)}
    with closing(apsw.Connection(str(path))) as connection:
        connection.pragma("page_size", 65536)
        connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, text, real, whole)")
        connection.executemany("INSERT INTO things VALUES (?, ?, ?, ?)", [(id, *row[1:]) for id, row in rows.items()])
    assert read(path, 4) == rows


@given(st.binary(max_size=6000), st.integers(0, 4095))
def test_no_bytes_whatever_make_it_fail(content, at) -> None:
    page = bytearray(PAGE)
    page[: len(b"SQLite format 3\x00")] = b"SQLite format 3\x00"
    page[16:18] = (PAGE).to_bytes(2, "big")
    page[100] = 0x0D
    page[at : at + len(content)] = content
    with TemporaryFile() as file:
        file.write(page)
        file.flush()
        for _, values in salvage.records(file, range(1, 2)):
            assert len(values) == 1


def test_an_empty_file_has_no_rows(tmp_path) -> None:
    (tmp_path / "empty").touch()
    assert read(tmp_path / "empty", 4) == {}
