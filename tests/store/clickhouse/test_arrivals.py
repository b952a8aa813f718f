"""Who is told of which requests, whoever writes; what holds of other stores, too, is in test_conformance.py."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from reqlog.filters import EVERYTHING, Compare
from reqlog.request import Request
from reqlog.store.clickhouse import ClickHouseStore
from reqlog.store.clickhouse.literals import Row
from reqlog.store.clickhouse.schema import on_cluster
from reqlog.store.clickhouse.server import Server

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
ONE, TWO, THREE = (Request(f"req_{number}", NOON + timedelta(minutes=number), status=200) for number in range(3))


class _OverError(Exception):
    """The story is over."""


def told(store: ClickHouseStore, *steps: Callable[[], object]) -> list[Request]:
    """Return what one who follows `store` is told of while `steps` are taken, one each time that there is no more."""
    left = iter(steps)
    found: list[Request] = []

    def wait() -> None:
        for step in left:
            step()
            return
        raise _OverError

    with pytest.raises(_OverError):
        found.extend(store.follow(EVERYTHING, page=10, wait=wait))
    return found


def test_what_others_add_is_told(connect, store) -> None:
    others = [ClickHouseStore(connect(), write=True) for _ in range(2)]
    assert told(store, lambda: others[0].add([THREE, ONE]), lambda: others[1].add([TWO])) == [THREE, ONE, TWO]


def test_what_two_added_at_once_is_told_once(connect, store) -> None:
    other = ClickHouseStore(connect(), write=True)
    server = _Overtaken(connect(), lambda: other.add([ONE._replace(method="GET")]))
    first = ClickHouseStore(server, write=True)
    assert told(store, lambda: first.add([ONE, TWO])) == [ONE._replace(method="GET"), TWO]


def test_what_was_filled_in_and_merged_before_it_was_told_is_told(connect, store) -> None:
    def fill_in() -> None:
        store.add([ONE])
        store.add([ONE._replace(method="GET")])
        for table in (store.tables.shard_requests, store.tables.shard_arrivals):
            on_cluster(connect(), store.tables, f"OPTIMIZE TABLE {table} {{on}} FINAL")

    assert told(store, fill_in) == [ONE._replace(method="GET")]


def test_what_is_removed_before_it_is_told_is_not_told_and_what_comes_again_is(store) -> None:
    def come_and_go() -> None:
        store.add([ONE, TWO])
        store.remove(Compare("id", "=", "req_0"))

    assert told(store, come_and_go, lambda: store.add([ONE])) == [TWO, ONE]


class _Overtaken:
    """A server on which others are faster, once."""

    def __init__(self, server: Server, others: Callable[[], object]) -> None:
        self._server, self._others = server, others
        self.shown, self.database = server.shown, server.database
        self.rows, self.write, self.at, self.close = server.rows, server.write, server.at, server.close

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        if table.endswith("requests"):
            others, self._others = self._others, lambda: None
            others()
        self._server.insert(table, columns, rows)
