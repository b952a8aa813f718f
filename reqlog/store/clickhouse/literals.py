"""Values as ClickHouse's SQL writes them.

Old servers cannot be sent values beside a statement, so that they are put into its text here, and nowhere else.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from reqlog.times import unix_ms

_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\0": "\\0"})

LONGEST_LIST = 100_000
"""How many characters a list of literals may take; servers refuse statements above a quarter of a million."""


def literal(value: object) -> str:
    """Return `value` (text, a number, true or false, a time as unix milliseconds, a tuple of those) as SQL."""
    match value:
        case str():
            return f"'{value.translate(_ESCAPES)}'"
        case bool():
            return str(int(value))
        case int() | float():
            return repr(value)
        case datetime():
            return str(unix_ms(value))
        case tuple():
            return f"({', '.join(map(literal, value))})"
        case _:
            message = f"{type(value).__name__} cannot be written in SQL"
            raise TypeError(message)


def bind(sql: str, values: Iterable[object] = ()) -> str:
    """Return `sql` with `values` put where it has question marks, which it must not have for anything else."""
    first, *rest = sql.split("?")
    return first + "".join(literal(value) + text for value, text in zip(values, rest, strict=True))


def lists(values: Iterable[object]) -> Iterator[str]:
    """Yield `values` as lists for `IN`, each short enough for a statement; none if there are no values."""
    held: list[str] = []
    room = LONGEST_LIST
    for value in values:
        text = literal(value)
        if held and len(text) > room:
            yield f"({', '.join(held)})"
            held, room = [], LONGEST_LIST
        held.append(text)
        room -= len(text) + 2
    if held:
        yield f"({', '.join(held)})"


def name(text: str) -> str:
    """Return `text` as the name of a table, database or cluster in SQL."""
    return f"`{text.translate(_ESCAPES).replace('`', chr(92) + '`')}`"


Row = tuple[Any, ...]
"""A row that a server gave."""
