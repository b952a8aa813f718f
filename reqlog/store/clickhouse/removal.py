"""Forgetting requests: out of all answers first, then their rows off the disk.

What goes by time and id alone is deleted as it is, for all versions of a request have those in common. Anything else is
judged by the last version, so that each request is first given an end, a last version that says it was removed; then
the rows that have come to an end are deleted, and the ends last of all. Where that is broken off the ends are still
there and say so.
"""

import time

from reqlog.exceptions import StoreError
from reqlog.filters import And, Compare, Filter, Glob, InNetwork, Mentions, Not, OneOf, Or, Present, Touches
from reqlog.store.clickhouse.counting import last_versions
from reqlog.store.clickhouse.literals import bind
from reqlog.store.clickhouse.reading import condition
from reqlog.store.clickhouse.rows import GENERATION, LIVE, REMOVED
from reqlog.store.clickhouse.schema import Tables, on_cluster
from reqlog.store.clickhouse.server import Server

_GLANCE = 0.05
_KEY = frozenset({"id", "time"})


def remove(server: Server, tables: Tables, filter: Filter) -> int:
    """Take the requests that match out of all answers and off the disk, and return how many they were."""
    (removed,) = server.rows(f"SELECT count() {last_versions(tables, filter)}")[0]
    if removed and _goes_by_key(filter):
        _delete(server, tables, tables.shard_requests, condition(filter))
        _delete(server, tables, tables.shard_ids, condition(filter))
    elif removed:
        ends = f"SELECT moment, id, version + {GENERATION}, {REMOVED} {last_versions(tables, filter)}"
        server.write(f"INSERT INTO {tables.requests} (moment, id, version, deleted) {ends}")
    if _has_rows(server, tables, f"deleted != {LIVE}"):
        _purge(server, tables)
    _wait(server, tables)
    return int(removed)


def is_purged(server: Server, tables: Tables) -> bool:
    """Whether nothing is left of what was removed."""
    return not _has_rows(server, tables, f"deleted = {REMOVED}") and not _unfinished(server, tables)


def _has_rows(server: Server, tables: Tables, condition: str) -> bool:
    return bool(server.rows(f"SELECT 1 FROM {tables.requests} WHERE {condition} LIMIT 1"))


def _purge(server: Server, tables: Tables) -> None:
    """Delete the rows that have come to an end, then what points to them, then their ends."""
    ended = f"SELECT moment, id FROM {tables.shard_requests} FINAL WHERE deleted != {LIVE}"
    there = f"SELECT moment, id FROM {tables.shard_requests} WHERE deleted = {LIVE}"
    _delete(server, tables, tables.shard_requests, f"deleted = {LIVE} AND (moment, id) IN ({ended})")
    _delete(server, tables, tables.shard_ids, f"(moment, id) IN ({ended})")
    _delete(server, tables, tables.shard_requests, f"deleted != {LIVE} AND (moment, id) NOT IN ({there})")


def _delete(server: Server, tables: Tables, table: str, condition: str) -> None:
    """Delete rows of `table`, and return when that is done on every shard."""
    on_cluster(server, tables, f"ALTER TABLE {table} {{on}} DELETE WHERE {condition}")
    _wait(server, tables)


def _wait(server: Server, tables: Tables) -> None:
    while _unfinished(server, tables):
        time.sleep(_GLANCE)


def _unfinished(server: Server, tables: Tables) -> bool:
    """Whether a deletion is still going on; raises StoreError if the server says that it cannot be done."""
    says_why = server.rows(
        "SELECT 1 FROM system.columns WHERE database = 'system' AND table = 'mutations' AND name = 'latest_fail_reason'"
    )
    why = "any(latest_fail_reason)" if says_why else "''"
    shards = bind("database = ? AND table LIKE 'requests%'", (tables.database,))
    sql = f"SELECT count(), {why} FROM {tables.everywhere('mutations')} WHERE {shards} AND is_done = 0"
    count, reason = server.rows(sql)[0]
    if reason:
        raise StoreError(f"The server {server.shown} cannot delete what is to be forgotten: {reason[:300]}.")
    return bool(count)


def _goes_by_key(filter: Filter) -> bool:
    """Whether all versions of a request match or none does."""
    match filter:
        case And(filters) | Or(filters):
            return all(map(_goes_by_key, filters))
        case Not(part):
            return _goes_by_key(part)
        case Compare(field) | OneOf(field) | Glob(field) | InNetwork(field) | Present(field):
            return field in _KEY
        case Touches() | Mentions():
            return False
