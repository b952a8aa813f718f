"""The order of answers: newest first, ties by id, out of rows whose `seq` is in that order but for those of an instant.

However many requests are of one instant, and whatever their bodies, no more than a few of them are held at a time: past
that, only places are (`seq` and id), and the rows are read again in their order. So are they where SQLite would have to
sort whole rows.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from heapq import nlargest, nsmallest
from itertools import islice
from operator import itemgetter
from typing import Any, TypeAlias

import apsw

from reqlog.request import Request
from reqlog.store.sqlite import rows, ways
from reqlog.store.sqlite.dialect import LAST
from reqlog.store.sqlite.questions import Asked, by_kind
from reqlog.store.sqlite.spans import Head
from reqlog.store.sqlite.ways import Place

_SAMPLED = ("seq", "id", "time", "error_message", "resources", "parts")
_OF_SAMPLE = ", ".join(name if name in _SAMPLED else "NULL" for name in rows.COLUMNS)
_SAMPLE = f"SELECT {_OF_SAMPLE} FROM requests WHERE seq = ?"
_SAMPLES = f"SELECT {_OF_SAMPLE} FROM (SELECT value AS place FROM json_each(?)) CROSS JOIN requests ON seq = place"
_NEWEST_OF_EACH = """
    SELECT value ->> 0, (
        SELECT group_concat(seq) FROM (
            SELECT seq FROM requests WHERE kind = value ->> 1 AND seq BETWEEN value ->> 2 AND ?
            ORDER BY seq DESC LIMIT ?
        )
    ) FROM json_each(?)
"""
_SORTING = "TEMP B-TREE"
_FEW = 1000
_HELD_ROWS = 100
_HELD_BYTES = 16 * 1024 * 1024

_Source: TypeAlias = Callable[[Asked, int | None], Iterator[Place]]
"""Gives the first places of what is asked, so many or all, in the order of `seq`."""


def in_order(connection: apsw.Connection, asked: Asked, *, limit: int | None, reverse: bool) -> Iterator[rows.Row]:
    """Yield the rows of the requests that match, the first `limit` of them, newest first or in `reverse`."""
    if limit is not None and limit <= _FEW:
        source = partial(ways.shortest(connection, asked), connection, reverse=reverse)
        return _at(connection, _first(source, asked, limit, reverse=reverse))
    where, values = by_kind(connection, asked)
    where = f"WHERE {where} ORDER BY seq {ways.DIRECTION[reverse]}"
    if _needs_sorting(connection, where, values):
        places = connection.execute(f"{ways.PLACES} {where}", values)
        return islice(_at(connection, _settled(places, reverse=reverse)), limit)
    found = connection.execute(f"{rows.SELECT} {where}", values)
    return islice(_settled_rows(connection, found, reverse=reverse), limit)


def newest_of_kinds(
    connection: apsw.Connection, asked: Asked, groups: Sequence[Sequence[Head]], count: int
) -> Iterator[tuple[Request, ...]]:
    """Yield the newest `count` requests of each group of kinds, given with their first places, as samples."""
    heads = [sorted(each, key=itemgetter(1), reverse=True) for each in groups]
    found = _newest_of_each(connection, asked, heads, count + 1)
    samples = _samples(connection, [seq for sequences in found for seq in sequences[:count]])
    for of_group, sequences in zip(heads, found, strict=True):
        if len(sequences) > count and are_neighbours((sequences[count - 1],), (sequences[count],)):
            source = partial(_newest_merged, connection, of_group)
            yield tuple(_sample(connection, seq) for seq, _ in _first(source, asked, count, reverse=False))
        else:
            places = [(seq, samples[seq].id) for seq in sequences[:count]]
            yield tuple(samples[seq] for seq, _ in _settled(places, reverse=False))


def _newest_merged(
    connection: apsw.Connection, heads: Sequence[Head], asked: Asked, limit: int | None
) -> Iterator[Place]:
    return ways.merged(connection, heads[:limit], asked, LAST if limit is None else limit, reverse=False)


def _newest_of_each(
    connection: apsw.Connection, asked: Asked, groups: Sequence[Sequence[Head]], count: int
) -> list[list[int]]:
    """Return the highest `count` of `seq` of each group of kinds, in one statement; see `ways.merged`."""
    spans = [
        (place, kind, heads[count - 1][1] if len(heads) >= count else asked.since)
        for place, heads in enumerate(groups)
        for kind, _ in heads[:count]
    ]
    found: list[list[int]] = [[] for _ in groups]
    for place, sequences in connection.execute(_NEWEST_OF_EACH, (asked.last, count, json.dumps(spans))):
        found[int(str(place))].extend(map(int, str(sequences).split(",")))
    return [nlargest(count, sequences) for sequences in found]


def _samples(connection: apsw.Connection, sequences: Sequence[int]) -> dict[int, Request]:
    found = connection.execute(_SAMPLES, (json.dumps(sequences),))
    return {row[0]: rows.request_of(row) for row in found}


def samples_of_each(
    connection: apsw.Connection, asked: Asked, columns: Sequence[str], count: int
) -> dict[tuple[Any, ...], tuple[Request, ...]]:
    """Return the newest `count` of those that match, as samples, by the values of `columns`.

    To be called in a transaction.
    """
    condition, values = by_kind(connection, asked)
    names = "".join(f", {column}" for column in columns)
    sql = f"SELECT seq, id{names} FROM requests WHERE {condition} ORDER BY seq DESC"
    places: dict[tuple[Any, ...], list[Place]] = {}
    for seq, id, *group in connection.execute(sql, values):
        newest = places.setdefault(tuple(group), [])
        if len(newest) < count or are_neighbours(newest[-1], (seq, id)):
            newest.append((int(str(seq)), str(id)))
    return {
        group: tuple(_sample(connection, seq) for seq, _ in islice(_settled(newest, reverse=False), count))
        for group, newest in places.items()
    }


def _sample(connection: apsw.Connection, seq: int) -> Request:
    (row,) = connection.execute(_SAMPLE, (seq,))
    return rows.request_of(row)


def _first(source: _Source, asked: Asked, limit: int, *, reverse: bool) -> list[Place]:
    """Return the first `limit` places; of the last instant among them all have to be looked at."""
    for room in (limit + 1, limit + rows.NEIGHBOURS):
        found = list(source(asked, room))
        if len(found) < room or not are_neighbours(found[limit - 1], found[-1]):
            return list(islice(_settled(found, reverse=reverse), limit))
    start = limit - 1
    while start and are_neighbours(found[start - 1], found[start]):
        start -= 1
    choose = nsmallest if reverse else nlargest
    return [
        *_settled(found[:start], reverse=reverse),
        *choose(limit - start, _run(source, asked, start, found[start]), key=_rank),
    ]


def _run(source: _Source, asked: Asked, start: int, first: Place) -> Iterator[Place]:
    """Yield the place `first`, which comes after `start` others, and those that follow it as neighbours."""
    if first[0] >= 0:
        instant = rows.instant_of(first[0])
        yield from source(asked.within(rows.since(instant), rows.since(instant + 1) - 1), None)
        return
    before: Place | None = None
    for place in islice(source(asked, None), start, None):
        if before and not are_neighbours(before, place):
            return
        yield place
        before = place


def _settled(places: Iterable[Place], *, reverse: bool) -> Iterator[Place]:
    """Yield `places`, which come in the order of `seq`, in that of time and id, which differs only nearby."""
    run: list[Place] = []
    for place in places:
        if run and not are_neighbours(run[-1], place):
            yield from sorted(run, key=_rank, reverse=not reverse)
            run.clear()
        run.append(place)
    yield from sorted(run, key=_rank, reverse=not reverse)


def _settled_rows(connection: apsw.Connection, found: Iterable[rows.Row], *, reverse: bool) -> Iterator[rows.Row]:
    """Yield rows that come in the order of `seq` in that of time and id."""
    run: list[rows.Row] = []
    held = 0
    for row in found:
        if run and are_neighbours(run[-1], row):
            held = (held or _bytes_of(run[0])) + _bytes_of(row)
            run.append(row if len(run) < _HELD_ROWS and held < _HELD_BYTES else row[:2])
            continue
        if len(run) == 1:
            yield run[0]
        else:
            yield from _of_run(connection, run, reverse=reverse)
        run, held = [row], 0
    yield from _of_run(connection, run, reverse=reverse)


def _of_run(connection: apsw.Connection, run: list[rows.Row], *, reverse: bool) -> Iterable[rows.Row]:
    if all(len(row) > 2 for row in run):
        return sorted(run, key=_rank, reverse=not reverse)
    return _at(connection, sorted((row[:2] for row in run), key=_rank, reverse=not reverse))


def _at(connection: apsw.Connection, places: Iterable[Place]) -> Iterator[rows.Row]:
    """Yield the rows at `places`, in their order; one that was moved meanwhile is found by its id."""
    for seq, id in places:
        row = connection.execute(f"{rows.SELECT} WHERE seq = ? AND id = ?", (seq, id)).fetchone()
        row = row or connection.execute(f"{rows.SELECT} WHERE id = ?", (id,)).fetchone()
        if row is not None:
            yield row


def _needs_sorting(connection: apsw.Connection, where: str, values: tuple[Any, ...]) -> bool:
    plan = connection.execute(f"EXPLAIN QUERY PLAN {rows.SELECT} {where}", values)
    return any(_SORTING in step[-1] for step in plan)


def _rank(place: rows.Row) -> tuple[bool, str]:
    """Return the key that sorts neighbours, places or whole rows, as `newest_first` does their requests."""
    return place[0] >= 0, str(place[1])


def _bytes_of(row: rows.Row) -> int:
    return sum(len(value) for value in row if isinstance(value, str | bytes))


def are_neighbours(one: rows.Row, other: rows.Row) -> bool:
    """Whether the order of two rows may be another than that of their `seq`."""
    here, there = one[0], other[0]
    if here < 0 or there < 0:
        return bool(abs(here - there) < rows.UNDATED_NEIGHBOURS)
    return bool(here >> rows.TIE_BITS == there >> rows.TIE_BITS)  # `instant_of`, whose call takes as long as all this
