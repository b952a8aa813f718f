"""The real command line, started as processes that can be watched, killed and stopped."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

OBSERVER = Path(__file__).with_name("observer.py")
NOBODY = 65534
"""A user who is not root, and owns nothing."""

PATIENCE = 300
"""Seconds after which a process hangs; nothing is measured by it."""


class Done(NamedTuple):
    """What a command ended with."""

    code: int
    out: str
    err: str


def environ(home: Path) -> dict[str, str]:
    """Return an environment that tells the command line of nothing but `home`."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC"}


def start(home: Path, *arguments: object, script: Path | None = None, **more: Any) -> "subprocess.Popen[str]":
    """Start the command line, by a script that stands between if one is named.

    `more` is what `subprocess` takes and, in capitals, what there is to be in the environment.
    """
    how = ["-m", "reqlog"] if script is None else [str(script)]
    variables = {name: more.pop(name) for name in list(more) if name.isupper()}
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": home, **more}
    return subprocess.Popen(
        [sys.executable, *how, *map(str, arguments)],
        encoding="utf-8",
        env={**environ(home), **variables},
        **options,
    )


def ended(process: "subprocess.Popen[str]") -> Done:
    """Return what `process` ends with."""
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"{process.args!r} hangs; it has said {out[-500:]!r} and {err[-500:]!r}") from None
    return Done(process.returncode, out or "", err or "")


def run(home: Path, *arguments: object, **more: Any) -> Done:
    """Run the command line to its end; `more` as for `start`."""
    return ended(start(home, *arguments, **more))


def commits(journal: Path) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
    """Yield what each commit in `journal` added and took away; a line that is not whole is of none."""
    for line in journal.read_text(encoding="ascii").split("\n")[:-1]:
        words = line.split()
        added = frozenset(int(word[1:]) for word in words if word[0] == "+")
        removed = frozenset(int(word[1:]) for word in words if word[0] == "-")
        yield added, removed


def wait_for(process: "subprocess.Popen[str]", journal: Path, count: int) -> None:
    """Wait until `process` has made `count` commits, or has ended."""
    with journal.open("rb") as lines:
        seen = 0
        while (seen := seen + lines.read().count(b"\n")) < count and process.poll() is None:
            wait(process, 0.001)


def wait(process: "subprocess.Popen[str]", seconds: float) -> None:
    """Wait so long, or until `process` has ended."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
