"""The order of answers: newest first, ties by id, out of rows whose `seq` is in that order but for those of an instant.

However many requests are of one instant, and whatever their bodies, no more than a few of them are held at a time: past
that, only places are (`seq` and id), and the rows are read again in their order. So are they where SQLite would have to
sort whole rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest, nsmallest
from itertools import islice
from typing import Any, TypeAlias

import apsw

from reqlog.request import Request, newest_first
from reqlog.store.sqlite import rows

_SAMPLED = ("id", "time", "error_message", "resources")
_OF_SAMPLE = ", ".join(name if name in _SAMPLED else "NULL" for name in rows.COLUMNS)
_SAMPLE = f"SELECT {_OF_SAMPLE} FROM requests WHERE seq = ?"
_PLACES = "SELECT seq, id FROM requests"
_SORTING = "TEMP B-TREE"
_FEW = 1000
_HELD_ROWS = 100
_HELD_BYTES = 16 * 1024 * 1024

_Place: TypeAlias = tuple[int, str]
"""The `seq` and the id of a request."""


def in_order(
    connection: apsw.Connection, condition: str, values: tuple[Any, ...], *, limit: int | None, reverse: bool
) -> Iterator[Request]:
    """Yield the requests that satisfy `condition`, the first `limit` of them, newest first or in `reverse`."""
    where = f"WHERE {condition} ORDER BY seq {'ASC' if reverse else 'DESC'}"
    if limit is not None and limit <= _FEW:
        return _at(connection, _first(connection, where, values, limit, reverse=reverse))
    if _needs_sorting(connection, where, values):
        places = connection.execute(f"{_PLACES} {where}", values)
        return islice(_at(connection, _settled(places, reverse=reverse)), limit)
    found = connection.execute(f"{rows.SELECT} {where}", values)
    return islice(_settled_rows(connection, found, reverse=reverse), limit)


def samples_of_each(
    connection: apsw.Connection, condition: str, values: tuple[Any, ...], columns: Sequence[str], count: int
) -> dict[tuple[Any, ...], tuple[Request, ...]]:
    """Return the newest `count` of those that satisfy `condition`, as samples, by the values of `columns`.

    To be called in a transaction.
    """
    names = "".join(f", {column}" for column in columns)
    sql = f"SELECT seq, id{names} FROM requests WHERE {condition} ORDER BY seq DESC"
    places: dict[tuple[Any, ...], list[_Place]] = {}
    for seq, id, *group in connection.execute(sql, values):
        newest = places.setdefault(tuple(group), [])
        if len(newest) < count or _are_neighbours(newest[-1], (seq, id)):
            newest.append((int(str(seq)), str(id)))
    return {
        group: tuple(_sample(connection, seq) for seq, _ in islice(_settled(newest, reverse=False), count))
        for group, newest in places.items()
    }


def _sample(connection: apsw.Connection, seq: int) -> Request:
    (row,) = connection.execute(_SAMPLE, (seq,))
    return rows.request_of(row)


def _first(
    connection: apsw.Connection, where: str, values: tuple[Any, ...], limit: int, *, reverse: bool
) -> list[_Place]:
    """Return the first `limit` places; of the last instant among them all have to be looked at."""
    sql = f"{_PLACES} {where}"
    room = limit + rows.NEIGHBOURS
    found: list[Any] = connection.execute(f"{sql} LIMIT {room}", values).fetchall()
    if len(found) < room or not _are_neighbours(found[limit - 1], found[-1]):
        return list(islice(_settled(found, reverse=reverse), limit))
    start = limit - 1
    while start and _are_neighbours(found[start - 1], found[start]):
        start -= 1
    run = _run(islice(connection.execute(sql, values), start, None))
    choose = nsmallest if reverse else nlargest
    return [*_settled(found[:start], reverse=reverse), *choose(limit - start, run, key=_rank)]


def _run(places: Iterator[_Place]) -> Iterator[_Place]:
    """Yield the first of `places` and those that follow it as neighbours."""
    before = next(places, None)
    while before is not None:
        yield before
        after = next(places, None)
        before = after if after is not None and _are_neighbours(before, after) else None


def _settled(places: Iterable[_Place], *, reverse: bool) -> Iterator[_Place]:
    """Yield `places`, which come in the order of `seq`, in that of time and id, which differs only nearby."""
    run: list[_Place] = []
    for place in places:
        if run and not _are_neighbours(run[-1], place):
            yield from sorted(run, key=_rank, reverse=not reverse)
            run.clear()
        run.append(place)
    yield from sorted(run, key=_rank, reverse=not reverse)


def _settled_rows(connection: apsw.Connection, found: Iterable[rows.Row], *, reverse: bool) -> Iterator[Request]:
    """Yield the requests of rows that come in the order of `seq` in that of time and id."""
    run: list[rows.Row] = []
    held = 0
    for row in found:
        if run and not _are_neighbours(run[-1], row):
            yield from _of_run(connection, run, reverse=reverse)
            run.clear()
            held = 0
        held += _bytes_of(row)
        run.append(row if len(run) < _HELD_ROWS and held < _HELD_BYTES else row[:2])
    yield from _of_run(connection, run, reverse=reverse)


def _of_run(connection: apsw.Connection, run: list[rows.Row], *, reverse: bool) -> Iterable[Request]:
    if len(run) == 1:
        return map(rows.request_of, run)
    if all(len(row) > 2 for row in run):
        return sorted(map(rows.request_of, run), key=newest_first, reverse=not reverse)
    return _at(connection, sorted((row[:2] for row in run), key=_rank, reverse=not reverse))


def _at(connection: apsw.Connection, places: Iterable[_Place]) -> Iterator[Request]:
    """Yield the requests at `places`, in their order; one that was moved meanwhile is found by its id."""
    for seq, id in places:
        row = connection.execute(f"{rows.SELECT} WHERE seq = ? AND id = ?", (seq, id)).fetchone()
        row = row or connection.execute(f"{rows.SELECT} WHERE id = ?", (id,)).fetchone()
        if row is not None:
            yield rows.request_of(row)


def _needs_sorting(connection: apsw.Connection, where: str, values: tuple[Any, ...]) -> bool:
    plan = connection.execute(f"EXPLAIN QUERY PLAN {rows.SELECT} {where}", values)
    return any(_SORTING in step[-1] for step in plan)


def _rank(place: _Place) -> tuple[bool, str]:
    """Return the key that sorts neighbours as `newest_first` does."""
    return place[0] >= 0, place[1]


def _bytes_of(row: rows.Row) -> int:
    return sum(len(value) for value in row[-4:] if isinstance(value, str | bytes))


def _are_neighbours(one: rows.Row, other: rows.Row) -> bool:
    """Whether the order of two rows may be another than that of their `seq`."""
    if one[0] < 0 or other[0] < 0:
        return bool(abs(one[0] - other[0]) < rows.UNDATED_NEIGHBOURS)
    return rows.instant_of(int(one[0])) == rows.instant_of(int(other[0]))
