"""Where the benchmark keeps what it made: requests, cassettes, stores, environments, and what was measured.

All of it is in one folder, by default in the platform's folder for temporary files, and is used again.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final, NamedTuple

from .generate import DAYS, UNTIL, Plan, write

CASSETTES: Final = 100_000_000
"""Bytes of cassettes."""

_ROOM: Final = 3_800
"""Bytes of disk that a request may take in all: the line, a store, two peers' and what is exported."""


class Facts(NamedTuple):
    """What is asked for by name, as it stands in the requests."""

    request: str
    customer: str
    ip: str
    since: str
    """The last seven of the thirty days begin then; no whole hour, so that hours do not come out even.

    With milliseconds, as in the requests, so that peers may compare it as text.
    """


class Place(NamedTuple):
    """The files of one number of requests."""

    folder: Path
    requests: int

    @property
    def raw(self) -> Path:
        return self.folder / "requests.jsonl"

    @property
    def store(self) -> Path:
        return self.folder / "requests.db"

    def of(self, peer: str) -> Path:
        """Return where a peer keeps the same requests."""
        return self.folder / f"{peer}.db"

    def output(self, name: str) -> Path:
        return self.folder / f"{name}.out"


def place(cache: Path, requests: int) -> Place:
    """Return the place of so many requests, which are made if they are not there yet."""
    there = Place(cache / name(requests), requests)
    there.folder.mkdir(parents=True, exist_ok=True)
    if not there.raw.exists():
        write(Plan(requests), there.raw)
    return there


def name(requests: int) -> str:
    """Return the short name of an amount: `100k`, `10m`."""
    for unit, size in (("m", 1_000_000), ("k", 1_000)):
        if requests % size == 0:
            return f"{requests // size}{unit}"
    return str(requests)


def lacking(cache: Path, requests: int) -> int:
    """Return how many bytes of disk are lacking for so many requests, 0 if there is room."""
    cache.mkdir(parents=True, exist_ok=True)
    there = sum(path.stat().st_size for path in (cache / name(requests)).glob("requests.jsonl"))
    return max(0, requests * _ROOM - there - shutil.disk_usage(cache).free)


def facts(there: Place) -> Facts:
    """Return what is asked for: the first request with a customer at two fifths of the file."""
    with there.raw.open("rb") as file:
        file.seek(there.raw.stat().st_size * 2 // 5)
        file.readline()
        record = next(each for each in map(json.loads, file) if each["status"] == 200 and _customer(each))
    since = UNTIL.timestamp() - 7 * 86400 + 17 * 60 + 3
    assert since > UNTIL.timestamp() - DAYS * 86400
    return Facts(record["id"], _customer(record), record["ip_address"], _rfc3339(since))


def _customer(record: dict[str, Any]) -> str:
    return next((id for id in record["resources"] if id.startswith("cus_")), "")


def _rfc3339(seconds: float) -> str:
    return f"{UNTIL.fromtimestamp(seconds, UNTIL.tzinfo):%Y-%m-%dT%H:%M:%S.000Z}"


def cassettes(cache: Path, python: Path) -> Path:
    """Return the folder of cassettes, which `python`, that has PyYAML, makes if they are not there yet."""
    folder = cache / "cassettes"
    if not folder.exists():
        root = Path(__file__).resolve().parents[2]
        words = [str(python), "-m", "tests.bench.cassettes", str(CASSETTES // 1_000_000), str(folder)]
        subprocess.run(words, check=True, cwd=root, stdout=subprocess.DEVNULL)
    return folder


def size(path: Path) -> int:
    """Return the bytes of a file with what stands beside it, such as a write-ahead log, or of a folder."""
    if path.is_dir():
        return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
    return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))


def delete(path: Path) -> None:
    """Delete a store or a peer's database, with what stands beside it."""
    for each in path.parent.glob(f"{path.name}*"):
        shutil.rmtree(each) if each.is_dir() else each.unlink()
