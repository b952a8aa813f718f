"""Work done by processes of its own: jobs go in, and what each gives comes out, in the order of the jobs.

A worker is this module, run by the same interpreter with the same path, and speaks over its standard streams. It is not
a copy of the process that starts it, which has threads and a store open, and it is in a session of its own, where
Ctrl-C does not reach it. It ends at once when its standard input is closed: by `close`, or since whoever started it is
gone, however that ended. Nothing here knows what the work is.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle
from queue import Queue, SimpleQueue
from typing import IO, Any, NamedTuple, TypeVar

Job = TypeVar("Job")
Work = Callable[[Any], Iterable[bytes]]
"""What is done with a job: it gives bytes, in pieces."""

_COMMAND = "import sys; sys.path[:] = sys.argv[1:]; from reqlog.workers import serve; serve()"
_PIECE, _END, _RAISED = b"+", b".", b"!"
_LENGTH = 4
_PIPE_BYTES = 1024 * 1024
_AHEAD_PIECES = 8
"""How many pieces a worker makes that nobody has taken yet."""
_AHEAD_JOBS = 3
"""How many jobs for each worker are handed out before their turn."""


class WorkerEndedError(Exception):
    """A worker ended before its time, by a signal or for want of memory, at `job`; the message says how."""

    def __init__(self, how: str, job: object) -> None:
        super().__init__(how)
        self.job = job


class Workers:
    """At most `count` processes that do what `begin` returns there; each is started when there is a job for it.

    `begin` and the jobs are sent there by `pickle`. A class since there are processes to end.
    """

    def __init__(self, count: int, begin: Callable[[], Work]) -> None:
        self._begin = pickle.dumps(begin)
        self._workers = [_Worker() for _ in range(count)]
        self._closing = threading.Lock()
        self._closed = False

    def results(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, bytes]]:
        """Yield each piece that comes of a job beside the job, those of the first job first.

        `jobs` are taken a few ahead of those whose pieces are yielded. What they raise, and what is raised in a worker,
        is raised here, after the pieces of the jobs before. Raises WorkerEndedError if a worker has ended.
        """
        handed: deque[tuple[Job, _Worker]] = deque()
        failures: list[Exception] = []
        for job, worker in zip(_until_failure(jobs, failures), cycle(self._workers)):
            self._hand(worker, job)
            handed.append((job, worker))
            if len(handed) > _AHEAD_JOBS * len(self._workers):
                yield from _pieces(*handed.popleft())
        while handed:
            yield from _pieces(*handed.popleft())
        if failures:
            raise failures[0]

    def close(self) -> None:
        """End the processes, whatever they are at."""
        with self._closing:
            self._closed = True
        for worker in self._workers:
            worker.close()

    def _hand(self, worker: "_Worker", job: Job) -> None:
        with self._closing:  # or one would be started that nobody ends
            if not self._closed:
                worker.hand(self._begin, pickle.dumps(job))


def _until_failure(jobs: Iterable[Job], failures: list[Exception]) -> Iterator[Job]:
    try:
        yield from jobs
    except Exception as error:  # noqa: BLE001  (raised again when its turn has come)
        failures.append(error)


def _pieces(job: Job, worker: "_Worker") -> Iterator[tuple[Job, bytes]]:
    try:
        for piece in worker.pieces():
            yield job, piece
    except _EndedError as error:
        raise WorkerEndedError(str(error), job) from error


class _EndedError(Exception):
    """A worker has ended; the message says how."""


class _Frame(NamedTuple):
    """What goes over a pipe at a time."""

    kind: bytes
    content: bytes


class _Worker:
    """One process; to be started when the first job is handed to it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def hand(self, begin: bytes, job: bytes) -> None:
        try:
            if self._process is None:
                self._process = _started()
                _write(_pipe(self._process.stdin), _Frame(_PIECE, begin))
            _write(_pipe(self._process.stdin), _Frame(_PIECE, job))
        except BrokenPipeError:
            """It has ended, as is told when its pieces are asked for."""

    def pieces(self) -> Iterator[bytes]:
        """Yield what comes of the next job."""
        if (process := self._process) is None:
            raise _EndedError("being closed")
        while (frame := _read(_pipe(process.stdout))) is not None and frame.kind == _PIECE:
            yield frame.content
        if frame is None:
            raise _EndedError(_how_ended(process.wait()))
        if frame.kind == _RAISED:
            raise pickle.loads(frame.content)  # noqa: S301  (a process of our own wrote it)

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        try:
            _pipe(process.stdin).close()
        except BrokenPipeError:
            """It has ended by itself."""
        process.wait()
        _pipe(process.stdout).close()


def _started() -> "subprocess.Popen[bytes]":
    command = (sys.executable, "-c", _COMMAND, *sys.path)
    return subprocess.Popen(  # noqa: S603  (this interpreter, and this module)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, pipesize=_PIPE_BYTES
    )


def _how_ended(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"itself with exit code {code}"


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise BrokenPipeError
    return stream


def _write(stream: IO[bytes], frame: _Frame) -> None:
    stream.write(frame.kind + len(frame.content).to_bytes(_LENGTH, "big"))
    stream.write(frame.content)
    stream.flush()


def _read(stream: IO[bytes]) -> _Frame | None:
    """Return the next frame; None if there is none, or only its beginning."""
    head = stream.read(1 + _LENGTH)
    length = int.from_bytes(head[1:], "big")
    content = stream.read(length)
    return _Frame(head[:1], content) if len(head) == 1 + _LENGTH and len(content) == length else None


def serve() -> None:
    """Do the jobs that come by standard input, and write what they give to standard output, until the first closes."""
    begun: SimpleQueue[bytes] = SimpleQueue()
    done: Queue[_Frame] = Queue(_AHEAD_PIECES)
    for target in (lambda: _take_jobs(sys.stdin.buffer, begun), lambda: _give_pieces(sys.stdout.buffer, done)):
        threading.Thread(target=target, daemon=True).start()
    try:
        work: Work = pickle.loads(begun.get())()  # noqa: S301  (who started this process wrote it)
        while True:
            for piece in work(pickle.loads(begun.get())):  # noqa: S301  (the same)
                done.put(_Frame(_PIECE, piece))
            done.put(_Frame(_END, b""))
    except Exception as error:  # noqa: BLE001  (raised again where the pieces are taken)
        done.put(_Frame(_RAISED, _pickled(error)))
        threading.Event().wait()  # it is read, and then the standard input is closed


def _take_jobs(stream: IO[bytes], begun: "SimpleQueue[bytes]") -> None:
    """Take what comes as soon as it does, so that whoever hands it out never waits; end the process at the end."""
    while (frame := _read(stream)) is not None:
        begun.put(frame.content)
    os._exit(0)


def _give_pieces(stream: IO[bytes], done: "Queue[_Frame]") -> None:
    try:
        while True:
            _write(stream, done.get())
    except BrokenPipeError:
        os._exit(0)


def _pickled(error: Exception) -> bytes:
    """Return `error` with where it was raised, which `pickle` leaves out."""
    import traceback  # noqa: PLC0415 - 5 ms of a start, and rarely wanted

    error.add_note("".join(traceback.format_exception(error)))
    try:
        return pickle.dumps(error)
    except Exception:  # noqa: BLE001  (it holds something that cannot be sent)
        return pickle.dumps(RuntimeError("".join(traceback.format_exception(error))))
