from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog.filters import And, Compare, Filter, matches
from reqlog.request import Request
from reqlog.store import open_temporary
from reqlog.store.sqlite import SqliteStore
from reqlog.store.sqlite.order import in_order
from reqlog.store.sqlite.questions import asked

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
FAILED: Filter = Compare("status", ">=", 400)
EACH_KIND = "FROM requests WHERE kind = kinds.kind"


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with closing(open_temporary()) as opened:
        yield opened


def made(statuses: Sequence[int], *, at_once: int = 1) -> list[Request]:
    """Return so many requests each minute, with these statuses, the oldest first."""
    times = (NOON + timedelta(minutes=number // at_once) for number in range(len(statuses)))
    return [
        Request(f"req_{number}", time=time, status=status)
        for number, (time, status) in enumerate(zip(times, statuses, strict=True))
    ]


def expected(requests: Sequence[Request], filter: Filter, limit: int, *, reverse: bool) -> list[str]:
    chosen = ((each.time or NOON, each.id) for each in requests if matches(filter, each))
    return [id for _, id in sorted(chosen, reverse=not reverse)[:limit]]


@given(
    st.lists(st.sampled_from([*range(200, 210), *range(400, 430)]), max_size=80),
    st.integers(1, 12),
    st.booleans(),
    st.sampled_from([None, 0, 20, 70]),
)
def test_the_first_of_some_kinds_come_first_whichever_way_they_are_looked_for(
    statuses, limit, reverse, minutes
) -> None:
    since = () if minutes is None else (Compare("time", ">=", NOON + timedelta(minutes=minutes)),)
    requests, filter = made(statuses, at_once=3), And((FAILED, *since))
    with closing(open_temporary()) as store:
        store.add(requests)
        found = [each.id for each in store.find(filter, limit=limit, reverse=reverse)]
    assert found == expected(requests, filter, limit, reverse=reverse)


@pytest.mark.parametrize("reverse", [False, True], ids=["newest", "oldest"])
@pytest.mark.parametrize(
    ("statuses", "seeks"),
    [
        ([200, *range(400, 450)] * 20, False),
        ([200] * 1000 + [*range(400, 450)], True),
        ([400, 200] * 500, True),
        ([200] * 400 + [*range(400, 450)] * 20 + [200] * 400, True),
    ],
    ids=["often", "rare", "one kind", "often, but not at the ends"],
)
def test_kinds_are_sought_one_by_one_only_where_they_are_rare_among_the_first(statuses, seeks, reverse, store) -> None:
    requests = made(statuses)
    store.add(requests)
    connection, statements = store._connection, list[str]()
    connection.trace_v2(apsw.SQLITE_TRACE_STMT, lambda event: statements.append(event["sql"]))
    found = in_order(connection, asked(connection, FAILED), limit=5, reverse=reverse)
    assert any(EACH_KIND in statement for statement in statements) is seeks
    assert [row[1] for row in found] == expected(requests, FAILED, 5, reverse=reverse)
