"""What answers cost, in steps of SQLite's machine; what they are is held for every store by test_conformance.py."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from reqlog.filters import EVERYTHING, And, Compare, Filter, InNetwork, Mentions, Not, OneOf, Or, Present, Touches
from reqlog.flags import FAILED
from reqlog.request import Request
from reqlog.store import open_temporary
from reqlog.store.sqlite import SqliteStore

END = datetime(2025, 3, 1, 12, 34, 56, tzinfo=UTC)
SIZES = (1500, 12_000)
ENDPOINTS = ("/v1/charges", "/v1/customers", "/v1/refunds")


def requests(count: int) -> Iterator[Request]:
    """Yield requests of a month, out of order, so many; only how many there are in an hour depends on that."""
    for place in range(count):
        chance = Random(place)
        failed = place % 14 == 0
        yield Request(
            id=f"req_{place:06}",
            time=END - timedelta(days=30) * ((place * 7919 % count + 0.5) / count),
            method="POST",
            path=f"/v1/charges/ch_{place}",
            endpoint=ENDPOINTS[place % 2],
            status=402 if failed else 200,
            source="api",
            ip_address=f"10.0.0.{place * 8 // count}" if place % 100 == 0 else f"10.0.1.{place % 50}",
            api_version=chance.choice(("2024-06-20", "2024-04-10")),
            error_type="card_error" if failed else None,
            error_code="card_declined" if failed else None,
            response_body="insufficient funds" if failed else "succeeded",
            resources=(f"cus_{place % (count // 3)}",),
        )


@pytest.fixture(scope="module")
def stores() -> Iterator[list[SqliteStore]]:
    with closing(open_temporary()) as small, closing(open_temporary()) as large:
        for store, size in zip((small, large), SIZES, strict=True):
            store.add(requests(size))
        yield [small, large]


def steps(store: SqliteStore, ask) -> int:
    """Return about how many steps of SQLite's machine `ask` takes."""
    taken = 0

    def count() -> bool:
        nonlocal taken
        taken += 1
        return False

    connection = store._connection
    connection.set_progress_handler(count, 20)
    try:
        ask(store)
    finally:
        connection.set_progress_handler(None)
    return 20 * taken


WEEK = Compare("time", ">=", END - timedelta(days=7))
ONE_KIND = And((Compare("status", "=", 402), Compare("api_version", "=", "2024-06-20")))
NO_KIND = And((Compare("endpoint", "=", ENDPOINTS[1]), Not(Compare("source", "=", "api"))))


def first(filter: Filter, *, reverse: bool = False):
    return lambda store: list(store.find(filter, limit=20, reverse=reverse))


QUESTIONS = {
    "newest": first(EVERYTHING),
    "of a status": first(Compare("status", "=", 402)),
    "failed, the oldest": first(FAILED, reverse=True),
    "of two fields": first(ONE_KIND),
    "of no kind": first(NO_KIND),
    "not of a kind": first(And((Not(FAILED), Not(Compare("api_version", "=", "2024-06-20")), WEEK))),
    "of a kind and an address": first(And((FAILED, Compare("ip_address", "=", "10.0.0.7")))),
    "of a resource": first(Touches("cus_1")),
    "with words": first(Mentions(("insufficient", "funds"))),
    "with words and of a kind": first(And((Mentions(("insufficient",)), ONE_KIND))),
    "by id": lambda store: store.get("req_000001"),
    "how many": lambda store: store.count_by(EVERYTHING, ()),
    "how many failed": lambda store: store.count_by(FAILED, ()),
    "how many in a network": lambda store: store.count_by(InNetwork("ip_address", "10.0.0.7/32"), ()),
    "versions": lambda store: store.count_by(WEEK, ("api_version",)),
    "who relied on the default": first(And((Not(Present("requested_version")), Present("request_headers")))),
    "errors": lambda store: store.count_by(And((WEEK, FAILED)), ("error_type", "error_code"), samples=10),
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_an_answer_costs_its_size_and_not_that_of_the_store(ask, stores) -> None:
    small, large = (steps(store, ask) for store in stores)
    assert large < 2 * small + 2000


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("beside", [EVERYTHING, Not(Present("user_agent"))], ids=str)
def test_what_is_asked_of_a_span_of_time_costs_what_is_in_it(beside, reverse, stores) -> None:
    """However much there is before it and after it."""
    middle = END - timedelta(days=15)
    whole = And((Compare("time", ">=", middle), Compare("time", "<", middle + timedelta(hours=1)), beside))
    _, large = stores
    for ask in (
        lambda store: list(store.find(whole, reverse=reverse)),
        lambda store: list(store.find(whole, limit=20, reverse=reverse)),
        lambda store: store.count_by(whole, ("ip_address",)),
    ):
        assert steps(large, ask) < SIZES[1]


def test_what_no_index_leads_to_costs_the_store(stores) -> None:
    """So that the measure above is seen to tell one from the other."""
    ask = first(Or((Compare("duration_ms", ">", 5.0), Compare("user_agent", "=", "x"))))
    small, large = (steps(store, ask) for store in stores)
    assert large > 4 * small


def test_a_week_is_counted_by_days_and_hours(stores) -> None:
    """Of the requests themselves only those at the ends of the week are looked at, an hour's at each end at most."""
    _, large = stores
    taken = steps(large, lambda store: store.count_by(WEEK, ("api_version",)))
    assert taken < SIZES[1] * 7 // 30


def test_groups_of_one_frequency_are_in_the_order_of_the_newest_without_times_too() -> None:
    times = {"b": 2, "c": 3, "a": 1}
    with closing(open_temporary()) as store:
        store.add(Request(f"req_{code}", END + timedelta(hours=at), error_code=code) for code, at in times.items())
        found = store.count_by(EVERYTHING, ("error_code",), times=False)
    assert [group.values for group in found] == [("c",), ("b",), ("a",)]


def statements(store: SqliteStore, ask) -> list[str]:
    """Return the statements that `ask` has executed."""
    executed: list[str] = []

    def note(_cursor, sql: str, _values) -> bool:
        executed.append(sql)
        return True

    store._connection.exec_trace = note
    try:
        ask(store)
    finally:
        store._connection.exec_trace = None
    return executed


def test_no_request_is_looked_at_where_no_times_are_wanted(stores) -> None:
    executed = statements(stores[1], lambda store: store.count_by(FAILED, ("error_code",), times=False))
    assert [sql for sql in executed if "FROM requests" in sql and "LIMIT 1" not in sql] == []


def test_samples_of_many_groups_take_as_many_statements_as_those_of_one(stores) -> None:
    def ask(*fields: str):
        return lambda store: store.count_by(WEEK, fields, samples=2)

    few, many = (statements(stores[1], ask(*fields)) for fields in ((), ("endpoint", "status", "api_version")))
    assert len(few) == len(many)


def test_many_values_cost_no_more_than_they_are(stores) -> None:
    _, large = stores
    few = steps(large, first(OneOf("status", (402,))))
    many = steps(large, first(OneOf("status", tuple(range(400, 600)))))
    assert many < few + 200 * 20
