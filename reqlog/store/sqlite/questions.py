"""What a filter asks of this store: which kinds of requests, which span of time, which words, and what else.

Everything that holds of a filter as a whole is in `condition`. The other parts say by which way the answer is reached
soonest; each is a part of the filter that every answer satisfies.
"""

import json
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import apsw

from reqlog.filters import (
    And,
    Compare,
    Filter,
    Glob,
    InNetwork,
    Mentions,
    Not,
    OneOf,
    Or,
    Present,
    Touches,
    searchable,
    words_of,
)
from reqlog.request import Request
from reqlog.store.sql import Where, where
from reqlog.store.sqlite import dialect, kinds, paths
from reqlog.store.sqlite.connection import number
from reqlog.store.sqlite.dialect import BESIDE_WORDS, DIALECT, LAST, bounds, match_all
from reqlog.store.sqlite.words import key_word

_FIRST = -(1 << 63)

_FEW = 8
"""The index over kinds is the shorter way where no more than one in so many requests are of the kinds asked for."""
_RARE = 1000
"""Words that fewer requests have are the shortest way to those, if kinds are not."""
_FEW_OF_KIND = 250
"""No more requests than these are looked up in the index of words one by one, 40 us each."""
_PASSED_OVER = 60
"""In the time of one such look so many requests that have the words are passed over."""
_COUNT_UP_TO = "SELECT count(*) FROM (SELECT 1 FROM requests_text WHERE requests_text MATCH ? LIMIT ?)"
_INDEXED = frozenset({"id", "ip_address", "account", "idempotency_key", "original_request"})
_ADDRESSES = """
    WITH RECURSIVE addresses (address) AS (
        SELECT min(ip_address) FROM requests WHERE ip_address NOT NULL
        UNION ALL
        SELECT (SELECT min(ip_address) FROM requests WHERE ip_address > address) FROM addresses WHERE address NOT NULL
    )
    SELECT address FROM addresses WHERE in_network(address, ?)
"""

KindCount: TypeAlias = tuple[int, int]
"""A kind and how many requests are of it."""


class Asked(NamedTuple):
    """A filter, taken apart."""

    beside_time: Where
    """What is asked beside time, over the table `requests`."""
    since: int
    """The lowest `seq` that an answer can have."""
    last: int
    """The highest."""
    of_kind: Where | None
    """What is asked of the kind of a request, over the table `kinds`, paths that kinds tell included; or None."""
    words: str | None
    """What is asked of the index of words; None if nothing is."""
    beside_words: Where
    """What is asked beside that and time."""
    rest: tuple[Filter, ...]
    """What is asked of neither kind, time nor words alone."""
    is_rest: bool
    """Whether that is all that is asked."""

    @property
    def whole(self) -> Where:
        """The whole filter, over the table `requests`; of several spans of time SQLite would go by one alone."""
        if (self.since, self.last) == (_FIRST, LAST):
            return self.beside_time
        condition, values = self.beside_time
        return f"seq BETWEEN ? AND ? AND {condition}", (self.since, self.last, *values)

    @property
    def is_of_kind_and_time(self) -> bool:
        """Whether kind and time are all that is asked about."""
        return self.words is None and not self.rest

    @property
    def is_of_words(self) -> bool:
        """Whether words and time are all that is asked about."""
        return self.words is not None and self.of_kind is None and not self.rest

    @property
    def is_indexed(self) -> bool:
        """Whether an index other than that over kinds leads to the answers."""
        return self.words is not None or any(map(_is_indexed, self.rest))

    def within(self, since: int, last: int) -> "Asked":
        """Return what is asked of the places from `since` to `last`."""
        return self._replace(since=max(since, self.since), last=min(last, self.last))


def asked(connection: apsw.Connection, filter: Filter) -> Asked:
    """Return `filter`, taken apart."""
    parts = [_named(connection, part) for part in _parts(filter)]
    spans = [bounds(part) for part in parts if isinstance(part, Compare) and _is_of_time(part)]
    of_kind = tuple(part for part in parts if _is_of_kind(part))
    others = [part for part in parts if not (_is_of_kind(part) or _is_of_time(part))]
    told: list[Filter] = []
    untold: list[Filter] = []
    for part in others:
        (told if paths.are_told(connection, part) else untold).append(part)
    words = [word for part in untold for word in _words(part)]
    rest = tuple(part for part in untold if not isinstance(part, Mentions))
    return Asked(
        where(And(tuple(part for part in parts if not _is_of_time(part))), DIALECT),
        max((since for since, _ in spans), default=_FIRST),
        min((last for _, last in spans), default=LAST),
        _all_of([where(part, DIALECT) for part in of_kind] + [paths.surely(part) for part in told]),
        match_all(tuple(words)) if words else None,
        where(And((*of_kind, *told, *rest)), BESIDE_WORDS),
        rest,
        is_rest=len(rest) == len(parts),
    )


def kinds_asked_for(connection: apsw.Connection, asked: Asked) -> list[KindCount]:
    """Return the kinds that an answer can be of."""
    condition, values = asked.of_kind or ("1", ())
    found = connection.execute(f"SELECT kind, requests FROM kinds WHERE {condition}", values)
    return [(int(str(kind)), int(str(requests))) for kind, requests in found]


def by_kind(connection: apsw.Connection, asked: Asked) -> Where:
    """Return the condition by which SQLite is to look: by way of the kinds, where that is shorter."""
    if asked.words is not None and is_of_few_kinds(connection, asked):
        return _of_few_kinds(asked)
    if asked.words is not None and _have_up_to(connection, asked.words, _RARE) < _RARE:
        condition, values = asked.whole
        return f"seq IN (SELECT rowid FROM requests_text WHERE requests_text MATCH ?) AND {condition}", (
            asked.words,
            *values,
        )
    if asked.of_kind is None or asked.is_indexed:
        return asked.whole
    chosen = kinds_asked_for(connection, asked)
    (in_all,) = connection.execute("SELECT coalesce(sum(requests), 0) FROM kinds").fetchall()[0]
    if _FEW * sum(requests for _, requests in chosen) > int(str(in_all)):
        return asked.whole
    condition, values = asked.whole
    return f"kind IN (SELECT value FROM json_each(?)) AND {condition}", (
        json.dumps([kind for kind, _ in chosen]),
        *values,
    )


def _all_of(conditions: list[Where]) -> Where | None:
    """Return the condition that all `conditions` hold; None if there are none."""
    if not conditions:
        return None
    return " AND ".join(sql for sql, _ in conditions), tuple(value for _, values in conditions for value in values)


def is_of_few_kinds(connection: apsw.Connection, asked: Asked) -> bool:
    """Whether words are asked for, and kinds of which there are so few requests that they are the shorter way."""
    if asked.words is None or asked.of_kind is None:
        return False
    condition, values = asked.of_kind
    of_kinds = number(connection, f"SELECT coalesce(sum(requests), 0) FROM kinds WHERE {condition}", values)
    passed_over = _PASSED_OVER * of_kinds
    return of_kinds <= _FEW_OF_KIND and _have_up_to(connection, asked.words, passed_over + 1) > passed_over


def _of_few_kinds(asked: Asked) -> Where:
    """Return the condition that leads to the requests of the kinds, and of each asks for the words."""
    of_kind, values_of_kind = asked.of_kind or ("1", ())
    condition, values = asked.beside_words
    sql = f"""
        kind IN (SELECT kind FROM kinds WHERE {of_kind}) AND seq BETWEEN ? AND ? AND {condition}
        AND EXISTS (SELECT 1 FROM requests_text WHERE requests_text MATCH ? AND rowid = seq)
    """
    return sql, (*values_of_kind, asked.since, asked.last, *values, asked.words)


def _have_up_to(connection: apsw.Connection, words: str, limit: int) -> int:
    """Return how many requests have all of `words`, counted up to `limit`."""
    return number(connection, _COUNT_UP_TO, (words, limit))


def _parts(filter: Filter) -> Iterator[Filter]:
    """Yield what `filter` wants to hold all at once."""
    match filter:
        case And(filters):
            for part in filters:
                yield from _parts(part)
        case _:
            yield filter


def _named(connection: apsw.Connection, part: Filter) -> Filter:
    """Return `part` with the addresses that there are instead of the network in which they are."""
    if isinstance(part, InNetwork) and part.field == "ip_address":
        found = connection.execute(_ADDRESSES, (part.network,))
        return OneOf(part.field, tuple(str(row[0]) for row in found))
    return part


def _is_of_kind(filter: Filter) -> bool:
    """Whether the kind of a request tells whether `filter` holds."""
    match filter:
        case And(filters) | Or(filters):
            return bool(filters) and all(map(_is_of_kind, filters))
        case Not(part):
            return _is_of_kind(part)
        case Present(kinds.PRESENT):
            return True
        case Compare(field) | OneOf(field) | Glob(field) | Present(field):
            return field in kinds.FIELDS
        case _:
            return False


def _is_of_time(part: Filter) -> bool:
    return isinstance(part, Compare) and part.field == "time"


def _words(part: Filter) -> tuple[str, ...]:
    """Return words that every request has for which `part` holds."""
    match part:
        case Mentions(words):
            return words
        case Touches(resource):
            return tuple(words_of(resource))
        case Compare("path", "=", str(path)):
            return tuple(words_of(searchable(Request("", path=path))))
        case Compare(dialect.KEY, "=", str(key)):
            return (key_word(key),)
        case _:
            return ()


def _is_indexed(part: Filter) -> bool:
    match part:
        case Compare(field, "=") | OneOf(field):
            return field in _INDEXED
        case _:
            return False
