from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reqlog.filters import EVERYTHING, And, Compare, Filter, Glob, Not, OneOf, Or, Present, matches
from reqlog.request import Request
from reqlog.store.sqlite import SqliteStore, tallies
from reqlog.store.sqlite.tallies import are_counted_right, tally

AGENTS = ("Stripe/v1 RubyBindings/10.0", "Stripe/v1 PythonBindings/7.1", None)
DURATIONS = (None, 0, 0.4, 1, 9.99, 99.99, 100, 999.99, 1000, 1049, 1050, 1099.9, 1100, 123_456.7, 1e15, 1e300)
REQUESTS = [
    Request(
        f"req_{number}",
        status=200 if number % 3 else 402,
        user_agent=AGENTS[number % 3],
        api_key=f"sk_test_…{number % 4}" if number % 5 else None,
        duration_ms=DURATIONS[number % len(DURATIONS)],
    )
    for number in range(64)
]
TOLD: tuple[Filter, ...] = (
    Compare("user_agent", "=", AGENTS[0] or ""),
    Compare("user_agent", "=", "curl"),
    Glob("user_agent", "*Python*"),
    Not(Glob("user_agent", "*Python*")),
    Or((Compare("user_agent", "=", "curl"), Not(Present("user_agent")))),
    And((Present("user_agent"), Not(Glob("user_agent", "*Ruby*")))),
    OneOf("api_key", ("sk_test_…1", "sk_test_…3")),
    Not(OneOf("api_key", ("sk_test_…1",))),
    Present("duration_ms"),
    Not(Present("duration_ms")),
    *(Compare("duration_ms", ">=", edge) for edge in (0, 1, 10, 99, 100, 1000, 1100, 120_000, 1e15)),
    *(Compare("duration_ms", "<", edge) for edge in (0, 1, 100, 1000, 1100)),
    And((Compare("duration_ms", ">=", 100), Not(Compare("duration_ms", ">=", 1100)))),
)
UNTOLD: tuple[Filter, ...] = (
    EVERYTHING,
    Compare("duration_ms", ">=", 1050),
    Compare("duration_ms", ">=", 99.5),
    Compare("duration_ms", ">", 1000),
    Compare("duration_ms", "<=", 1000),
    Compare("duration_ms", "=", 1000),
    Compare("duration_ms", ">=", 2e15),
    Compare("duration_ms", ">=", -1),
    Compare("user_agent", ">=", "c"),
    And((Present("user_agent"), Present("api_key"))),
    And((Present("user_agent"), Compare("status", "=", 200))),
    Compare("path", "=", "/v1/charges"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "requests.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path, write=True)) as store:
        store.add(REQUESTS[:40])
        store.add(REQUESTS[40:])
        yield store


def counted(store: SqliteStore, filter: Filter) -> int:
    return sum(group.requests for group in store.count_by(filter, (), times=False))


def told(store: SqliteStore, filter: Filter) -> int | None:
    return tallies.count(store._connection, filter)


@pytest.mark.parametrize("filter", TOLD, ids=str)
def test_what_tallies_tell_is_how_many_match(filter, store) -> None:
    expected = sum(matches(filter, request) for request in REQUESTS)
    assert told(store, filter) == counted(store, filter) == expected


@pytest.mark.parametrize("filter", UNTOLD, ids=str)
def test_what_they_do_not_tell_is_counted_otherwise(filter, store) -> None:
    assert told(store, filter) is None
    assert counted(store, filter) == sum(matches(filter, request) for request in REQUESTS)


def test_no_request_is_looked_at(store) -> None:
    executed: list[str] = []

    def note(_cursor, sql: str, _values) -> bool:
        executed.append(sql)
        return True

    store._connection.exec_trace = note
    counted(store, Glob("user_agent", "*Python*"))
    assert not [sql for sql in executed if "FROM requests" in sql]


def test_they_follow_what_is_enriched_and_removed(store) -> None:
    store.add([Request("req_2", user_agent="curl"), Request("req_3", user_agent="curl", api_key="sk_test_…0")])
    assert are_counted_right(store._connection)
    assert told(store, Compare("user_agent", "=", "curl")) == 1  # what was known already is not overwritten
    store.remove(Compare("user_agent", "=", "curl"))
    assert told(store, Compare("user_agent", "=", "curl")) == 0
    assert told(store, Present("user_agent")) == sum(request.user_agent is not None for request in REQUESTS)
    assert are_counted_right(store._connection)


def test_of_what_is_removed_no_value_is_left(store) -> None:
    for filter in (Compare("user_agent", "=", AGENTS[0] or ""), Not(Compare("id", "=", "req_1"))):
        store.remove(filter)
        assert are_counted_right(store._connection)
    kept = store._connection.execute("SELECT field, value, requests FROM tallies").fetchall()
    assert kept == [("api_key", "sk_test_…1", 1), ("duration_ms", 0, 1), ("user_agent", AGENTS[1], 1)]


@pytest.mark.parametrize("agent", ["x" * 301, None], ids=["long", "many"])
def test_a_field_of_too_much_is_tallied_no_more(agent, store) -> None:
    more = [Request(f"req_more{number}", user_agent=agent or f"agent {number}") for number in range(10_000)]
    store.add(more[: 1 if agent else len(more)])
    assert told(store, Present("user_agent")) is None
    named = sum(request.user_agent is not None for request in REQUESTS)
    assert counted(store, Present("user_agent")) == named + (1 if agent else len(more))
    store.add([Request("req_one", user_agent="curl", api_key="sk_test_…1")])
    assert counted(store, Compare("user_agent", "=", "curl")) == 1
    assert told(store, Compare("api_key", "=", "sk_test_…1")) is not None
    assert are_counted_right(store._connection)
    store.remove(Glob("id", "req_more*"))
    assert are_counted_right(store._connection)


@given(some.floats(min_value=-10, allow_nan=False), some.integers(min_value=0, max_value=2000))
def test_a_tally_tells_whether_a_number_is_below_an_edge(number, edge) -> None:
    edge = tally(edge)
    assert tally(edge) == edge
    assert (number >= edge) == (tally(number) >= edge)


def test_what_is_no_number_is_none() -> None:
    assert tally(float("nan")) is None
