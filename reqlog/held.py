"""Requests that can be read only once, held to be asked again: in memory while they are few, past that in a file.

What is held has been redacted.
"""

import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from reqlog import limits
from reqlog.private import private_file
from reqlog.request import Request, weight
from reqlog.times import from_unix_ms, unix_ms

_SIZE_BYTES = 8


class Held:
    """What `requests` yields, which is asked for it once; each call yields it again."""

    def __init__(self, requests: Callable[[], Iterable[Request]]) -> None:
        self._requests: Callable[[], Iterable[Request]] | None = requests
        self._first: list[Request] = []
        self._rest: BinaryIO | None = None

    def __call__(self) -> Iterator[Request]:
        """Yield the requests in the order in which they came."""
        if self._requests is not None:
            requests, self._requests = iter(self._requests()), None
            self._first = list(_few(requests))
            self._rest = _written(requests)
        yield from self._first
        if self._rest is not None:
            yield from _read(self._rest)

    def close(self) -> None:
        """Let go of the file, if there is one."""
        if self._rest is not None:
            self._rest.close()


def _few(requests: Iterator[Request]) -> Iterator[Request]:
    """Yield so many of `requests` as may be held in memory."""
    room = limits.HELD_CHARACTERS
    while room > 0 and (request := next(requests, None)) is not None:
        room -= weight(request)
        yield request


def _written(requests: Iterator[Request]) -> BinaryIO | None:
    """Return a file of `requests`; None if there are none."""
    file: BinaryIO | None = None
    for request in requests:
        file = file or private_file()
        data = marshal.dumps(tuple(map(_plain, request)))
        file.write(len(data).to_bytes(_SIZE_BYTES, "big") + data)
    return file


def _read(file: BinaryIO) -> Iterator[Request]:
    """Yield the requests in `file`, whoever else reads it meanwhile."""
    file.seek(0)
    while size := file.read(_SIZE_BYTES):
        values = marshal.loads(file.read(int.from_bytes(size, "big")))  # noqa: S302  (written above, and by nobody else)
        place = file.tell()
        id, time, *others = values
        yield Request(id, None if time is None else from_unix_ms(time), *others)
        file.seek(place)


def _plain(value: Any) -> Any:  # noqa: ANN401  (the fields have no common type)
    """Return `value`, of a field of a request, as what `marshal` knows; a time, the one field of its kind, in ms."""
    if isinstance(value, Mapping):
        return dict(value)
    return unix_ms(value) if isinstance(value, datetime) else value
