"""A recorder whose work is done in a process of its own, so that it takes no time from the one that has the traffic.

The two speak over pipes, in frames of MessagePack: the store's name and a user's own rules first, then batches of
exchanges, each answered with what became of it. When the pipe is closed, the process has nothing left to do and ends.
"""

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

import msgspec

from reqlog.exchange import Exchange
from reqlog.filters import matches
from reqlog.flags import FAILED
from reqlog.recording.backlog import CAPACITY, CAPACITY_BYTES, Backlog, Counts
from reqlog.recording.giving_way import give_way
from reqlog.recording.recorder import Note, StoreKeeper, size_of
from reqlog.redact import redactor
from reqlog.request import Request
from reqlog.rules import OwnRules
from reqlog.store import open_store

_COMMAND = (sys.executable, "-P", "-m", "reqlog.recording.process")
_LENGTH = 4
_RESPITE = 5.0
"""Seconds between two starts of the process, so that one that cannot work does not take up the machine."""

_ENCODE = msgspec.msgpack.Encoder().encode


class _Work(NamedTuple):
    """What the process has to know."""

    where: str | None = None
    """The name of the store."""
    fields: tuple[str, ...] = ()
    """Of a user's own rules the fields, the headers, and the patterns as text."""
    headers: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()

    @classmethod
    def of(cls, where: str | None, rules: OwnRules) -> "_Work":
        return cls(where, rules.fields, rules.headers, tuple(pattern.pattern for pattern in rules.patterns))

    @property
    def rules(self) -> OwnRules:
        return OwnRules(self.fields, self.headers, tuple(map(re.compile, self.patterns)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent(Exchange):
    """An exchange as it comes out of a frame; MessagePack tells bytes from text, but does not take a union of them."""

    request_body: Any = None
    response_body: Any = None


class _Outcome(NamedTuple):
    """What became of a batch."""

    counts: Counts
    failures: list[Request]
    """Those in the store that failed, without headers and bodies."""


class RecordingProcess:
    """A `Recorder` for the store called `where` that does its work in another process, and redacts by `rules` too.

    A process that ends before its time is replaced; what it had in hand counts as failed. `note` is told, in a thread
    here, of the recorded requests that failed, and of their headers and bodies nothing.
    """

    def __init__(
        self,
        where: str | None,
        *,
        note: Note,
        rules: OwnRules = OwnRules(),  # noqa: B008  (a value that never changes)
        capacity: int = CAPACITY,
        capacity_bytes: int = CAPACITY_BYTES,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        self._backlog: Backlog[bytes] = Backlog(
            lambda: _ProcessKeeper(_Work.of(where, rules), note, command),
            capacity=capacity,
            capacity_bytes=capacity_bytes,
        )

    @property
    def counts(self) -> Counts:
        """What became of the exchanges so far."""
        return self._backlog.counts

    def offer(self, exchange: Exchange) -> bool:
        """Take `exchange` to be recorded and return True; False if it is dropped. Never waits.

        Raises UnicodeEncodeError for text that is not Unicode.
        """
        return self._backlog.put(_ENCODE(exchange), size_of(exchange))

    def close(self, timeout: float | None = None) -> bool:
        """Drain and end the process; what is left after `timeout` seconds, or is offered later, counts as dropped."""
        return self._backlog.close(timeout)


class _ProcessKeeper:
    """Has batches kept by another process, which is started when there is something to keep."""

    def __init__(self, work: "_Work", note: Note, command: Sequence[str]) -> None:
        self._work = work
        self._note = note
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._restart = 0.0
        self._decode = msgspec.msgpack.Decoder(_Outcome).decode

    def keep(self, items: Sequence[bytes]) -> Counts:
        """Have `items`, each an exchange, kept; return what became of them."""
        try:
            process = self._process = self._process or self._started()
            _write(_pipe(process.stdin), _array(items))
            answer = _read(_pipe(process.stdout))
        except OSError as error:
            return self._lost(len(items), str(error))
        if answer is None:
            return self._lost(len(items), "it ended before its time")
        outcome = self._decode(answer)
        self._note(outcome.failures)
        return outcome.counts

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            _close(_pipe(process.stdin))
            process.wait()
            _close(_pipe(process.stdout))

    def _lost(self, number: int, reason: str) -> Counts:
        self.close()
        return Counts(failed=number, failure=f"The process that writes the store failed: {reason}.")

    def _started(self) -> "subprocess.Popen[bytes]":
        """Start the process, in a session of its own, where Ctrl-C does not reach it before it is done."""
        if time.monotonic() < self._restart:
            raise ChildProcessError("it was started a moment ago, and ended")
        self._restart = time.monotonic() + _RESPITE
        process = subprocess.Popen(  # noqa: S603  (this interpreter, and this module)
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        _write(_pipe(process.stdin), _ENCODE(self._work))
        return process


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise BrokenPipeError
    return stream


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        """Whoever read it has gone; nothing can be done for what was left."""


def _array(items: Sequence[bytes]) -> bytes:
    """Return encoded `items` as one array of them."""
    return b"\xdd" + len(items).to_bytes(4, "big") + b"".join(items)


def _write(stream: IO[bytes], frame: bytes) -> None:
    stream.write(len(frame).to_bytes(_LENGTH, "big"))
    stream.write(frame)
    stream.flush()


def _read(stream: IO[bytes]) -> bytes | None:
    """Return the next frame; None if there is none, or only its beginning."""
    length = int.from_bytes(stream.read(_LENGTH), "big")
    frame = stream.read(length)
    return frame if length and len(frame) == length else None


def work(exchanges: IO[bytes], outcomes: IO[bytes]) -> None:
    """Keep the batches that come, until no more do, and answer each with what became of it."""
    asked = msgspec.msgpack.decode(_read(exchanges) or _ENCODE(_Work()), type=_Work)
    recorded: list[Request] = []
    decode = msgspec.msgpack.Decoder(list[_Sent]).decode
    keeper = StoreKeeper(lambda: open_store(asked.where, write=True), recorded.extend, redactor(asked.rules, None))
    while (frame := _read(exchanges)) is not None:
        counts = keeper.keep(decode(frame))
        failures = [_brief(request) for request in recorded if matches(FAILED, request)]
        _write(outcomes, _ENCODE(_Outcome(counts, failures)))
        recorded.clear()
    keeper.close()


def _brief(request: Request) -> Request:
    id = str(request.id)  # one that was derived is of a class of its own, which MessagePack does not know
    return request._replace(id=id, request_headers=None, response_headers=None, request_body=None, response_body=None)


if __name__ == "__main__":
    give_way()
    work(sys.stdin.buffer, sys.stdout.buffer)
