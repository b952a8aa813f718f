"""The process: `reqlog` and `python -m reqlog` both start here.

A question is answered in some 60 ms, so what Python does around it counts: looking for garbage while modules are
imported takes 6 ms, taking the interpreter down piece by piece 8. Both are left out.
"""

import gc

gc.disable()

import os  # noqa: E402  (after the collector is off, as everything)
import sys  # noqa: E402

from reqlog.cli import run  # noqa: E402


def main() -> None:
    """Run the command line and end the process with its exit code."""
    gc.freeze()
    gc.enable()
    code = run(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
