"""Requests into the store: new ones at places of their own, known ones filled in, all that counts them with them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from operator import itemgetter
from typing import NamedTuple

import apsw

from reqlog.store.base import Added
from reqlog.store.sqlite import removal, rows, tallies
from reqlog.store.sqlite.arrivals import last_arrival
from reqlog.store.sqlite.connection import number, transaction
from reqlog.store.sqlite.kinds import Kept, Kinds, count_in, time_of
from reqlog.store.sqlite.prepared import Prepared, merged

_KEPT = f"SELECT {', '.join(rows.COLUMNS)}, arrival FROM requests WHERE id IN (SELECT value FROM json_each(?))"
_INSERT = f"""
    INSERT INTO requests ({", ".join(rows.COLUMNS)}, arrival, kind) VALUES ({", ".join("?" * len(rows.COLUMNS))}, ?, ?)
"""


class _Kept(NamedTuple):
    """A request that is in the store."""

    seq: int
    prepared: Prepared
    arrival: int | None


class Adding:
    """Adds to the store that `connection` has open to write, and knows what it has added."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._kinds = Kinds(connection)

    def add(self, items: Sequence[Prepared]) -> Added:
        """Keep the requests, all of them or, if it raises, none."""
        with self._kinds.trusted(), transaction(self._connection):
            added = self._add(items)
        return added  # noqa: RET504  (mypy takes it that leaving the transaction may swallow what was raised)

    def forget(self) -> None:
        """Know nothing any more of what is kept: some of it was removed."""
        self._kinds.forget()

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
