"""JSON objects one a line, or as the elements of one array; and why one of them is no record.

Nothing here knows what the objects mean.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

from reqlog.readers.base import Reject
from reqlog.readers.json_stream import BrokenJsonError, array_items
from reqlog.readers.lines import OVERLONG, buffered, lines, starts_array

NotDecoded: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding JSON that was written by strangers raises."""

Place = tuple[int, bytes]
"""The number of a line, or the index of an element, from 1, and its bytes."""

_FIELD = re.compile(r"(.*) - at `\$\.?(\w*)")


def json_records(stream: BinaryIO, name: str) -> Iterator[Place | Reject]:
    """Yield the lines of `stream` that are not blank, or if it is an array its elements; one too long is a reject."""
    ahead = buffered(stream)
    return _elements(ahead, name) if starts_array(ahead) else _lines(ahead, name)


def reason(error: Exception) -> str:
    """Return why a record was not decoded, in a few words that quote nothing of it."""
    if isinstance(error, msgspec.ValidationError):
        found = _FIELD.match(text := str(error).replace(" | null", "").replace("`, got", "` but is"))
        expected = (found[1] if found else text).replace("`", "")
        return f"{found[2]}: {expected.lower()}" if found and found[2] else expected.lower()
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return "nested too deep" if isinstance(error, RecursionError) else "not JSON"


def _lines(stream: BinaryIO, name: str) -> Iterator[Place | Reject]:
    for number, line in lines(stream):
        if line is None:
            yield Reject(name, number, OVERLONG)
        elif line and not line.isspace():
            yield number, line


def _elements(stream: BinaryIO, name: str) -> Iterator[Place | Reject]:
    index = 0
    try:
        for index, element in enumerate(array_items(stream, ()), 1):
            yield (index, element) if element else Reject(name, index, OVERLONG.replace("line", "element"))
    except BrokenJsonError as error:
        yield Reject(name, index + 1, str(error))
