"""JSON objects one a line, or as the elements of one array; and why one of them is no record.

Nothing here knows what the objects mean.
"""

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import BinaryIO, Final

import msgspec

from reqlog import limits
from reqlog.readers.base import Reject
from reqlog.readers.json_stream import BrokenJsonError, array_items
from reqlog.readers.lines import OVERLONG, buffered, lines, starts_array

NotDecoded: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding JSON that was written by strangers raises."""

_NOT_UTF8: Final = "Invalid UTF-8"
"""How msgspec, from 0.23 on, begins to tell what raised UnicodeDecodeError before."""

Place = tuple[int, bytes]
"""The number of a line, or the index of an element, from 1, and its bytes."""

CROWDED: Final = f"more than {limits.RECORD_VALUES} values"
"""The reason to reject JSON that `is_crowded`."""

_MOST_SHORT = 2 * limits.RECORD_VALUES
"""So many bytes hold no more values than that."""
_BESIDE_TEXTS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|([^"]++)', re.DOTALL)
_FIELD = re.compile(r"(.*) - at `\$\.?(\w*)")


def json_records(stream: BinaryIO, name: str) -> Iterator[Place | Reject]:
    """Yield the lines of `stream` that are not blank, or if it is an array its elements; one too long is a reject."""
    ahead = buffered(stream)
    return _elements(ahead, name) if starts_array(ahead) else json_lines(ahead, name)


def json_lines(stream: BinaryIO, name: str, *, is_first: bool = True) -> Iterator[Place | Reject]:
    """Yield the lines of `stream` that are not blank, as `json_records` does; the first may not be that of its file."""
    for number, line in lines(stream, is_first=is_first):
        if line is None:
            yield Reject(name, number, OVERLONG)
        elif line and not line.isspace():
            is_short = len(line) <= _MOST_SHORT  # told here, since to ask takes as long as all the rest
            yield (number, line) if is_short or not is_crowded(line) else Reject(name, number, CROWDED)


def reason(error: Exception) -> str:
    """Return why a record was not decoded, in a few words that quote nothing of it."""
    if isinstance(error, msgspec.ValidationError):
        found = _FIELD.match(text := str(error).replace(" | null", "").replace("`, got", "` but is"))
        expected = (found[1] if found else text).replace("`", "")
        return f"{found[2]}: {expected.lower()}" if found and found[2] else expected.lower()
    if isinstance(error, UnicodeDecodeError) or str(error).startswith(_NOT_UTF8):
        return "not UTF-8"
    return "nested too deep" if isinstance(error, RecursionError) else "not JSON"


def is_crowded(text: bytes) -> bool:
    """Whether JSON has more values, each of which takes its room in memory, than `limits.RECORD_VALUES`."""
    if len(text) <= _MOST_SHORT or _values(text) <= limits.RECORD_VALUES:
        return False
    counts = accumulate(_values(match[1]) for match in _BESIDE_TEXTS.finditer(text) if match[1])
    return any(count > limits.RECORD_VALUES for count in counts)


def _values(text: bytes) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def _elements(stream: BinaryIO, name: str) -> Iterator[Place | Reject]:
    index = 0
    try:
        for index, element in enumerate(array_items(stream, ()), 1):
            if not element:
                yield Reject(name, index, OVERLONG.replace("line", "element"))
            else:
                yield Reject(name, index, CROWDED) if is_crowded(element) else (index, element)
    except BrokenJsonError as error:
        yield Reject(name, index + 1, str(error))
