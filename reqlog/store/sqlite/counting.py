"""Counts of the requests that match, by the values of some fields.

What is asked of kinds and of time alone is counted kind by kind (`spans`), which costs the kinds and the days, not
the requests; what is asked of words alone, in their index; all else request by request.
"""

from collections.abc import Iterator, Sequence
from itertools import repeat

import apsw

from reqlog.filters import And
from reqlog.request import Request
from reqlog.store.base import Group
from reqlog.store.sql import column_of
from reqlog.store.sqlite import kinds, rows, tallies
from reqlog.store.sqlite.order import newest_of_kinds, samples_of_each
from reqlog.store.sqlite.questions import Asked, by_kind
from reqlog.store.sqlite.spans import Counted, counted_in

_MADE = "count(*) AS requests, min(iif(seq >= 0, seq, NULL)), max(seq) AS newest"


def count_by(
    connection: apsw.Connection, asked: Asked, fields: Sequence[str], samples: int, *, times: bool
) -> list[Group]:
    """Count the requests that match by the values of `fields`, most frequent first, then by the newest.

    Each group comes with its newest `samples` requests; without `times` it may lack them.

    To be called in a transaction.
    """
    columns = [column_of(field) for field in fields]
    if asked.is_of_kind_and_time and set(fields) <= set(kinds.FIELDS):
        return _by_kinds(connection, asked, columns, samples, times=times)
    if asked.is_rest and not (fields or samples or times):
        told = tallies.count(connection, And(asked.rest))
        if told is not None:
            return [Group((), told, None, None, ())] if told else []
    if asked.is_of_words and not fields and not samples:
        found = _by_words(connection, asked)
    else:
        found = _one_by_one(connection, asked, columns)
    counted = sorted(found, key=_rank, reverse=True)
    newest = samples_of_each(connection, asked, columns, samples) if samples else {}
    return [_group(fields, each, newest.get(each.values, ())) for each in counted]


def _by_kinds(
    connection: apsw.Connection, asked: Asked, columns: Sequence[str], samples: int, *, times: bool
) -> list[Group]:
    of_kind, since, last = asked.of_kind or ("1", ()), asked.since, asked.last
    found = list(counted_in(connection, of_kind, columns, since, last, times=times or samples > 0, heads=samples > 0))
    if not (times or samples) and len({each.requests for each in found}) < len(found):  # then the newest is first
        found = list(counted_in(connection, of_kind, columns, since, last))
    counted = sorted(found, key=_rank, reverse=True)
    newest = newest_of_kinds(connection, asked, [each.heads for each in counted], samples) if samples else repeat(())
    return [_group(columns, each, of_group) for each, of_group in zip(counted, newest, strict=False)]


def _by_words(connection: apsw.Connection, asked: Asked) -> Iterator[Counted]:
    sql = f"SELECT {_MADE} FROM requests_text WHERE requests_text MATCH ? AND rowid BETWEEN ? AND ? HAVING count(*) > 0"
    words = (asked.words, asked.since, asked.last)
    for requests, oldest, newest in connection.execute(sql.replace("seq", "rowid"), words):
        yield Counted(int(str(requests)), int(str(newest)), oldest, ())


def _one_by_one(connection: apsw.Connection, asked: Asked, columns: Sequence[str]) -> Iterator[Counted]:
    condition, values = by_kind(connection, asked)
    names = "".join(f", {column}" for column in columns)
    by = f"GROUP BY {', '.join(columns)}" if columns else ""
    sql = f"SELECT {_MADE}{names} FROM requests WHERE {condition} {by} HAVING count(*) > 0"
    for requests, oldest, newest, *kept in connection.execute(sql, values):
        yield Counted(int(str(requests)), int(str(newest)), oldest, tuple(kept))


def _rank(counted: Counted) -> tuple[int, int]:
    return counted.requests, counted.newest or 0


def _group(fields: Sequence[str], counted: Counted, samples: tuple[Request, ...]) -> Group:
    newest = None if counted.newest is None or counted.newest < 0 else counted.newest
    first_seen, last_seen = (
        None if seq is None else rows.field_value("time", rows.instant_of(seq)) for seq in (counted.oldest, newest)
    )
    values = tuple(rows.field_value(field, value) for field, value in zip(fields, counted.values, strict=True))
    return Group(values, counted.requests, first_seen, last_seen, samples)
