"""How requests are added: what is kept under their ids is read, merged with them, and kept anew as a later version.

That is done until a look at the server shows no row but those that were read before and those that were written, so
that it converges whoever adds the same ids at the same time, and whatever became of an attempt that was broken off. Ids
are pointed to before the requests are there: a pointer to nothing does no harm, a request that nothing points to would
be kept twice.

A version is a generation, one above that of what was read, and a number that the writer drew: rows of one generation
are of writers who did not know of each other, and are merged by whoever sees both. Of two who write within the same
milliseconds, the one who looks last sees both, but for one case: the server has merged parts, and dropped the row of
the one who was done, before the other looked. Then there is still one request, which lacks what that one told; adding
it again fills that in.

When all that is done, those who follow the store are told; a writer that is killed just before has added what they do
not hear of.
"""

import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from reqlog.exceptions import StoreError
from reqlog.request import Request, merge
from reqlog.store.base import Added
from reqlog.store.clickhouse.arrivals import Numbers, announce, next_arrival
from reqlog.store.clickhouse.literals import Row, lists
from reqlog.store.clickhouse.reading import Key, versions
from reqlog.store.clickhouse.rows import (
    COLUMNS,
    LIVE,
    MOVED,
    Kept,
    chance,
    generation_of,
    moment_of,
    row_of,
    time_of,
    tombstone_of,
    version_after,
)
from reqlog.store.clickhouse.schema import Tables
from reqlog.store.clickhouse.server import LostError, Server

_ROUNDS = 20
_PATIENCE = 20
"""Milliseconds by which the longest wait for others grows from round to round."""
_TRIES = 3
_MONTHS = 50
"""Months that one insert may be of; each becomes a part of its own, and servers refuse more than a hundred."""


class Known(NamedTuple):
    """What is kept under one id."""

    request: Request
    """All that its rows know."""
    seen: frozenset[tuple[int, int]]
    """Moment and version of each of its rows."""
    live: frozenset[int]
    """The moments at which it is there."""
    arrival: int
    """When it came in."""
    is_settled: bool
    """Whether one row says it all."""


def add(server: Server, tables: Tables, batch: list[Request]) -> Added:
    """Keep `batch` and return what was new; if it raises, some of it may be kept, and adding it again completes it."""
    first: dict[str, Known] | None = None
    arrival = next_arrival()
    for others_at_it in range(_ROUNDS):
        if others_at_it:
            time.sleep(secrets.randbelow(others_at_it * _PATIENCE) / 1000)
        known = _patiently(server, tables, batch)
        first = known if first is None else first
        try:
            after = _kept(server, tables, batch, known, arrival)
            if after is not None:
                new = [request for id, request in after.items() if not _is_there(id, first)]
                announce(server, tables, Numbers(arrival, len(batch)), new)
                return _account(first, batch)
        except LostError:
            continue
    message = (
        f"The server {server.shown} does not hold on to what it is given, or others write the same requests without "
        "end; run the command again."
    )
    raise StoreError(message)


def _kept(
    server: Server, tables: Tables, batch: list[Request], known: Mapping[str, Known], arrival: int
) -> dict[str, Request] | None:
    """Write what `batch` adds to `known` and return what is now under each id; None if others wrote meanwhile."""
    after, changed = _merged(known, batch)
    mine = chance()
    rows = [row for number, id in enumerate(changed) for row in _rows(after[id], known.get(id), mine, arrival + number)]
    if rows:
        _write(server, tables, rows)
    return after if not rows or _are_settled(server, tables, rows, known) else None


def _is_there(id: str, known: Mapping[str, Known]) -> bool:
    return id in known and bool(known[id].live)


def _patiently(server: Server, tables: Tables, batch: list[Request]) -> dict[str, Known]:
    """Return what is kept under the ids of `batch`; a connection that was lost is made again."""
    for _ in range(_TRIES - 1):
        try:
            return known_under(server, tables, {request.id for request in batch})
        except LostError:
            continue
    return known_under(server, tables, {request.id for request in batch})


def known_under(server: Server, tables: Tables, ids: Iterable[str]) -> dict[str, Known]:
    """Return what is kept under each of `ids` that has been there."""
    rows: dict[str, list[Kept]] = {}
    for kept, _ in versions(server, tables, _pointers(server, tables, ids)):
        rows.setdefault(kept.request.id, []).append(kept)
    return {id: _known(id, kept) for id, kept in rows.items()}


def _pointers(server: Server, tables: Tables, ids: Iterable[str]) -> list[Key]:
    found: set[Key] = set()
    for listed in lists(sorted(ids)):
        sql = f"SELECT DISTINCT moment, id FROM {tables.ids} WHERE id IN {listed}"
        found.update((moment, id) for moment, id in server.rows(sql))
    return sorted(found)


def _known(id: str, rows: list[Kept]) -> Known:
    newest = _newest(rows)
    live = sorted(
        (kept for kept in newest if kept.deleted == LIVE),
        key=lambda kept: (kept.request.time is None, kept.moment, str(kept.request)),
    )
    request = live[0].request if live else Request(id=id)
    for kept in live[1:]:
        request = merge(request, kept.request)
    moments = frozenset(kept.moment for kept in live)
    rivals = [kept for kept in newest if kept.moment in moments]
    seen = frozenset((kept.moment, kept.version) for kept in rows)
    return Known(request, seen, moments, min((kept.arrival for kept in live), default=0), len(rivals) <= 1)


def _newest(rows: list[Kept]) -> list[Kept]:
    """Return the rows of the last generation at each moment."""
    last: dict[int, int] = {}
    for kept in rows:
        last[kept.moment] = max(generation_of(kept.version), last.get(kept.moment, 0))
    return [kept for kept in rows if generation_of(kept.version) == last[kept.moment]]


def _merged(known: Mapping[str, Known], batch: list[Request]) -> tuple[dict[str, Request], list[str]]:
    """Return what is to be kept under each id, and the ids for which that is not what is kept."""
    after = {id: kept.request for id, kept in known.items() if kept.live}
    unsettled = {id for id, kept in known.items() if not kept.is_settled}
    before = dict(after)
    for request in batch:
        there = after.get(request.id)
        after[request.id] = merge(there, request) if there else request
    return after, [id for id, request in after.items() if id in unsettled or request is not before.get(id)]


def _account(known: Mapping[str, Known], batch: list[Request]) -> Added:
    """Return what became of `batch` where `known` was kept before."""
    after = {id: kept.request for id, kept in known.items() if kept.live}
    imported = enriched = 0
    for request in batch:
        there = after.get(request.id)
        after[request.id] = merge(there, request) if there else request
        imported += there is None
        enriched += there is not None and after[request.id] is not there
    return Added(imported, len(batch) - imported - enriched, enriched)


def _write(server: Server, tables: Tables, rows: list[Row]) -> None:
    """Insert `rows`, after what points to them."""
    server.insert(tables.ids, ("id", "moment"), sorted({(row[1], row[0]) for row in rows}))
    for few in _of_few_months(sorted(rows, key=_place)):
        server.insert(tables.requests, COLUMNS, few)


def _rows(request: Request, known: Known | None, mine: int, arrival: int) -> Iterator[Row]:
    """Yield the row of `request`, and one for each other moment at which it was, to end it there."""
    moment = moment_of(request)
    last: dict[int, int] = {}
    for seen, version in known.seen if known else ():
        last[seen] = max(version, last.get(seen, 0))
    first = known.arrival if known and known.live else arrival
    yield row_of(request, version_after(last.get(moment), mine), first)
    for other in sorted(known.live - {moment} if known else ()):
        yield tombstone_of(other, request.id, version_after(last[other], mine), MOVED)


def _place(row: Row) -> Key:
    return row[0], row[1]


def _of_few_months(rows: list[Row]) -> Iterator[list[Row]]:
    """Yield `rows`, which are in the order of time, in lists that are not of too many months."""
    months: set[tuple[int, int]] = set()
    held: list[Row] = []
    for row in rows:
        instant = time_of(row[0]) or _NO_TIME
        months.add((instant.year, instant.month))
        if len(months) > _MONTHS:
            yield held
            held, months = [], {(instant.year, instant.month)}
        held.append(row)
    if held:
        yield held


_NO_TIME = datetime(1, 1, 1, tzinfo=UTC)


def _are_settled(server: Server, tables: Tables, written: list[Row], known: Mapping[str, Known]) -> bool:
    """Whether each of `written` is there, and no row of the same ids but those of `known`."""
    missing = {(row[0], row[1], row[2]) for row in written}
    seen = {(moment, id, version) for id, kept in known.items() for moment, version in kept.seen}
    for listed in lists(_pointers(server, tables, {row[1] for row in written})):
        sql = f"SELECT moment, id, version FROM {tables.requests} PREWHERE (moment, id) IN {listed}"
        found = {(moment, id, version) for moment, id, version in server.rows(sql)}
        if found - missing - seen:
            return False
        missing -= found
    return not missing
