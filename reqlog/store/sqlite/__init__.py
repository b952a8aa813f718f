"""The store in one SQLite file; nothing outside this package knows SQLite.

One table of plain columns whose rows lie in the order of time (`rows.sequence`), indexes over the selective fields, and
a text index of every word and id.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

from reqlog.filters import Compare, Filter, Operator, Value, words_of
from reqlog.request import Request, merge
from reqlog.store.base import Added, Group, Info
from reqlog.store.sql import Dialect, Where, column_of, where
from reqlog.store.sqlite import checks, removal, rows, upkeep
from reqlog.store.sqlite.arrivals import arriving, last_arrival
from reqlog.store.sqlite.connection import TEMPORARY, number, open_to_read, open_to_write, sentences, transaction
from reqlog.store.sqlite.order import in_order, samples_of_each
from reqlog.times import unix_ms

_KEPT = f"SELECT {', '.join(rows.COLUMNS)}, arrival FROM requests WHERE id IN (SELECT value FROM json_each(?))"
_INSERT = f"INSERT INTO requests ({', '.join(rows.COLUMNS)}, arrival) VALUES ({', '.join('?' * len(rows.COLUMNS))}, ?)"
_LISTED = 500


__all__ = ["DIALECT", "TEMPORARY", "SqliteStore"]


class _Kept(NamedTuple):
    """A request that is in the store."""

    seq: int
    request: Request
    arrival: int | None


class SqliteStore:
    """The store in the file at `path`; opened for reading it must exist, for writing it is created."""

    def __init__(self, path: "str | os.PathLike[str]", *, write: bool) -> None:
        name = os.fspath(path)
        self._connection = open_to_write(name) if write else open_to_read(name)
        self._path = name or self._connection.filename

    def close(self) -> None:
        """Close the file."""
        with sentences(self._path):
            self._connection.close()

    def find(self, filter: Filter, *, limit: int | None = None, reverse: bool = False) -> Iterator[Request]:
        """Yield the requests that match, newest first, ties by id; `reverse` gives the oldest first."""
        condition, values = where(filter, DIALECT)
        with sentences(self._path):
            yield from in_order(self._connection, condition, values, limit=limit, reverse=reverse)

    def get(self, id: str) -> Request | None:
        """Return the request of that id."""
        return next(self.find(Compare("id", "=", id), limit=1), None)

    def count_by(self, filter: Filter, fields: Sequence[str], *, samples: int = 0) -> list[Group]:
        """Count the requests that match by the values of `fields`, most frequent first, then by `last_seen`."""
        condition, values = where(filter, DIALECT)
        columns = [column_of(field) for field in fields]
        names = "".join(f"{column}, " for column in columns)
        by = f"GROUP BY {', '.join(columns)}" if columns else ""
        counts = f"SELECT {names} count(*) AS requests, min(time), max(time) FROM requests WHERE {condition} {by}"
        sql = f"{counts} HAVING count(*) > 0 ORDER BY requests DESC, max(seq) DESC"
        with sentences(self._path), self._connection:
            found = self._connection.execute(sql, values).fetchall()
            newest = samples_of_each(self._connection, condition, values, columns, samples) if samples else {}
            groups = [_group(fields, row, newest) for row in found]
        return groups  # noqa: RET504  (mypy takes it that leaving the transaction may swallow what was raised)

    def follow(
        self, filter: Filter, *, page: int, wait: Callable[[], None], reverse: bool = False
    ) -> Iterator[Request]:
        """Yield the newest `page` requests that match, then without end those that come in, as they come."""
        with sentences(self._path), self._connection:
            last = last_arrival(self._connection)
            newest = list(self.find(filter, limit=page))
        yield from reversed(newest) if reverse else newest
        yield from arriving(self._path, filter, last, wait)

    def add(self, requests: Iterable[Request]) -> Added:
        """Keep `requests`, all of them or, if it raises, none."""
        batch = list(requests)
        with sentences(self._path), transaction(self._connection):
            added = self._add(batch)
        return added  # noqa: RET504  (as in `count_by`)

    def remove(self, filter: Filter) -> int:
        """Forget the requests that match and return how many they were; their text is out of the file, too."""
        with sentences(self._path):
            removed = removal.remove(self._connection, *where(filter, DIALECT))
            removal.purge(self._connection, self._path)
        return removed

    def excess(self, size: int) -> Filter:
        """Return the filter of the oldest requests without which the file takes about `size` bytes."""
        with sentences(self._path):
            return upkeep.excess(self._connection, size)

    def info(self) -> Info:
        """Return what the store says of itself."""
        with sentences(self._path), self._connection:
            info = upkeep.info(self._connection, self._path)
        return info  # noqa: RET504  (as in `count_by`)

    def check(self) -> Iterator[str]:
        """Yield what is wrong with the store, a sentence each."""
        with sentences(self._path):
            yield from checks.problems(self._connection, self._path)

    def _add(self, batch: list[Request]) -> Added:
        kept = self._kept({request.id for request in batch})
        before = {id: each.request for id, each in kept.items()}
        after = dict(before)
        enriched = 0
        for request in batch:
            known = after.get(request.id)
            after[request.id] = merge(known, request) if known else request
            enriched += known is not None and after[request.id] is not known
        changed = [kept[id] for id, request in before.items() if after[id] is not request]
        removal.take_out(self._connection, [(each.seq, each.request) for each in changed])
        news = [request for id, request in after.items() if request is not before.get(id)]
        imported = len(after) - len(before)
        new = count(last_arrival(self._connection) + 1)
        self._insert(news, [kept[request.id].arrival if request.id in kept else next(new) for request in news])
        return Added(imported, len(batch) - imported - enriched, enriched)

    def _kept(self, ids: Iterable[str]) -> dict[str, _Kept]:
        found = self._connection.execute(_KEPT, (json.dumps(list(ids)),))
        return {row[1]: _Kept(row[0], rows.request_of(row[:-1]), row[-1]) for row in found}

    def _insert(self, requests: list[Request], arrivals: list[int | None]) -> None:
        arrival_of = {request.id: arrival for request, arrival in zip(requests, arrivals, strict=True)}
        placed = sorted(self._placed(requests), key=lambda place: place[0])
        whole = ((*rows.row_of(seq, request), arrival_of[request.id]) for seq, request in placed)
        self._connection.executemany(_INSERT, whole)
        self._connection.executemany(removal.INDEX, ((seq, rows.text_of(request)) for seq, request in placed))

    def _placed(self, requests: list[Request]) -> Iterator[tuple[int, Request]]:
        """Yield each request with a `seq` of its own, the next free one where its own is taken."""
        wanted = [(rows.sequence(request), request) for request in requests]
        after = {seq: self._free_after(seq) for seq in self._taken({seq for seq, _ in wanted})}
        for seq, request in wanted:
            free = _end(after, seq)
            while free != seq and self._taken({free}):
                after[free] = self._free_after(free)
                free = _end(after, free)
            after[free] = free + 1
            yield free, request

    def _taken(self, sequences: set[int]) -> set[int]:
        sql = "SELECT seq FROM requests WHERE seq IN (SELECT value FROM json_each(?))"
        return {row[0] for row in self._connection.execute(sql, (json.dumps(list(sequences)),))}

    def _free_after(self, seq: int) -> int:
        """Return the first number above `seq`, which is taken, that is not."""
        sql = """
            SELECT seq + 1 FROM requests AS here
            WHERE seq >= ? AND NOT EXISTS (SELECT 1 FROM requests WHERE seq = here.seq + 1)
            ORDER BY seq LIMIT 1
        """
        return number(self._connection, sql, (seq,))


def _group(fields: Sequence[str], row: tuple[Any, ...], newest: Mapping[tuple[Any, ...], tuple[Request, ...]]) -> Group:
    *kept, requests, first_seen, last_seen = row
    return Group(
        tuple(rows.field_value(field, value) for field, value in zip(fields, kept, strict=True)),
        requests,
        rows.field_value("time", first_seen),
        rows.field_value("time", last_seen),
        newest.get(tuple(kept), ()),
    )


def _end(after: dict[int, int], seq: int) -> int:
    """Return where the way from `seq` over `after` ends, and make the way shorter for the next."""
    end = seq
    while end in after:
        end = after[end]
    while seq in after:
        after[seq], seq = end, after[seq]
    return end


def _bound(value: Value) -> str | int | float:
    match value:
        case str() | int() | float():
            return value
        case _:
            return unix_ms(value)


def _compare(column: str, operator: Operator, value: Value) -> Where:
    if column != "time":
        return f"{column} {operator} ?", (_bound(value),)
    instant = int(_bound(value))
    match operator:
        case ">=":
            return "seq >= ?", (rows.since(instant),)
        case ">":
            return "seq >= ?", (rows.since(instant + 1),)
        case "<":
            return "seq >= 0 AND seq < ?", (rows.since(instant),)
        case "<=":
            return "seq >= 0 AND seq < ?", (rows.since(instant + 1),)
        case "=":
            return "seq >= ? AND seq < ?", (rows.since(instant), rows.since(instant + 1))


def _one_of(column: str, wanted: tuple[Value, ...]) -> Where:
    if len(wanted) <= _LISTED:
        return f"{column} IN ({', '.join('?' * len(wanted))})", tuple(map(_bound, wanted))
    return f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(list(map(_bound, wanted))),)


def _glob(column: str, pattern: str) -> Where:
    return f"{column} GLOB ?", (pattern.replace("[", "[[]"),)


def _in_network(column: str, network: str) -> Where:
    return f"in_network({column}, ?)", (network,)


def _mentions(words: tuple[str, ...]) -> Where:
    if not words:
        return "1", ()
    match_all = " ".join(f'"{word}"' for word in words)
    return "seq IN (SELECT rowid FROM requests_text WHERE requests_text MATCH ?)", (match_all,)


def _touches(resource: str) -> Where:
    """Return a condition that finds by the words of `resource` and makes sure by the whole of it."""
    candidates, values = _mentions(tuple(words_of(resource)))
    return f"{candidates} AND instr(resources, ?) > 0", (*values, json.dumps(resource, ensure_ascii=False))


DIALECT = Dialect(
    compare=_compare, one_of=_one_of, glob=_glob, in_network=_in_network, touches=_touches, mentions=_mentions
)
