"""How fast a growing store takes requests in: ten imports of a tenth each, in the order of time and against it."""

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from .asking import Bench
from .timing import Measured, measure
from .workspace import Place, delete

TENTHS: Final = 10


class Grown(NamedTuple):
    """What it took to fill a store."""

    rates: list[float]
    """Requests a second, tenth by tenth."""
    took: Measured
    """All of the imports together."""


def grown(bench: Bench, store: Path, *, backwards: bool = False) -> Grown:
    """Import ten times into `store`, which is not there yet, a tenth of the requests each time."""
    part = bench.place.folder / "tenth.jsonl"
    delete(store)
    parts = bounds(bench.place)
    rates, measured = [], []
    for begin, end in reversed(parts) if backwards else parts:
        _copy(bench.place.raw, begin, end, part)
        words = (bench.program("reqlog"), "import", "--json", "--store", str(store), str(part))
        command = bench.command("tenth", "reqlog", *words)
        measured.append(measure(command, bench.home))
        rates.append(json.loads(command.output.read_text())["imported"] / measured[-1].seconds)
    part.unlink()
    seconds, cpu = (sum(getattr(each, name) for each in measured) for name in ("seconds", "cpu"))
    return Grown(rates, Measured(seconds, cpu, max(each.peak for each in measured)))


def bounds(there: Place) -> list[tuple[int, int]]:
    """Return where the tenths of the file begin and end, at ends of lines."""
    cuts = [0]
    with there.raw.open("rb") as file:
        for number in range(1, TENTHS):
            file.seek(there.raw.stat().st_size * number // TENTHS)
            file.readline()
            cuts.append(file.tell())
    cuts.append(there.raw.stat().st_size)
    return list(pairwise(cuts))


def _copy(source: Path, begin: int, end: int, target: Path) -> None:
    with source.open("rb") as file, target.open("wb") as part:
        at = begin
        while at < end:
            at += os.sendfile(part.fileno(), file.fileno(), at, end - at)
