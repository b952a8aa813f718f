"""Counts of the requests that match, by the values of some fields.

What is asked of kinds and of time alone is counted kind by kind (`windows`), which costs the kinds and the days, not
the requests; what is asked of words alone, in their index; all else request by request.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import apsw

from reqlog.request import Request
from reqlog.store.base import Group
from reqlog.store.sql import column_of
from reqlog.store.sqlite import kinds, rows
from reqlog.store.sqlite.order import newest_of_kinds, samples_of_each
from reqlog.store.sqlite.questions import Asked, by_kind
from reqlog.store.sqlite.spans import OfKind, counted_in

_MADE = "count(*) AS requests, min(iif(seq >= 0, seq, NULL)), max(seq) AS newest"

_Values = tuple[Any, ...]


class _Counted(NamedTuple):
    """Requests that have the same values in the fields that were asked for."""

    requests: int
    newest: int
    """The highest `seq`."""
    oldest: int | None
    """The lowest of those that are dated."""
    values: _Values
    """As they are kept."""


def count_by(connection: apsw.Connection, asked: Asked, fields: Sequence[str], samples: int) -> list[Group]:
    """Count the requests that match by the values of `fields`, most frequent first, then by the newest.

    Each group comes with its newest `samples` requests. To be called in a transaction.
    """
    columns = [column_of(field) for field in fields]
    if asked.is_of_kind_and_time and set(fields) <= set(kinds.FIELDS):
        return _by_kinds(connection, asked, columns, samples)
    if asked.is_of_words and not fields and not samples:
        found = _by_words(connection, asked)
    else:
        found = _one_by_one(connection, asked, columns)
    counted = sorted(found, key=_rank, reverse=True)
    newest = samples_of_each(connection, asked, columns, samples) if samples else {}
    return [_group(fields, each, newest.get(each.values, ())) for each in counted]


def _by_kinds(connection: apsw.Connection, asked: Asked, columns: Sequence[str], samples: int) -> list[Group]:
    values_of = _values_of_kinds(connection, asked, columns)
    members: dict[_Values, list[OfKind]] = {}
    for of_kind in counted_in(connection, list(values_of), asked.since, asked.last):
        members.setdefault(values_of[of_kind.kind], []).append(of_kind)
    counted = sorted((_joined(values, of_kinds) for values, of_kinds in members.items()), key=_rank, reverse=True)
    return [
        _group(columns, each, tuple(newest_of_kinds(connection, asked, members[each.values], samples)))
        for each in counted
    ]


def _values_of_kinds(connection: apsw.Connection, asked: Asked, columns: Sequence[str]) -> dict[int, _Values]:
    condition, values = asked.of_kind or ("1", ())
    names = "".join(f", {column}" for column in columns)
    found = connection.execute(f"SELECT kind{names} FROM kinds WHERE {condition}", values)
    return {int(str(kind)): tuple(kept) for kind, *kept in found}


def _joined(values: _Values, of_kinds: Sequence[OfKind]) -> _Counted:
    return _Counted(
        sum(each.requests for each in of_kinds),
        max(each.newest for each in of_kinds),
        min((each.oldest for each in of_kinds if each.oldest is not None), default=None),
        values,
    )


def _by_words(connection: apsw.Connection, asked: Asked) -> Iterator[_Counted]:
    sql = f"SELECT {_MADE} FROM requests_text WHERE requests_text MATCH ? AND rowid BETWEEN ? AND ? HAVING count(*) > 0"
    words = (asked.words, asked.since, asked.last)
    for requests, oldest, newest in connection.execute(sql.replace("seq", "rowid"), words):
        yield _Counted(int(str(requests)), int(str(newest)), oldest, ())


def _one_by_one(connection: apsw.Connection, asked: Asked, columns: Sequence[str]) -> Iterator[_Counted]:
    condition, values = by_kind(connection, asked)
    names = "".join(f", {column}" for column in columns)
    by = f"GROUP BY {', '.join(columns)}" if columns else ""
    sql = f"SELECT {_MADE}{names} FROM requests WHERE {condition} {by} HAVING count(*) > 0"
    for requests, oldest, newest, *kept in connection.execute(sql, values):
        yield _Counted(int(str(requests)), int(str(newest)), oldest, tuple(kept))


def _rank(counted: _Counted) -> tuple[int, int]:
    return counted.requests, counted.newest


def _group(fields: Sequence[str], counted: _Counted, samples: tuple[Request, ...]) -> Group:
    newest = None if counted.newest < 0 else counted.newest
    first_seen, last_seen = (
        None if seq is None else rows.field_value("time", rows.instant_of(seq)) for seq in (counted.oldest, newest)
    )
    values = tuple(rows.field_value(field, value) for field, value in zip(fields, counted.values, strict=True))
    return Group(values, counted.requests, first_seen, last_seen, samples)
