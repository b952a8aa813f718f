"""Run the command line when a gate opens: `python gate.py ARGUMENT…`.

Everything is imported beforehand and a line is printed; the gate is the end of standard input. So several processes do
what they do at the same instant, and not as they happen to start.
"""

import sys

import reqlog.commands.import_
import reqlog.commands.list
import reqlog.readers.reqlog
import reqlog.store.sqlite  # noqa: F401  (as the others, only so that it is there)
from reqlog.__main__ import main as command


def main() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    sys.argv[0] = "reqlog"
    command()


if __name__ == "__main__":
    main()
