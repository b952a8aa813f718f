"""Captures that grow: the newest of what they hold, then what is written to them, as it is written."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from typing import NamedTuple, TypeAlias

from reqlog.filters import Filter, matches
from reqlog.intake import Captures, Unread
from reqlog.readers.base import Reject
from reqlog.request import Request
from reqlog.store.captures import CapturedAnswers

_HELD = 1000
_IDLE_SECONDS = 0.1
_NAMED = 10


class _CaughtUp(NamedTuple):
    """A thread has read all that its capture held."""

    thread: threading.Thread


class _Ended(NamedTuple):
    """A thread has read its capture to the end."""

    thread: threading.Thread
    failure: BaseException | None


class _StoppedError(Exception):
    """Nobody wants any more."""


_Item: TypeAlias = Request | Unread | _CaughtUp | _Ended


class GrowingCaptures:
    """The captures, each read in a thread of its own; to be followed once.

    `say` is told what could not be read. Raises at once what `Captures.growing` does.
    """

    def __init__(self, captures: Captures, say: Callable[[str], None]) -> None:
        self._growing = list(captures.growing(self._idle))
        self._say = say
        self._items: Queue[_Item] = Queue(_HELD)
        self._stopped = threading.Event()
        self._running: set[threading.Thread] = set()
        self._behind: set[threading.Thread] = set()
        self._failure: BaseException | None = None
        self._rejects = 0
        self._unread: list[Reject] = []

    def close(self) -> None:
        """End the threads."""
        self._stopped.set()

    def follow(
        self, filter: Filter, *, page: int, wait: Callable[[], None], reverse: bool = False
    ) -> Iterator[Request]:
        """Yield the newest `page` requests that match, then those that are written, as they are written.

        A repeated id is one request in the page, and a new one afterwards. It ends when nothing is left that grows.
        """
        self._start()
        try:
            newest = list(CapturedAnswers(lambda _: self._held()).find(filter, limit=page))
            self._tell()
            yield from reversed(newest) if reverse else newest
            yield from (request for request in self._written(wait) if matches(filter, request))
        finally:
            self.close()
            self._tell()

    def _start(self) -> None:
        for grows, records in self._growing:
            thread = threading.Thread(target=self._read, args=(records,), daemon=True)
            self._running.add(thread)
            if grows:
                self._behind.add(thread)
        for thread in self._running:
            thread.start()

    def _held(self) -> Iterator[Request]:
        """Yield what is there, until all files have been read as far as they go."""
        while self._behind and self._failure is None:
            yield from self._noted(self._items.get())

    def _written(self, wait: Callable[[], None]) -> Iterator[Request]:
        """Yield what comes until all threads have ended; raise what one has failed with."""
        while self._running and self._failure is None:
            try:
                item = self._items.get_nowait()
            except Empty:
                wait()
            else:
                yield from self._noted(item)
        if self._failure is not None:
            raise self._failure

    def _noted(self, item: _Item) -> Iterator[Request]:
        """Yield `item` if it is a request, and note it if it is something else."""
        match item:
            case Request():
                yield item
            case Reject():
                self._rejects += 1
                self._unread = [*self._unread, item][:_NAMED]
            case _CaughtUp(thread):
                self._behind.discard(thread)
            case _Ended(thread, failure):
                self._behind.discard(thread)
                self._running.discard(thread)
                self._failure = self._failure or failure
            case _:
                return

    def _tell(self) -> None:
        """Say what could not be read since the last time."""
        if self._rejects:
            names = "".join(f"\n  {record}" for record in self._unread)
            self._say(f"{self._rejects} record{'s' * (self._rejects > 1)} could not be read:{names}")
            self._rejects, self._unread = 0, []

    def _read(self, records: Iterator[Request | Unread]) -> None:
        """Put `records` where they are taken, and at last how it ended."""
        failure: BaseException | None = None
        with suppress(_StoppedError):
            try:
                for record in records:
                    self._put(record)
            except _StoppedError:
                raise
            except BaseException as error:  # noqa: BLE001  (raised again where the requests are taken)
                failure = error
            self._put(_Ended(threading.current_thread(), failure))

    def _idle(self) -> None:
        """Wait, in the thread of a file that has nothing more."""
        if threading.current_thread() in self._behind:
            self._put(_CaughtUp(threading.current_thread()))
        if self._stopped.wait(_IDLE_SECONDS):
            raise _StoppedError

    def _put(self, item: _Item) -> None:
        while not self._stopped.is_set():
            try:
                self._items.put(item, timeout=1)
            except Full:
                continue
            return
        raise _StoppedError
