"""`reqlog list --follow` on the real command line, while other processes write."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

GUARD_SECONDS = 60
WAITING = "Waiting for new requests; Ctrl-C ends.\n"


def line(number: int, status: int = 200) -> str:
    return f'{{"id":"req_{number}","time":"2026-05-01T12:00:{number:02}Z","status":{status}}}\n'


@pytest.fixture
def follow(tmp_path: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Start `reqlog list --follow`, in a home of its own."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TZ": "UTC", "LANG": "C.UTF-8"}

    @contextmanager
    def follow(*arguments: object, stdin: int | None = None) -> Iterator["subprocess.Popen[str]"]:
        process = subprocess.Popen(
            [sys.executable, "-m", "reqlog", "list", "--follow", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={**environ, "REQLOG_STORE": str(tmp_path / "store" / "requests.db")},
            cwd=tmp_path,
            stdin=stdin,
        )
        guard = threading.Timer(GUARD_SECONDS, process.kill)
        guard.start()
        try:
            yield process
        finally:
            guard.cancel()
            process.kill()
            process.communicate()

    return follow  # type: ignore[return-value]  # a context manager of it


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Let Ctrl-C end `process`; give its exit code, and what it said from here on."""
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    return process.returncode, out, err.rstrip("\n")


def test_what_another_process_imports_is_printed_as_it_is_committed(follow, run) -> None:
    run("import", "-", input=line(1) + line(2) + line(3, status=404))
    with follow("--fields", "id", "-o", "jsonl", "--status", "2xx") as process:
        assert [process.stdout.readline() for _ in range(2)] == ['{"id":"req_2"}\n', '{"id":"req_1"}\n']
        assert process.stderr.readline() == WAITING
        run("import", "-", input=line(4, status=500) + line(0))
        assert process.stdout.readline() == '{"id":"req_0"}\n'
        run("import", "-", input=line(5))
        assert process.stdout.readline() == '{"id":"req_5"}\n'
        assert ended(process) == (130, "", "")


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["-o", "csv"], ["id,status\n", "req_1,200\n", "req_2,402\n"]),
        (["-o", "jsonl"], ['{"id":"req_1","status":200}\n', '{"id":"req_2","status":402}\n']),
        (
            ["-o", "table"],
            ["ID                    STATUS\n", "req_1                    200\n", "req_2                    402\n"],
        ),
    ],
)
def test_each_output_that_can_go_on_does(follow, run, flags, expected) -> None:
    run("import", "-", input=line(1))
    with follow("--fields", "id,status", *flags) as process:
        assert [process.stdout.readline() for _ in expected[:-1]] == expected[:-1]
        run("import", "-", input=line(2, status=402))
        assert process.stdout.readline() == expected[-1]


def test_the_page_is_as_long_as_the_limit_and_turned_round_by_reverse(follow, run) -> None:
    run("import", "-", input="".join(map(line, range(9))))
    with follow("--fields", "id", "-o", "jsonl", "--limit", "2", "--reverse") as process:
        assert process.stderr.readline() == WAITING
        assert ended(process)[1] == '{"id":"req_7"}\n{"id":"req_8"}\n'


def test_a_store_that_is_not_there_yet_is_waited_for(follow, run, tmp_path) -> None:
    with follow("--fields", "id", "-o", "jsonl") as process:
        assert process.stderr.readline() == f"There is no store at {tmp_path}/store/requests.db yet.\n"
        assert process.stderr.readline() == WAITING
        run("import", "-", input=line(1))
        assert process.stdout.readline() == '{"id":"req_1"}\n'


def test_it_ends_when_the_reader_goes_away_even_if_nothing_comes(follow, run) -> None:
    run("import", "-", input=line(1))
    with follow("--fields", "id", "-o", "jsonl") as process:
        assert process.stdout.readline() == '{"id":"req_1"}\n'
        assert process.stderr.readline() == WAITING
        process.stdout.close()
        assert (process.wait(), process.stderr.read()) == (141, "")


def test_a_file_is_followed_through_rotation(follow, tmp_path) -> None:
    log = tmp_path / "app.log"
    log.write_text(line(1))
    with follow("--fields", "id", "-o", "jsonl", "--file", "app.log") as process:
        assert process.stdout.readline() == '{"id":"req_1"}\n'
        assert process.stderr.readline() == WAITING
        log.rename(tmp_path / "app.log.1")
        log.write_text(line(2) + line(3))
        assert [process.stdout.readline() for _ in range(2)] == ['{"id":"req_2"}\n', '{"id":"req_3"}\n']
        log.write_text(line(4)[:20])
        with log.open("a") as file:
            file.write(line(4)[20:])
        assert process.stdout.readline() == '{"id":"req_4"}\n'
        assert ended(process) == (130, "", "")


def test_standard_input_is_filtered_as_it_comes_and_ends_it(follow) -> None:
    flags = ("--file", "-", "--fields", "id", "-o", "jsonl", "--status", "4xx")
    with follow(*flags, stdin=subprocess.PIPE) as process:
        process.stdin.write(line(1) + line(2, status=404))
        process.stdin.flush()
        assert process.stdout.readline() == '{"id":"req_2"}\n'
        out, err = process.communicate()
        assert (process.returncode, out, err) == (0, "", WAITING)


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (["--json"], 2, "-o json has an end and --follow has none; give it table, jsonl or csv."),
        (["-o", "markdown"], 2, "-o markdown has an end and --follow has none; give it table, jsonl or csv."),
        (["--count"], 2, "--count is about all there is, and --follow never has all; leave one of them out."),
        (["--fail-if-any"], 2, "--fail-if-any is about all there is, and --follow never has all; leave one of them"),
        (["--file", "."], 2, ".: folders cannot be followed; name the files in it."),
        (["--file", "nosuch"], 3, "nosuch: no such file or directory"),
        (["--fields", "nosuch"], 2, "--fields nosuch: no such field; there are id, "),
    ],
)
def test_what_cannot_be_followed_is_told(follow, tmp_path, flags, code, said) -> None:
    (tmp_path / "app.log").write_text(line(1))
    with follow(*flags) as process:
        out, err = process.communicate()
    assert (process.returncode, out, err[: len(said) + 8]) == (code, "", f"reqlog: {said}")
