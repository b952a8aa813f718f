"""The ways to the places of what is asked, in the order of `seq`: by kinds, by words, or as SQLite finds them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import nlargest, nsmallest
from typing import Any, TypeAlias

import apsw

from reqlog.store.sqlite.connection import number
from reqlog.store.sqlite.questions import Asked, by_kind, is_of_few_kinds
from reqlog.store.sqlite.spans import Head

Place: TypeAlias = tuple[int, str]
"""The `seq` and the id of a request."""

PLACES = "SELECT seq, id FROM requests"
DIRECTION = {False: "DESC", True: "ASC"}

_MARGIN = 3
"""So many times the requests are looked at among which there would be enough, if all kinds came alike often."""


def shortest(connection: apsw.Connection, asked: Asked) -> Callable[..., Iterator[Place]]:
    """Return the shortest way to the first places of what is asked, so many or all."""
    if asked.of_kind is not None and asked.is_of_kind_and_time:
        return _of_kinds
    return _by_sql if asked.words is None or is_of_few_kinds(connection, asked) else _with_words


def _by_sql(connection: apsw.Connection, asked: Asked, limit: int | None, *, reverse: bool) -> Iterator[Place]:
    condition, values = by_kind(connection, asked)
    sql = f"{PLACES} WHERE {condition} ORDER BY seq {DIRECTION[reverse]}{_up_to(limit)}"
    return _places(connection.execute(sql, values))


def _with_words(connection: apsw.Connection, asked: Asked, limit: int | None, *, reverse: bool) -> Iterator[Place]:
    """Yield the places that the index of words gives, in their order, and that are as is asked beside words."""
    condition, values = asked.beside_words
    sql = f"""
        SELECT seq, id FROM requests_text CROSS JOIN requests ON seq = requests_text.rowid
        WHERE requests_text MATCH ? AND requests_text.rowid BETWEEN ? AND ? AND {condition}
        ORDER BY requests_text.rowid {DIRECTION[reverse]}{_up_to(limit)}
    """
    return _places(connection.execute(sql, (asked.words, asked.since, asked.last, *values)))


def _of_kinds(connection: apsw.Connection, asked: Asked, limit: int | None, *, reverse: bool) -> Iterator[Place]:
    """Yield the places of the kinds that are asked for: of each kind in order, and of those the first."""
    if limit is None:
        return _by_sql(connection, asked, None, reverse=reverse)
    among_first = _among_first(connection, asked, limit, reverse=reverse)
    if len(among_first) == limit:
        return iter(among_first)
    end = "min" if reverse else "max"
    condition, values = asked.of_kind or ("1", ())
    sql = f"""
        SELECT kind, (SELECT {end}(seq) FROM requests WHERE kind = kinds.kind AND seq BETWEEN ? AND ?) AS head
        FROM kinds WHERE {condition} ORDER BY head {DIRECTION[reverse]} NULLS LAST LIMIT ?
    """
    found = connection.execute(sql, (asked.since, asked.last, *values, limit))
    heads = [(int(str(kind)), int(str(head))) for kind, head in found if head is not None]
    return merged(connection, heads, asked, limit, reverse=reverse)


def _among_first(connection: apsw.Connection, asked: Asked, limit: int, *, reverse: bool) -> list[Place]:
    """Return the places of the kinds that are asked for among the first requests of all, up to `limit` of them."""
    looked_at = _worth_looking_at(connection, asked, limit)
    if not looked_at:
        return []
    order = DIRECTION[reverse]
    sql = f"SELECT seq FROM requests NOT INDEXED WHERE seq BETWEEN ? AND ? ORDER BY seq {order} LIMIT 1 OFFSET ?"
    for (farthest,) in connection.execute(sql, (asked.since, asked.last, looked_at)).fetchall():
        seq = int(str(farthest))
        asked = asked.within(asked.since, seq) if reverse else asked.within(seq, asked.last)
    condition, values = asked.of_kind or ("1", ())
    sql = f"""
        {PLACES} NOT INDEXED WHERE seq BETWEEN ? AND ?
        AND EXISTS (SELECT 1 FROM kinds WHERE kind = requests.kind AND {condition}) ORDER BY seq {order} LIMIT ?
    """
    return list(_places(connection.execute(sql, (asked.since, asked.last, *values, limit))))


def _worth_looking_at(connection: apsw.Connection, asked: Asked, limit: int) -> int:
    """Return among how many requests there should be `limit` of the kinds; 0 if to seek each kind is less work."""
    condition, values = asked.of_kind or ("1", ())
    sql = f"SELECT count(*), coalesce(sum(requests), 0) FROM kinds WHERE {condition}"
    chosen, wanted = (int(str(each)) for each in connection.execute(sql, values).fetchall()[0])
    if not wanted:
        return 0
    looked_at = _MARGIN * limit * number(connection, "SELECT sum(requests) FROM kinds") // wanted
    return looked_at if looked_at <= chosen else 0


def merged(
    connection: apsw.Connection, heads: Sequence[Head], asked: Asked, limit: int, *, reverse: bool
) -> Iterator[Place]:
    """Yield the first `limit` places of kinds, given with their first places, the first of these first.

    Where there are as many kinds as are wanted, nothing past the first place of the last of them is.
    """
    since, last = asked.since, asked.last
    if len(heads) == limit:
        since, last = (since, heads[-1][1]) if reverse else (heads[-1][1], last)
    sql = f"SELECT seq FROM requests WHERE kind = ? AND seq BETWEEN ? AND ? ORDER BY seq {DIRECTION[reverse]} LIMIT ?"
    found = [seq for kind, _ in heads for (seq,) in connection.execute(sql, (kind, since, last, limit))]
    choose = nsmallest if reverse else nlargest
    for seq in choose(limit, map(int, map(str, found))):
        yield from _places(connection.execute(f"{PLACES} WHERE seq = ?", (seq,)))


def _places(found: Iterable[tuple[Any, ...]]) -> Iterator[Place]:
    return ((int(str(seq)), str(id)) for seq, id in found)


def _up_to(limit: int | None) -> str:
    return "" if limit is None else f" LIMIT {limit}"
