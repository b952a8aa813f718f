"""The tables of docs/performance.md, made of what was measured; the prose around them is written by hand."""

import os
import platform
import re
from collections.abc import Iterable, Iterator, Sequence
from math import log
from pathlib import Path
from typing import Final

from .limits import IMPORT_PEAK, LIMITS, STORE
from .questions import Limit
from .results import Cost, Results, Row
from .workspace import name

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
_PART: Final = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- measured: end -->)", re.DOTALL)
_NAMES: Final = {"click": "`import click`", "duckdb": "DuckDB", "pyyaml": "PyYAML", "chdb": "chDB"}
_LATER: Final = 100_000_000
"""The number of requests that nobody measured, but the slope tells of."""


def write(kept: Sequence[Results], page: Path = PAGE) -> None:
    """Put the tables of `kept`, fewest requests first, in their places of the page."""
    parts = {"limits": limits, "peers": peers, "growth": growth, "machine": machines}
    text = page.read_text(encoding="utf-8")
    made = _PART.sub(lambda found: f"{found[1]}{parts[found[2]](kept)}{found[3]}", text)
    page.write_text(made, encoding="utf-8")


def limits(kept: Sequence[Results]) -> str:
    """Return, for each number of requests, what has a bar, with what it came to."""
    return "\n".join(_section(results, _limits(results)) for results in kept)


def peers(kept: Sequence[Results]) -> str:
    """Return, for each number of requests, what everybody took."""
    return "\n".join(_section(results, _peers(results)) for results in kept)


def growth(kept: Sequence[Results]) -> str:
    """Return what each case takes by the number of requests, and by how much that grows."""
    sizes = [name(results.requests) for results in kept]
    head = ("case", *sizes, "slope", f"{name(_LATER)}, by the slope")
    return _table(head, [*_slopes(kept), *_imports(kept)])


def machines(kept: Sequence[Results]) -> str:
    """Return where, when and with what it was measured."""
    rows = []
    for results in kept:
        versions = ", ".join(f"{who} {version}" for who, version in results.versions.items())
        left_out = "; ".join(f"{who}: {why}" for who, why in results.missing.items()) or "nobody"
        machine = "; ".join(f"{what} {value}" for what, value in results.machine.items())
        rows.append((name(results.requests), results.date, machine, versions, left_out))
    return _table(("requests", "date", "machine", "versions", "left out"), rows)


def machine() -> dict[str, str]:
    """Return what there is to know of this machine, and how busy it is."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{memory / 1e9:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "load at the start": f"{os.getloadavg()[0]:.1f}",
    }


def line(row: Row) -> str:
    """Return a row as it is printed while the benchmark runs."""
    costs = "  ".join(f"{who} {_time(cost.seconds)} ({cost.ratio:.2f})" for who, cost in row.costs.items())
    return f"{row.name:22} {costs}"


def _section(results: Results, table: str) -> str:
    return f"**{name(results.requests)} requests**, {results.raw / 1e9:.2f} GB, {results.date}\n\n{table}"


def _limits(results: Results) -> str:
    rows: list[tuple[str, ...]] = []
    for row in results.rows:
        rows += (
            (row.title, *_compared(row.costs["reqlog"], row.costs[limit.against], limit))
            for limit in LIMITS[row.name]
            if limit.against in row.costs and results.requests >= limit.least
        )
        if row.name == "import":
            rows += _import(results, row.costs["reqlog"])
    return _table(("case", "reqlog", "against", "which takes", "ratio", "bar", "aim", "reached"), rows)


def _compared(own: Cost, other: Cost, limit: Limit) -> tuple[str, ...]:
    who, bounds = _NAMES.get(limit.against, limit.against), (f"{limit.bar:g}", f"{limit.aim:g}")
    if not limit.is_rate:
        reached = _reached(other.ratio, limit.bar, limit.aim)
        return (_time(own.seconds), who, _time(other.seconds), f"{other.ratio:.2f}", *bounds, reached)
    ratio = own.size / other.size / other.ratio
    reached = _reached(-ratio, -limit.bar, -limit.aim)
    return (_rate(own), who, _rate(other), f"{ratio:.2f}", *(f"at least {bound}" for bound in bounds), reached)


def _import(results: Results, cost: Cost) -> Iterator[tuple[str, ...]]:
    """Yield what an import must keep besides its time."""
    within = _reached(cost.peak / IMPORT_PEAK, 1, 1)
    yield ("peak memory of the import", _megabytes(cost.peak), "", "", "", _megabytes(IMPORT_PEAK), "", within)
    share, (bar, aim) = cost.size / results.raw, STORE
    sizes = (_megabytes(cost.size), "the JSON lines", _megabytes(results.raw))
    yield ("size of the store", *sizes, f"{share:.2f}", f"{bar:g}", f"{aim:g}", _reached(share, bar, aim))


def _reached(ratio: float, bar: float, aim: float) -> str:
    return "aim" if ratio <= aim else "bar" if ratio <= bar else "**no**"


def _peers(results: Results) -> str:
    everybody = list(dict.fromkeys(who for row in results.rows for who in row.costs))
    rows = []
    for row in results.rows:
        costs = [_cost(row.costs[who]) if who in row.costs else "" for who in everybody]
        memory = [_megabytes(row.costs[who].peak) if who in row.costs else "" for who in ("reqlog", "duckdb")]
        rows.append((row.title, *costs, *memory))
    head = ("case", *(_NAMES.get(who, who) for who in everybody), "memory, reqlog", "memory, DuckDB")
    return _table(head, rows)


def _cost(cost: Cost) -> str:
    return f"{_time(cost.seconds)}, {_megabytes(cost.size)}" if cost.size else _time(cost.seconds)


def _rate(cost: Cost) -> str:
    return f"{cost.size / cost.seconds / 1e6:.0f} MB/s"


def _slopes(kept: Sequence[Results]) -> Iterator[tuple[str, ...]]:
    """Yield cases with the exponent by which they grow: 0 is the same for any size, 1 is in proportion."""
    for row in _grown(kept):
        found = [(results.requests, _seconds(results, row.name)) for results in kept]
        known = [(requests, seconds) for requests, seconds in found if seconds]
        slope = _slope(known)
        later = known[-1][1] * (_LATER / known[-1][0]) ** max(slope, 0) if len(known) > 1 else 0
        times = (_time(seconds) if seconds else "" for _, seconds in found)
        yield (row.title, *times, f"{slope:.2f}" if later else "", _time(later) if later else "")


def _grown(kept: Sequence[Results]) -> Iterator[Row]:
    """Yield the cases that were measured with the most requests; cassettes are always as many."""
    return (row for results in kept[-1:] for row in results.rows if row.name != "cassettes")


def _slope(known: Sequence[tuple[int, float]]) -> float:
    if len(known) < 2:
        return 0
    (few, short), (many, long) = known[0], known[-1]
    return log(long / short) / log(many / few)


def _seconds(results: Results, case: str) -> float:
    return next((row.costs["reqlog"].seconds for row in results.rows if row.name == case), 0)


def _imports(kept: Sequence[Results]) -> Iterator[tuple[str, ...]]:
    """Yield rates and sizes, which grow in other ways than times do."""
    for figure in dict.fromkeys(figure for results in kept for figure in results.facts):
        rates = (results.facts.get(figure) for results in kept)
        yield (f"requests/s, {figure}", *(f"{rate:,.0f}" if rate else "" for rate in rates), "", "")
    sizes = [_store(results) for results in kept]
    later = sizes[-1] * _LATER / kept[-1].requests if sizes else 0
    yield ("size of the store", *map(_megabytes, sizes), "", _megabytes(later))


def _store(results: Results) -> int:
    return next((row.costs["reqlog"].size for row in results.rows if row.name == "import"), 0)


def _time(seconds: float) -> str:
    if seconds >= 100:
        return f"{seconds:,.0f} s"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _megabytes(size: float) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
