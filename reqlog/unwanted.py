"""What of a record can be told before it is redacted: that it will not match a filter, whatever redaction does to it.

Redaction takes most of the time that a record takes, and changes texts only: numbers, times and what is true or false
stay. A record whose id redaction would change is told nothing of, since it gets an id that those before it have a part
in.
"""

import re
from collections.abc import Callable, Iterator
from operator import attrgetter, eq, ge, gt, le, lt
from typing import Any, TypeAlias

from reqlog.filters import And, Compare, Filter, Not, OneOf, Operator, Or, Present
from reqlog.redact import Redact, redact
from reqlog.request import Request

Unwanted: TypeAlias = Callable[[Any], bool]
"""Whether a record, with the fields of a request as attributes, is certain not to match."""

_KEPT = frozenset({"time", "duration_ms", "status", "livemode", "idempotent_replayed", "should_retry"})
"""The fields that redaction leaves as they are."""
_PLAIN_ID = re.compile(r"req_(?:[0-9]{0,12}+[A-Za-z]++){1,30}+[0-9]{0,12}")
"""An id that is no secret, and in which there is none: a card number has at least thirteen digits."""
_RELATIONS: dict[Operator, Callable[[Any, Any], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


def unwanted(filter: Filter, redact: Redact) -> Unwanted | None:
    """Return what tells of a record that `redact` will leave nothing of it that matches; None if nothing can."""
    parts = tuple(part for part in _parts(filter) if _is_of_kept(part))
    if not parts:
        return None
    is_wanted, keeps = _predicate(And(parts)), _keeping(redact)
    return lambda record: not is_wanted(record) and keeps(record.id)


def _parts(filter: Filter) -> Iterator[Filter]:
    """Yield what `filter` wants to hold all at once."""
    if isinstance(filter, And):
        for part in filter.filters:
            yield from _parts(part)
    else:
        yield filter


def _is_of_kept(filter: Filter) -> bool:
    match filter:
        case And(filters) | Or(filters):
            return all(map(_is_of_kept, filters))
        case Not(part):
            return _is_of_kept(part)
        case Compare(field) | OneOf(field) | Present(field):
            return field in _KEPT
        case _:
            return False


def _predicate(filter: Filter) -> Callable[[Any], bool]:
    """Return `matches` for `filter`, whose leaves are of fields that redaction keeps, made for asking often."""
    match filter:
        case And((one,)) | Or((one,)):
            return _predicate(one)
        case And((one, other)):
            first, second = _predicate(one), _predicate(other)
            return lambda record: first(record) and second(record)
        case And(filters):
            tests = tuple(map(_predicate, filters))
            return lambda record: all(test(record) for test in tests)
        case Or(filters):
            tests = tuple(map(_predicate, filters))
            return lambda record: any(test(record) for test in tests)
        case Not(part):
            test = _predicate(part)
            return lambda record: not test(record)
        case Compare(field, operator, bound):
            value_of, holds = attrgetter(field), _RELATIONS[operator]
            return lambda record: (value := value_of(record)) is not None and holds(value, bound)
        case OneOf(field, values):
            value_of = attrgetter(field)
            return lambda record: (value := value_of(record)) is not None and value in values
        case Present(field):
            value_of = attrgetter(field)
            return lambda record: value_of(record) is not None
        case _:
            raise AssertionError(filter)  # `_is_of_kept` lets no other by


def _keeping(used: Redact) -> Callable[[str], bool]:
    """Return what tells whether `used` leaves an id as it is, and the id is none that was derived."""
    if used is redact:
        return _is_plain
    return lambda known: _is_plain(known) and used(Request(known)).id == known


def _is_plain(id: str) -> bool:
    return _PLAIN_ID.fullmatch(id) is not None
