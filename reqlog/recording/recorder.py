"""From exchanges as they happen to a store, without holding up the traffic: queued, redacted and added in a thread.

Whoever makes the traffic never waits for the store and never hears of its failures: what could not be recorded is
counted. Nothing here knows where the exchanges come from.
"""

from collections.abc import Callable, Sequence

from reqlog.bounds import bounded
from reqlog.exceptions import ReqlogError
from reqlog.exchange import Exchange, Occurrences, renamed, request_of
from reqlog.recording.backlog import CAPACITY, CAPACITY_BYTES, Backlog, Counts
from reqlog.redact import Redact, redact
from reqlog.request import Request
from reqlog.store.base import Store

__all__ = ["Counts", "Note", "Recorder", "StoreKeeper", "size_of"]

Note = Callable[[Sequence[Request]], None]
"""What is told of requests that are in the store; must not raise."""

_OVERHEAD = 1000
"""Bytes that an exchange takes beside its bodies, about."""


def _pass_over(_requests: Sequence[Request]) -> None:
    """Take no note of what was recorded."""


class Recorder:
    """Takes exchanges and adds them, redacted by `redact`, to the store that `open_store` gives.

    The store is opened, used and closed in a thread of the recorder's own, which begins with the first exchange; where
    it fails it is opened again for the exchanges after those. `note` is told there of each batch that is in the store.
    In a process that is forked the recorder begins afresh: what waited is recorded once, by the process that took it.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        *,
        capacity: int = CAPACITY,
        capacity_bytes: int = CAPACITY_BYTES,
        note: Note = _pass_over,
        redact: Redact = redact,
    ) -> None:
        self._backlog: Backlog[Exchange] = Backlog(
            lambda: StoreKeeper(open_store, note, redact), capacity=capacity, capacity_bytes=capacity_bytes
        )

    @property
    def counts(self) -> Counts:
        """What became of the exchanges so far."""
        return self._backlog.counts

    def offer(self, exchange: Exchange) -> bool:
        """Take `exchange` to be recorded and return True; False if it is dropped. Never waits, never raises."""
        return self._backlog.put(exchange, size_of(exchange))

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until all that was offered is stored or counted as lost; return False if `timeout` seconds pass."""
        return self._backlog.drain(timeout)

    def close(self, timeout: float | None = None) -> bool:
        """Drain and close the store; what is left after `timeout` seconds, or is offered later, counts as dropped."""
        return self._backlog.close(timeout)


class StoreKeeper:
    """Adds exchanges, redacted, to the store that `open_store` gives, which is opened again after it has failed."""

    def __init__(self, open_store: Callable[[], Store], note: Note, redact: Redact = redact) -> None:
        self._open_store = open_store
        self._note = note
        self._redact = redact
        self._store: Store | None = None
        self._occurrences = Occurrences()
        self._renamed = Occurrences()

    def keep(self, exchanges: Sequence[Exchange]) -> Counts:
        """Add `exchanges` and return what became of them."""
        requests: list[Request] = []
        counts = Counts()
        for exchange in exchanges:
            try:
                requests.append(self._redacted(exchange))
            except Exception as error:  # noqa: BLE001  (the rest must not be lost for one that shows a bug)
                counts = counts.plus(Counts(failed=1, failure=_sentence(error)))
        return counts.plus(self._added(requests))

    def _redacted(self, exchange: Exchange) -> Request:
        read = bounded(request_of(exchange, self._occurrences))
        return renamed(self._redact(read), read, self._renamed)

    def _added(self, requests: Sequence[Request]) -> Counts:
        try:
            self._store = self._store or self._open_store()
            self._store.add(requests)
        except Exception as error:  # noqa: BLE001  (whatever is wrong with the store is no concern of the traffic)
            self.close()
            return Counts(failed=len(requests), failure=_sentence(error))
        self._note(requests)
        return Counts(recorded=len(requests))

    def close(self) -> None:
        """Close the store."""
        store, self._store = self._store, None
        if store is not None:
            store.close()


def size_of(exchange: Exchange) -> int:
    """Return the bytes that `exchange` takes, about."""
    return _OVERHEAD + len(exchange.request_body or "") + len(exchange.response_body or "")


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, ReqlogError) else f"{type(error).__name__}: {error}"
