"""What workers do in tests/test_workers.py and test_shared_records.py; a module of its own, since they import it."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from reqlog.exceptions import StoreError

PIECE = 256 * 1024


def begin(word: bytes) -> Callable[[object], Iterator[bytes]]:
    """Return what gives as many pieces as a job says, each `word`; for other jobs see `_done`."""
    return partial(_done, word)


def _done(word: bytes, job: object) -> Iterator[bytes]:
    match job:
        case int():
            yield from (word for _ in range(job))
        case "pid":
            yield str(os.getpid()).encode()
        case "path":
            yield "\n".join(sys.path).encode()
        case "ignored":
            yield str(signal.getsignal(signal.SIGINT)).encode()
        case "session":
            yield str(os.getsid(0) == os.getpid()).encode()
        case "raise":
            yield word
            raise LookupError("there is none")
        case "unsendable":
            raise _UnsendableError(Path.open)
        case "die":
            yield word
            os.kill(os.getpid(), signal.SIGKILL)
        case "leave":
            os._exit(7)
        case _:
            yield from _noted(Path(str(job)))


def _noted(journal: Path) -> Iterator[bytes]:
    """Yield pieces without end, and write down each before it is given."""
    with journal.open("a", encoding="ascii") as lines:
        while True:
            print(".", file=lines, flush=True)
            yield bytes(PIECE)


class _UnsendableError(Exception):
    def __init__(self, what: object) -> None:
        super().__init__("it cannot be sent")
        self.what = lambda: what


def begin_not(word: str) -> Callable[[object], Iterator[bytes]]:
    """Raise ValueError for what is no number."""
    int(word)
    return begin(b"")


def _values(number: int) -> list[Any]:
    return [f"req_{number}", 1_740_391_200_000, *[None] * 28, (), ()]


def records_opened(reason: str | None) -> Callable[[range], Iterator[list[Any]]]:
    """Return what reads the plain values of requests that are made up; raise StoreError for the `reason` given."""
    if reason is not None:
        raise StoreError(reason)
    return _records


def _records(span: range) -> Iterator[list[Any]]:
    for number in span:
        if number == 777:
            raise StoreError("The store is damaged.")
        if number == 888:
            os.kill(os.getpid(), signal.SIGKILL)
        yield _values(number)
