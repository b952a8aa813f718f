from contextlib import closing
from typing import Any

import pytest

from reqlog.filters import Compare, OneOf
from reqlog.request import Request
from reqlog.store.sqlite import SqliteStore
from reqlog.store.sqlite.connection import open_to_read
from reqlog.store.sqlite.kinds import are_counted_right


def counts(path) -> list[tuple[object, ...]]:
    """Return the kinds that there are, by method, status and error code, after holding that all counts are right."""
    with closing(open_to_read(str(path))) as connection:
        assert are_counted_right(connection)
        sql = "SELECT method, status, error_code, requests FROM kinds ORDER BY 1, 2, 3"
        return connection.execute(sql).fetchall()


def one(number: int, **fields: Any) -> Request:
    return Request(**{"id": f"req_{number}", "method": "GET", "status": 200, **fields})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "requests.db"


def test_requests_that_are_alike_are_of_one_kind(path) -> None:
    with closing(SqliteStore(path, write=True)) as store:
        store.add([one(1), one(2), one(3, status=None), one(4, status=None)])
        store.add([one(5), one(6, ip_address="10.0.0.1", path="/x")])
    assert counts(path) == [("GET", None, None, 2), ("GET", 200, None, 4)]


def test_whether_headers_are_known_makes_a_kind(path) -> None:
    with closing(SqliteStore(path, write=True)) as store:
        store.add([one(1), one(2, request_headers={"a": "1"}), one(3, request_headers={"b": "2"})])
    assert [row[-1] for row in counts(path)] == [1, 2]


def test_a_request_that_is_enriched_changes_its_kind(path) -> None:
    with closing(SqliteStore(path, write=True)) as store:
        store.add([one(1), one(2)])
        store.add([one(1, error_code="card_declined"), one(2, error_code="card_declined")])
        store.add([one(3), one(4, error_code="card_declined")])
    assert counts(path) == [("GET", 200, None, 1), ("GET", 200, "card_declined", 3)]


@pytest.mark.parametrize("removed", [("req_1",), ("req_1", "req_2", "req_3")], ids=["few", "most"])
def test_of_what_is_removed_no_kind_is_left(removed, path) -> None:
    with closing(SqliteStore(path, write=True)) as store:
        store.add([one(1, status=402), one(2), one(3), one(4)])
        store.remove(OneOf("id", removed))
        store.add([one(5), one(6, status=402), one(7, status=500)])
    kept = 4 - len(removed)
    assert counts(path) == [("GET", 200, None, kept + 1), ("GET", 402, None, 1), ("GET", 500, None, 1)]


def test_kinds_that_another_process_made_or_removed_are_not_taken_for_known(path) -> None:
    with closing(SqliteStore(path, write=True)) as store, closing(SqliteStore(path, write=True)) as other:
        store.add([one(1, status=402)])
        other.add([one(2, status=402), one(3, status=500)])
        other.remove(Compare("status", "=", 402))
        other.add([one(4, status=418)])
        store.add([one(5, status=402), one(6, status=418)])
    assert counts(path) == [("GET", 402, None, 1), ("GET", 418, None, 2), ("GET", 500, None, 1)]


def test_kinds_of_a_batch_that_was_taken_back_are_not_taken_for_known(path) -> None:
    broken: Request = one(2, status=402, response_body=object())
    with closing(SqliteStore(path, write=True)) as store:
        with pytest.raises(TypeError):
            store.add([one(1, status=402), broken])
        store.add([one(3, status=402)])
    assert counts(path) == [("GET", 402, None, 1)]
