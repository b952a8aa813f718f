"""What was measured, as rows that are kept as JSON from run to run."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from .timing import Series, ratio, typical


class Cost(NamedTuple):
    """What one contestant took, over its rounds."""

    seconds: float
    cpu: float
    peak: int
    runs: int
    ratio: float
    """How many times as long reqlog takes; measured within rounds."""
    size: int = 0
    """Bytes of what it wrote, where that matters."""


class Row(NamedTuple):
    """One case with all that took part in it, reqlog first."""

    name: str
    title: str
    costs: dict[str, Cost]


class Results(NamedTuple):
    """One run with one number of requests."""

    requests: int
    date: str
    machine: dict[str, str]
    versions: dict[str, str]
    missing: dict[str, str]
    raw: int
    """Bytes of the JSON lines."""
    rows: list[Row]
    facts: dict[str, float]
    """Figures that are of reqlog alone, by name."""


def row(name: str, title: str, series: Series, sizes: dict[str, int] | None = None) -> Row:
    costs = {}
    for who, measured in series.items():
        middle = typical(measured)
        written = (sizes or {}).get(who, 0)
        costs[who] = Cost(*middle, len(measured), ratio(series, "reqlog", who), written)
    return Row(name, title, costs)


def save(results: Results, path: Path) -> None:
    rows = [
        each._asdict() | {"costs": {who: cost._asdict() for who, cost in each.costs.items()}} for each in results.rows
    ]
    path.write_text(json.dumps(results._asdict() | {"rows": rows}, indent=1))


def load(path: Path) -> Results:
    kept: dict[str, Any] = json.loads(path.read_text())
    rows = [
        Row(each["name"], each["title"], {who: Cost(**cost) for who, cost in each["costs"].items()})
        for each in kept.pop("rows")
    ]
    return Results(**kept, rows=rows)
