"""From exchanges as they happen to a store: a bounded queue, and a thread that redacts and adds what is in it.

Whoever makes the traffic never waits for the store and never hears of its failures: what could not be recorded is
counted. Nothing here knows where the exchanges come from.
"""

import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from reqlog.exceptions import ReqlogError
from reqlog.exchange import Exchange, Occurrences, request_of
from reqlog.redact import redact
from reqlog.request import Request
from reqlog.store.base import Store

CAPACITY = 10_000
"""Exchanges that wait at most."""

CAPACITY_BYTES = 64 * 1024 * 1024
"""Bytes of bodies that wait at most."""

_SECONDS = 0.2
"""How long an exchange waits at most for others to be added with."""

_BATCH = 500
_OVERHEAD = 1000
"""Bytes that an exchange takes beside its bodies, about."""


class Counts(NamedTuple):
    """What became of the exchanges that were offered."""

    recorded: int = 0
    """How many are in the store."""
    dropped: int = 0
    """How many found no room in the queue, or came too late."""
    failed: int = 0
    """How many the store did not take."""
    failure: str | None = None
    """Why not the first of those, in a sentence."""

    @property
    def lost(self) -> int:
        """How many could not be recorded."""
        return self.dropped + self.failed


def _pass_over(_requests: Sequence[Request]) -> None:
    """Take no note of what was recorded."""


class Recorder:
    """Takes exchanges and adds them, redacted, to the store that `open_store` gives.

    The store is opened, used and closed in a thread of the recorder's own, which begins with the first exchange; where
    it fails it is opened again for the exchanges after those. `note` is told there of each batch that is in the store,
    and must not raise. In a process that is forked the recorder begins afresh: what waited is recorded once, by the
    process that took it.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        *,
        capacity: int = CAPACITY,
        capacity_bytes: int = CAPACITY_BYTES,
        note: Callable[[Sequence[Request]], None] = _pass_over,
    ) -> None:
        self._open_store = open_store
        self._capacity = capacity
        self._capacity_bytes = capacity_bytes
        self._note = note
        self._store: Store | None = None
        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=partial(_begin_in_child, weakref.ref(self)))

    def _begin(self) -> None:
        """Set everything to where it is before the first exchange."""
        _leak(self._store)
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Exchange, int]] = deque()
        self._held = 0
        self._in_hand = 0
        self._since = 0.0
        self._hurry = False
        self._closed = False
        self._thread: threading.Thread | None = None
        self._occurrences = Occurrences()
        self._store = None
        self._counts = Counts()

    @property
    def counts(self) -> Counts:
        """What became of the exchanges so far."""
        with self._changed:
            return self._counts

    def offer(self, exchange: Exchange) -> bool:
        """Take `exchange` to be recorded and return True; False if it is dropped. Never waits, never raises."""
        size = _size(exchange)
        with self._changed:
            if self._closed or len(self._waiting) >= self._capacity or not self._has_room(size) or not self._runs():
                self._counts = self._counts._replace(dropped=self._counts.dropped + 1)
                return False
            if not self._waiting:
                self._since = time.monotonic()
            self._waiting.append((exchange, size))
            self._held += size
            if len(self._waiting) in (1, _BATCH):
                self._changed.notify_all()
            return True

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until all that was offered is stored or counted as lost; return False if `timeout` seconds pass."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: not (self._waiting or self._in_hand), timeout)
            self._hurry = False
            return done

    def close(self, timeout: float | None = None) -> bool:
        """Drain and close the store; what is left after `timeout` seconds, or is offered later, counts as dropped."""
        with self._changed:
            self._closed = True
        done = self.drain(timeout)
        with self._changed:
            self._counts = self._counts._replace(dropped=self._counts.dropped + len(self._waiting))
            self._waiting.clear()
        if done and self._thread is not None:
            self._thread.join()
        return done

    def _has_room(self, size: int) -> bool:
        """Whether `size` more bytes may wait; where nothing does, anything may."""
        return not self._waiting or self._held + size <= self._capacity_bytes

    def _runs(self) -> bool:
        """Start the thread unless it runs; return False if it cannot, as while the interpreter ends."""
        if self._thread is None:
            thread = threading.Thread(target=self._write, name="reqlog recorder", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                return False
            self._thread = thread
        return True

    def _write(self) -> None:
        while batch := self._take():
            self._keep(batch)
        self._let_go()

    def _take(self) -> list[Exchange]:
        """Return the next batch when it is due; empty when there will be no more."""
        with self._changed:
            self._in_hand = 0
            self._changed.notify_all()
            while not self._waiting and not self._closed:
                self._changed.wait()
            while not (self._hurry or self._closed or len(self._waiting) >= _BATCH):
                patience = self._since + _SECONDS - time.monotonic()
                if patience <= 0:
                    break
                self._changed.wait(patience)
            taken = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            self._held -= sum(size for _, size in taken)
            self._in_hand = len(taken)
            return [exchange for exchange, _ in taken]

    def _keep(self, exchanges: Sequence[Exchange]) -> None:
        requests: list[Request] = []
        for exchange in exchanges:
            try:
                requests.append(redact(request_of(exchange, self._occurrences)))
            except Exception as error:  # noqa: BLE001  (the rest must not be lost for one that shows a bug)
                self._count_failed(1, error)
        try:
            self._store = self._store or self._open_store()
            self._store.add(requests)
        except Exception as error:  # noqa: BLE001  (whatever is wrong with the store is no concern of the traffic)
            self._count_failed(len(requests), error)
            self._let_go()
        else:
            self._count_recorded(requests)

    def _let_go(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _count_recorded(self, requests: Sequence[Request]) -> None:
        with self._changed:
            self._counts = self._counts._replace(recorded=self._counts.recorded + len(requests))
        self._note(requests)

    def _count_failed(self, failed: int, error: Exception) -> None:
        sentence = str(error) if isinstance(error, ReqlogError) else f"{type(error).__name__}: {error}"
        with self._changed:
            self._counts = self._counts._replace(
                failed=self._counts.failed + failed, failure=self._counts.failure or sentence
            )


def _size(exchange: Exchange) -> int:
    return _OVERHEAD + len(exchange.request_body or "") + len(exchange.response_body or "")


def _begin_in_child(recorder_of: "weakref.ref[Recorder]") -> None:
    """Begin afresh in a process that was just forked: the thread is not there, and whoever held the lock neither."""
    recorder = recorder_of()
    if recorder is not None:
        recorder._begin()  # noqa: SLF001  (a function, since a bound method would keep the recorder for ever)


def _leak(store: Store | None) -> None:
    """Keep `store` from ever being closed here: it is in use in the process that this one was forked from."""
    if store is not None:
        import ctypes  # noqa: PLC0415  (takes 5 ms, and few processes are forked)

        ctypes.pythonapi.Py_IncRef(ctypes.py_object(store))
