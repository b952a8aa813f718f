"""The processes that read for a large import: one that is killed, and those of an import that is killed itself."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from reliability.captures import requests, written
from reliability.commands import OBSERVER, Done, ended, run, start, wait_for
from reliability.soundness import faults, places

from reqlog.store.sqlite.schema import MIGRATIONS

COUNT = 80_000

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="this system does not tell of children"),
    pytest.mark.skipif(len(getattr(os, "sched_getaffinity", lambda _: "1")(0)) < 2, reason="there is only one core"),
]


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("readers") / "capture.jsonl", requests(range(COUNT)))


@pytest.fixture
def importing(tmp_path: Path, capture: Path) -> Iterator["subprocess.Popen[str]"]:
    """An import that has made some commits, and has more to make than has been read."""
    journal = tmp_path / "journal"
    journal.touch()
    process = start(tmp_path, journal, "import", "--store", tmp_path / "requests.db", capture, script=OBSERVER)
    wait_for(process, journal, len(MIGRATIONS) + 4)
    yield process
    process.kill()
    process.wait()


def readers_of(process: "subprocess.Popen[str]") -> list[int]:
    """Return the processes that `process` has started, in whatever thread."""
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    return [int(word) for children in tasks for word in children.read_text().split()]


def has_ended(pid: int) -> bool:
    """Whether there is no such process, or nothing of it but its exit code."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_reader_that_is_killed_ends_the_import_with_what_was_committed(tmp_path, capture, importing) -> None:
    readers = readers_of(importing)
    assert len(readers) >= 2
    os.kill(readers[-1], signal.SIGKILL)
    done = ended(importing)
    summary, failure = done.err.splitlines()
    told = re.fullmatch(r"1 file, (\d+) imported, 0 duplicates, 0 enriched, 0 rejects, 0 skipped", summary)
    assert told
    assert failure == f"reqlog: {capture}: the process that read it was ended by signal 9; import it again"
    assert (done.code, done.out) == (3, "")
    count, store = int(told[1]), tmp_path / "requests.db"
    assert 0 < count < COUNT
    assert (len(places(store)), faults(store)) == (count, [])
    assert all(map(has_ended, readers))
    again = f"1 file, {COUNT - count} imported, {count} duplicates, 0 enriched, 0 rejects, 0 skipped\n"
    assert run(tmp_path, "import", "--store", store, capture) == Done(0, "", again)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "stopped"])
def test_no_reader_is_left_when_the_import_ends_before_its_time(importing, number) -> None:
    readers = readers_of(importing)
    assert len(readers) >= 2
    importing.send_signal(number)
    assert ended(importing).code in (-number, 128 + number)
    while not all(map(has_ended, readers)):
        pass
