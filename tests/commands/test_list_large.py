"""Answers so large that several processes write them."""

import os
import random
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reqlog.request import Request
from reqlog.store.sqlite import SqliteStore

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) == 1, reason="there is only one core here"
)
NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
MANY = 24_000
SHARED = {"reqlog.shared_records", "reqlog.workers", "reqlog.store.sqlite.parts", "subprocess", "pickle"}
LOADED = "import sys, reqlog.cli; print(reqlog.cli.run(sys.argv[1:]), *sys.modules, file=sys.stderr)"
ON_ONE_CORE = f"import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); {LOADED}"
RUN = "import sys, reqlog.cli; sys.exit(reqlog.cli.run(sys.argv[1:]))"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of more than 8 MiB, with times that are shared, missing and far apart, and text that is not seen."""
    path = tmp_path_factory.mktemp("large") / "requests.db"
    chance = random.Random(1)
    requests = [
        Request(
            f"req_{number * 7919 % 100_003}",
            None if number % 1000 == 7 else NOON + timedelta(seconds=number // 3, days=number // 9000),
            livemode=number % 2 == 0,
            path="/v1/\u202e" if number % 500 == 3 else "/v1",
            status=200,
            request_headers={"a": str(number)},
            response_body=f"{chance.getrandbits(1600):x}",
        )
        for number in range(MANY)
    ]
    with closing(SqliteStore(path, write=True)) as store:
        for start in range(0, MANY, 4000):
            store.add(requests[start : start + 4000])
    assert path.stat().st_size > 8 * 1024 * 1024
    return path


def started(script: str, store: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", script, "list", "--store", str(store), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "HOME": str(store.parent), "LANG": "C.UTF-8"},
        cwd=store.parent,
    )


def loaded(script: str, store: Path, *arguments: str) -> tuple[bytes, set[str]]:
    """Return what is written, and which modules were loaded, the exit code included."""
    out, err = started(script, store, *arguments).communicate()
    return out, set(err.decode().split())


@pytest.mark.parametrize(
    "arguments",
    [("-o", "jsonl"), ("--json", "--reverse", "--since", "2025-06-01", "--ascii"), ("--json", "--status", "2xx")],
)
def test_several_processes_write_what_one_does(large: Path, arguments: tuple[str, ...]) -> None:
    shared, modules = loaded(LOADED, large, *arguments)
    alone, alone_modules = loaded(ON_ONE_CORE, large, *arguments)
    assert {"0"} <= modules & alone_modules
    assert (modules & SHARED, alone_modules & SHARED) == (SHARED, set())
    assert (shared == alone) is True
    assert shared.count(b"\n") >= 23_900


@pytest.mark.parametrize("arguments", [("--limit", "4500"), ("--status", "500"), ("--limit", "3", "--json")])
def test_a_small_answer_of_a_large_store_loads_nothing_of_that(large: Path, arguments: tuple[str, ...]) -> None:
    _, modules = loaded(LOADED, large, "-o", "jsonl", *arguments)
    assert "0" in modules
    assert modules & SHARED == set()


def test_a_closed_pipe_ends_them_all(large: Path) -> None:
    process = started(RUN, large, "-o", "jsonl")
    assert process.stdout
    assert process.stderr
    process.stdout.read(3_500_000)
    process.stdout.close()
    assert process.wait() == 141
    assert process.stderr.read() == b""  # which ends when no process has it open any more
    process.stderr.close()


def test_ctrl_c_ends_them_all(large: Path) -> None:
    process = started(RUN, large, "-o", "jsonl")
    assert process.stdout
    process.stdout.read(3_500_000)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert (process.returncode, err) == (130, b"\n")
