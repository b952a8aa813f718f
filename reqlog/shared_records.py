"""Whole records out of a store as JSON by several processes, each of which reads and writes parts of the answer.

What is left for this process is to take the lines in the order of the parts.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from itertools import chain, repeat
from typing import Any

from reqlog.exceptions import StoreError
from reqlog.render.base import Style
from reqlog.store.base import Parts
from reqlog.whole_records import Number, encoded_plain
from reqlog.workers import Work, WorkerEndedError, Workers

_MOST_WORKERS = 3
"""This process has its hands full with what more would give it."""
_NUMBER_BYTES = 4
_BEGIN = None
"""The job of each worker before its parts: to have begun to read."""


def encoded_by_several(
    parts: Parts, style: Style, between: bytes, count: int
) -> Generator[tuple[Number, bytes]] | None:
    """Return what yields the JSON of `parts`, as `encoded` does; None if they cannot be read as they were."""
    count = min(count, _MOST_WORKERS)
    workers = Workers(count, partial(_begin, parts.open, style, between))
    try:
        results = workers.results(chain(repeat(_BEGIN, count), parts.spans()))
        if _have_begun(results, count) and parts.are_of_one_state():
            return _taken(workers, results, parts)
    except BaseException:
        workers.close()
        raise
    workers.close()
    return None


def _have_begun(results: Iterator[tuple[Any, bytes]], count: int) -> bool:
    try:
        return all(next(results) for _ in range(count))
    except (StoreError, WorkerEndedError, OSError):  # the latter where the system lets no more processes start
        return False


def _taken(workers: Workers, results: Iterator[tuple[Any, bytes]], parts: Parts) -> Generator[tuple[Number, bytes]]:
    taken = 0
    with closing(workers):
        try:
            for span, content in results:
                if not content:
                    parts.took(span, taken)
                    taken = 0
                    continue
                number = int.from_bytes(content[:_NUMBER_BYTES], "big")
                taken += number
                yield number, content[_NUMBER_BYTES:]
        except WorkerEndedError as error:
            message = f"A process that read the store was ended by {error}, and the answer is not whole; ask again."
            raise StoreError(message) from error


def _begin(open: Callable[[], Callable[[Any], Iterator[list[Any]]]], style: Style, between: bytes) -> Work:
    """Return, in a worker, what gives the records of a span; an empty piece is its end."""
    read = open()

    def work(span: Any) -> Iterator[bytes]:  # noqa: ANN401  (only the store knows)
        if span is not _BEGIN:
            for number, piece in encoded_plain(read(span), style, between):
                yield number.to_bytes(_NUMBER_BYTES, "big") + piece
        yield b""

    return work
