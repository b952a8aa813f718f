"""How requests are read: keys first, stretch of time by stretch of time, then whole rows, a bounded number at once.

The keys of rows that match are candidates only, for a later version of the same request may not match. So whole rows
are read in all their versions, each with the server's word whether it matches, and the last version is judged: what is
answered is right before the server has merged versions and after, at the cost of the answer and not of the store.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from reqlog.filters import EVERYTHING, And, Compare, Filter, Glob, OneOf
from reqlog.request import Request
from reqlog.store.clickhouse.dialect import DIALECT
from reqlog.store.clickhouse.literals import bind, lists
from reqlog.store.clickhouse.rows import LIVE, UNDATED, WHOLE, Kept, kept_of
from reqlog.store.clickhouse.schema import Tables
from reqlog.store.clickhouse.server import Server
from reqlog.store.sql import where
from reqlog.times import unix_ms

Key = tuple[int, str]
"""Moment and id."""

_WIDTH = len(WHOLE)
_CHUNK = 2000
"""Whole requests that are read at once."""
_STRETCH = 50_000
"""Requests that a stretch of time is meant to have, and the most keys that are read at once."""
_GROWTH = 8


class Stretch(NamedTuple):
    """A half-open stretch of moments."""

    since: int
    until: int


def condition(filter: Filter) -> str:
    """Return `filter` as a condition in SQL, 0 or 1."""
    return f"coalesce({bind(*where(filter, DIALECT))}, 0)"


def matching(
    server: Server, tables: Tables, filter: Filter, *, limit: int | None = None, reverse: bool = False
) -> Iterator[Request]:
    """Yield the requests that match, newest first, ties by id; `reverse` gives the oldest first."""
    ids = named_ids(filter)
    if ids is not None:
        found = (pair for pair in _pointed(server, tables, ids))
        keys: Iterator[list[Key]] = iter([sorted(found, reverse=not reverse)])
    else:
        keys = _candidates(server, tables, filter, limit, reverse=reverse)
    found_last = (request for batch in keys for request in judged(server, tables, filter, batch))
    return islice(found_last, limit)


def versions(server: Server, tables: Tables, keys: list[Key], more: str = "1") -> Iterator[tuple[Kept, Any]]:
    """Yield all rows of `keys`, in no order, each with what `more`, an expression of SQL, is for it."""
    columns = ", ".join(WHOLE)
    for listed in lists(keys):
        sql = f"SELECT {columns}, {more} FROM {tables.requests} PREWHERE (moment, id) IN {listed}"
        yield from ((kept_of(row[:_WIDTH]), row[_WIDTH]) for row in server.rows(sql))


def named_ids(filter: Filter) -> str | None:
    """Return the condition on `id` that `filter` has beside whatever else, if it names ids; None if it does not."""
    match filter:
        case Compare("id", "=") | OneOf("id"):
            return condition(filter)
        case Glob("id", pattern) if pattern[:1] not in ("*", "?", ""):
            head = pattern.partition("*")[0].partition("?")[0]
            return f"({condition(filter)} AND {bind('id >= ? AND id < ?', (head, head + chr(0x10FFFF)))})"
        case And(filters):
            return next((ids for part in filters if (ids := named_ids(part)) is not None), None)
        case _:
            return None


def _pointed(server: Server, tables: Tables, ids: str) -> set[Key]:
    return {(moment, id) for moment, id in server.rows(f"SELECT moment, id FROM {tables.ids} WHERE {ids}")}


def last_requests(server: Server, tables: Tables, keys: list[Key], filter: Filter = EVERYTHING) -> dict[Key, Request]:
    """Return the requests of `keys` that are there and of which the last version matches."""
    newest: dict[Key, tuple[Kept, bool]] = {}
    for kept, does_match in versions(server, tables, keys, condition(filter)):
        key = (kept.moment, kept.request.id)
        if key not in newest or newest[key][0].version < kept.version:
            newest[key] = kept, does_match
    return {key: kept.request for key, (kept, does_match) in newest.items() if does_match and kept.deleted == LIVE}


def judged(server: Server, tables: Tables, filter: Filter, keys: list[Key]) -> Iterator[Request]:
    """Yield, in the order of `keys`, the requests of which the last version matches."""
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        found = last_requests(server, tables, chunk, filter)
        yield from (found[key] for key in chunk if key in found)


def _candidates(
    server: Server, tables: Tables, filter: Filter, limit: int | None, *, reverse: bool
) -> Iterator[list[Key]]:
    """Yield the keys of rows that match, in order, in lists that are bounded."""
    order = "ASC" if reverse else "DESC"
    wanted = condition(filter)
    most = _STRETCH if limit is None else min(_STRETCH, limit + 10)
    for stretch in _Stretches(server, tables, *bounds_of(filter), reverse=reverse):
        after = ""
        while True:
            within = bind("moment >= ? AND moment < ?", stretch)
            sql = (
                f"SELECT DISTINCT moment, id FROM {tables.requests} WHERE {within} AND deleted = 0 {after} "
                f"AND {wanted} ORDER BY moment {order}, id {order} LIMIT {most}"
            )
            keys = [(moment, id) for moment, id in server.rows(sql)]
            if keys:
                yield keys
            if len(keys) < most:
                break
            after = f"AND {_beyond(keys[-1], reverse=reverse)}"


def _beyond(key: Key, *, reverse: bool) -> str:
    sign = ">" if reverse else "<"
    return bind(f"moment {sign}= ? AND (moment {sign} ? OR id {sign} ?)", (key[0], *key))


class _Stretches:
    """The time of a store in stretches, in order; they grow, so that few questions go through what has few answers."""

    def __init__(self, server: Server, tables: Tables, since: int, until: int, *, reverse: bool) -> None:
        self._reverse = reverse
        within = bind("moment >= ? AND moment < ?", (max(since, UNDATED + 1), until))
        sql = f"SELECT min(moment), max(moment), count() FROM {tables.requests} WHERE {within}"
        oldest, newest, count = server.rows(sql)[0] if until > since else (0, 0, 0)
        self._dated = Stretch(oldest, newest + 1) if count else None
        self._width = max(1, (newest - oldest + 1) * _STRETCH // max(1, count))
        self._undated = [Stretch(UNDATED, UNDATED + 1)] if since <= UNDATED else []

    def __iter__(self) -> Iterator[Stretch]:
        if self._reverse:
            yield from self._undated
        yield from self._of_dated()
        if not self._reverse:
            yield from self._undated

    def _of_dated(self) -> Iterator[Stretch]:
        if self._dated is None:
            return
        (since, until), width = self._dated, self._width
        while since < until:
            cut = min(until, since + width) if self._reverse else max(since, until - width)
            yield Stretch(since, cut) if self._reverse else Stretch(cut, until)
            since, until = (cut, until) if self._reverse else (since, cut)
            width *= _GROWTH


def bounds_of(filter: Filter) -> tuple[int, int]:
    """Return the half-open stretch of moments outside of which `filter` matches nothing."""
    everything = (UNDATED, 1 << 62)
    match filter:
        case Compare("time", operator, value):
            instant = unix_ms(value)  # type: ignore[arg-type]  # a time is compared with times
            since = instant + (operator == ">") if operator in (">", ">=", "=") else UNDATED + 1
            until = instant + (operator != "<") if operator in ("<", "<=", "=") else everything[1]
            return since, until
        case And(filters):
            parts = [bounds_of(part) for part in filters]
            return max((s for s, _ in parts), default=UNDATED), min((u for _, u in parts), default=everything[1])
        case _:
            return everything
