"""Whole records as JSON lines, where there are many: the text that `reqlog.render.json` writes, in a fifth of the time.

msgspec writes what it writes as the standard library does; any other record is left to whoever knows it: one with text
that has to be escaped, half a surrogate pair, not a number, or a number that the two write differently.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from reqlog.render.base import Record, Row
from reqlog.times import to_rfc3339

_SEEN = bytes(range(0x7F))
_SHORT, _MANY = 64, 1000
_LEAST, _MOST = 1e-4, 1e16
"""Numbers with a fraction that both write without an exponent: from the one on, below the other."""


def encoder(columns: Record[Row], to_escape: str) -> Callable[[Row], bytes | None]:
    """Return what makes a row a JSON object in one line, its keys the names of `columns`; None if it is not for it.

    It is not where text past ASCII has a character that `to_escape`, a pattern, finds.
    """
    record = _record(tuple(column.name for column in columns))
    encode = msgspec.json.Encoder(enc_hook=_plain).encode
    is_seen = _seen(to_escape)
    values_of, times, fractions = columns.values, columns.times, columns.fractions

    def line(row: Row) -> bytes | None:
        values: list[Any] = values_of(row)
        for place in times:
            if (time := values[place]) is not None:
                values[place] = to_rfc3339(time)
        for place in fractions:
            if (number := values[place]) and not _LEAST <= number < _MOST:
                return None
        try:
            text: bytes = encode(record(*values))
        except UnicodeEncodeError:
            return None
        return text if is_seen(text) else None

    return line


def _seen(to_escape: str) -> Callable[[bytes], bool]:
    """Return what tells whether nothing in a text in UTF-8 is to be escaped.

    Much that is past ASCII is the same in all records, as what redaction leaves of a key, and looked at once.
    """
    is_hidden = re.compile(to_escape).search
    known: set[bytes] = set()

    def is_seen(text: bytes) -> bool:
        past_ascii = text.translate(None, _SEEN)
        if not past_ascii or past_ascii in known:
            return True
        if is_hidden(past_ascii.decode()):
            return False
        if len(past_ascii) <= _SHORT and len(known) < _MANY:
            known.add(past_ascii)
        return True

    return is_seen


@cache
def _record(names: tuple[str, ...]) -> Callable[..., msgspec.Struct]:
    return msgspec.defstruct("Record", [(name, Any) for name in names], gc=False)


def _plain(value: Any) -> str | dict[str, str]:  # noqa: ANN401  (what msgspec does not know)
    """Return an id that was derived, or a map of headers, as what it is to JSON."""
    return str(value) if isinstance(value, str) else dict(value)
