"""The SQL of filters for ClickHouse, old and new.

Columns of missing values are Nullable: a leaf about NULL is NULL, which `WHERE` takes for false and `sql.where` under
`Not`. Texts are compared as bytes, which UTF-8 keeps in the order of characters.
"""

import re

from reqlog.filters import Operator, Value
from reqlog.store.clickhouse.rows import UNDATED, network_bounds
from reqlog.store.sql import Dialect, Where

_DATED = f"moment > {UNDATED}"
_ANY, _REST = r"[^\x00]", r"(?:\x00(?s:.*))?"


def _compare(column: str, operator: Operator, value: Value) -> Where:
    if column != "time":
        return f"{column} {operator} ?", (value,)
    return f"({_DATED} AND moment {operator} ?)", (value,)


def _one_of(column: str, wanted: tuple[Value, ...]) -> Where:
    if not wanted:
        return "0", ()
    return f"{column} IN ({', '.join('?' * len(wanted))})", wanted


def _glob(column: str, pattern: str) -> Where:
    pattern = pattern.partition("\0")[0]
    head, star, tail = pattern.partition("*")
    if star and not tail and "?" not in head:
        return f"startsWith({column}, ?)", (head,)
    special = {"*": f"{_ANY}*", "?": _ANY}
    regex = "".join(special.get(character) or re.escape(character) for character in pattern)
    return f"match({column}, ?)", (f"^{regex}{_REST}$",)


def _in_network(column: str, network: str) -> Where:
    if column != "ip_address":
        message = f"{column!r} is not kept as an address"
        raise KeyError(message)
    return "(address >= ? AND address <= ?)", network_bounds(network)


def _touches(resource: str) -> Where:
    return "has(resources, ?)", (resource,)


def _mentions(words: tuple[str, ...]) -> Where:
    return " AND ".join(["has(words, ?)"] * len(words)) or "1", words


DIALECT = Dialect(
    compare=_compare, one_of=_one_of, glob=_glob, in_network=_in_network, touches=_touches, mentions=_mentions
)
