import random
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from reqlog.exceptions import StoreError
from reqlog.filters import EVERYTHING
from reqlog.request import newest_first
from reqlog.store.sqlite import SqliteStore

PAGE = 4096


def problems(path: Path) -> list[str]:
    with closing(SqliteStore(path, write=False)) as store:
        return list(store.check())


def after(path: Path, *statements: str) -> list[str]:
    with closing(apsw.Connection(str(path))) as connection:
        for statement in statements:
            connection.execute(statement)
    return problems(path)


def test_a_sound_store_has_no_problems(store) -> None:
    assert problems(store) == []


def test_an_empty_store_has_no_problems(tmp_path) -> None:
    SqliteStore(tmp_path / "requests.db", write=True).close()
    assert problems(tmp_path / "requests.db") == []


COUNTS = "The counts of requests do not fit the requests."
WORDS = "The index of words does not fit the requests."
ONE = "WHERE id = 'req_0007'"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (f"UPDATE requests SET path = path || '/secret' {ONE}", [WORDS]),
        (f"DELETE FROM requests {ONE}", [COUNTS, WORDS]),
        (f"UPDATE requests SET status = 599 {ONE}", [COUNTS]),
        ("UPDATE kinds SET requests = requests + 1", [COUNTS]),
        ("UPDATE hours SET requests = requests + 1", [COUNTS]),
        ("DELETE FROM days", [COUNTS]),
        ("INSERT INTO requests_text (rowid, text) VALUES (5, 'word')", [WORDS]),
        ("UPDATE tallies SET requests = requests + 1", [COUNTS]),
        (f"UPDATE requests SET user_agent = 'x' {ONE}", [COUNTS]),
        (f"UPDATE requests SET account = 'x' {ONE}", []),
        (f"UPDATE requests SET time = time + 1 {ONE}", ["The request req_0007 is not in the place of its time."]),
        (
            f"UPDATE requests SET response_headers = x'00ff' {ONE}",
            ["Of the request req_0007 the response_headers cannot be read."],
        ),
        (
            f"UPDATE requests SET resources = '[', truncated = '{{' {ONE}",
            [
                "Of the request req_0007 the truncated cannot be read.",
                "Of the request req_0007 the resources cannot be read.",
            ],
        ),
        ("CREATE TABLE more (a)", ["The schema has a more that is not reqlog's."]),
        ("DROP INDEX requests_kind", ["The schema lacks requests_kind."]),
        (
            "CREATE TRIGGER spy AFTER INSERT ON requests BEGIN SELECT 1; END",
            ["The schema has a spy that is not reqlog's."],
        ),
    ],
)
def test_what_does_not_fit_is_told(store, statement, expected) -> None:
    assert after(store, statement) == expected


def test_an_index_that_does_not_fit_its_table_is_told(store) -> None:
    found = after(
        store,
        "PRAGMA writable_schema = 1",
        "UPDATE sqlite_schema SET sql = replace(sql, '(kind)', '(status)') WHERE name = 'requests_kind'",
    )
    assert found[0].startswith("SQLite says: row ")
    assert "The schema has a requests_kind that is not reqlog's." in found


@pytest.mark.parametrize("part", range(10))
def test_a_byte_changed_in_a_compressed_body_is_told(part, store) -> None:
    with closing(apsw.Connection(str(store))) as connection:
        sql = "SELECT id, response_body FROM requests WHERE typeof(response_body) = 'blob' ORDER BY seq LIMIT 1"
        rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        ((id, frame),) = rows
        at = part * len(frame) // 10
        changed = frame[:at] + bytes((frame[at] ^ 1,)) + frame[at + 1 :]
        connection.execute("UPDATE requests SET response_body = ? WHERE id = ?", (changed, id))
    assert problems(store) == [f"Of the request {id} the response_body cannot be read."]


@pytest.mark.parametrize("fill", [bytes(PAGE), random.Random(1).randbytes(PAGE)], ids=["zeros", "noise"])
@pytest.mark.parametrize("part", range(20))
def test_a_lost_page_is_told_unless_it_held_nothing(part, fill, overwritten, whole, requests) -> None:
    page = part * (len(whole) // PAGE) // 20
    path = overwritten(page * PAGE, fill)
    try:
        told = problems(path)
    except StoreError as error:
        told = [str(error)]
    if not told:
        with closing(SqliteStore(path, write=False)) as store:
            assert list(store.find(EVERYTHING)) == sorted(requests, key=newest_first, reverse=True)


def test_a_store_can_be_checked_twice_and_written_meanwhile(store, requests) -> None:
    with closing(SqliteStore(store, write=True)) as writer, closing(SqliteStore(store, write=False)) as reader:
        checking = reader.check()
        assert next(checking, None) is None
        writer.add([requests[0]._replace(id="req_new")])
        assert list(reader.check()) == []


def test_a_store_that_may_only_be_read_can_be_checked(store) -> None:
    store.with_name("requests.db-wal").unlink(missing_ok=True)
    store.chmod(0o400)
    assert problems(store) == []
