from datetime import UTC, datetime, timedelta

import pytest

from reqlog.filters import EVERYTHING, And, Compare, Mentions, Not, OneOf, Or, Present
from reqlog.request import Request
from reqlog.store.clickhouse.rows import GENERATION, REMOVED

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


def request(number: int) -> Request:
    return Request(
        f"req_{number}",
        NOON + timedelta(days=20 * number) if number else None,
        status=400 + number,
        response_body=f"secret{number} word",
    )


@pytest.mark.parametrize(
    ("filter", "left"),
    [
        (Compare("time", "<", NOON + timedelta(days=50)), [0, 3, 4]),
        (Or((Not(Present("time")), Compare("time", "<=", NOON + timedelta(days=60)))), [4]),
        (OneOf("id", ("req_1", "req_4")), [0, 2, 3]),
        (And((Compare("status", ">=", 402), Compare("time", "<", NOON + timedelta(days=70)))), [0, 1, 4]),
        (Mentions(("secret3",)), [0, 1, 2, 4]),
        (Compare("status", "=", 200), [0, 1, 2, 3, 4]),
        (EVERYTHING, []),
    ],
)
def test_what_is_removed_is_gone_from_the_tables(connect, store, filter, left) -> None:
    kept = [request(number) for number in range(5)]
    store.add([kept[2]._replace(response_body=None), *kept[3:]])
    store.add(kept)
    assert store.remove(filter) == 5 - len(left)
    ids = [f"req_{number}" for number in left]
    server = connect()
    for table in (store.tables.requests, store.tables.ids):
        assert sorted({row[0] for row in server.rows(f"SELECT id FROM {table}")}) == ids
    assert sorted(found.id for found in store.find(EVERYTHING)) == ids
    assert store.info().is_purged
    assert list(store.check()) == []


def test_a_removal_that_was_broken_off_is_told_and_made_good_by_the_next(connect, store) -> None:
    store.add([request(1), request(2)])
    ends = f"SELECT moment, id, version + {GENERATION}, {REMOVED} FROM {store.tables.requests} WHERE id = 'req_1'"
    server = connect()
    server.write(f"INSERT INTO {store.tables.requests} (moment, id, version, deleted) {ends}")
    assert [found.id for found in store.find(EVERYTHING)] == ["req_2"]
    assert not store.info().is_purged
    assert store.remove(Or()) == 0
    assert store.info().is_purged
    assert server.rows(f"SELECT id FROM {store.tables.requests}") == [("req_2",)]
