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
import os, signal, sys
def handle(number, frame):
    print(signal.Signals(number).name, flush=True)
    sys.exit(3)
signal.signal(signal.{name}, handle)
print("ready", flush=True)
signal.pause()
"""
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
