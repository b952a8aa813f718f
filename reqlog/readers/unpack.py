"""Packed bytes to plain ones, piece by piece: gzip, zlib, Zstandard, and text in UTF-16.

What it is packed in is told by its first bytes. A piece is passed on as soon as it is there, so that a pipe stays live,
and no piece is larger than a bound whatever it was packed to.
"""

import codecs
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Final, Protocol

from reqlog import limits
from reqlog.exceptions import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES: Final = 64 * 1024
"""How much of the beginning is looked at to tell what an input is."""

_PIECE_BYTES = 256 * 1024


class _BrokenError(Exception):
    """The packed bytes are not what they should be."""


class _Unpacker(Protocol):
    """What unpacks one member (gzip) or frame (Zstandard)."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """Yield what `packed` gives, in pieces of at most `_PIECE_BYTES`."""


class _Zlib:
    """Unpacks a member of gzip or zlib."""

    def __init__(self) -> None:
        self._object = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        piece = b""
        while not self._object.eof and (packed or len(piece) == _PIECE_BYTES):
            before = self._object.copy()
            try:
                piece = self._object.decompress(packed, _PIECE_BYTES)
            except zlib.error as error:
                yield from _until_broken(before, packed)
                raise _BrokenError from error
            packed = self._object.unconsumed_tail
            if piece:
                yield piece


def _until_broken(member: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    """Yield what `packed`, which breaks `member`, gives before it does."""
    with suppress(zlib.error):
        for place in range(len(packed)):
            if piece := member.decompress(packed[place : place + 1]):
                yield piece


class _Zstd:
    """Unpacks a frame of Zstandard; the library is imported when the first is met."""

    def __init__(self) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd  # noqa: PLC0415 - only a Zstandard file needs it
        else:
            from backports import zstd  # noqa: PLC0415 - only a Zstandard file needs it
        self._object = zstd.ZstdDecompressor()
        self._error = zstd.ZstdError

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        while not self._object.eof and (packed or not self._object.needs_input):
            try:
                piece = self._object.decompress(packed, _PIECE_BYTES)
            except self._error as error:
                raise _BrokenError from error
            packed = b""
            if piece:
                yield piece


_PACKINGS: Final[tuple[tuple[tuple[bytes, ...], Callable[[], _Unpacker]], ...]] = (
    ((b"\x1f\x8b", b"x\x9c", b"x\xda"), _Zlib),
    ((b"\x28\xb5\x2f\xfd",), _Zstd),
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_MAGIC_BYTES = 4
_TOO_MUCH: Final = (
    f"compressed data gives more than {limits.UNPACKED_TIMES} times its size; if it is no trap, decompress it yourself"
)


def is_packed(head: bytes) -> bool:
    """Whether what begins with `head` is compressed."""
    return any(head.startswith(starts) for starts, _ in _PACKINGS)


def is_plain(head: bytes) -> bool:
    """Whether what begins with `head` is given by `unpacked` as it is."""
    return not is_packed(head) and not head.startswith(_UTF16)


def unpacked(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Yield the plain bytes of `chunks`, the stored bytes of an input called `name`.

    Packed bytes that end early or are broken raise InputError after the bytes before that.
    """
    magic = b""
    for chunk in chunks:
        magic += chunk
        if len(magic) >= _MAGIC_BYTES or b"\n" in magic:
            break
    chunks = chain((magic,) if magic else (), chunks)
    for starts, unpacker in _PACKINGS:
        if magic.startswith(starts):
            return _as_utf8(_members(chunks, unpacker, name))
    return _as_utf8(chunks)


def _members(chunks: Iterator[bytes], unpacker: Callable[[], _Unpacker], name: str) -> Iterator[bytes]:
    """Yield the plain bytes of packed members that follow one another."""
    member = unpacker()
    begun = False
    consumed = given = 0
    try:
        for chunk in chunks:
            consumed += len(chunk)
            packed = chunk
            while packed:
                if member.eof:
                    member, begun = unpacker(), False
                if not begun and not (packed := packed.lstrip(b"\0")):
                    break
                begun = True
                for piece in member.pieces(packed):
                    given += len(piece)
                    if given > max(limits.UNPACKED_BYTES, limits.UNPACKED_TIMES * consumed):
                        raise InputError(f"{name}: {_TOO_MUCH}")
                    yield piece
                packed = member.unused_data if member.eof else b""
    except _BrokenError as error:
        raise InputError(f"{name}: compressed data is broken within its first {consumed} bytes") from error
    if begun and not member.eof:
        raise InputError(
            f"{name}: compressed data ends early after {consumed} bytes; what was before that has been read"
        )


def _as_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield `chunks`, turned from UTF-16, which a Windows shell redirects to, if their byte order mark says so."""
    first = next(chunks, b"")
    if len(first) == 1:
        first += next(chunks, b"")
    if not first.startswith(_UTF16):
        yield from chain((first,) if first else (), chunks)
        return
    decode = codecs.getincrementaldecoder("utf-16")("replace").decode
    for chunk in chain((first,), chunks):
        if text := decode(chunk).encode("utf-8", "replace"):
            yield text


class Stream(io.BufferedReader):
    """Plain bytes whose beginning can be looked at, growing, before they are read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = _Chunks(chunks)
        super().__init__(self._chunks, buffer_size=HEAD_BYTES)

    def read(self, size: int | None = -1, /) -> bytes:
        """Return what is there next, of `size` bytes at most, not waiting for so many: so none is lost to a failure."""
        return super().read() if size is None or size < 0 else self.read1(size)

    def head(self) -> bytes:
        """Return what has been looked at so far."""
        return self._chunks.head

    def look_further(self) -> bool:
        """Wait for more of the beginning; false if there is no more, or it has all been looked at."""
        return len(self._chunks.head) < HEAD_BYTES and self._chunks.grow()


class _Chunks(io.RawIOBase):
    """The raw side of a `Stream`: an iterator of bytes, the first of which are held."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._rest = chunks
        self.head = b""

    def grow(self) -> bool:
        chunk = next(self._rest, b"")
        self.head += chunk
        return bool(chunk)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        chunk = self.head or next(self._rest, b"")
        size = min(len(view), len(chunk))
        view[:size] = chunk[:size]
        self.head = chunk[size:]
        return size
