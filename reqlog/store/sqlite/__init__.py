"""The store in one SQLite file; nothing outside this package knows SQLite.

One table of plain columns whose rows lie in the order of time (`rows.sequence`), indexes over the selective fields, and
a text index of every word and id.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import apsw

from reqlog.filters import Compare, Filter
from reqlog.request import Request
from reqlog.store.base import Added, Group, Info, Packing
from reqlog.store.sqlite import counting, prepared, removal, rows, tallies
from reqlog.store.sqlite.arrivals import arriving, last_arrival
from reqlog.store.sqlite.connection import (
    TEMPORARY,
    identity,
    let_log_grow,
    number,
    open_to_read,
    open_to_write,
    sentences,
    transaction,
)
from reqlog.store.sqlite.dialect import DIALECT
from reqlog.store.sqlite.found import Found
from reqlog.store.sqlite.kinds import Kept, Kinds, count_in, time_of
from reqlog.store.sqlite.order import in_order
from reqlog.store.sqlite.prepared import Prepared, merged
from reqlog.store.sqlite.questions import asked
from reqlog.store.sqlite.reading import Watch, is_shared

if TYPE_CHECKING:
    from reqlog.store.base import Parts

_LARGE_BYTES = 8 * 1024 * 1024
"""Stores of so much may have answers that it pays to start processes for."""
_KEPT = f"SELECT {', '.join(rows.COLUMNS)}, arrival FROM requests WHERE id IN (SELECT value FROM json_each(?))"
_INSERT = f"""
    INSERT INTO requests ({", ".join(rows.COLUMNS)}, arrival, kind) VALUES ({", ".join("?" * len(rows.COLUMNS))}, ?, ?)
"""


__all__ = ["DIALECT", "TEMPORARY", "SqliteStore"]


class _Kept(NamedTuple):
    """A request that is in the store."""

    seq: int
    prepared: Prepared
    arrival: int | None


class SqliteStore:
    """The store in the file at `path`; opened for reading it must exist, for writing it is created."""

    def __init__(self, path: "str | os.PathLike[str]", *, write: bool) -> None:
        name = os.fspath(path)
        self._identity = None if write else identity(name)
        self._connection = open_to_write(name) if write else open_to_read(name)
        self._path = name or self._connection.filename
        self._kinds = Kinds(self._connection)

    def close(self) -> None:
        """Close the file."""
        with sentences(self._path):
            self._connection.close()

    def find(self, filter: Filter, *, limit: int | None = None, reverse: bool = False) -> Found:
        """Yield the requests that match, newest first, ties by id; `reverse` gives the oldest first."""
        watch = self._watch() if limit is None else None
        parts_after = None if watch is None else partial(self._parts, watch, filter, reverse)
        return Found(self._path, self._rows(filter, limit, reverse=reverse), parts_after)

    def get(self, id: str) -> Request | None:
        """Return the request of that id."""
        return next(self.find(Compare("id", "=", id), limit=1), None)

    def count_by(self, filter: Filter, fields: Sequence[str], *, samples: int = 0, times: bool = True) -> list[Group]:
        """Count the requests that match by the values of `fields`, most frequent first, then by `last_seen`."""
        with sentences(self._path), self._connection:
            chosen = asked(self._connection, filter)
            groups = counting.count_by(self._connection, chosen, fields, samples, times=times)
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

    @property
    def packing(self) -> Packing[Prepared]:
        """How requests come here from other processes: as rows that are finished but for their places."""
        return Packing(prepared.packed, prepared.unpacked)

    def add(self, requests: Iterable[Request]) -> Added:
        """Keep `requests`, all of them or, if it raises, none."""
        return self._add_all([prepared.prepared(request) for request in requests])

    def add_unpacked(self, items: Sequence[Prepared]) -> Added:
        """Keep the requests of which `packing` made `items`, all of them or, if it raises, none."""
        with sentences(self._path):
            let_log_grow(self._connection)
        return self._add_all(items)

    def remove(self, filter: Filter) -> int:
        """Forget the requests that match and return how many they were; their text is out of the file, too."""
        with sentences(self._path):
            removed = removal.remove(self._connection, filter)
            self._kinds.forget()
            removal.purge(self._connection, self._path)
        return removed

    def excess(self, size: int) -> Filter:
        """Return the filter of the oldest requests without which the file takes about `size` bytes."""
        from reqlog.store.sqlite import upkeep  # noqa: PLC0415  (questions do without it)

        with sentences(self._path):
            return upkeep.excess(self._connection, size)

    def info(self) -> Info:
        """Return what the store says of itself."""
        from reqlog.store.sqlite import upkeep  # noqa: PLC0415  (as above)

        with sentences(self._path), self._connection:
            info = upkeep.info(self._connection, self._path)
        return info  # noqa: RET504  (as in `count_by`)

    def check(self) -> Iterator[str]:
        """Yield what is wrong with the store, a sentence each."""
        from reqlog.store.sqlite import checks  # noqa: PLC0415  (as above)

        with sentences(self._path):
            yield from checks.problems(self._connection, self._path)

    def _rows(self, filter: Filter, limit: int | None, *, reverse: bool) -> Iterator[rows.Row]:
        with self._connection:
            found = in_order(self._connection, asked(self._connection, filter), limit=limit, reverse=reverse)
        yield from found

    def _watch(self) -> Watch | None:
        """Return what watches the store if it is large enough for several processes to read it, and they can."""
        try:
            if is_shared(self._connection) and os.stat(self._connection.filename).st_size >= _LARGE_BYTES:
                return Watch(self._connection.filename)
        except (apsw.Error, OSError):
            """It is read in the usual way, which may still be possible."""
        return None

    def _parts(self, watch: Watch, filter: Filter, reverse: bool, instant: int) -> "Parts | None":  # noqa: FBT001  (bound in `find`)
        from reqlog.store.sqlite.parts import opening, parts_after  # noqa: PLC0415  (few answers are so large)

        open = opening(self._connection.filename, self._identity, filter, reverse=reverse)
        question = asked(self._connection, filter)
        return parts_after(self._connection, open, watch, question, instant, reverse=reverse)

    def _add_all(self, items: Sequence[Prepared]) -> Added:
        with sentences(self._path), self._kinds.trusted(), transaction(self._connection):
            added = self._add(items)
        return added  # noqa: RET504  (as in `count_by`)

    def _add(self, batch: Sequence[Prepared]) -> Added:
        self._kinds.begin()
        kept = self._kept({each.id for each in batch})
        after = {id: each.prepared for id, each in kept.items()}
        enriched = 0
        for each in batch:
            known = after.get(each.id)
            after[each.id] = merged(known, each) if known else each
            enriched += known is not None and after[each.id] is not known
        changed = [each for id, each in kept.items() if after[id] is not each.prepared]
        if changed:
            removal.take_out(self._connection, [(each.seq, each.prepared.text) for each in changed])
            self._kinds.forget()
        news = [each for id, each in after.items() if id not in kept or each is not kept[id].prepared]
        imported = len(after) - len(kept)
        new = count(last_arrival(self._connection) + 1)
        self._insert(news, [kept[each.id].arrival if each.id in kept else next(new) for each in news])
        return Added(imported, len(batch) - imported - enriched, enriched)

    def _kept(self, ids: Iterable[str]) -> dict[str, _Kept]:
        found = self._connection.execute(_KEPT, (json.dumps(list(ids)),))
        return {row[1]: _Kept(row[0], Prepared(tuple(row[:-1])), row[-1]) for row in found}

    def _insert(self, requests: list[Prepared], arrivals: list[int | None]) -> None:
        arrival_of = {each.id: arrival for each, arrival in zip(requests, arrivals, strict=True)}
        placed = sorted(self._placed(requests), key=itemgetter(0))
        kinds = [self._kinds.of(each.row) for _, each in placed]
        whole = (
            (seq, *each.row[1:], arrival_of[each.id], kind) for (seq, each), kind in zip(placed, kinds, strict=True)
        )
        self._connection.executemany(_INSERT, whole)
        self._connection.executemany(removal.INDEX, ((seq, each.text) for seq, each in placed))
        count_in(
            self._connection, [Kept(kind, time_of(each.row)) for (_, each), kind in zip(placed, kinds, strict=True)]
        )
        tallies.count_in(self._connection, [tallies.values_of(each.row) for each in requests])

    def _placed(self, requests: list[Prepared]) -> Iterator[tuple[int, Prepared]]:
        """Yield each request with a `seq` of its own, the next free one where its own is taken."""
        wanted = [(each.row[0], each) for each in requests]
        after = {seq: self._free_after(seq) for seq in self._taken({seq for seq, _ in wanted})}
        for seq, each in wanted:
            free = _end(after, seq)
            while free != seq and self._taken({free}):
                after[free] = self._free_after(free)
                free = _end(after, free)
            after[free] = free + 1
            yield free, each

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


def _end(after: dict[int, int], seq: int) -> int:
    """Return where the way from `seq` over `after` ends, and make the way shorter for the next."""
    end = seq
    while end in after:
        end = after[end]
    while seq in after:
        after[seq], seq = end, after[seq]
    return end
