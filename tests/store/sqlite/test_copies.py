import gzip
import stat
import threading
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from reqlog.exceptions import StoreError, UsageError
from reqlog.filters import EVERYTHING
from reqlog.request import Request, newest_first
from reqlog.store.base import Saved
from reqlog.store.sqlite import SqliteStore
from reqlog.store.sqlite.copies import backup, repair
from reqlog.store.sqlite.schema import MIGRATIONS

PAGE = 4096


def found(path: Path) -> list[Request]:
    with closing(SqliteStore(path, write=False)) as store:
        return list(store.find(EVERYTHING))


def problems(path: Path) -> list[str]:
    with closing(SqliteStore(path, write=False)) as store:
        return list(store.check())


def test_a_backup_is_the_store_in_one_file_of_its_owner(store, tmp_path) -> None:
    copy = tmp_path / "backups" / "copy.db"
    backup(str(store), str(copy))
    assert (found(copy), problems(copy)) == (found(store), [])
    assert [file.name for file in copy.parent.iterdir() if not file.name.endswith(("-wal", "-shm"))] == ["copy.db"]
    assert (stat.S_IMODE(copy.stat().st_mode), stat.S_IMODE(copy.parent.stat().st_mode)) == (0o600, 0o700)


def test_a_backup_can_be_moved_and_written_to(store, tmp_path) -> None:
    copy = tmp_path / "copy.db"
    backup(str(store), str(copy))
    moved = copy.rename(tmp_path / "moved.db")
    with closing(SqliteStore(moved, write=True)) as opened:
        opened.add([Request(id="req_new")])
    assert len(found(moved)) == len(found(store)) + 1


def test_a_backup_holds_what_one_commit_left_while_others_go_on(store, tmp_path, requests) -> None:
    stop = threading.Event()

    def write() -> None:
        with closing(SqliteStore(store, write=True)) as writer:
            batch = 0
            while not stop.is_set():
                writer.add([requests[1]._replace(id=f"req_b{batch}_{number}") for number in range(10)])
                batch += 1

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for number in range(5):
            copy = tmp_path / f"copy{number}.db"
            backup(str(store), str(copy))
            assert (len(found(copy)) - len(requests)) % 10 == 0
            assert problems(copy) == []
    finally:
        stop.set()
        writing.join()


@pytest.mark.parametrize("write", [backup, repair])
def test_nothing_that_is_there_is_written_over(write, store, tmp_path) -> None:
    there = tmp_path / "notes.txt"
    there.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        write(str(store), str(there))
    assert there.read_text() == "mine"


@pytest.mark.parametrize("write", [backup, repair])
def test_what_is_not_there_cannot_be_copied(write, tmp_path) -> None:
    with pytest.raises(StoreError, match="There is no store at"):
        write(str(tmp_path / "none.db"), str(tmp_path / "copy.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_fails_leaves_nothing_behind(overwritten, tmp_path) -> None:
    damaged = overwritten(PAGE, bytes(PAGE))
    with pytest.raises(StoreError, match="is damaged"):
        backup(str(damaged), str(tmp_path / "copy.db"))
    assert not list(tmp_path.glob("copy.db*"))


def test_all_of_a_sound_store_is_saved(store, tmp_path) -> None:
    assert repair(str(store), str(tmp_path / "saved.db")) == Saved(400, 0, 0, is_exact=True)
    assert found(tmp_path / "saved.db") == found(store)


@pytest.mark.parametrize("part", range(25))
def test_what_is_saved_of_a_store_with_a_lost_page_is_what_was_there(
    part, overwritten, whole, requests, tmp_path
) -> None:
    damaged = overwritten(part * (len(whole) // PAGE) // 25 * PAGE, b"\x0d\xff" * (PAGE // 2))
    before = damaged.read_bytes()
    saved = repair(str(damaged), str(tmp_path / "saved.db"))
    after = found(tmp_path / "saved.db")
    assert problems(tmp_path / "saved.db") == []
    assert saved.requests == len(after) >= 350
    assert saved.requests + saved.lost == len(requests) or not saved.is_exact
    assert len([request for request in after if request not in requests]) == saved.incomplete <= 2
    assert {request.id for request in after} <= {request.id for request in requests}
    assert damaged.read_bytes() == before


@pytest.mark.parametrize("page", [0, 1], ids=["the header", "the root of the table"])
def test_nothing_is_lost_with_a_page_that_holds_no_rows(page, overwritten, requests, tmp_path) -> None:
    damaged = overwritten(page * PAGE, bytes(PAGE))
    saved = repair(str(damaged), str(tmp_path / "saved.db"))
    assert (saved.requests, saved.lost) == (400, 0)
    assert found(tmp_path / "saved.db") == sorted(requests, key=newest_first, reverse=True)


def test_what_is_left_of_a_truncated_store_is_saved_and_the_rest_not_guessed(
    overwritten, whole, requests, tmp_path
) -> None:
    damaged = overwritten(0, b"")
    damaged.write_bytes(whole[: len(whole) // 2])
    saved = repair(str(damaged), str(tmp_path / "saved.db"))
    assert 50 < saved.requests < 400
    assert not saved.is_exact
    assert [request for request in found(tmp_path / "saved.db") if request not in requests] == []


def test_a_request_with_a_broken_part_is_saved_without_it(store, tmp_path) -> None:
    with closing(apsw.Connection(str(store))) as connection:
        connection.execute("UPDATE requests SET response_body = x'28b52ffd00' WHERE id = 'req_0007'")
    assert repair(str(store), str(tmp_path / "saved.db")) == Saved(400, 1, 0, is_exact=True)
    (mended,) = (request for request in found(tmp_path / "saved.db") if request.id == "req_0007")
    assert (mended.response_body, mended.truncated, mended.request_body) == (None, ("response_body",), "note=body7of")


def test_a_request_with_broken_parts_is_saved_without_them(store, requests, tmp_path) -> None:
    with closing(apsw.Connection(str(store))) as connection:
        id = connection.execute("SELECT id FROM requests WHERE parts NOT NULL ORDER BY seq DESC LIMIT 1").get
        connection.execute("UPDATE requests SET parts = x'28b52ffd00' WHERE id = ?", (id,))
    assert repair(str(store), str(tmp_path / "saved.db")) == Saved(400, 1, 0, is_exact=True)
    (mended,) = (request for request in found(tmp_path / "saved.db") if request.id == id)
    (whole,) = (request for request in requests if request.id == id)
    gone = ("request_headers", "request_body", "response_body", "resources")
    assert mended == whole._replace(**dict.fromkeys(gone[:3]), resources=(), truncated=gone)


@pytest.mark.parametrize("number", range(1, len(MIGRATIONS) + 1))
def test_a_store_of_every_schema_is_saved(number, tmp_path) -> None:
    old = tmp_path / "old.db"
    old.write_bytes(gzip.decompress((Path(__file__).parents[1] / f"schema_{number}.db.gz").read_bytes()))
    assert repair(str(old), str(tmp_path / "saved.db")) == Saved(2, 0, 0, is_exact=True)
    assert found(tmp_path / "saved.db") == found(old)


def test_a_file_that_never_was_a_store_gives_nothing(tmp_path) -> None:
    (tmp_path / "notes.txt").write_text("What this is.\n" * 2000)
    with pytest.raises(StoreError, match="There is nothing of a reqlog store in"):
        repair(str(tmp_path / "notes.txt"), str(tmp_path / "saved.db"))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["notes.txt"]
