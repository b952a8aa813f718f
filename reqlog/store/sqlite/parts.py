"""A large answer in parts that several processes read, each from the file.

SQLite can open the state that another connection reads, but not as apsw has it built. So each process begins to read
when it can, and what they have begun to read is the same if nothing was committed from before the answer began until
after they had: see `reading.Watch`. If something was, nothing of theirs is used.

Rows lie in the order of time, and a span is one of time: where it ends no two rows of one instant are parted. How many
requests are in it is not known before it is read, so that spans are made longer or shorter by those read before.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import apsw

from reqlog.exceptions import StoreError
from reqlog.filters import And, Compare, Filter, Mentions, Not, OneOf, Or, Touches
from reqlog.store.sqlite import dialect, rows
from reqlog.store.sqlite.connection import identity, number, open_again, sentences
from reqlog.store.sqlite.order import in_order
from reqlog.store.sqlite.plain import plain_of
from reqlog.store.sqlite.questions import Asked, asked, by_kind, kinds_asked_for
from reqlog.store.sqlite.reading import Watch

_MANY = 20_000
"""For fewer requests no processes are started; a guess at what their start is worth."""
_SPAN_REQUESTS = 1000
"""About so many a worker can have ready before their turn."""
_MOST_GROWTH = 4
_OLDEST = "SELECT seq FROM requests WHERE seq >= 0 ORDER BY seq LIMIT 1"
_NEWEST = "SELECT seq FROM requests ORDER BY seq DESC LIMIT 1"


class Span(NamedTuple):
    """Where the rows of a part lie."""

    first: int
    """The lowest `seq`."""
    last: int
    """The highest."""


_UNDATED = Span(-(1 << 63), -1)

Read = Callable[[Span], Iterator[list[object]]]


def opening(place: str, identity: tuple[int, int] | None, filter: Filter, *, reverse: bool) -> Callable[[], Read]:
    """Return what begins to read the file at `place`, if that has still that `identity`, wherever it is called."""
    return partial(_opened, place, identity, filter, reverse=reverse)


def _opened(place: str, expected: tuple[int, int] | None, filter: Filter, *, reverse: bool) -> Read:
    with sentences(place):
        before = identity(place)
        connection = open_again(place)
        connection.execute("BEGIN")
        number(connection, "SELECT count(*) FROM (SELECT 1 FROM requests LIMIT 1)")
        if expected is None or not before == expected == identity(place):
            message = f"The store {place} is another one by now; ask again."
            raise StoreError(message)
        question = asked(connection, filter)._replace(of_kind=None)
    return partial(_read, connection, question, place, reverse=reverse)


def _read(
    connection: apsw.Connection, question: Asked, place: str, span: Span, *, reverse: bool
) -> Iterator[list[object]]:
    with sentences(place):
        found = in_order(connection, question.within(span.first, span.last), limit=None, reverse=reverse)
        yield from map(plain_of, found)


class SqliteParts:
    """What comes after an instant of an answer; a class since the length of its spans is learnt."""

    def __init__(self, stretch: "_Stretch", length: int, open: Callable[[], Read], watch: Watch) -> None:
        self.open = open
        self._stretch = stretch
        self._watch = watch
        self._length = max(1, length)

    def spans(self) -> Iterator[Span]:
        """Yield the spans in the order of the answer."""
        oldest, newest, reverse = self._stretch
        while oldest <= newest:
            if reverse:
                until = min(newest, oldest + self._length - 1)
                yield _span(oldest, until)
                oldest = until + 1
            else:
                since = max(oldest, newest - self._length + 1)
                yield _span(since, newest)
                newest = since - 1
        if not reverse:
            yield _UNDATED

    def took(self, span: Span, requests: int) -> None:
        """Make the next spans as long as would hold about as many requests as a span should."""
        length = rows.instant_of(span.last) - rows.instant_of(span.first) + 1
        self._length = max(1, min(length * _SPAN_REQUESTS // max(1, requests), length * _MOST_GROWTH))

    def are_of_one_state(self) -> bool:
        """Whether all who have begun to read by now read what the answer began with."""
        return self._watch.is_unchanged()


class _Stretch(NamedTuple):
    """The instants, in unix milliseconds, that dated requests which are left can have."""

    oldest: int
    newest: int
    reverse: bool


def parts_after(
    connection: apsw.Connection, open: Callable[[], Read], watch: Watch, question: Asked, instant: int, *, reverse: bool
) -> SqliteParts | None:
    """Return what comes after `instant` in parts; None if it may be little, or an index leads to it."""
    if question.words is not None or any(map(_is_of_words, question.rest)):
        return None
    if by_kind(connection, question) != question.whole:
        return None
    requests = sum(requests for _, requests in kinds_asked_for(connection, question))
    if question.is_indexed or requests < _MANY:
        return None
    oldest, newest = number(connection, _OLDEST), number(connection, _NEWEST)
    length = (rows.instant_of(newest) - rows.instant_of(oldest)) * _SPAN_REQUESTS // requests
    first, last = rows.instant_of(max(oldest, question.since)), rows.instant_of(min(newest, question.last))
    stretch = _Stretch(instant + 1, last, reverse) if reverse else _Stretch(first, instant - 1, reverse)
    return SqliteParts(stretch, length, open, watch)


def _is_of_words(filter: Filter) -> bool:
    """Whether the index of words, which does not lie in the order of time, is asked for a part of `filter`."""
    match filter:
        case Mentions() | Touches() | Compare(dialect.KEY, "=") | OneOf(dialect.KEY):
            return True
        case And(filters) | Or(filters):
            return any(map(_is_of_words, filters))
        case Not(part):
            return _is_of_words(part)
        case _:
            return False


def _span(since: int, until: int) -> Span:
    return Span(rows.since(since), rows.since(until + 1) - 1)
