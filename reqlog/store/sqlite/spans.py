"""How many requests of some kinds there are in a span of time: whole days, and what those have too much or too little.

All is one statement over the kinds, so that a kind costs a few steps over indexes, and a group of kinds one row.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import apsw

from reqlog.store.sql import Where
from reqlog.store.sqlite import rows
from reqlog.store.sqlite.connection import number
from reqlog.store.sqlite.kinds import DAY, HOUR

_ROWS = "(SELECT count(*) FROM requests WHERE kind = kinds.kind AND seq BETWEEN ? AND ?)"
_FEW_ROWS = """coalesce((
    WITH counted_once AS MATERIALIZED (
        SELECT kind AS of, count(*) AS requests FROM requests NOT INDEXED WHERE seq BETWEEN ? AND ? GROUP BY kind
    )
    SELECT requests FROM counted_once WHERE of = kinds.kind
), 0)"""
"""The same, where the requests themselves are read sooner than each kind is sought among them."""
_UP_TO = "SELECT count(*) FROM (SELECT 1 FROM requests NOT INDEXED WHERE seq BETWEEN ? AND ? LIMIT ?)"
_HOURS = "(SELECT coalesce(sum(requests), 0) FROM hours WHERE kind = kinds.kind AND hour BETWEEN ? AND ?)"
_DAYS = "(SELECT coalesce(sum(requests), 0) FROM days WHERE kind = kinds.kind AND day BETWEEN ? AND ?)"
_NEWEST = "(SELECT max(seq) FROM requests WHERE kind = counted.kind AND seq BETWEEN ? AND ?)"
_OLDEST = "(SELECT min(seq) FROM requests WHERE kind = seen.kind AND seq BETWEEN ? AND ?)"
_KINDS_OF_A_ROW = 2
"""To count requests that lie beside each other, and to read one, takes less for each than to seek so many kinds."""
_HOURS_OF_A_DAY = DAY // HOUR
_END = _HOURS_OF_A_DAY << 32
"""An hour after all others."""

_Piece = tuple[str, tuple[int, ...]]
"""A count in SQL, with its sign before it, and the values that are bound in it."""


Head: TypeAlias = tuple[int, int]
"""A kind and the `seq` of the first request of it in the order of answers."""


class Counted(NamedTuple):
    """Requests that have the same values in the columns that were asked for."""

    requests: int
    newest: int | None
    """The highest `seq`, if times were asked for."""
    oldest: int | None
    """The lowest of those that are dated, if times were asked for."""
    values: tuple[Any, ...]
    """As they are kept."""
    heads: tuple[Head, ...] = ()
    """Their kinds, if those were asked for."""


def counted_in(
    connection: apsw.Connection,
    of_kind: Where,
    columns: Sequence[str],
    since: int,
    last: int,
    *,
    times: bool = True,
    heads: bool = False,
) -> Iterator[Counted]:
    """Yield what there is of some kinds from the `seq` `since` to `last` by their `columns`, or all in one.

    Groups of which there is nothing are left out. `heads` are to be had with `times` only.
    """
    condition, values = of_kind
    pieces = list(_pieces(connection, of_kind, since, last))
    there = " ".join(sql for sql, _ in pieces)
    names = "".join(f", {column}" for column in columns)
    newest, oldest, bounds = (_NEWEST, _OLDEST, (since, last, max(since, 0), last)) if times else ("NULL", "NULL", ())
    each = "group_concat(kind), group_concat(newest)" if heads else "NULL, NULL"
    by = f"GROUP BY {', '.join(columns)}" if columns else ""
    sql = f"""
        WITH
            counted AS MATERIALIZED (SELECT kind{names}, 0 {there} AS there FROM kinds WHERE {condition}),
            seen AS MATERIALIZED (SELECT *, {newest} AS newest FROM counted WHERE there > 0)
        SELECT sum(there), max(newest), min({oldest}), {each}{names} FROM seen {by} HAVING count(*) > 0
    """
    bound = [value for _, both in pieces for value in both]
    for requests, highest, lowest, of_kinds, highests, *kept in connection.execute(sql, (*bound, *values, *bounds)):
        members = zip(_numbers(of_kinds), _numbers(highests), strict=True)
        yield Counted(int(str(requests)), highest, lowest, tuple(kept), tuple(members))


def _numbers(listed: str | None) -> list[int]:
    return [] if listed is None else [int(number) for number in listed.split(",")]


def _pieces(connection: apsw.Connection, of_kind: Where, since: int, last: int) -> Iterator[_Piece]:
    """Yield the counts whose sum is that of a span of `seq`; below zero are the undated ones, in no hour or day."""
    if last < since:
        return
    oldest, newest = (_dated(connection, order) for order in ("ASC", "DESC"))
    if since < 0:
        if last >= newest:
            yield "+ requests", ()
            return
        yield from _single(connection, of_kind, since, 0)
    since = 0 if since <= oldest else since
    until = rows.since(_END * HOUR) if last >= newest else last + 1
    begin, end = _nearest(rows.instant_of(since), HOUR), _nearest(rows.instant_of(until), HOUR)
    if begin == end:
        yield from _single(connection, of_kind, since, until)
        return
    yield from _single(connection, of_kind, since, rows.since(begin * HOUR))
    yield from _whole_hours(begin, end)
    yield from _single(connection, of_kind, rows.since(end * HOUR), until)


def _whole_hours(begin: int, end: int) -> Iterator[_Piece]:
    first_day, end_day = _nearest(begin, _HOURS_OF_A_DAY), _nearest(end, _HOURS_OF_A_DAY)
    if first_day == end_day:
        yield from _between(_HOURS, begin, end)
        return
    yield from _between(_HOURS, begin, first_day * _HOURS_OF_A_DAY)
    yield from _between(_DAYS, first_day, end_day)
    yield from _between(_HOURS, end_day * _HOURS_OF_A_DAY, end)


def _single(connection: apsw.Connection, of_kind: Where, begin: int, end: int) -> Iterator[_Piece]:
    """Yield the count of the single requests from `begin` to before `end`, as `_between` does."""
    if begin == end:
        return
    condition, values = of_kind
    few = number(connection, f"SELECT count(*) FROM kinds WHERE {condition}", values) // _KINDS_OF_A_ROW
    are_few = few > 0 and number(connection, _UP_TO, (min(begin, end), max(begin, end) - 1, few)) < few
    yield from _between(_FEW_ROWS if are_few else _ROWS, begin, end)


def _between(count: str, begin: int, end: int) -> Iterator[_Piece]:
    """Yield the count from `begin` to before `end`, to be taken away where that leads back; nothing if it is no way."""
    if begin < end:
        yield f"+ {count}", (begin, end - 1)
    elif begin > end:
        yield f"- {count}", (end, begin - 1)


def _nearest(place: int, span: int) -> int:
    """Return the number of the span of that length whose beginning is nearest to `place`."""
    return (2 * place + span) // (2 * span)


def _dated(connection: apsw.Connection, order: str) -> int:
    """Return the `seq` of the oldest or the newest dated request; -1 if there is none."""
    found = connection.execute(f"SELECT seq FROM requests WHERE seq >= 0 ORDER BY seq {order} LIMIT 1").fetchone()
    return -1 if found is None else int(str(found[0]))
