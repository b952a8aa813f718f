"""A bounded queue, and a thread that takes care of what is in it: whoever fills it never waits.

What finds no room is counted and dropped. Nothing here knows what waits, or what becomes of it.
"""

import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, NamedTuple, Protocol, TypeVar

Item = TypeVar("Item")
Item_contra = TypeVar("Item_contra", contravariant=True)

CAPACITY = 10_000
"""Items that wait at most."""

CAPACITY_BYTES = 64 * 1024 * 1024
"""Bytes that wait at most."""

_SECONDS = 0.2
"""How long an item waits at most for others to be kept with."""

_STILL_SECONDS = 1.0
"""How long a fork waits at most for a batch that is being kept."""

_BATCH = 500
_BATCH_BYTES = 4 * 1024 * 1024


class Counts(NamedTuple):
    """What became of what was offered."""

    recorded: int = 0
    """How many were kept."""
    dropped: int = 0
    """How many found no room in the queue, or came too late."""
    failed: int = 0
    """How many could not be kept."""
    failure: str | None = None
    """Why not the first of those, in a sentence."""

    @property
    def lost(self) -> int:
        """How many could not be recorded."""
        return self.dropped + self.failed

    def plus(self, other: "Counts") -> "Counts":
        """Return the sum of both, with the failure that came first."""
        return Counts(
            self.recorded + other.recorded,
            self.dropped + other.dropped,
            self.failed + other.failed,
            self.failure or other.failure,
        )


class Keeper(Protocol[Item_contra]):
    """What keeps items, in the thread of the backlog and nowhere else."""

    def keep(self, items: Sequence[Item_contra]) -> Counts:
        """Keep `items` and return what became of them; never raises."""

    def close(self) -> None:
        """Let go of what is open; `keep` may be called again."""


class Backlog(Generic[Item]):
    """What waits for `keeper`, which is asked in a thread of the backlog's own, batch by batch, and closed at the end.

    The thread begins with the first item. In a process that is forked the backlog begins afresh, with a keeper of its
    own: what waited is kept once, by the process that took it.
    """

    def __init__(
        self, keeper: Callable[[], Keeper[Item]], *, capacity: int = CAPACITY, capacity_bytes: int = CAPACITY_BYTES
    ) -> None:
        self._new_keeper = keeper
        self._capacity = capacity
        self._capacity_bytes = capacity_bytes
        self._keeper: Keeper[Item] | None = None
        self._begin()
        if hasattr(os, "register_at_fork"):
            of_self = weakref.ref(self)
            os.register_at_fork(
                before=partial(_hold_still, of_self),
                after_in_parent=partial(_go_on, of_self),
                after_in_child=partial(_begin_in_child, of_self),
            )

    def _begin(self) -> None:
        """Set everything to where it is before the first item."""
        _leak(self._keeper)
        self._keeper = self._new_keeper()
        self._changed = threading.Condition()
        self._at_work = threading.Lock()
        self._is_held = False
        self._waiting: deque[tuple[Item, int]] = deque()
        self._held = 0
        self._in_hand = 0
        self._since = 0.0
        self._hurry = False
        self._closed = False
        self._thread: threading.Thread | None = None
        self._counts = Counts()

    @property
    def counts(self) -> Counts:
        """What became of the items so far."""
        with self._changed:
            return self._counts

    def put(self, item: Item, size: int) -> bool:
        """Take `item` of `size` bytes and return True; False if it is dropped. Never waits, never raises."""
        with self._changed:
            if self._closed or len(self._waiting) >= self._capacity or not self._has_room(size) or not self._runs():
                self._counts = self._counts.plus(Counts(dropped=1))
                return False
            if not self._waiting:
                self._since = time.monotonic()
            self._waiting.append((item, size))
            self._held += size
            if len(self._waiting) == 1 or self._is_full:
                self._changed.notify_all()
            return True

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until all that was taken is kept or counted as lost; return False if `timeout` seconds pass."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: not (self._waiting or self._in_hand), timeout)
            self._hurry = False
            return done

    def close(self, timeout: float | None = None) -> bool:
        """Drain and end; what is left after `timeout` seconds, or comes later, counts as dropped."""
        with self._changed:
            self._closed = True
        done = self.drain(timeout)
        with self._changed:
            self._counts = self._counts.plus(Counts(dropped=len(self._waiting)))
            self._waiting.clear()
        if done and self._thread is not None:
            self._thread.join()
        return done

    @property
    def _is_full(self) -> bool:
        """Whether a batch is due whatever the time."""
        return len(self._waiting) >= _BATCH or self._held >= _BATCH_BYTES

    def _has_room(self, size: int) -> bool:
        """Whether `size` more bytes may wait; where nothing does, anything may."""
        return not self._waiting or self._held + size <= self._capacity_bytes

    def _runs(self) -> bool:
        """Start the thread unless it runs; return False if it cannot, as while the interpreter ends."""
        if self._thread is None:
            thread = threading.Thread(target=self._work, name="reqlog recorder", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                return False
            self._thread = thread
        return True

    def _work(self) -> None:
        keeper = self._keeper
        if keeper is None:
            return
        while batch := self._take():
            with self._at_work:
                counts = keeper.keep(batch)
            with self._changed:
                self._counts = self._counts.plus(counts)
        keeper.close()

    def _take(self) -> list[Item]:
        """Return the next batch when it is due; empty when there will be no more."""
        with self._changed:
            self._in_hand = 0
            self._changed.notify_all()
            while not self._waiting and not self._closed:
                self._changed.wait()
            while not (self._hurry or self._closed or self._is_full):
                patience = self._since + _SECONDS - time.monotonic()
                if patience <= 0:
                    break
                self._changed.wait(patience)
            batch = self._batch()
            self._in_hand = len(batch)
            return batch

    def _batch(self) -> list[Item]:
        batch: list[Item] = []
        taken = 0
        while self._waiting and len(batch) < _BATCH and taken < _BATCH_BYTES:
            item, size = self._waiting.popleft()
            batch.append(item)
            taken += size
        self._held -= taken
        return batch


def _hold_still(backlog_of: "weakref.ref[Backlog[Item]]") -> None:
    """Wait, a moment at most, until the keeper is not at work, so that no lock is copied while a library holds it."""
    backlog = backlog_of()
    if backlog is not None:
        backlog._is_held = backlog._at_work.acquire(timeout=_STILL_SECONDS)  # noqa: SLF001  (as in `_begin_in_child`)


def _go_on(backlog_of: "weakref.ref[Backlog[Item]]") -> None:
    """Let the keeper work again, in the process that was forked from."""
    backlog = backlog_of()
    if backlog is not None and backlog._is_held:  # noqa: SLF001  (as in `_begin_in_child`)
        backlog._is_held = False  # noqa: SLF001  (likewise)
        backlog._at_work.release()  # noqa: SLF001  (likewise)


def _begin_in_child(backlog_of: "weakref.ref[Backlog[Item]]") -> None:
    """Begin afresh in a process that was just forked: the thread is not there, and whoever held the lock neither."""
    backlog = backlog_of()
    if backlog is not None:
        backlog._begin()  # noqa: SLF001  (a function, since a bound method would keep the backlog for ever)


def _leak(keeper: object) -> None:
    """Keep `keeper` from ever being closed here: it is in use in the process that this one was forked from."""
    if keeper is not None:
        import ctypes  # noqa: PLC0415  (takes 5 ms, and few processes are forked)

        ctypes.pythonapi.Py_IncRef(ctypes.py_object(keeper))
