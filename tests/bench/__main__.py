"""Measure what questions and imports cost, reqlog and other tools in turn: `python3 -m tests.bench [100k|1m|10m …]`.

What is needed is made in `--cache` and used again: requests, and environments with reqlog and the peers. jq, ripgrep
and lnav are taken from the system if they are there. A whole run is written to docs/performance.md; with `--only` or
`--peers` the figures are printed and nothing is written.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from . import environments, files, growth, report, workspace
from .asking import Bench, asked
from .environments import Missing, Program
from .generate import amount
from .peers import PEERS
from .questions import ALL
from .results import Results, Row, load, save
from .timing import FailedError, Measured

SIZES: Final = ("100k",)
ROUNDS: Final = 9
LARGE: Final = 1_000_000
"""Up to so many requests are imported again for the growth of a store, against the order of time too.

With more, ten imports of a tenth each fill the store that the questions are put to, and stand for its import.
"""


def main(arguments: Sequence[str]) -> int:
    given = _parsed(arguments)
    reqlog = environments.reqlog(given.cache)
    if isinstance(reqlog, Missing):
        return _said(f"reqlog cannot be measured: {reqlog.reason}.")
    failures = 0
    for requests in given.sizes or [amount(size) for size in SIZES]:
        if lack := workspace.lacking(given.cache, requests):
            return _said(f"{given.cache} lacks {lack / 1e9:.0f} GB for {workspace.name(requests)} requests.")
        failures += _measure(given, reqlog, requests)
    if not given.only and not given.peers:
        report.write(_kept(given.cache))
    return 1 if failures else 0


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench", description=__doc__.partition(":")[0])
    cache = Path(tempfile.gettempdir()) / "reqlog-bench"
    words = lambda text: text.split(",")  # noqa: E731  (argparse wants a function)
    parser.add_argument("sizes", nargs="*", type=amount, help=f"numbers of requests; {' '.join(SIZES)} if none")
    parser.add_argument("--cache", type=Path, default=cache, help=f"folder to work in; {cache}")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"an odd number; {ROUNDS}")
    parser.add_argument("--only", type=words, default=[], help="cases, or what their names begin with")
    parser.add_argument("--peers", type=words, default=[], help="peers to measure beside; none for none")
    parser.add_argument("--keep", action="store_true", help="keep the stores and databases, for --only to ask again")
    return parser.parse_args(arguments)


def _measure(given: argparse.Namespace, reqlog: Program, requests: int) -> int:
    """Measure one number of requests, print and keep the figures, and return how many cases failed."""
    _tell(f"{workspace.name(requests)} requests")
    place = workspace.place(given.cache, requests)
    found = {peer.name: environments.peer(peer, given.cache, requests) for peer in PEERS}
    peers = {name: each for name, each in found.items() if isinstance(each, Program) and _wanted(name, given.peers)}
    missing = {name: each.reason for name, each in found.items() if isinstance(each, Missing)}
    for name, reason in missing.items():
        _tell(f"{name} is left out: {reason}")
    bench = Bench(place, workspace.facts(place), reqlog, peers, given.rounds)
    begun, machine = f"{datetime.now(UTC):%Y-%m-%d}", report.machine()
    grown = _grown(bench, given) if requests > LARGE else None
    rows, failures = _told(_outcomes(bench, given, grown and grown.took))
    facts = _growth("in order", grown.rates) if grown else _regrown(bench, given)
    if not given.only and not given.peers:
        versions = {"reqlog": reqlog.version} | {name: each.version for name, each in peers.items()}
        results = Results(requests, begun, machine, versions, missing, place.raw.stat().st_size, rows, facts)
        save(results, given.cache / f"results-{workspace.name(requests)}.json")
    if not given.keep:
        _tidy(bench)
    return failures


def _told(outcomes: Iterable[Row | FailedError]) -> tuple[list[Row], int]:
    """Print what comes, and return the rows with the number of failures."""
    rows, failures = [], 0
    for outcome in outcomes:
        if isinstance(outcome, Row):
            rows.append(outcome)
            _tell(report.line(outcome))
        else:
            failures += 1
            _tell(f"FAILED  {outcome}")
    return rows, failures


def _outcomes(bench: Bench, given: argparse.Namespace, grown: Measured | None) -> Iterator[Row | FailedError]:
    """Yield what each wanted case took, in the order in which each finds what it needs."""
    whole: dict[str, Callable[[], Row]] = {
        "cassettes": lambda: files.cassettes(bench, workspace.cassettes(given.cache, bench.reqlog.folder / "python")),
        "file": lambda: files.unstored(bench),
        "import": lambda: files.imported(bench, grown),
    }
    if not bench.place.store.exists():
        given.only = given.only and [*given.only, "import"]
    yield from _tried(whole, given.only)
    yield from asked(bench, [each for each in ALL if _wanted(each.name, given.only)])
    yield from _tried({"export": lambda: files.exported(bench)}, given.only)


def _tried(cases: dict[str, Callable[[], Row]], only: Sequence[str]) -> Iterator[Row | FailedError]:
    for name, case in cases.items():
        if _wanted(name, only):
            try:
                yield case()
            except FailedError as error:
                yield error


def _grown(bench: Bench, given: argparse.Namespace) -> growth.Grown | None:
    """Fill the store that is asked, tenth by tenth, unless it is there and `import` is not wanted."""
    if bench.place.store.exists() and not _wanted("import", given.only):
        return None
    return growth.grown(bench, bench.place.store)


def _regrown(bench: Bench, given: argparse.Namespace) -> dict[str, float]:
    """Fill a store of its own tenth by tenth, in the order of time and against it."""
    if not _wanted("growth", given.only):
        return {}
    if not given.keep:
        _tidy(bench)
    store = bench.place.of("growing")
    figures: dict[str, float] = {}
    for way in ("in order", "backwards"):
        figures |= _growth(way, growth.grown(bench, store, backwards=way == "backwards").rates)
        workspace.delete(store)
    return figures


def _growth(way: str, rates: Sequence[float]) -> dict[str, float]:
    _tell(f"growth, {way}: " + " ".join(f"{rate:.0f}" for rate in rates) + " requests/s, tenth by tenth")
    return {
        f"first tenth, {way}": rates[0],
        f"last tenth, {way}": rates[-1],
        f"all tenths, {way}": len(rates) / sum(1 / rate for rate in rates),
    }


def _wanted(name: str, only: Iterable[str]) -> bool:
    wanted = tuple(only)
    return not wanted or any(name.startswith(each) for each in wanted)


def _tidy(bench: Bench) -> None:
    """Delete all but the requests, which are used again."""
    for said in bench.place.folder.glob("*.out*"):
        said.unlink()
    workspace.delete(bench.place.store)
    for peer in PEERS:
        workspace.delete(bench.place.of(peer.name))


def _kept(cache: Path) -> list[Results]:
    return sorted((load(path) for path in cache.glob("results-*.json")), key=lambda results: results.requests)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _said(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
