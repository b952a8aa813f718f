"""The process: `reqlog` and `python -m reqlog` both start here.

A question is answered in some 60 ms, so what Python does around it counts: looking for garbage while modules are
imported takes 6 ms, taking the interpreter down piece by piece 8. Both are left out.
"""

import gc

gc.disable()

import os  # noqa: E402  (after the collector is off, as everything)
import sys  # noqa: E402  (as above)
from contextlib import suppress  # noqa: E402  (as above)

from reqlog import terminal  # noqa: E402  (as above)
from reqlog.cli import run  # noqa: E402  (as above)
from reqlog.exceptions import ExitCode  # noqa: E402  (as above)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    gc.freeze()
    gc.enable()
    _open_streams()
    try:
        code = run(sys.argv[1:])
    except Exception:  # noqa: BLE001  (1 would say that the answer is no)
        code = ExitCode.NO_ANSWER
        _say_what_happened()
    with suppress(OSError):  # when standard error is full, the exit code still says how it went
        sys.stderr.flush()
    os._exit(code)


def _say_what_happened() -> None:
    """Write the traceback of what is being handled; what it quotes may be a stranger's."""
    from traceback import format_exc  # noqa: PLC0415  (rarely needed)

    for line in format_exc().rstrip("\n").split("\n"):
        terminal.say(line)
    terminal.say("This is a bug in reqlog; please report it, with what is above.")


def _open_streams() -> None:
    """Open on nothing the streams that were closed before the start, so that nobody else has to ask."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115  (to the end of the process)


if __name__ == "__main__":
    main()
