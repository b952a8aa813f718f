"""Set up and run every check of the project: `python3 -m tests`, on a machine that has only Python.

The package is built and installed into `.venv`, so that what is tested is what users get. Words after the command go to
pytest, which runs a file of tests on each processor at a time: `python3 -m tests -k filters`.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / ("Scripts" if os.name == "nt" else "bin")

CHECKS = (
    ("ruff", "format", "--check", "--quiet", "."),
    ("ruff", "check", "--quiet", "."),
    ("mypy",),
    ("lint-imports", "--no-logo"),
)
TESTS = ("pytest", "-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder")


def main(arguments: list[str]) -> int:
    """Run the checks in turn and return the exit code of the first that fails."""
    if sys.version_info < (3, 11):  # noqa: UP036  (whoever runs this has whatever Python there is)
        return said(f"reqlog needs Python 3.11 or later, and this is {sys.version.split()[0]}.")
    if not (BIN / "python").exists() and run(sys.executable, "-m", "venv", str(ROOT / ".venv")):
        return said(
            "The virtual environment could not be made; on Debian, `apt install python3-venv` and run this again."
        )
    if run(str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", ".[dev]"):
        return said("What the checks need could not be installed; pip has said why.")
    for check in (*CHECKS, (*TESTS, *arguments)):
        print("$", *check, flush=True)
        if code := run(str(BIN / check[0]), *check[1:]):
            return code
    return 0


def run(*command: str) -> int:
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def said(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
