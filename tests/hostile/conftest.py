"""The real command line, measured: how much memory its process took at most, whatever it was given."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

import pytest

GUARD_SECONDS = 300
"""After so long a command is taken to hang; nothing else here looks at a clock."""

GUARD_BYTES = 4 * 1024**3
"""No process may have more, so that one that goes wrong does not take the machine with it."""

LAUNCH = f"""
import json, os, resource, sys
child = os.fork()
if not child:
    resource.setrlimit(resource.RLIMIT_AS, ({GUARD_BYTES}, {GUARD_BYTES}))
    os.execv(sys.executable, [sys.executable, "-m", "reqlog", *sys.argv[2:]])
_, status, usage = os.wait4(child, 0)
os.write(int(sys.argv[1]), json.dumps([os.waitstatus_to_exitcode(status), usage.ru_maxrss // 1024]).encode())
"""
"""A small process between, since a process begins with the memory of the one that it is forked from."""


class Measured(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str
    peak_mb: int
    """The most memory that its process had, in MiB."""


Measure = Callable[..., Measured]


@pytest.fixture
def measure(tmp_path: Path, request: pytest.FixtureRequest) -> Measure:
    """Run the real command line, with a store and a home of its own, on `input` if there is any, piece by piece.

    Where the environment names a file in `FIGURES`, what each command took is written to it.
    """
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "REQLOG_STORE": str(tmp_path / "requests.db"),
        "REQLOG_NOW": "2026-05-10T12:00:00Z",
    }

    def measure(*arguments: object, input: Iterable[bytes] = (), **more: str) -> Measured:
        begin = time.monotonic()
        told, telling = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", LAUNCH, str(telling), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environ, **more},
            cwd=home,
            pass_fds=(telling,),
            start_new_session=True,
        )
        os.close(telling)
        pipe, process.stdin = process.stdin, None
        threading.Thread(target=feed, args=(pipe, input), daemon=True).start()
        try:
            out, err = process.communicate(timeout=GUARD_SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        with open(told, "rb") as answer:  # noqa: PTH123  (a descriptor)
            text = answer.read()
        code, peak = json.loads(text)
        if figures := os.environ.get("FIGURES"):
            with Path(figures).open("a") as file:
                file.write(f"{peak} MiB, {time.monotonic() - begin:.1f} s: {request.node.name} ({arguments[0]})\n")
        return Measured(code, out.decode(), err.decode(), peak)

    return measure


def feed(pipe: IO[bytes], pieces: Iterable[bytes]) -> None:
    with suppress(BrokenPipeError), pipe:  # when it has seen enough
        for piece in pieces:
            pipe.write(piece)
