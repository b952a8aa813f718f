"""How long commands take: one after another, round after round, since a machine is seldom quiet for long."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

_LAUNCH: Final = Path(__file__).with_name("launch.py")
LONG: Final = 2.0
"""Seconds from which a command is run in a few rounds only."""
FEW: Final = 3
ENDLESS: Final = 25.0
"""Seconds from which the run that warms up is the only one."""


class FailedError(Exception):
    """A command did not do what was asked of it; the message says which."""


class Measured(NamedTuple):
    """What one run took."""

    seconds: float
    cpu: float
    """Seconds of processor time, of all its processes."""
    peak: int
    """The most memory it held, in bytes, its processes together."""


class Command(NamedTuple):
    """What is run, and where its standard output goes."""

    words: tuple[str, ...]
    output: Path

    @property
    def errors(self) -> Path:
        return self.output.with_name(f"{self.output.name}.errors")


def measure(command: Command, home: Path) -> Measured:
    """Run `command` once; `home` is where it finds the files of a user, who has none."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC"}
    launch = [sys.executable, "-I", "-S", str(_LAUNCH), str(command.output), str(command.errors), *command.words]
    told = json.loads(subprocess.run(launch, check=True, capture_output=True, env=environ).stdout)
    if told.pop("code"):
        raise FailedError(f"{' '.join(command.words)[:300]}: {command.errors.read_text()[-500:]}")
    return Measured(**told)


def in_turn(commands: Mapping[str, Command], first: Mapping[str, Measured], rounds: int, home: Path) -> "Series":
    """Run `commands` in turn in as many rounds as each is worth; `first` is what they took when they warmed up."""
    wanted = {name: _rounds(first[name].seconds, rounds) for name in commands}
    series: Series = {name: [] if wanted[name] else [first[name]] for name in commands}
    for number in range(max(wanted.values())):
        for name, command in commands.items():
            if number < wanted[name]:
                series[name].append(measure(command, home))
    return series


Series = dict[str, list[Measured]]
"""What each command took, round after round."""


def _rounds(seconds: float, rounds: int) -> int:
    if seconds >= ENDLESS:
        return 0
    return min(rounds, FEW) if seconds >= LONG else rounds


def typical(measured: Sequence[Measured]) -> Measured:
    """Return the medians of time, and the highest peak."""
    seconds, cpu = (median(getattr(each, name) for each in measured) for name in ("seconds", "cpu"))
    return Measured(seconds, cpu, max(each.peak for each in measured))


def ratio(series: Series, one: str, other: str) -> float:
    """Return how many times as long `one` takes as `other`: the median of ratios within a round."""
    pairs = zip(series[one], series[other], strict=False)
    return median(a.seconds / b.seconds for a, b in pairs)
