"""Lines of a stream, numbered and bounded, for the formats that have lines; and the look ahead that tells an array."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import BinaryIO, Final

from reqlog import limits
from reqlog.readers.unpack import HEAD_BYTES, Stream

OVERLONG: Final = f"line is longer than {limits.RECORD_BYTES // 1024**2} MiB"
"""The reason to reject a line that `lines` did not hold."""

BOM: Final = b"\xef\xbb\xbf"
"""UTF-8's byte order mark."""

_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|\][^\x07\x1b\n]*+(?:\x07|\x1b\\)?+|[@-Z\\^_])")
_PIECE_BYTES = 1024 * 1024


def lines(stream: BinaryIO, *, is_first: bool = True) -> Iterator[tuple[int, bytes | None]]:
    """Yield each line with its number from 1, without its line ending, as soon as it is there.

    A byte order mark before the first is dropped, if that `is_first` in its file. A line over `limits.RECORD_BYTES` is
    `None`: it was passed over without being held.
    """
    readline = stream.readline
    for number in count(1):
        line = readline(_PIECE_BYTES)
        if not line:
            return
        if len(line) == _PIECE_BYTES and line[-1] != 10:
            whole = _long_line(stream, line)
            if whole is None:
                yield number, None
                continue
            line = whole
        if number == 1 and is_first:
            line = line.removeprefix(BOM)
        yield number, line.rstrip(b"\r\n")


def _long_line(stream: BinaryIO, start: bytes) -> bytes | None:
    """Return the line that begins with `start`, or `None` if it is too long; the stream stands after it."""
    pieces = [start]
    size = len(start)
    ended = False
    while not ended:
        piece = stream.readline(_PIECE_BYTES)
        ended = not piece or piece[-1] == 10
        size += len(piece)
        if size <= limits.RECORD_BYTES:
            pieces.append(piece)
        else:
            pieces.clear()
    return b"".join(pieces) if size <= limits.RECORD_BYTES else None


def buffered(stream: BinaryIO) -> Stream:
    """Return `stream`, of which nothing has been read, as one that can be looked ahead in."""
    if isinstance(stream, Stream):
        return stream
    read = getattr(stream, "read1", stream.read)
    return Stream(iter(partial(read, HEAD_BYTES), b""))


def beginning(stream: Stream) -> bytes:
    """Return what `stream` begins with, white space aside, waiting until there is any of it; nothing is consumed."""
    while True:
        head = stream.head()[:HEAD_BYTES]
        text = head.removeprefix(BOM).lstrip()
        if (text and not BOM.startswith(head)) or not stream.look_further():
            return text


def starts_array(stream: Stream) -> bool:
    """Whether the first character that is not white space is an opening bracket; nothing is consumed."""
    return beginning(stream)[:1] == b"["


def without_escapes(text: bytes) -> bytes:
    """Return `text` without the escape sequences that colour a terminal and make links on it."""
    return _ESCAPES.sub(b"", text) if b"\x1b" in text else text
