"""Fuzz reqlog, guided by coverage: `python -m tests.fuzz [TARGET …] [--seconds N]`.

Needs `pip install -e '.[fuzz]'`. Every target runs in a process of its own, one after another, each for its share of
the time or until it finds something. Inputs that reached something new are kept in `.fuzz/corpus`, so that the next run
goes on where this one ended; an input that breaks something is kept in `.fuzz/found`, and its name is printed.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from .seeds import ROOT, recordings
from .targets import TARGETS, Target

KEPT = ROOT / ".fuzz"
SECONDS_PER_INPUT = 10
"""An input that takes longer is a finding."""
MEGABYTES = 1024
"""A process that takes more memory is a finding."""

_STATISTICS = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
_COVERED = re.compile(r"\bcov: (\d+) ft: (\d+)")
_FOUND = re.compile(r"Test unit written to (\S+)")


class Outcome(NamedTuple):
    """What became of fuzzing one target."""

    name: str
    seconds: int
    executions: int
    edges: int
    found: str
    """Where the input is that broke something; empty if none did."""


def main(arguments: Sequence[str]) -> int:
    """Fuzz what `arguments` name and print a line for each; return 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz reqlog, guided by coverage.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{', '.join(TARGETS)}; all of them by default")
    parser.add_argument("--seconds", type=int, default=600, help="time for all targets together (default: %(default)s)")
    parser.add_argument("--input", type=Path, help="run the one target named on this file, once, and fuzz nothing")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.targets if name not in TARGETS]:
        parser.error(f"no such target: {', '.join(unknown)}; the targets are {', '.join(TARGETS)}")
    chosen = [TARGETS[name] for name in dict.fromkeys(options.targets)] or list(TARGETS.values())
    if options.input is not None:
        for target in chosen:
            target.check(options.input.read_bytes())
        return 0
    if find_spec("atheris") is None:
        parser.error("the fuzzer is not installed; run `pip install -e '.[fuzz]'`")
    shares = sum(target.share for target in chosen)
    outcomes = [fuzz(target, max(1, options.seconds * target.share // shares)) for target in chosen]
    return 1 if any(outcome.found for outcome in outcomes) else 0


def fuzz(target: Target, seconds: int) -> Outcome:
    """Fuzz `target` for `seconds` or until something is found, and print what came of it."""
    log = KEPT / "logs" / f"{target.name}.log"
    corpus, found = KEPT / "corpus" / target.name, KEPT / "found"
    for folder in (log.parent, corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        seeded = _seeded(target, Path(temporary))
        limits = (f"-timeout={SECONDS_PER_INPUT}", f"-rss_limit_mb={MEGABYTES}", f"-max_len={target.longest}")
        options = (f"-max_total_time={seconds}", f"-artifact_prefix={found}/{target.name}-", "-print_final_stats=1")
        words = (f"-dict={_dictionary(target, Path(temporary))}",) if target.words else ()
        command = (sys.executable, "-m", "tests.fuzz.worker", target.name, *limits, *options, *words)
        with log.open("w") as file:
            done = subprocess.run([*command, str(corpus), str(seeded)], cwd=ROOT, stdout=file, stderr=file, check=False)
    outcome = _outcome(target, seconds, log.read_text(errors="replace"))
    if done.returncode and not outcome.found:
        sys.exit(f"{target.name} could not be fuzzed; {log} says why.")
    sys.stdout.write(_line(outcome) + "\n")
    sys.stdout.flush()
    return outcome


def _line(outcome: Outcome) -> str:
    done = f"{outcome.name:<12}{outcome.seconds:>6} s{outcome.executions:>11,} executions{outcome.edges:>7,} edges"
    return f"{done}  {outcome.found}".rstrip()


def _seeded(target: Target, folder: Path) -> Path:
    seeded = folder / "seeds"
    seeded.mkdir()
    for number, seed in enumerate(target.seeds()):
        (seeded / f"seed{number}").write_bytes(seed)
    for number, path in enumerate(recordings(target.name)):
        shutil.copyfile(path, seeded / f"recording{number}")
    return seeded


def _dictionary(target: Target, folder: Path) -> Path:
    path = folder / "words"
    path.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in target.words))
    return path


def _outcome(target: Target, seconds: int, log: str) -> Outcome:
    executed, covered, found = _STATISTICS.search(log), _COVERED.findall(log), _FOUND.search(log)
    return Outcome(
        target.name,
        seconds,
        int(executed[1]) if executed else 0,
        int(covered[-1][0]) if covered else 0,
        found[1] if found else "",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
