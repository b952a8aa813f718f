"""A signal that asks for the end: what was read is kept and summed up, nothing by halves; a second one breaks off."""

import re
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from reliability.captures import requests, written
from reliability.commands import OBSERVER, Done, ended, run, start, wait_for
from reliability.soundness import faults, places

from reqlog.store.sqlite.schema import MIGRATIONS

COUNT = 60_000
SIGNALS = pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=str
)


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("stopped") / "capture.jsonl", requests(range(COUNT)))


@SIGNALS
def test_what_was_read_is_kept_and_the_rest_is_there_to_come(tmp_path, capture, number, code) -> None:
    store, journal = tmp_path / "requests.db", tmp_path / "journal"
    journal.touch()
    process = start(tmp_path, journal, "import", "--store", store, capture, script=OBSERVER)
    wait_for(process, journal, len(MIGRATIONS) + 4)
    process.send_signal(number)
    done = ended(process)
    told = re.fullmatch(r"1 file, (\d+) imported, 0 duplicates, 0 enriched, 0 rejects, 0 skipped\n", done.err)
    assert (done.code, done.out) == (code, "")
    assert told is not None
    count = int(told[1])
    assert 0 < count < COUNT
    assert (len(places(store)), faults(store)) == (count, [])
    summary = f"1 file, {COUNT - count} imported, {count} duplicates, 0 enriched, 0 rejects, 0 skipped\n"
    assert run(tmp_path, "import", "--store", store, capture) == Done(0, "", summary)


@SIGNALS
def test_a_second_signal_breaks_off_even_who_waits_for_the_store(tmp_path, number, code) -> None:
    """The first lets the import end in order, which it cannot while somebody else holds the store.

    An import that has taken in 3900 requests has to put away the first 2000 of them before it takes more.
    """
    store, many = tmp_path / "requests.db", written(tmp_path / "many.jsonl", requests(range(3900)))
    run(tmp_path, "import", "--store", store, written(tmp_path / "few.jsonl", requests(range(3))))
    with closing(apsw.Connection(str(store))) as other:
        other.execute("BEGIN IMMEDIATE")
        process = start(tmp_path, "import", "--store", store, "-", stdin=subprocess.PIPE)
        assert process.stdin
        process.stdin.write(many.read_text())
        process.stdin.flush()
        assert ends_in_order(process)
        process.send_signal(number)
        while ends_in_order(process):
            pass
        process.send_signal(number)
        done = ended(process)
    assert (done.code, done.out, done.err.strip()) == (code if number == signal.SIGINT else -number, "", "")
    assert (len(places(store)), faults(store)) == (3, [])


def ends_in_order(process: "subprocess.Popen[str]") -> bool:
    """Whether a signal would make the process end in order, as far as its way with SIGTERM tells."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        pytest.skip("this system does not tell what a process does about signals")
    caught = re.search(r"^SigCgt:\s*(\w+)$", status.read_text(), re.MULTILINE)
    assert process.poll() is None
    assert caught
    return bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)


def test_a_signal_that_is_not_to_end_it_does_not(tmp_path) -> None:
    """As with nohup: a hangup that was ignored before stays ignored."""
    store, few = tmp_path / "requests.db", written(tmp_path / "few.jsonl", requests(range(3)))
    ignoring = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731  (named, since it is called elsewhere)
    process = start(tmp_path, "import", "--store", store, "-", stdin=subprocess.PIPE, preexec_fn=ignoring)
    assert process.stdin
    process.stdin.write(few.read_text())
    process.stdin.flush()
    while process.poll() is None and run(tmp_path, "list", "--count", "--store", store).out != "3\n":
        pass
    process.send_signal(signal.SIGHUP)
    process.stdin.close()
    process.stdin = None
    assert ended(process).code == 0
