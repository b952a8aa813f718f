"""A file that is written to while it is read: what is there, then what comes, through rotation and truncation.

Loggers rotate in two ways. A file is renamed and a new one made in its place: the old one is read until something
stands in the new one. Or it is copied and cut to nothing: what stands before the place of reading is then not what it
was, and reading starts over. Either way a line that was left open ends there.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from reqlog.exceptions import InputError
from reqlog.readers.inputs import Input, reason_of
from reqlog.readers.unpack import Stream, is_packed, unpacked

_CHUNK_BYTES = 64 * 1024
_COMPARED_BYTES = 256
_CHECKED_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class GrowingInput(Input):
    """A file that is read without end."""

    idle: Callable[[], None]
    """Called each time that there is nothing more, to wait; what it raises ends the reading."""

    @contextmanager
    def open(self, progress: Callable[[int], None] | None = None) -> Iterator[Stream]:  # noqa: ARG002  (an input's)
        """Open it as a stream of what it holds and will hold."""
        file = _Growing(self.name)
        try:
            with Stream(unpacked(file.pieces(self.idle), self.name)) as stream:
                yield stream
        finally:
            file.close()


def check_plain(path: str) -> None:
    """Raise InputError if the file at `path` is compressed, or cannot be opened."""
    with _opened(path) as file:
        if is_packed(file.read(_CHUNK_BYTES)):
            raise InputError(f"{path}: it is compressed, and only plain files can be followed")


def _opened(path: str) -> BinaryIO:
    try:
        return cast("BinaryIO", Path(path).open("rb", buffering=0))
    except OSError as error:
        raise InputError(f"{path}: {reason_of(error)}") from error


class _Growing:
    """The file that is at a path, and those that come in its place."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._line = b""
        self._open()

    def _open(self) -> None:
        self._file = _opened(self._path)
        self._offset, self._before = 0, b""

    def close(self) -> None:
        """Close the file that is open now."""
        self._file.close()

    def pieces(self, idle: Callable[[], None]) -> Iterator[bytes]:
        """Yield what is written, as soon as it is there; `idle` is called while there is nothing."""
        while True:
            piece = self._more()
            if piece:
                self._line = (self._line + piece).rpartition(b"\n")[2]
                yield piece
            elif piece is None:
                self._offset, self._before = 0, b""
                yield from self._ended_line()
            elif _is_whole(self._line):
                yield from self._ended_line()
            elif self._is_replaced():
                self.close()
                self._open()
                yield from self._ended_line()
            else:
                idle()

    def _more(self) -> bytes | None:
        """Return what comes next, nothing if nothing does, None if what came before is not there any more."""
        try:
            self._file.seek(self._offset - len(self._before))
            found = self._file.read(len(self._before) + _CHUNK_BYTES)
        except OSError as error:
            raise InputError(f"{self._path}: {reason_of(error)}") from error
        if not found.startswith(self._before):
            return None
        self._offset += len(found) - len(self._before)
        piece, self._before = found[len(self._before) :], found[-_COMPARED_BYTES:]
        return piece

    def _ended_line(self) -> Iterator[bytes]:
        if self._line:
            self._line = b""
            yield b"\n"

    def _is_replaced(self) -> bool:
        """Whether another file, in which something stands, is at the path now."""
        try:
            there = Path(self._path).stat()
        except OSError:
            return False
        here = os.fstat(self._file.fileno())
        return bool(there.st_size) and (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino)


def _is_whole(line: bytes) -> bool:
    """Whether `line`, of which no end has been written, is a JSON object already."""
    if not line.startswith(b"{") or not line.rstrip().endswith(b"}") or len(line) > _CHECKED_BYTES:
        return False
    try:
        msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
