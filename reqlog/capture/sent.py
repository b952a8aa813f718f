"""The body of a request, kept while a library takes it from whatever the program gave."""

from collections.abc import Iterable, Iterator
from functools import partial
from io import TextIOBase
from typing import Any

from reqlog.capture.bodies import Body


def tapped(body: Any, kept: Body) -> Any:  # noqa: ANN401  (whatever a library takes for a body)
    """Return `body`, or what stands in for it, such that `kept` gets what is taken from it."""
    if body is None or isinstance(body, bytes | bytearray | memoryview | str):
        kept.add(body or b"")
        kept.is_whole = True
        return body
    if isinstance(body, TextIOBase):
        return body  # libraries tell it by its type, and encode what they read of it
    return _File(body, kept) if hasattr(body, "read") else _Pieces(body, kept)


class _Pieces:
    """Is in all ways what it stands for, but that its pieces are kept."""

    def __init__(self, body: Any, kept: Body) -> None:  # noqa: ANN401  (as above)
        self._body = body
        self._kept = kept

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (as above)
        if name == "seek":
            self._kept.start_over()
        return getattr(self._body, name)

    def __iter__(self) -> Iterator[Any]:
        return kept_of(self._body, self._kept)


class _File(_Pieces):
    """The same of what is read from."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (as above)
        found = super().__getattr__(name)
        if name in ("readline", "readlines", "readinto", "read1"):
            return partial(getattr(self, f"_{name}"), found)
        return found

    def read(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  (as above)
        data = self._body.read(*args, **kwargs)
        self._kept.add(data)
        self._kept.is_whole = not data or not args or args[0] is None or args[0] < 0
        return data

    def _read1(self, read1: Any, *args: Any) -> Any:  # noqa: ANN401  (as above)
        self._kept.add(data := read1(*args))
        return data

    def _readline(self, readline: Any, *args: Any) -> Any:  # noqa: ANN401  (as above)
        self._kept.add(line := readline(*args))
        return line

    def _readlines(self, readlines: Any, *args: Any) -> Any:  # noqa: ANN401  (as above)
        for line in (lines := readlines(*args)):
            self._kept.add(line)
        return lines

    def _readinto(self, readinto: Any, buffer: Any) -> Any:  # noqa: ANN401  (as above)
        size = readinto(buffer)
        self._kept.add(memoryview(buffer).cast("B")[: size or 0])
        return size


def kept_of(pieces: Iterable[Any], kept: Body) -> Iterator[Any]:
    """Yield `pieces`, which `kept` gets too."""
    kept.start_over()
    for piece in pieces:
        kept.add(piece)
        yield piece
    kept.is_whole = True
