"""The cases that read or write whole files: imports, exports, and captures that are asked without a store."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from .answers import answered
from .asking import Bench
from .peers import PEERS
from .results import Row, row
from .timing import Command, FailedError, Measured, Series, measure
from .workspace import delete, size

IMPORT_ROUNDS: Final = 3
_NOT_IMPORTED: Final = ("duplicates", "enriched", "rejects", "skipped")
_LONG: Final = 100.0
"""Seconds from which on an import is measured once."""

_EXPORTS: Final = {
    "duckdb": "COPY requests TO '{output}' (FORMAT json)",
    "chdb": "SELECT * FROM requests INTO OUTFILE '{output}' TRUNCATE FORMAT JSONEachRow",
}
_YAML: Final = """import sys, pathlib, yaml
interactions = 0
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    with path.open("rb") as file:
        interactions += len(yaml.load(file, Loader=yaml.CSafeLoader)["interactions"])
print(interactions)
"""


def imported(bench: Bench, grown: Measured | None = None) -> Row:
    """Load the requests into reqlog and into every peer that keeps them, which is where the questions find them.

    With `grown` reqlog has them already, and that is what it took.
    """
    there = bench.place
    ways: dict[str, tuple[str, ...]] = {
        "reqlog": (bench.program("reqlog"), "import", "--json", "--store", str(there.store), str(there.raw))
    }
    kept = {"reqlog": there.store}
    for peer in PEERS:
        if peer.load and (program := bench.peers.get(peer.name)):
            ways[peer.name] = peer.load(program.folder, there)
            kept[peer.name] = there.of(peer.name)
    commands = {who: bench.command("import", who, *words) for who, words in ways.items()}
    if grown:
        del commands["reqlog"]
    series = _afresh(bench, commands, lambda who: delete(kept[who]))
    if grown:
        series = {"reqlog": [grown], **series}
    else:
        _check_number("import", commands["reqlog"].output, there.requests)
    return row("import", "import", series, {who: size(path) for who, path in kept.items()})


def cassettes(bench: Bench, folder: Path) -> Row:
    """Import cassettes, beside PyYAML's C loader that only loads them."""
    store = bench.place.of("cassettes")
    commands = {
        "reqlog": bench.command(
            "cassettes", "reqlog", bench.program("reqlog"), "import", "--json", "--store", str(store), str(folder)
        ),
        "pyyaml": bench.command("cassettes", "pyyaml", bench.program("python"), "-c", _YAML, str(folder)),
    }
    series = _afresh(bench, commands, lambda _: delete(store))
    _check_number("cassettes", commands["reqlog"].output, answered("number", commands["pyyaml"].output))
    delete(store)
    return row("cassettes", "`import` of 100 MB of cassettes", series, {"reqlog": size(folder)})


def exported(bench: Bench) -> Row:
    """Write everything as JSON lines to a file: reqlog newest first, the others in whatever order is quickest."""
    there = bench.place
    listed = (bench.program("reqlog"), "list", "-o", "jsonl", "--store", str(there.store))
    commands = {"reqlog": bench.command("export", "reqlog", *listed)}
    written = {"reqlog": commands["reqlog"].output}
    for peer in PEERS:
        if peer.name in _EXPORTS and (program := bench.peers.get(peer.name)):
            written[peer.name] = there.output(f"export-{peer.name}-file")
            sql = _EXPORTS[peer.name].format(output=written[peer.name])
            commands[peer.name] = bench.command("export", peer.name, *peer.words(program.folder, there, sql))
    sizes: dict[str, int] = {}

    def check(who: str) -> None:
        if _lines(written[who]) != there.requests:
            raise FailedError(f"export: {who} wrote {_lines(written[who])} lines of {there.requests}.")
        sizes[who] = size(written[who])
        written[who].unlink()

    series = _afresh(bench, commands, lambda _: None, check)
    return row("export", "`list -o jsonl` of everything", series, sizes)


def unstored(bench: Bench) -> Row:
    """Ask the file itself, without a store, beside jq; jq prints in the order of the file."""
    raw = str(bench.place.raw)
    asks = ("list", "--file", raw, "--status", "5xx", "--json")
    commands = {"reqlog": bench.command("file", "reqlog", bench.program("reqlog"), *asks)}
    if "jq" in bench.peers:
        commands["jq"] = bench.command("file", "jq", "jq", "-c", "select(.status >= 500)", raw)
    series = _afresh(bench, commands, lambda _: None)
    found = {who: sorted(map(str, _ids(command))) for who, command in commands.items()}
    if any(ids != found["reqlog"] for ids in found.values()) or not found["reqlog"]:
        raise FailedError(f"file: the answers differ. { ({who: len(ids) for who, ids in found.items()}) }")
    return row("file", "`list --file big.jsonl --status 5xx --json`", series)


def _ids(command: Command) -> list[object]:
    found = answered("ids", command.output)
    return found if isinstance(found, list) else []


def _afresh(
    bench: Bench,
    commands: dict[str, Command],
    before: Callable[[str], None],
    after: Callable[[str], None] = lambda _: None,
) -> Series:
    """Run each command in turn, after `before` has taken away what it made, an odd number of times."""
    series: Series = {who: [] for who in commands}
    for number in range(min(bench.rounds, IMPORT_ROUNDS)):
        for who, command in commands.items():
            if number and series[who][0].seconds >= _LONG:
                continue
            before(who)
            series[who].append(measure(command, bench.home))
            after(who)
    return series


def _lines(path: Path) -> int:
    """Return the number of lines of a file, of whatever size."""
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def _check_number(case: str, output: Path, expected: object) -> None:
    said = json.loads(output.read_text())
    if said != {"files": said["files"], "imported": expected} | dict.fromkeys(_NOT_IMPORTED, 0):
        raise FailedError(f"{case}: {expected} requests were to be imported; {said}")
