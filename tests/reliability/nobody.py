"""Run the command line as a user who is not root: `python nobody.py WARM STORE ARGUMENT…`.

The interpreter itself may be out of such a user's reach, so everything that the command imports is imported beforehand:
by running it, as root, with the store WARM, which has to exist. Then it is run with STORE.
"""

import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from reqlog.__main__ import main as command
from reqlog.cli import run

NOBODY = 65534


def main() -> None:
    _, warm, store, *arguments = sys.argv
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        run([*arguments, "--store", warm])
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    sys.argv = ["reqlog", *arguments, "--store", store]
    command()


if __name__ == "__main__":
    main()
