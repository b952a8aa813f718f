import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from working import begin, begin_not

from reqlog.workers import WorkerEndedError, Workers

JOURNALLED = """
import os, signal, sys
from functools import partial
from pathlib import Path
from reqlog.workers import Workers
from working import begin, begin_not
workers = Workers(1, partial(begin, b"a"))
results = workers.results(["pid", sys.argv[1]])
print(next(results)[1].decode(), flush=True)
sys.stdin.read()
"""


def done(jobs, count: int = 2) -> list[tuple[object, bytes]]:
    with closing(Workers(count, partial(begin, b"word"))) as workers:
        return list(workers.results(jobs))


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("jobs", [[], [0], [3], [1, 0, 2], list(range(40))], ids=len)
def test_what_jobs_give_comes_in_their_order(jobs, count: int) -> None:
    assert done(jobs, count) == [(job, b"word") for job in jobs for _ in range(job)]


def test_jobs_go_to_the_workers_in_turn() -> None:
    pids = [piece for _, piece in done(["pid"] * 6, count=3)]
    assert len(set(pids)) == 3
    assert pids[:3] == pids[3:]
    assert str(os.getpid()).encode() not in pids


def test_a_worker_imports_from_where_this_process_does() -> None:
    assert done(["path"]) == [("path", "\n".join(sys.path).encode())]


def test_what_a_terminal_sends_does_not_reach_a_worker() -> None:
    assert done(["session"]) == [("session", b"True")]


def test_jobs_are_taken_a_few_ahead_only() -> None:
    taken = []

    def jobs() -> Iterator[int]:
        for _ in range(1000):
            taken.append(1)
            yield 1

    with closing(Workers(2, partial(begin, b"a"))) as workers:
        for number, _ in enumerate(workers.results(jobs()), start=1):
            assert len(taken) <= number + 6


def test_what_jobs_raise_comes_after_what_the_jobs_before_gave() -> None:
    def jobs() -> Iterator[int]:
        yield from (1, 2)
        raise OSError("no more")

    got: list[tuple[object, bytes]] = []
    with closing(Workers(2, partial(begin, b"a"))) as workers, pytest.raises(OSError, match="no more"):
        got.extend(workers.results(jobs()))
    assert [job for job, _ in got] == [1, 2, 2]


@pytest.mark.parametrize(
    ("job", "raised", "message", "note"),
    [
        ("raise", LookupError, "there is none", "in _done"),
        ("unsendable", RuntimeError, "it cannot be sent", ""),
        ("die", WorkerEndedError, "^signal 9$", ""),
        ("leave", WorkerEndedError, "^itself with exit code 7$", ""),
    ],
)
def test_a_failure_comes_after_what_was_given_before_it(job, raised, message, note) -> None:
    got: list[tuple[object, bytes]] = []
    with closing(Workers(2, partial(begin, b"a"))) as workers, pytest.raises(raised, match=message) as caught:
        got.extend(workers.results([1, job, 1, 1]))
    assert [piece for _, piece in got][:1] == [b"a"]
    assert note in "".join(getattr(caught.value, "__notes__", ()))
    if isinstance(caught.value, WorkerEndedError):
        assert caught.value.job == job


def test_what_cannot_begin_is_told() -> None:
    with closing(Workers(1, partial(begin_not, "x"))) as workers, pytest.raises(ValueError, match="invalid literal"):
        list(workers.results([1]))


def test_closing_ends_workers_that_are_at_it(tmp_path: Path) -> None:
    workers = Workers(2, partial(begin, b"a"))
    results = workers.results([str(tmp_path / "one"), str(tmp_path / "two")])
    next(results)
    workers.close()
    before = [len(path.read_bytes()) for path in sorted(tmp_path.iterdir())]
    assert [len(path.read_bytes()) for path in sorted(tmp_path.iterdir())] == before
    workers.close()
    with pytest.raises(WorkerEndedError):
        list(workers.results([1]))


def test_a_worker_does_not_go_on_when_nobody_takes_what_it_gives(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with closing(Workers(1, partial(begin, b"a"))) as workers:
        for number, _ in enumerate(workers.results([str(journal)]), start=1):
            assert len(journal.read_bytes()) <= 2 * (number + 16)
            if number == 50:
                break


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system does not tell which processes there are")
@pytest.mark.parametrize("number", [9, 15])
def test_no_worker_is_left_when_who_started_it_is_killed(tmp_path: Path, number: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", JOURNALLED, str(tmp_path / "journal")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout
    assert process.stdin
    worker = Path("/proc") / process.stdout.readline().decode().strip()
    assert worker.exists()
    process.send_signal(number)
    process.wait()
    while worker.exists() and "\nState:\tZ" not in (worker / "status").read_text():
        pass
    process.stdout.close()
    process.stdin.close()
