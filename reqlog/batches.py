"""A stream cut into batches that are never late: bounded in number, in size and in seconds.

The stream is read in a thread of its own, so that what has come is handed on while the stream waits for more.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")

_GLANCE = 0.25
"""Seconds after which one who waits looks again: a signal handler that stops the stream just before wakes nobody."""


class Piece(NamedTuple, Generic[Item]):
    """Some items of a stream, one or more, that came together."""

    items: Sequence[Item]
    size: int
    """Of all of them."""


class Batches(Generic[Item]):
    """The items that come in `pieces`, in order, in lists of at most `count` items; to be iterated once.

    A list is handed on when it has `count` items, when their sizes reach `size`, when its first item has waited for
    `seconds`, or at the end. What is raised in reading is raised here, after the items before it.
    """

    def __init__(self, pieces: Iterable[Piece[Item]], *, count: int, size: int, seconds: float) -> None:
        self._input = pieces
        self._count = count
        self._size = size
        self._seconds = seconds
        self._changed = threading.Condition()
        self._items: list[Item] = []
        self._held = 0
        self._since = 0.0
        self._ended = False
        self._failure: BaseException | None = None

    def __iter__(self) -> Iterator[list[Item]]:
        threading.Thread(target=self._read, daemon=True).start()
        try:
            while batch := self._take():
                yield batch
        finally:
            self.stop()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End the stream here: what was read is still handed on.

        A signal handler may call this, since the lock of a condition may be taken again by the thread that holds it.
        """
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _read(self) -> None:
        try:
            for piece in self._input:
                if not self._put(piece):
                    return
        except BaseException as error:  # noqa: BLE001  (raised again where the batches are taken)
            self._failure = error
        finally:
            self.stop()

    def _put(self, piece: Piece[Item]) -> bool:
        """Add `piece` and wait while the batch is full; return False if nobody takes any more."""
        with self._changed:
            is_first = not self._items
            if is_first:
                self._since = time.monotonic()
            self._items += piece.items
            self._held += piece.size
            if self._is_full or is_first:
                self._changed.notify_all()
            while self._is_full and not self._ended:
                self._changed.wait()
            return not self._ended

    @property
    def _is_full(self) -> bool:
        return len(self._items) >= self._count or self._held >= self._size

    def _take(self) -> list[Item]:
        """Return the next batch, empty when there are no more."""
        with self._changed:
            while not (self._ended or self._is_full):
                patience = self._since + self._seconds - time.monotonic() if self._items else _GLANCE
                if patience <= 0:
                    break
                self._changed.wait(min(patience, _GLANCE))
            batch, self._items = self._items[: self._count], self._items[self._count :]
            self._held = self._held * len(self._items) // (len(batch) + len(self._items) or 1)
            self._since = time.monotonic()  # of what is left of a piece, if anything is
            self._changed.notify_all()
            return batch
