"""How many requests of each kind there are in a span of time: whole days and hours, and the rest at both ends."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import apsw

from reqlog.store.sqlite import rows
from reqlog.store.sqlite.dialect import LAST
from reqlog.store.sqlite.kinds import DAY, HOUR

_ROWS = "(SELECT count(*) FROM requests WHERE kind = value AND seq BETWEEN ? AND ?)"
_HOURS = "(SELECT coalesce(sum(requests), 0) FROM hours WHERE kind = value AND hour >= ? AND hour < ?)"
_DAYS = "(SELECT coalesce(sum(requests), 0) FROM days WHERE kind = value AND day >= ? AND day < ?)"
_ALL = "(SELECT requests FROM kinds WHERE kind = value)"
_NEWEST = "(SELECT max(seq) FROM requests WHERE kind = value AND seq BETWEEN ? AND ?)"
_OLDEST = "(SELECT min(seq) FROM requests WHERE kind = value AND seq BETWEEN ? AND ?)"
_HOURS_OF_A_DAY = DAY // HOUR

_Piece = tuple[str, tuple[Any, ...]]
"""A count in SQL, and the two values that are bound in it."""


class OfKind(NamedTuple):
    """Requests of one kind."""

    kind: int
    requests: int
    newest: int
    """The highest `seq`."""
    oldest: int | None
    """The lowest of those that are dated."""


def counted_in(connection: apsw.Connection, kinds: Sequence[int], since: int, last: int) -> Iterator[OfKind]:
    """Yield what there is of `kinds` from the `seq` `since` to `last`, without those of which there is nothing."""
    pieces = list(_pieces(since, last))
    counted = " + ".join(sql for sql, _ in pieces)
    bound = [value for _, values in pieces for value in values]
    sql = f"SELECT value, {counted}, {_NEWEST}, {_OLDEST} FROM json_each(?)"
    found = connection.execute(sql, (*bound, since, last, max(since, 0), last, json.dumps(kinds)))
    for kind, requests, newest, oldest in found:
        if newest is not None:
            yield OfKind(int(str(kind)), int(str(requests)), int(str(newest)), oldest)


def _pieces(since: int, last: int) -> Iterator[_Piece]:
    """Yield the counts that make up that of a span of `seq`, each over what the others leave."""
    if since < 0 and last == LAST:
        yield _ALL, ()
        return
    first, end = -(-rows.instant_of(since) // HOUR), rows.instant_of(last + 1) // HOUR
    if first >= end:
        yield _ROWS, (since, last)
        return
    yield _ROWS, (since, rows.since(first * HOUR) - 1)
    yield _ROWS, (rows.since(end * HOUR), last)
    first_day, end_day = -(-first // _HOURS_OF_A_DAY), end // _HOURS_OF_A_DAY
    if first_day >= end_day:
        yield _HOURS, (first, end)
        return
    yield _HOURS, (first, first_day * _HOURS_OF_A_DAY)
    yield _DAYS, (first_day, end_day)
    yield _HOURS, (end_day * _HOURS_OF_A_DAY, end)
