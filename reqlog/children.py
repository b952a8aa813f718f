"""A command run for the user: with variables of its own, signals passed on, and its exit code as a shell gives it."""

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from reqlog.exceptions import UsageError

_PASSED_ON = ("SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_OF_A_TERMINAL = ("SIGINT", "SIGQUIT")
"""What a terminal sends to every process in its foreground, the command included."""

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


async def run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run `command` to its end and return its exit code, 128 and the number of the signal if one ended it.

    Signals that come here go to the command. Raises UsageError if there is no such program, or it cannot be run.
    """
    came: asyncio.Queue[str] = asyncio.Queue()
    with _handling(_PASSED_ON, came.put_nowait):  # before it starts, or one that comes meanwhile would leave it alone
        process = await _started(command, environ)
        passing = asyncio.create_task(_pass_on(came, process))
        try:
            code = await process.wait()
        finally:
            passing.cancel()
    return code if code >= 0 else 128 - code


async def _started(command: Sequence[str], environ: Mapping[str, str]) -> Process:
    try:
        return await asyncio.create_subprocess_exec(*command, env=dict(environ))
    except FileNotFoundError as error:
        raise UsageError(f"{command[0]}: there is no such program; check its name and PATH.") from error
    except OSError as error:
        raise UsageError(f"{command[0]}: cannot be run: {error.strerror}.") from error


async def _pass_on(came: "asyncio.Queue[str]", process: Process) -> None:
    while True:
        name = await came.get()
        if not (name in _OF_A_TERMINAL and _is_in_foreground()):
            with suppress(ProcessLookupError):
                process.send_signal(getattr(signal, name))


async def until_ended() -> str:
    """Wait for a signal to end, and return its name."""
    ended_by: asyncio.Queue[str] = asyncio.Queue()
    with _handling(_ENDING, ended_by.put_nowait):
        return await ended_by.get()


@contextmanager
def _handling(names: Sequence[str], handle: Callable[[str], object]) -> Iterator[None]:
    """Have signals handled; those that somebody, as nohup, wants ignored stay ignored."""
    loop = asyncio.get_running_loop()
    numbers = {name: number for name in names if (number := getattr(signal, name, None)) is not None}
    handled = {name: number for name, number in numbers.items() if signal.getsignal(number) != signal.SIG_IGN}
    with suppress(NotImplementedError):  # Windows
        for name, number in handled.items():
            loop.add_signal_handler(number, handle, name)
    try:
        yield
    finally:
        with suppress(NotImplementedError):
            for number in handled.values():
                loop.remove_signal_handler(number)


def _is_in_foreground() -> bool:
    """Whether there is a terminal of which this process is in the foreground."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
