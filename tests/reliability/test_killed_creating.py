"""`kill -9` while the first import makes the store: whatever there is of it then, the next import makes it whole."""

import os
import random
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import pytest
from reliability.captures import SEED, requests, written
from reliability.commands import Done, ended, run, start
from reliability.soundness import copied, faults, is_made, places

COUNT = 3
KILLS = 30
TRIES = 400


class Kill(NamedTuple):
    """What a kill left behind."""

    seed: int
    number: int
    stage: str
    """What there was of the store: no file, no schema, no requests, or all."""
    counted: Done
    """What `list --count` said next."""
    again: Done
    """What the same import said next."""
    faults: list[str]
    places: int


@pytest.fixture(scope="module")
def kills(tmp_path_factory) -> list[Kill]:
    """Thirty kills or more, ten of them at least while there is a file that is no store yet."""
    home = tmp_path_factory.mktemp("creating")
    capture = written(home / "capture.jsonl", requests(range(COUNT)))
    moments = random.Random(SEED)
    kills: list[Kill] = []
    while len(kills) < TRIES and (len(kills) < KILLS or not has_landed_on_both_sides(kills)):
        soon, later = moments.uniform(0, 0.01), moments.uniform(0, 0.1)
        kills.append(killed(home, capture, len(kills), later if len(kills) % 3 else soon))
    return kills


def has_landed_on_both_sides(kills: list[Kill]) -> bool:
    stages = Counter(kill.stage for kill in kills)
    return stages["no schema"] >= 10 and stages["no requests"] + stages["all"] >= 5


def killed(home: Path, capture: Path, number: int, delay: float) -> Kill:
    """Kill an import so many seconds after the file of the store is there."""
    store = home / str(number) / "requests.db"
    process = start(home, "import", "--store", store, capture)
    while not store.exists() and process.poll() is None:
        pass
    moment = perf_counter() + delay
    while perf_counter() < moment:
        pass
    process.kill()
    ended(process)
    stage = stage_of(copied(store, home / "copy"))
    os.utime(store, (0, 0))  # so that nobody waits for one who is still making it
    counted = run(home, "list", "--count", "--store", store)
    again = run(home, "import", "--store", store, capture)
    return Kill(SEED, number, stage, counted, again, faults(store), len(places(store)))


def stage_of(store: Path) -> str:
    if not store.exists():
        return "no file"
    if not is_made(store):
        return "no schema"
    return "all" if places(store) else "no requests"


def test_kills_land_before_the_schema_is_there_and_after(kills) -> None:
    assert has_landed_on_both_sides(kills), Counter(kill.stage for kill in kills)


def test_a_store_that_is_none_yet_is_told_and_not_made_by_who_reads_it(kills) -> None:
    unmade = [kill for kill in kills if kill.stage == "no schema"]
    odd = [k for k in unmade if (k.counted.code, k.counted.out) != (3, "") or " is empty, since " not in k.counted.err]
    assert odd == []


def test_a_store_that_is_made_answers(kills) -> None:
    made = [kill for kill in kills if kill.stage in ("no requests", "all")]
    expected = {"no requests": "0\n", "all": f"{COUNT}\n"}
    assert [kill for kill in made if (kill.counted.code, kill.counted.out) != (0, expected[kill.stage])] == []


def test_the_same_import_again_makes_it_whole(kills) -> None:
    assert [kill for kill in kills if kill.again.code != 0 or kill.faults or kill.places != COUNT] == []
