"""Whole records out of a store as JSON, where there are many: without a request made of each."""

from collections.abc import Generator, Iterable

from reqlog.columns import PLAIN, of_plain
from reqlog.render.base import Style
from reqlog.render.json import lines
from reqlog.store.base import Plain

_PIECE_BYTES = 128 * 1024


def encoded(found: Plain, style: Style, between: bytes) -> Generator[tuple[int, bytes]]:
    """Yield the JSON of what is `found`, many records at a time with `between` between them, beside their number."""
    return _pieces(lines(map(of_plain, found.plain()), PLAIN, style), between)


def _pieces(lines: Iterable[bytes], between: bytes) -> Generator[tuple[int, bytes]]:
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
