"""How many requests have each value of a few fields that kinds do not have, for `--count` of one of them alone.

An application has few user agents and few keys. Durations are tallied by their two leading digits, so that how many
took a second or longer is known, and how many took longer than 1,234 ms is not. A field of too many values, or of long
ones, is tallied no more, as stands in `upkeep`; what is asked of it looks at every request.
"""

from collections import Counter
from collections.abc import Iterable
from math import floor, isnan
from operator import itemgetter
from typing import Any, TypeAlias

import apsw

from reqlog.filters import And, Compare, Filter, Glob, Not, OneOf, Or, Present
from reqlog.store.sql import where
from reqlog.store.sqlite import rows
from reqlog.store.sqlite.dialect import DIALECT

FIELDS: tuple[str, ...] = ("user_agent", "api_key", "duration_ms")

_MOST_VALUES = 10_000
_MOST_CHARACTERS = 300
_LARGEST = 10**15
_CHANGE = """
    INSERT INTO tallies VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET requests = requests + excluded.requests
"""
_TALLIED = "SELECT '{0}', tally({0}) AS value, count(*) FROM requests WHERE {0} IS NOT NULL GROUP BY value"
_GIVE_UP = f"""
    INSERT OR IGNORE INTO upkeep
        SELECT 'untallied ' || field, 1 FROM tallies
        GROUP BY field HAVING count(*) > {_MOST_VALUES} OR max(length(value)) > {_MOST_CHARACTERS};
    DELETE FROM tallies WHERE 'untallied ' || field IN (SELECT name FROM upkeep);
"""
_COUNT = """
    WITH told AS (SELECT value, requests FROM tallies WHERE field = '{field}')
    SELECT coalesce(sum(requests), 0) FROM (
        SELECT value AS {field}, requests FROM told
        UNION ALL SELECT NULL, (SELECT coalesce(sum(requests), 0) FROM kinds) - coalesce(sum(requests), 0) FROM told
    ) WHERE {condition}
"""

Values: TypeAlias = tuple[Any, ...]
"""What a row has in `FIELDS`."""

values_of = itemgetter(*(rows.COLUMNS.index(field) for field in FIELDS))
"""Return the `Values` of a row in the order of `rows.COLUMNS`."""


def tally(value: Any) -> Any:  # noqa: ANN401  (SQLite's values have no common type)
    """Return what a value is tallied by: itself or, of a number, the highest of two leading digits that is not above.

    Numbers below 100 are cut to whole ones; all below zero count as one, and so do the very large.
    """
    if not isinstance(value, int | float):
        return value
    if isnan(value):
        return None
    whole = floor(min(max(value, -1), _LARGEST))
    unit = 10 ** max(0, len(str(whole)) - 2)
    return whole // unit * unit


def count_in(connection: apsw.Connection, values: Iterable[Values]) -> None:
    """Tally rows that came in."""
    _change(connection, values, 1)
    connection.execute(_GIVE_UP)


def count_out(connection: apsw.Connection, values: Iterable[Values]) -> None:
    """Tally rows that went."""
    _change(connection, values, -1)
    connection.execute("DELETE FROM tallies WHERE requests = 0")


def _change(connection: apsw.Connection, values: Iterable[Values], sign: int) -> None:
    for field, column in zip(FIELDS, zip(*values, strict=True), strict=False):
        if _is_tallied(connection, field):
            counts = Counter(map(tally, column))
            del counts[None]
            changes = ((field, value, sign * requests) for value, requests in counts.items())
            connection.executemany(_CHANGE, changes)


def count_anew(connection: apsw.Connection) -> None:
    """Tally all rows that are there, of every field."""
    connection.execute("DELETE FROM tallies; DELETE FROM upkeep WHERE name GLOB 'untallied *'")
    for field in FIELDS:
        connection.execute(f"INSERT INTO tallies {_TALLIED.format(field)}")
    connection.execute(_GIVE_UP)


def are_counted_right(connection: apsw.Connection) -> bool:
    """Whether the tallies are those of the rows."""
    return all(_is_counted_right(connection, field) for field in FIELDS)


def _is_counted_right(connection: apsw.Connection, field: str) -> bool:
    kept, counted = f"SELECT * FROM tallies WHERE field = '{field}'", _TALLIED.format(field)
    unlike = (
        connection.execute(f"SELECT * FROM ({one} EXCEPT {other}) LIMIT 1").fetchone()
        for one, other in ((kept, counted), (counted, kept))
    )
    with connection:
        is_right = not _is_tallied(connection, field) or not any(unlike)
    return is_right  # noqa: RET504  (mypy takes it that leaving the transaction may swallow what was raised)


def count(connection: apsw.Connection, filter: Filter) -> int | None:
    """Return for how many requests `filter` holds, if the tallies tell; to be called in a transaction."""
    field = next((field for field in FIELDS if _tells(field, filter)), None)
    if field is None or not _is_tallied(connection, field):
        return None
    condition, values = where(filter, DIALECT)
    return int(str(connection.execute(_COUNT.format(field=field, condition=condition), values).get))


def _tells(field: str, filter: Filter) -> bool:
    """Whether what a value of `field` is tallied by tells whether `filter` holds."""
    match filter:
        case And(filters) | Or(filters):
            return bool(filters) and all(_tells(field, part) for part in filters)
        case Not(part):
            return _tells(field, part)
        case Compare("duration_ms", ">=" | "<", int() | float() as limit):
            return field == "duration_ms" and limit >= 0 and tally(limit) == limit
        case Present(asked):
            return asked == field
        case Compare(asked, "=") | OneOf(asked) | Glob(asked):
            return asked == field != "duration_ms"
        case _:
            return False


def _is_tallied(connection: apsw.Connection, field: str) -> bool:
    found = connection.execute("SELECT 1 FROM upkeep WHERE name = 'untallied ' || ?", (field,))
    return found.fetchone() is None
