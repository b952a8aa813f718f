"""A `Filter` as SQL: one function for every dialect, and the small value that says in what dialects differ.

Only names of `Request`'s fields and constants of this package reach SQL text; every value is bound. Missing values are
NULL: a leaf about NULL is not true, which is what it should be everywhere but under `Not`, so `Not` takes whatever is
not true for false.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias, assert_never

from reqlog.filters import (
    And,
    Compare,
    Filter,
    Glob,
    InNetwork,
    Mentions,
    Not,
    OneOf,
    Operator,
    Or,
    Present,
    Touches,
    Value,
)
from reqlog.request import FIELDS

Where: TypeAlias = tuple[str, tuple[Any, ...]]
"""A condition in SQL and the values bound in it, in order."""


class Dialect(NamedTuple):
    """In what engines differ."""

    compare: Callable[[str, Operator, Value], Where]
    """Field, operator and value to a condition."""
    one_of: Callable[[str, tuple[Value, ...]], Where]
    """Field and values, perhaps none or many, to a condition."""
    glob: Callable[[str, str], Where]
    """Field and pattern to a condition."""
    in_network: Callable[[str, str], Where]
    """Field and network to a condition."""
    touches: Callable[[str], Where]
    """Resource id to a condition."""
    mentions: Callable[[tuple[str, ...]], Where]
    """Words to a condition."""


def where(filter: Filter, dialect: Dialect) -> Where:
    """Return `filter` as a condition in SQL, which may stand beside others with AND between them."""
    match filter:
        case And(filters):
            return _joined(filters, " AND ", "1", dialect)
        case Or(filters):
            return _joined(filters, " OR ", "0", dialect)
        case Not(part):
            sql, values = where(part, dialect)
            return f"NOT coalesce({sql}, 0)", values
        case Compare(field, operator, value):
            return dialect.compare(column_of(field), operator, value)
        case OneOf(field, values):
            return dialect.one_of(column_of(field), values)
        case Glob(field, pattern):
            return dialect.glob(column_of(field), pattern)
        case InNetwork(field, network):
            return dialect.in_network(column_of(field), network)
        case Touches(resource):
            return dialect.touches(resource)
        case Mentions(words):
            return dialect.mentions(words)
        case Present(field):
            return f"{column_of(field)} IS NOT NULL", ()
        case _:
            assert_never(filter)


def _joined(filters: tuple[Filter, ...], word: str, empty: str, dialect: Dialect) -> Where:
    parts = [where(part, dialect) for part in filters]
    sql = _tree([text for text, _ in parts], word) if parts else empty
    return f"({sql})" if len(parts) > 1 else sql, tuple(value for _, values in parts for value in values)


def _tree(texts: list[str], word: str) -> str:
    """Return `texts` joined two by two: as one chain, engines refuse them when they are a thousand."""
    if len(texts) == 1:
        return texts[0]
    half = len(texts) // 2
    return f"({_tree(texts[:half], word)}){word}({_tree(texts[half:], word)})"


def column_of(field: str) -> str:
    """Return the name of the column that keeps `field`; raise KeyError for what is no field of a request."""
    if field not in FIELDS:
        message = f"{field!r} is not a field of a request"
        raise KeyError(message)
    return field
