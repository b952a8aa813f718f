"""What a filter means in SQLite's words.

Times are asked for by `seq`, which is in their order and by which the rows lie; words by the text index.
"""

import json
from typing import Final

from reqlog.filters import Compare, Operator, Value, words_of
from reqlog.store.sql import Dialect, Where
from reqlog.store.sqlite import rows
from reqlog.store.sqlite.words import key_word
from reqlog.times import unix_ms

LAST: Final = (1 << 63) - 1
"""The highest `seq`."""

_LISTED = 500

KEY: Final = "idempotency_key"
"""The column whose values are found by words of their own: see `key_word`."""

_OF_KEYS = """
    seq IN (
        SELECT requests_text.rowid FROM json_each(?) CROSS JOIN requests_text WHERE requests_text MATCH value
    )
"""


def bounds(part: Compare) -> tuple[int, int]:
    """Return the lowest and the highest `seq` of the requests whose time is as `part`, which is about time, says.

    Undated ones, which stand below zero, are never among them.
    """
    instant = int(_bound(part.value))
    match part.operator:
        case ">=":
            return max(0, rows.since(instant)), LAST
        case ">":
            return max(0, rows.since(instant + 1)), LAST
        case "<":
            return 0, rows.since(instant) - 1
        case "<=":
            return 0, rows.since(instant + 1) - 1
        case "=":
            return max(0, rows.since(instant)), rows.since(instant + 1) - 1


def match_all(words: tuple[str, ...]) -> str:
    """Return the expression by which the text index finds what has all `words`."""
    return " ".join(f'"{word}"' for word in words)


def _bound(value: Value) -> str | int | float:
    match value:
        case str() | int() | float():
            return value
        case _:
            return unix_ms(value)


def _compare(column: str, operator: Operator, value: Value) -> Where:
    whole, values = _compare_plainly(column, operator, value)
    if column == KEY and operator == "=":
        candidates, words = _mentions((key_word(str(value)),))
        return f"{candidates} AND {whole}", (*words, *values)
    return whole, values


def _compare_plainly(column: str, operator: Operator, value: Value) -> Where:
    if column == "time":
        return "seq BETWEEN ? AND ?", bounds(Compare(column, operator, value))
    return f"{column} {operator} ?", (_bound(value),)


def _one_of(column: str, wanted: tuple[Value, ...]) -> Where:
    whole, values = _one_of_plainly(column, wanted)
    if column == KEY and wanted:
        words = json.dumps([match_all((key_word(str(key)),)) for key in wanted])
        return f"{_OF_KEYS} AND {whole}", (words, *values)
    return whole, values


def _one_of_plainly(column: str, wanted: tuple[Value, ...]) -> Where:
    if len(wanted) <= _LISTED:
        return f"{column} IN ({', '.join('?' * len(wanted))})", tuple(map(_bound, wanted))
    return f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(list(map(_bound, wanted))),)


def _glob(column: str, pattern: str) -> Where:
    return f"{column} GLOB ?", (pattern.replace("[", "[[]"),)


def _in_network(column: str, network: str) -> Where:
    return f"in_network({column}, ?)", (network,)


def _mentions(words: tuple[str, ...]) -> Where:
    if not words:
        return "1", ()
    return "seq IN (SELECT rowid FROM requests_text WHERE requests_text MATCH ?)", (match_all(words),)


def _touches(resource: str) -> Where:
    """Return a condition that finds by the words of `resource` and makes sure by the whole of it."""
    candidates, values = _mentions(tuple(words_of(resource)))
    whole, resources = _has(resource)
    return f"{candidates} AND {whole}", (*values, *resources)


def _has(resource: str) -> Where:
    return "touches(?, resources, parts)", (json.dumps(resource, ensure_ascii=False),)


DIALECT = Dialect(
    compare=_compare, one_of=_one_of, glob=_glob, in_network=_in_network, touches=_touches, mentions=_mentions
)

BESIDE_WORDS = DIALECT._replace(touches=_has, compare=_compare_plainly, one_of=_one_of_plainly)
"""The dialect for what is asked beside words that have been found already, those of resource ids and keys included."""
