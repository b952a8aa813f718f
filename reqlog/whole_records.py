"""Whole records out of a store as JSON, where there are many: without a request made of each."""

from collections.abc import Generator, Iterable, Iterator
from typing import Any, TypeAlias

from reqlog.columns import PLAIN, of_plain
from reqlog.render.base import Style
from reqlog.render.json import lines

Number: TypeAlias = int
"""How many records there are in a piece."""

_PIECE_BYTES = 128 * 1024


def encoded_plain(found: Iterator[list[Any]], style: Style, between: bytes) -> Generator[tuple[Number, bytes]]:
    """Yield the JSON of what is `found`, many records at a time with `between` between them, beside their number."""
    return _pieces(lines(map(of_plain, found), PLAIN, style), between)


def _pieces(lines: Iterable[bytes], between: bytes) -> Generator[tuple[Number, bytes]]:
    held: list[bytes] = []
    size = 0
    try:
        for line in lines:
            held.append(line)
            size += len(line)
            if size >= _PIECE_BYTES:
                piece, held, size = (len(held), between.join(held)), [], 0
                yield piece
    except (Exception, KeyboardInterrupt):
        if held:
            yield len(held), between.join(held)
        raise
    if held:
        yield len(held), between.join(held)
