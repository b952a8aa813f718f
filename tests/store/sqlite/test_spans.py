from contextlib import closing
from datetime import UTC, datetime, timedelta

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog.request import Request
from reqlog.store import open_temporary
from reqlog.store.sqlite import rows
from reqlog.store.sqlite.dialect import LAST
from reqlog.store.sqlite.spans import Counted, counted_in
from reqlog.times import unix_ms

BEGIN = datetime(2025, 2, 24, 10, 30, tzinfo=UTC)
TIMES = [BEGIN + timedelta(minutes=minutes) for minutes in (0, 1, 29, 30, 31, 90, 800, 810, 1440, 1441, 4000, 9000)]
REQUESTS = [Request(f"req_{place}", time, status=200 + place % 2) for place, time in enumerate(TIMES)]
UNDATED = [Request("req_x", status=200), Request("req_y", status=404)]
FIRST = -(1 << 63)
EVERY_KIND = ("1", ())
BOUNDS = st.sampled_from(
    [*TIMES, *(time.replace(minute=0) for time in TIMES), *(time.replace(hour=0, minute=0) for time in TIMES)]
)


@pytest.fixture(scope="module")
def connection():
    with closing(open_temporary()) as store:
        store.add([*REQUESTS, *UNDATED])
        yield store._connection


def expected(since: datetime, until: datetime) -> list[Counted]:
    there = [request for request in REQUESTS if request.time and since <= request.time < until]
    of_status = {status: [each for each in there if each.status == status] for status in (200, 201)}
    return [
        Counted(len(members), rows.sequence(members[-1]), rows.sequence(members[0]), (status,))
        for status, members in of_status.items()
        if members
    ]


def counted(connection, since: int, last: int, **given) -> list[Counted]:
    return sorted(counted_in(connection, EVERY_KIND, ("status",), since, last, **given), key=lambda each: each.values)


@given(BOUNDS, BOUNDS)
def test_every_span_of_time_is_counted_exactly(connection, since, until) -> None:
    found = counted(connection, rows.since(unix_ms(since)), rows.since(unix_ms(until)) - 1)
    assert found == expected(since, until)


@given(BOUNDS)
def test_a_span_without_an_end_is_counted_exactly(connection, since) -> None:
    assert counted(connection, rows.since(unix_ms(since)), LAST) == expected(since, TIMES[-1] + timedelta(days=1))


@given(BOUNDS)
def test_a_span_without_a_beginning_is_counted_exactly(connection, until) -> None:
    assert counted(connection, 0, rows.since(unix_ms(until)) - 1) == expected(TIMES[0], until)


@given(BOUNDS, BOUNDS)
def test_the_same_is_counted_without_times(connection, since, until) -> None:
    span = rows.since(unix_ms(since)), rows.since(unix_ms(until)) - 1
    timeless = [each._replace(newest=None, oldest=None) for each in counted(connection, *span)]
    assert counted(connection, *span, times=False) == timeless


def test_all_there_are_include_undated_ones_and_the_ends_do_not(connection) -> None:
    found = {each.values[0]: each for each in counted(connection, FIRST, LAST)}
    assert found[200].requests == 7
    assert (found[200].oldest, found[200].newest) == (rows.sequence(REQUESTS[0]), rows.sequence(REQUESTS[10]))
    undated = found[404]
    assert (undated.requests, undated.oldest) == (1, None)
    assert undated.newest is not None
    assert undated.newest < 0
    assert [each.requests for each in counted(connection, 0, LAST)] == [6, 6]
    assert [each.requests for each in counted(connection, FIRST, rows.sequence(REQUESTS[0]))] == [2, 1]


def test_groups_come_with_their_kinds_where_those_are_wanted(connection) -> None:
    kinds = dict(connection.execute("SELECT status, kind FROM kinds WHERE status < 300").fetchall())
    (found,) = counted_in(connection, ("status < ?", (300,)), (), 0, LAST, heads=True)
    newest = {200: rows.sequence(REQUESTS[10]), 201: rows.sequence(REQUESTS[11])}
    assert sorted(found.heads) == sorted((kinds[status], newest[status]) for status in newest)


def test_no_kinds_give_nothing(connection) -> None:
    assert list[Counted](counted_in(connection, ("0", ()), (), FIRST, LAST)) == []


def test_what_there_is_before_all_time_is_nothing(connection) -> None:
    assert counted(connection, 0, -5) == []


@pytest.mark.parametrize(("kinds", "requests", "seeks"), [(8, 3, False), (8, 4, True)])
def test_single_requests_are_read_where_they_are_fewer_than_kinds_to_seek(kinds, requests, seeks) -> None:
    times = [BEGIN + timedelta(minutes=minute) for minute in range(kinds)]
    made = [Request(f"req_{number}", status=200 + number, time=time) for number, time in enumerate(times)]
    with closing(open_temporary()) as store:
        store.add(made)
        connection, statements = store._connection, list[str]()
        connection.trace_v2(apsw.SQLITE_TRACE_STMT, lambda event: statements.append(event["sql"]))
        found = counted(connection, rows.sequence(made[-requests]), LAST, times=False)
    assert [each.requests for each in found] == [1] * requests
    assert ("FROM requests WHERE kind = kinds.kind" in statements[-1]) is seeks
