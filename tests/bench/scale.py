"""What a store on ClickHouse costs beside one in SQLite: `PYTHONPATH=tests .venv/bin/python tests/bench/scale.py FILE`.

`FILE` is a capture in JSON lines, as `reqlog list -o jsonl` writes them, in the order of time; as large as the figures
are to be for. It is imported into SQLite, into Debian's clickhouse-server, and into two of it as two shards, and a
tenth of it again, of 100,000 at most; all on this machine, which is why two shards are not faster here than one. Then
each question is put to each store in turn, round after round, with the real command line, start-up included; figures
are medians over the rounds, and the answers have to be the same. The processor time of a store is that of the command
and of its servers. Words after the file: the number of rounds (5), and the stores to measure (`sqlite server cluster`).
`--in FOLDER` keeps the stores there; those that are there are not imported into again, so that questions can wait for a
quiet machine.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from clickhouse_servers import CLUSTER, Running, servers

KINDS = ("sqlite", "server", "cluster")
_TICKS = os.sysconf("SC_CLK_TCK")


class Place(NamedTuple):
    """A store that is measured."""

    kind: str
    url: str
    running: Sequence[Running]
    is_new: bool
    """Whether there is nothing in it yet."""


class Cost(NamedTuple):
    seconds: float
    processor: float
    """Seconds of processor time, of the command and of the servers."""
    output: str


def main(arguments: Sequence[str]) -> None:
    """Measure, and print tables in Markdown."""
    given = _parsed(arguments)
    lines = sum(1 for _ in _numbered(given.capture))
    asked = _About(given.capture, lines)
    say(f"{lines:,} requests, {given.capture.stat().st_size / lines:,.0f} bytes of JSON each\n")
    with TemporaryDirectory(prefix="reqlog-scale-") as temporary, ExitStack() as stack:
        folder = given.folder or Path(temporary)
        places = [_place(kind, folder, stack) for kind in given.kinds or KINDS]
        _print_imports([place for place in places if place.is_new], folder, str(given.capture), asked)
        if given.rounds:
            _print_questions(places, folder, asked, given.rounds)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("capture", type=Path)
    parser.add_argument("rounds", type=int, nargs="?", default=5)
    parser.add_argument("kinds", nargs="*")
    parser.add_argument("--in", type=Path, dest="folder")
    return parser.parse_args(arguments)


def _place(kind: str, folder: Path, stack: ExitStack) -> Place:
    if kind == "sqlite":
        return Place(kind, str(folder / "requests.db"), (), is_new=not (folder / "requests.db").exists())
    is_new = not (folder / kind).exists()
    running = stack.enter_context(servers(folder / kind, 2 if kind == "cluster" else 1))
    place = Place(kind, running[0].url("scale"), running, is_new)
    if is_new:
        for each in running:
            each.rows("CREATE DATABASE scale")
        cluster = ("--cluster", CLUSTER) if kind == "cluster" else ()
        _run(place, folder, "", "store", "init", *cluster)
    return place


class _About:
    """What is asked about: values that the capture has."""

    def __init__(self, capture: Path, lines: int) -> None:
        some = [json.loads(line) for number, line in _numbered(capture) if number % max(1, lines // 1000) == 0]
        self.again = min(lines // 10, 100_000)
        self.now = some[-1]["time"]
        self.middle = some[len(some) // 2]
        self.customer = _first(some[len(some) // 2 :], _customer)
        self.ip = _first(some, lambda each: each.get("ip_address"))

    def questions(self) -> Iterator[tuple[str, ...]]:
        """Yield commands; what is long is told by its number alone."""
        for words in (
            ("list --limit 20 --json"),
            ("list --status 4xx --limit 20 --json"),
            (f"list --status 402 --ip {self.ip} --limit 20 --json"),
            ("list --method GET --error-type card_error --limit 20 --json"),
            (f"list --since {self.middle['time']} --error-type api_error --limit 20 --json"),
            (f"list --resource {self.customer} --json"),
            (f"show {self.middle['id']} --json"),
            ("list --text declined --limit 20 --json"),
            ("list --status failed --count"),
            ("list --count"),
            ("errors --since 7d --json"),
            ("errors --since 60d --json"),
            ("versions --since 60d --json"),
        ):
            yield tuple(words.split())


def _numbered(capture: Path) -> Iterator[tuple[int, bytes]]:
    with capture.open("rb") as lines:
        yield from enumerate(lines)


def _first(records: Sequence[dict[str, Any]], value: Callable[[dict[str, Any]], str | None]) -> str:
    return next(found for each in records if (found := value(each)))


def _customer(record: dict[str, Any]) -> str | None:
    return next((id for id in record.get("resources") or () if id.startswith("cus_")), None)


def _print_imports(places: Sequence[Place], folder: Path, capture: str, asked: _About) -> None:
    tenth = folder / "tenth.jsonl"
    with Path(capture).open("rb") as lines:
        tenth.write_bytes(b"".join(islice(lines, asked.again)))
    say("| store | requests/s in | processor, of it the server's | again | bytes/request | of index in memory |")
    say("| --- | --- | --- | --- | --- | --- |")
    for place in places:
        before = _processor_of(place)
        first = _run(place, folder, asked.now, "import", capture, "--json")
        servers_took = _processor_of(place) - before
        count = json.loads(first.output)["imported"]
        again = _run(place, folder, asked.now, "import", str(tenth), "--json")
        known = json.loads(again.output)["duplicates"]
        if known != asked.again:
            raise AssertionError(again)
        info = json.loads(_run(place, folder, asked.now, "store", "info", "--json").output)
        processor = f"{first.processor / count * 1e6:,.0f} us, {servers_took / count * 1e6:,.0f} us"
        rates = f"{count / first.seconds:,.0f} | {processor} | {known / again.seconds:,.0f}"
        say(f"| {place.kind} | {rates} | {info['bytes'] / count:,.0f} | {_indexed(place) / count:.2f} |")


def _print_questions(places: Sequence[Place], folder: Path, asked: _About, rounds: int) -> None:
    say(f"\n| milliseconds (of processor) | {' | '.join(place.kind for place in places)} |")
    say(f"| --- |{' --- |' * len(places)}")
    for question in asked.questions():
        costs: dict[str, list[Cost]] = {}
        for _ in range(rounds):
            for place in places:
                costs.setdefault(place.kind, []).append(_run(place, folder, asked.now, *question))
        answers = {cost.output for each in costs.values() for cost in each}
        if len(answers) > 1:
            raise AssertionError(f"not the same answers to {question}")
        cells = [
            f"{median(cost.seconds for cost in each) * 1000:,.0f} "
            f"({median(cost.processor for cost in each) * 1000:,.0f})"
            for each in costs.values()
        ]
        say(f"| `{' '.join(question)}` | {' | '.join(cells)} |")


def _run(place: Place, folder: Path, now: str, *words: str) -> Cost:
    """Run the command line, on the store at `place`."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "REQLOG_STORE": place.url, "REQLOG_NOW": now}
    before, began = _processor_of(place) + _children(), time.perf_counter()
    command = [sys.executable, "-m", "reqlog", *words]
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, check=True, encoding="utf-8")
    seconds = time.perf_counter() - began
    return Cost(seconds, _processor_of(place) + _children() - before, done.stdout)


def _indexed(place: Place) -> int:
    """Return how many bytes of memory the primary indexes of the servers take."""
    sql = "SELECT sum(primary_key_bytes_in_memory) FROM system.parts WHERE active AND database = 'scale'"
    return sum(int(each.rows(sql)[0][0]) for each in place.running)


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _processor_of(place: Place) -> float:
    """Return the seconds of processor time that the servers of `place` have taken."""
    return sum(map(_taken, (each.pid for each in place.running)))


def _taken(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def say(line: str) -> None:
    """Print `line` at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
