"""The order in which requests come in, whatever their times are: what tells those who follow a store of the new ones.

Who adds requests numbers them on from `next_arrival`, and then leaves a note in the table `requests_arrivals`: which
numbers, and between which moments to look for them. Whoever follows looks for notes, which costs the same however large
the store is, and then for those requests. Notes lie in so many slots, each taken at random, and a later one takes the
place of an earlier one there: the table does not grow.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from reqlog.filters import Filter
from reqlog.request import Request
from reqlog.store.clickhouse.literals import bind
from reqlog.store.clickhouse.reading import Key, judged, matching
from reqlog.store.clickhouse.rows import UNDATED, moment_of
from reqlog.store.clickhouse.schema import Tables
from reqlog.store.clickhouse.server import Server

_SLOTS = 1 << 16
_NUMBERS = 1 << 12
"""Numbers for each microsecond; that those of large batches run into one another does no harm."""
_LATE = 60
"""Seconds by which a note may show up after others, and by which the clocks of shards may differ."""
_REMEMBERED = 50_000
"""Ids of those told last; two who add one request at once both tell of it."""


class Numbers(NamedTuple):
    """The numbers that a writer gave."""

    arrival: int
    """The first of them."""
    requests: int
    """How many there are at most."""


class Note(NamedTuple):
    """What a writer says of what it added."""

    slot: int
    arrival: int
    requests: int
    """As those of `Numbers`."""
    since: int
    """The first of the moments."""
    until: int
    """The last of the moments."""


def next_arrival() -> int:
    """Return a number above those of all who came in before, as far as the clocks of writers agree."""
    return time.time_ns() // 1000 * _NUMBERS


def announce(server: Server, tables: Tables, numbers: Numbers, requests: Sequence[Request]) -> None:
    """Tell those who follow of `requests`, which have some of `numbers` and came in now."""
    moments = [moment_of(request) for request in requests]
    dated = [moment for moment in moments if moment != UNDATED]
    stretches = [(min(dated), max(dated))] if dated else []
    if len(dated) < len(moments):
        stretches.append((UNDATED, UNDATED))
    notes = [Note(secrets.randbelow(_SLOTS), *numbers, *stretch) for stretch in stretches]
    if notes:
        server.insert(tables.arrivals, Note._fields, notes)


def follow(
    server: Server, tables: Tables, filter: Filter, page: int, wait: Callable[[], None], *, reverse: bool
) -> Iterator[Request]:
    """Yield the newest `page` requests that match, then without end those that come in, as they come."""
    board = _Board(server, tables)
    board.new()
    newest = list(matching(server, tables, filter, limit=page))
    yield from reversed(newest) if reverse else newest
    told = _Told(request.id for request in newest)
    while True:
        wait()
        for note in board.new():
            for request in judged(server, tables, filter, _keys(server, tables, note)):
                if told.is_new(request.id):
                    yield request


class _Told:
    """The ids of those told last."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids = dict.fromkeys(ids)

    def is_new(self, id: str) -> bool:
        """Whether `id` is asked for the first time."""
        if id in self._ids:
            return False
        self._ids[id] = None
        if len(self._ids) > _REMEMBERED:
            del self._ids[next(iter(self._ids))]
        return True


class _Board:
    """The notes, of which each is seen once."""

    def __init__(self, server: Server, tables: Tables) -> None:
        self._server, self._tables = server, tables
        ((self._latest,),) = server.rows("SELECT toUInt32(now())")
        self._seen: set[Note] = set()

    def new(self) -> list[Note]:
        """Return the notes that were not there the last time, in the order in which they came."""
        names = ", ".join(Note._fields)
        sql = (
            f"SELECT toUInt32(arrived), {names} FROM {self._tables.arrivals} "
            f"WHERE toUInt32(arrived) >= {self._latest - _LATE}"
        )
        found = sorted((int(row[0]), Note(*row[1:])) for row in self._server.rows(sql))
        self._latest = max([self._latest, *(second for second, _ in found)])
        new = sorted((second, note.arrival, note) for second, note in found if note not in self._seen)
        self._seen = {note for _, note in found}
        return [note for _, _, note in new]


def _keys(server: Server, tables: Tables, note: Note) -> list[Key]:
    """Return the keys of the requests that `note` tells of, in the order in which they came in."""
    sql = (
        f"SELECT DISTINCT moment, id, arrival FROM {tables.requests} WHERE moment >= ? AND moment <= ? "
        "AND arrival >= ? AND arrival < ? ORDER BY arrival"
    )
    values = (note.since, note.until, note.arrival, note.arrival + note.requests)
    return [(moment, id) for moment, id, _ in server.rows(bind(sql, values))]
