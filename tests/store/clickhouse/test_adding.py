"""Adding when others add the same at the same time, when the server merges, and when the connection is lost."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Thread

import pytest

from reqlog.exceptions import StoreError
from reqlog.filters import EVERYTHING, Compare, Not, Present
from reqlog.request import Request
from reqlog.store.base import Added
from reqlog.store.clickhouse import ClickHouseStore
from reqlog.store.clickhouse.literals import Row
from reqlog.store.clickhouse.schema import on_cluster
from reqlog.store.clickhouse.server import LostError, Server

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


class Disturbed:
    """A server around whose inserts into `requests` something happens, the first few times."""

    def __init__(
        self, server: Server, *, before: Callable[[], None], after: Callable[[], None], times: int = 1
    ) -> None:
        self._server, self._before, self._after, self._times = server, before, after, times
        self.shown, self.database = server.shown, server.database
        self.rows, self.write, self.at, self.close = server.rows, server.write, server.at, server.close

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        happens = table.endswith("requests") and self._times > 0
        self._times -= happens
        if happens:
            self._before()
        self._server.insert(table, columns, rows)
        if happens:
            self._after()


def nothing() -> None:
    """Happen not."""


def adding(store: ClickHouseStore, request: Request) -> None:
    store.add([request])


def lose() -> None:
    raise LostError("The server went away.")


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (
            Request("req_1", NOON, method="POST", path="/v1/charges"),
            Request("req_1", NOON, error_code="card_declined"),
            Request("req_1", NOON, method="POST", path="/v1/charges", error_code="card_declined"),
        ),
        (Request("req_1", NOON, status=402), Request("req_1", status=402), Request("req_1", NOON, status=402)),
        (
            Request("req_1", NOON, status=402),
            Request("req_1", NOON.replace(hour=13), method="GET"),
            Request("req_1", NOON, status=402, method="GET"),
        ),
        (Request("req_1", NOON, status=402), Request("req_1", NOON, status=402), Request("req_1", NOON, status=402)),
    ],
)
def test_two_that_add_one_id_at_once_end_with_one_request_that_knows_what_both_knew(
    connect, mine, theirs, expected
) -> None:
    other = ClickHouseStore(connect(), write=True)
    server = Disturbed(connect(), before=lambda: adding(other, theirs), after=nothing)
    ClickHouseStore(server, write=True).add([mine])
    assert list(other.find(EVERYTHING)) == [expected]
    assert other.count_by(EVERYTHING, ()) == ClickHouseStore(connect(), write=False).count_by(EVERYTHING, ())
    assert [group.requests for group in other.count_by(EVERYTHING, ())] == [1]
    assert list(other.check()) == []


def test_many_who_add_the_same_at_once_end_with_each_request_once(connect) -> None:
    batch = [Request(f"req_{number}", NOON, status=200) for number in range(40)]
    stores = [ClickHouseStore(connect(), write=True) for _ in range(4)]
    told = [
        [request._replace(method="GET") for request in batch],
        [request._replace(path="/v1/balance") for request in batch],
        [request._replace(error_code="x") for request in batch],
        [request._replace(account="acct_1") for request in batch],
    ]
    threads = [Thread(target=store.add, args=[requests]) for store, requests in zip(stores, told, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [group.requests for group in stores[0].count_by(EVERYTHING, ())] == [40]
    assert list(stores[0].check()) == []
    for requests in told:
        stores[0].add(requests)
    expected = [r._replace(method="GET", path="/v1/balance", error_code="x", account="acct_1") for r in batch]
    assert sorted(stores[0].find(EVERYTHING)) == sorted(expected)
    assert [group.requests for group in stores[0].count_by(EVERYTHING, ())] == [40]


def test_one_who_fills_in_does_not_undo_what_another_filled_in_since_it_looked(connect, store) -> None:
    store.add([Request("req_1", NOON, status=402)])
    store.add([Request("req_1", NOON, method="POST")])

    def others() -> None:
        store.add([Request("req_1", NOON, error_code="card_declined")])
        store.add([Request("req_1", NOON, host="api.stripe.com")])

    server = Disturbed(connect(), before=others, after=nothing)
    ClickHouseStore(server, write=True).add([Request("req_1", NOON, path="/v1/charges")])
    assert list(store.find(EVERYTHING)) == [
        Request(
            "req_1",
            NOON,
            status=402,
            method="POST",
            error_code="card_declined",
            host="api.stripe.com",
            path="/v1/charges",
        )
    ]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(("before", "after"), [(nothing, lose), (lose, nothing)])
def test_an_insert_of_which_it_is_not_known_what_became_is_made_good(connect, before, after, times) -> None:
    server = Disturbed(connect(), before=before, after=after, times=times)
    store = ClickHouseStore(server, write=True)
    assert store.add([Request("req_1", NOON), Request("req_2", NOON)]) == Added(2, 0, 0)
    assert [group.requests for group in store.count_by(EVERYTHING, ())] == [2]
    assert list(store.check()) == []


def test_a_server_that_does_not_hold_on_to_what_it_is_given_is_told_as_such(connect) -> None:
    server = Disturbed(connect(), before=lose, after=nothing, times=1000)
    with pytest.raises(StoreError, match="does not hold on to what it is given"):
        ClickHouseStore(server, write=True).add([Request("req_1")])


@pytest.mark.parametrize("merged", [False, True])
def test_a_repeated_id_is_one_request_before_the_server_merges_and_after(connect, store, merged) -> None:
    store.add([Request("req_1", status=200), Request("req_2", NOON, status=402)])
    store.add([Request("req_1", NOON), Request("req_2", NOON, error_code="card_declined")])
    if merged:
        on_cluster(connect(), store.tables, f"OPTIMIZE TABLE {store.tables.shard_requests} {{on}} FINAL")
    assert list(store.find(Not(Present("error_code")))) == [Request("req_1", NOON, status=200)]
    assert list(store.find(Not(Present("time")))) == []
    assert store.get("req_2") == Request("req_2", NOON, status=402, error_code="card_declined")
    assert [(g.values, g.requests) for g in store.count_by(EVERYTHING, ("error_code",))] == [
        (("card_declined",), 1),
        ((None,), 1),
    ]
    assert store.info().requests == 2


def test_what_was_imported_over_five_years_is_taken_in_one_batch(store) -> None:
    kept = [
        Request(f"req_{year}_{month:02}", datetime(year, month, 1, tzinfo=UTC))
        for year in range(1995, 2000)
        for month in range(1, 13)
    ]
    assert store.add(kept) == Added(60, 0, 0)
    assert list(store.find(EVERYTHING, reverse=True)) == kept


def test_what_was_removed_can_come_again(store) -> None:
    request = Request("req_1", NOON, status=402)
    store.add([request])
    store.remove(Compare("status", "=", 402))
    assert store.add([request]) == Added(1, 0, 0)
    assert list(store.find(EVERYTHING)) == [request]
    assert list(store.check()) == []
