"""Rows read straight off the pages of a damaged file, whatever SQLite itself can still find of it.

A table of SQLite is a tree of pages whose leaves hold the rows. When a page of the tree above is broken, SQLite reaches
none of the leaves below; here each page of the file is looked at, and what is a leaf is read. The format is the one of
https://www.sqlite.org/fileformat2.html, sections 1.3, 1.5, 1.6 and 2.1. Pages that SQLite has marked as free are passed
over, since what was deleted may still stand on them. The write-ahead log is not looked at.
"""

import os
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

Record = tuple[int, tuple[Any, ...]]
"""Row id, and the values of the columns as they are kept; the column that is the row id is None there."""

_HEADER_BYTES = 100
_LEAF = 0x0D
_LEAF_HEADER_BYTES = 8
_PAGE_BYTES = 4096
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)
_FLOAT, _BLOB = 7, 12


class _UnreadableError(ValueError):
    """The bytes are not what the format says."""


def records(file: BinaryIO, columns: range) -> Iterator[Record]:
    """Yield the whole records of so many `columns` on the leaves in `file`, page by page."""
    pages = _Pages(file)
    free = pages.free()
    for number in range(1, pages.count + 1):
        if number in free:
            continue
        page = pages.page(number)
        start = _HEADER_BYTES if number == 1 else 0
        if page[start : start + 1] == bytes((_LEAF,)):
            yield from _on_leaf(pages, page, start, columns)


def _on_leaf(pages: "_Pages", page: bytes, start: int, columns: range) -> Iterator[Record]:
    (cells,) = struct.unpack_from(">H", page, start + 3)
    first = start + _LEAF_HEADER_BYTES
    for at in range(first, min(first + 2 * cells, len(page) - 1), 2):
        try:
            record = _record(pages, page, struct.unpack_from(">H", page, at)[0])
        except (_UnreadableError, IndexError, UnicodeDecodeError):
            continue
        if len(record[1]) in columns:
            yield record


def _record(pages: "_Pages", page: bytes, at: int) -> Record:
    size, at = _varint(page, at)
    row_id, at = _varint(page, at)
    payload = pages.payload(page, at, size)
    if row_id >= 1 << 63:
        row_id -= 1 << 64
    return row_id, tuple(_values(payload))


def _values(payload: bytes) -> Iterator[Any]:
    end, at = _varint(payload, 0)
    content = end
    while at < end:
        kind, at = _varint(payload, at)
        size = _size_of(kind)
        piece = payload[content : content + size]
        if len(piece) < size:
            raise _UnreadableError
        yield _value(kind, piece)
        content += size


def _size_of(kind: int) -> int:
    if kind < len(_INTEGER_BYTES):
        return _INTEGER_BYTES[kind]
    if kind < _BLOB:
        return 8 if kind == _FLOAT else 0
    return (kind - 12) // 2


def _value(kind: int, piece: bytes) -> object:
    match kind:
        case 0:
            return None
        case 7:
            return float(struct.unpack(">d", piece)[0])
        case 8 | 9:
            return kind - 8
        case 10 | 11:
            raise _UnreadableError
        case _ if kind < len(_INTEGER_BYTES):
            return int.from_bytes(piece, "big", signed=True)
        case _:
            return piece.decode() if kind % 2 else piece


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the number of up to nine bytes that begins at `at`, and where it ends."""
    number = 0
    for place in range(8):
        byte = data[at + place]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at + place + 1
    return number << 8 | data[at + 8], at + 9


class _Pages:
    """The pages of a file, numbered from 1; a class since it holds the open file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        header = self._bytes(0, _HEADER_BYTES)
        size = int.from_bytes(header[16:18], "big")
        size = 65536 if size == 1 else size
        is_size = 512 <= size <= 65536 and size.bit_count() == 1
        self._size = size if is_size else _PAGE_BYTES
        self._usable = self._size - (header[20] if is_size and header[20] <= 32 else 0)
        self._first_trunk = int.from_bytes(header[32:36], "big") if is_size else 0
        self.count = os.fstat(file.fileno()).st_size // self._size

    def _bytes(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        return self._file.read(size).ljust(size, b"\0")

    def page(self, number: int) -> bytes:
        return self._bytes((number - 1) * self._size, self._size)

    def free(self) -> set[int]:
        """Return the numbers of the pages that are on the list of free ones, as far as it can be followed."""
        free: set[int] = set()
        trunk = self._first_trunk
        while 1 <= trunk <= self.count and trunk not in free:
            free.add(trunk)
            numbers = struct.unpack(f">{self._size // 4}I", self.page(trunk))
            free.update(numbers[2 : 2 + numbers[1]])
            trunk = numbers[0]
        return free

    def payload(self, page: bytes, at: int, size: int) -> bytes:
        """Return the `size` bytes of a record that begin on a leaf, at `at`, and go on, if they are many, elsewhere."""
        most = self._usable - 35
        if size <= most:
            return self._whole(page[at : at + size], size)
        least = (self._usable - 12) * 32 // 255 - 23
        here = least + (size - least) % (self._usable - 4)
        here = here if here <= most else least
        pieces = [page[at : at + here]]
        missing = size - here
        following = int.from_bytes(page[at + here : at + here + 4], "big")
        while missing > 0 and 1 <= following <= self.count:
            overflow = self.page(following)
            pieces.append(overflow[4 : 4 + min(missing, self._usable - 4)])
            missing -= len(pieces[-1])
            following = int.from_bytes(overflow[:4], "big")
        return self._whole(b"".join(pieces), size)

    def _whole(self, payload: bytes, size: int) -> bytes:
        if len(payload) < size:
            raise _UnreadableError
        return payload
