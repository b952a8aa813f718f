import asyncio
import os
import signal
import subprocess
import sys

import pytest

from reqlog import children
from reqlog.exceptions import UsageError


def code_of(program: str, **environ: str) -> int:
    return asyncio.run(children.run([sys.executable, "-c", program], {**os.environ, **environ}))


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("pass", 0),
        ("raise SystemExit(7)", 7),
        ("import os; os.kill(os.getpid(), 9)", 137),
        ("import os, sys; sys.exit(int(os.environ['A']))", 5),
    ],
)
def test_the_exit_code_is_the_commands_as_a_shell_gives_it(program, code):
    assert code_of(program, A="5") == code


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("no-such-program", "no-such-program: there is no such program; check its name and PATH."),
        ("/", "/: cannot be run: Permission denied."),
    ],
)
def test_what_cannot_be_run_is_said(command, sentence):
    with pytest.raises(UsageError) as raised:
        asyncio.run(children.run([command], os.environ))
    assert str(raised.value) == sentence


HANDLING = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.{name}])
print("ready", flush=True)
print(signal.Signals(signal.sigwait([signal.{name}])).name, flush=True)
sys.exit(3)
"""
"""Waits for a signal in a way that misses none."""

RUNNING = """
import asyncio, os, sys
from reqlog import children
sys.exit(asyncio.run(children.run([sys.executable, "-c", sys.argv[1]], os.environ)))
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"])
def test_a_signal_is_passed_on(name):
    with subprocess.Popen(
        [sys.executable, "-c", RUNNING, HANDLING.format(name=name)],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(getattr(signal, name))
        assert (process.stdout.read(), process.wait()) == (f"{name}\n", 3)


WAITING = """
import asyncio
from reqlog import children
async def main():
    task = asyncio.create_task(children.until_ended())
    await asyncio.sleep(0)
    print("ready", flush=True)
    print(await task, flush=True)
asyncio.run(main())
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_ends_what_waits_for_one(name):
    with subprocess.Popen([sys.executable, "-c", WAITING], stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(getattr(signal, name))
        assert process.stdout.read() == f"{name}\n"


COUNTING = """
import signal, sys
awaited = [signal.SIGINT, signal.SIGTERM]
signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
print("ready", flush=True)
came = 0
while signal.sigwait(awaited) == signal.SIGINT:
    came += 1
    print("came", flush=True)
sys.exit(came)
"""


def test_what_a_terminal_sends_to_both_comes_once():
    pty = pytest.importorskip("pty", reason="there are no terminals to be had here")
    process, terminal = pty.fork()
    if process == 0:
        os.execv(sys.executable, [sys.executable, "-c", RUNNING, COUNTING])
    _read_until(terminal, b"ready")
    os.write(terminal, b"\x03")
    _read_until(terminal, b"came")
    os.kill(process, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 1
    os.close(terminal)


def _read_until(terminal: int, wanted: bytes) -> None:
    said = b""
    while wanted not in said:
        said += os.read(terminal, 1000)
