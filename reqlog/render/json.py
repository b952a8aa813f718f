"""One JSON document: an array with a record a line, or a single object.

JSON is the faithful output: full values, times in RFC 3339 with milliseconds and `Z`, tuples as arrays, text as it was
captured. Control characters are escaped as JSON allows, those past ASCII too, so that they reach no terminal and any
reader gives them back; half a surrogate pair, which UTF-8 cannot hold, becomes U+FFFD. Not a number is null.

The standard library writes it: its import costs the start of the command 2 ms, msgspec's 5.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import TextIO

from reqlog.render.base import Column, Row, Style
from reqlog.times import to_rfc3339

_TO_ESCAPE = r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
_SURROGATE = r"[\ud800-\udfff]"


def render(rows: Iterable[Row], columns: Sequence[Column[Row]], stream: TextIO, style: Style) -> None:  # noqa: ARG001 - the signature of every renderer
    """Write `rows` as one array, a record a line; `[]` when there are none."""
    before = "[\n"
    for line in records(rows, columns):
        stream.write(before + line)
        before = ",\n"
    stream.write("[]\n" if before == "[\n" else "\n]\n")


def records(rows: Iterable[Row], columns: Sequence[Column[Row]]) -> Iterator[str]:
    """Yield each row as a JSON object in one line, its keys the names of `columns` in their order."""
    members = tuple((column.name, column.value) for column in columns)
    for row in rows:
        yield _record(row, members)


def document(value: Mapping[str, object], stream: TextIO) -> None:
    """Write one object, indented by two spaces wherever it goes; maps, tuples and times in it at any depth."""
    stream.write(_escaped(json.dumps(_plain(value), ensure_ascii=False, indent=2)) + "\n")


def compact(value: object) -> str:
    """Return `value` as JSON in one line; maps, tuples and times in it at any depth."""
    return _escaped(_encode(_plain(value)))


def _record(row: Row, members: Sequence[tuple[str, Callable[[Row], object]]]) -> str:
    record = {name: _time_as_text(value(row)) for name, value in members}
    try:
        return _escaped(_encode(record))
    except ValueError:
        return _escaped(_encode(_plain(record)))


def _time_as_text(value: object) -> object:
    return to_rfc3339(value) if isinstance(value, datetime) else value


def _escaped(text: str) -> str:
    """Return JSON with the control characters escaped that an encoder leaves, and no half surrogate pairs."""
    if text.isascii() and "\x7f" not in text:
        return text
    return re.sub(_TO_ESCAPE, lambda match: f"\\u{ord(match[0]):04x}", re.sub(_SURROGATE, "\ufffd", text))


def _plain(value: object) -> object:
    """Return `value` with times as text, any mapping a dict, and not a number as None, at any depth."""
    match value:
        case datetime():
            return to_rfc3339(value)
        case float():
            return value if isfinite(value) else None
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
        case _:
            return value


def _dict_of(value: object) -> object:
    """Return what the encoder does not know as what it knows: any mapping as a dict."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a column gave a {type(value).__name__}, which JSON has no form for")


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_dict_of).encode
