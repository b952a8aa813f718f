from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog.request import Request
from reqlog.store import open_temporary
from reqlog.store.sqlite import rows
from reqlog.store.sqlite.dialect import LAST
from reqlog.store.sqlite.spans import OfKind, counted_in
from reqlog.times import unix_ms

BEGIN = datetime(2025, 2, 24, 10, 30, tzinfo=UTC)
TIMES = [BEGIN + timedelta(minutes=minutes) for minutes in (0, 1, 29, 30, 31, 90, 800, 810, 1440, 1441, 4000, 9000)]
REQUESTS = [Request(f"req_{place}", time, status=200 + place % 2) for place, time in enumerate(TIMES)]
UNDATED = [Request("req_x", status=200), Request("req_y", status=404)]
FIRST = -(1 << 63)
BOUNDS = st.sampled_from(
    [*TIMES, *(time.replace(minute=0) for time in TIMES), *(time.replace(hour=0, minute=0) for time in TIMES)]
)


@pytest.fixture(scope="module")
def connection():
    with closing(open_temporary()) as store:
        store.add([*REQUESTS, *UNDATED])
        yield store._connection


def expected(kinds, since: datetime, until: datetime) -> list[tuple[int, int]]:
    there = [request.status for request in REQUESTS if request.time and since <= request.time < until]
    return sorted((kind, there.count(status)) for kind, status in kinds if status in there)


@given(BOUNDS, BOUNDS)
def test_every_span_of_time_is_counted_exactly(connection, since, until) -> None:
    kinds = connection.execute("SELECT kind, status FROM kinds").fetchall()
    found = counted_in(
        connection, [kind for kind, _ in kinds], rows.since(unix_ms(since)), rows.since(unix_ms(until)) - 1
    )
    assert sorted((each.kind, each.requests) for each in found) == expected(kinds, since, until)


def test_all_there_are_include_undated_ones_and_the_ends_do_not(connection) -> None:
    kinds = dict(connection.execute("SELECT status, kind FROM kinds").fetchall())
    found = {each.kind: each for each in counted_in(connection, list(kinds.values()), FIRST, LAST)}
    assert found[kinds[200]].requests == 7
    assert rows.instant_of(found[kinds[200]].oldest or 0) == unix_ms(TIMES[0])
    assert rows.instant_of(found[kinds[200]].newest) == unix_ms(TIMES[10])
    undated = found[kinds[404]]
    assert (undated.requests, undated.oldest) == (1, None)
    assert undated.newest < 0


def test_no_kinds_give_nothing(connection) -> None:
    assert list[OfKind](counted_in(connection, [], FIRST, LAST)) == []
