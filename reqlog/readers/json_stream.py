"""The elements of a JSON array, one by one, out of a document too large to hold.

Elements are split off, not checked: the brackets and strings are followed, and whoever decodes an element finds out
whether it is JSON inside. Nothing here knows what the elements mean.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from reqlog.limits import RECORD_BYTES
from reqlog.readers.lines import BOM

CHUNK_BYTES = 256 * 1024
"""How much is asked of the stream at a time."""


class BrokenJsonError(ValueError):
    """The input is not the JSON it should be; the message is a reason for a `Reject`."""


def array_items(stream: BinaryIO, keys: tuple[str, ...]) -> Iterator[bytes]:
    """Yield each element of the array under the object keys `keys` as it is written, `()` being the document itself.

    An element longer than `RECORD_BYTES` is yielded as `b""`, which no element is. A byte order mark, a JSONP wrapper
    (`name(…);`) and the order of the keys do not matter; of a key that is repeated the first counts. What is broken or
    ends early raises `BrokenJsonError` after the elements before it.
    """
    source = _Source(stream)
    path = ".".join(keys)
    for key in keys:
        if not source.enter(key):
            raise BrokenJsonError(f"no {path}")
    yield from source.elements(f"{path} is not an array" if keys else "not a JSON array")
    for _ in keys:
        source.leave()
    source.end()


_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_PLAIN = rb'[^"{}\[\]]*+'


def _mixed(levels: int) -> bytes:
    """Return the pattern of anything without a bracket that is not closed, nested at most `levels` deep."""
    inside = _STRING if levels == 0 else _STRING + rb"|[{\[]" + _mixed(levels - 1) + rb"[}\]]"
    return _PLAIN + rb"(?:(?:" + inside + rb")" + _PLAIN + rb")*+"


_LOOK_AHEAD = 100
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?+[ \t\r\n]*+([A-Za-z_$][\w$.]{0,60}[ \t]{0,16}+\()?+")
_AFTER_WRAPPED = re.compile(rb"[ \t\r\n]*+\)[ \t\r\n]*+;?+[ \t\r\n]*+")
_SPACE = re.compile(rb"[ \t\r\n]*+")
_SCALAR = re.compile(rb'[^ \t\r\n,:"{}\[\]]*+')
_STRING_REST = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_BALANCED = re.compile(rb"[{\[]" + _mixed(3) + rb"[}\]]", re.DOTALL)
_TO_UNBALANCED = re.compile(_mixed(2) + rb'(?:([{\[])|([}\]])|("))?+', re.DOTALL)


class _Source:
    """A place in a JSON document, of which only a chunk and what is being kept of a value are held."""

    __slots__ = ("_at", "_chunk", "_kept", "_kept_bytes", "_start", "_stream", "_wrapped")

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._chunk = b""
        while self._may_begin_later() and (more := stream.read(CHUNK_BYTES)):
            self._chunk += more
        before = _BEFORE.match(self._chunk)
        self._at = before.end() if before else 0
        self._wrapped = before is not None and before[1] is not None
        self._kept: list[bytes] = []
        self._kept_bytes = 0
        self._start: int | None = None

    def _may_begin_later(self) -> bool:
        """Whether too little is there to tell what is before the document; of white space much may be."""
        text = self._chunk.removeprefix(BOM).lstrip() if len(self._chunk) <= RECORD_BYTES else self._chunk
        return len(text) < _LOOK_AHEAD

    def enter(self, key: str) -> bool:
        """Go to the value of `key` in the object that begins here; False if this is not an object or lacks it."""
        if self._peek() != ord("{"):
            return False
        self._at += 1
        while self._peek() == ord('"'):
            name = self._kept_value()
            self._expect(":")
            if _text(name) == key:
                return True
            self._peek()
            self._skip_value()
            if self._peek() != ord(","):
                break
            self._at += 1
        self._expect("}")
        return False

    def elements(self, otherwise: str) -> Iterator[bytes]:
        """Yield the elements of the array that begins here; `otherwise` is the reason if it is none."""
        if self._peek() != ord("["):
            raise BrokenJsonError(otherwise)
        self._at += 1
        if self._peek() != ord("]"):
            yield self._kept_value()
            while self._peek() == ord(","):
                self._at += 1
                self._peek()
                yield self._kept_value()
        self._expect("]")

    def leave(self) -> None:
        """Go past the object of which a member was entered."""
        self._skip_nested()

    def end(self) -> None:
        """Raise if anything but white space, or what closes the wrapper, follows."""
        rest = self._chunk[self._at :]
        while len(rest) <= CHUNK_BYTES and (more := self._stream.read(CHUNK_BYTES)):
            rest += more
        if not (_AFTER_WRAPPED if self._wrapped else _SPACE).fullmatch(rest):
            raise BrokenJsonError("something follows the JSON document")

    def _kept_value(self) -> bytes:
        """Go past the value that begins here and return it, or `b""` if it is too long."""
        self._start = self._at
        self._skip_value()
        tail = self._chunk[self._start : self._at]
        self._start = None
        if not self._kept:
            return tail if len(tail) <= RECORD_BYTES else b""
        self._kept.append(tail)
        value = b"".join(self._kept) if self._kept_bytes + len(tail) <= RECORD_BYTES else b""
        self._kept, self._kept_bytes = [], 0
        return value

    def _skip_value(self) -> None:
        first = self._chunk[self._at]
        if first in b"{[":
            if found := _BALANCED.match(self._chunk, self._at):
                self._at = found.end()
            else:
                self._at += 1
                self._skip_nested()
        elif first == ord('"'):
            self._at += 1
            self._skip_string_rest()
        else:
            self._skip_scalar()

    def _skip_nested(self) -> None:
        """Go past the bracket that closes the object or array in which this is."""
        depth = 1
        while depth:
            found = _TO_UNBALANCED.match(self._chunk, self._at)
            self._at = found.end() if found else self._at
            match found and found.lastindex:
                case 1:
                    depth += 1
                case 2:
                    depth -= 1
                case 3:
                    self._skip_string_rest()
                case _:
                    self._refill()

    def _skip_string_rest(self) -> None:
        """Go past the quote that ends the string in which this is."""
        while True:
            found = _STRING_REST.match(self._chunk, self._at)
            self._at = found.end() if found else self._at
            rest = self._chunk[self._at : self._at + 1]
            if rest == b'"':
                self._at += 1
                return
            self._refill()
            self._at = len(rest)

    def _skip_scalar(self) -> None:
        empty = True
        while True:
            found = _SCALAR.match(self._chunk, self._at)
            end = found.end() if found else self._at
            empty = empty and end == self._at
            self._at = end
            if end < len(self._chunk):
                break
            self._refill()
        if empty:
            raise BrokenJsonError("not JSON")

    def _expect(self, character: str) -> None:
        if self._peek() != ord(character):
            raise BrokenJsonError("not JSON")
        self._at += 1

    def _peek(self) -> int:
        """Go to the next byte that is not white space and return it."""
        while (end := _space_end(self._chunk, self._at)) == len(self._chunk):
            self._at = end
            self._refill()
        self._at = end
        return self._chunk[end]

    def _refill(self) -> None:
        """Go to the next chunk, keeping what is to be kept of this one."""
        if self._start is not None:
            self._keep(self._chunk[self._start :])
            self._start = 0
        self._chunk, self._at = self._stream.read(CHUNK_BYTES), 0
        if not self._chunk:
            raise BrokenJsonError("ends early")

    def _keep(self, part: bytes) -> None:
        self._kept_bytes += len(part)
        if self._kept_bytes <= RECORD_BYTES:
            self._kept.append(part)
        else:
            self._kept = [b""]


def _space_end(chunk: bytes, at: int) -> int:
    found = _SPACE.match(chunk, at)
    return found.end() if found else at


def _text(string: bytes) -> str | None:
    """Return what a JSON string says; None if it is too long or is no string."""
    try:
        return msgspec.json.decode(string, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
