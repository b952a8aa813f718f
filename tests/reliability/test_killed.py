"""`kill -9` at any moment of an import: nothing that was committed is lost, and nothing is there by halves.

Five stores are each imported into and killed again and again, further along each time, until the import is left to end.
"""

import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import pytest
from reliability.captures import SEED, requests, written
from reliability.commands import OBSERVER, Done, commits, ended, run, start, wait, wait_for
from reliability.soundness import copied, faults, is_made, places, strangers

COUNT = 100_000
BATCH = 2000
CHAINS, LINKS = 5, 10


class Kill(NamedTuple):
    """What a kill left behind."""

    seed: int
    chain: int
    link: int
    code: int
    """What the import ended with."""
    commits: list[int]
    """How many requests each of its commits had added, of those that it made."""
    seconds: float
    """How long it had run."""
    before: frozenset[int]
    """The places of the requests that the last commit left of which there is no doubt."""
    after: frozenset[int]
    """The same with the commit that was under way."""
    counted: Done
    """What `list --count` said next."""
    newest: Done
    """What `list --json --limit 1` said next."""
    faults: list[str]
    places: list[int]
    strangers: int

    def __repr__(self) -> str:
        where = f"chain {self.chain}, link {self.link}, after {len(self.commits)} commits, {len(self.places)} requests"
        return f"<RELIABILITY_SEED={self.seed}: {where}: {self.counted} {self.newest.err!r} {self.faults}>"


class Whole(NamedTuple):
    """An import that nobody disturbed."""

    capture: Path
    store: Path
    places: list[int]


class Chain(NamedTuple):
    """A store after its import was killed again and again, and then ended."""

    kills: list[Kill]
    kept: frozenset[int]
    """What there was before the end."""
    end: Done
    store: Path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def whole(home: Path) -> Whole:
    capture = written(home / "capture.jsonl", requests(range(COUNT)))
    store = home / "whole" / "requests.db"
    done = run(home, "import", "--store", store, capture)
    assert done == (0, "", f"1 file, {COUNT} imported, 0 duplicates, 0 enriched, 0 rejects, 0 skipped\n")
    return Whole(capture, store, places(store))


@pytest.fixture(scope="module")
def chains(home, whole) -> list[Chain]:
    """Five chains of ten kills, and more for the tenths that none hit: an import may end before it can be killed."""
    with ThreadPoolExecutor(2) as side_by_side:
        chains = list(side_by_side.map(lambda number: chain_of(home, whole, number, range(LINKS)), range(CHAINS)))
    while len(chains) < 10 * CHAINS and (links := missing([kill for chain in chains for kill in chain.kills])):
        chains.append(chain_of(home, whole, len(chains), links))
    return chains


@pytest.fixture(scope="module")
def kills(chains) -> list[Kill]:
    return [kill for chain in chains for kill in chain.kills]


def missing(kills: list[Kill]) -> list[int]:
    """The tenths of the import that none of the kills hit; all of them if there are too few kills."""
    if len(kills) < CHAINS * LINKS:
        return list(range(LINKS))
    return sorted(set(range(LINKS)) - tenths(kills))


def tenths(kills: list[Kill]) -> set[int]:
    return {min(len(kill.commits) * LINKS // (COUNT // BATCH), LINKS - 1) for kill in kills}


def chain_of(home: Path, whole: Whole, number: int, links: Iterable[int]) -> Chain:
    moments = random.Random(SEED + number)
    store = home / str(number) / "requests.db"
    kept: frozenset[int] = frozenset()
    kills = []
    for link in links:
        share = (link * CHAINS + number % CHAINS + moments.random()) / (LINKS * CHAINS)
        kill = killed(home, whole, store, kept, (number, link), share * COUNT / BATCH, moments)
        kept = frozenset(kill.places)
        if kill.code == 0:
            break
        kills.append(kill)
    return Chain(kills, kept, run(home, "import", "--store", store, whole.capture), store)


def killed(
    home: Path, whole: Whole, store: Path, kept: frozenset[int], at: tuple[int, int], when: float, moments
) -> Kill:
    """Kill an import after so many commits and up to one commit's time, or near its start if that is less than 1."""
    journal = home / f"journal-{at[0]}-{at[1]}"
    journal.touch()
    began = perf_counter()
    process = start(home, journal, "import", "--store", store, whole.capture, script=OBSERVER)
    wait_for(process, journal, int(when))
    wait(process, moments.uniform(0, 0.05) if when >= 1 else moments.uniform(0, 0.4))
    process.kill()
    code = ended(process).code
    seconds = perf_counter() - began
    made = list(commits(journal))
    added = [len(commit[0]) for commit in made]
    known = (SEED, *at, code, added, seconds, after(kept, made[:-1]), after(kept, made))
    counted = run(home, "list", "--count", "--store", store)
    newest = run(home, "list", "--json", "--limit", 1, "--store", store)
    copy = copied(store, home / f"copy-{at[0]}")
    if not is_made(copy):
        return Kill(*known, counted, newest, [], [], 0)
    return Kill(*known, counted, newest, faults(copy), places(copy), strangers(copy, whole.store))


def after(kept: frozenset[int], made: list[tuple[frozenset[int], frozenset[int]]]) -> frozenset[int]:
    for added, removed in made:
        kept = (kept - removed) | added
    return kept


def test_fifty_kills_land_in_the_import_from_its_beginning_to_its_end(kills) -> None:
    assert [kill for kill in kills if kill.code != -9] == []
    assert len(kills) >= 50
    assert tenths(kills) == set(range(LINKS))


def test_after_each_the_store_opens_and_tells_what_it_has(kills) -> None:
    answered = [kill for kill in kills if kill.places]
    assert [kill for kill in answered if kill.counted != (0, f"{len(kill.places)}\n", "")] == []
    assert [kill for kill in answered if (kill.newest.code, kill.newest.err) != (0, "")] == []
    assert len(answered) >= 40


def test_after_a_kill_before_the_first_commit_a_sentence_says_so(kills) -> None:
    said = ("There are no requests", "reqlog: There is no store", "reqlog: The store ")
    assert [kill for kill in kills if not kill.places and not kill.counted.err.startswith(said)] == []


def test_after_each_the_store_is_sound(kills) -> None:
    assert [kill for kill in kills if kill.faults] == []


def test_after_each_there_is_what_a_commit_left(kills) -> None:
    assert [kill for kill in kills if frozenset(kill.places) not in (kill.before, kill.after)] == []


def test_a_commit_is_a_whole_batch(kills) -> None:
    """A batch is less than 2000 requests only if it took 0.8 seconds to come, or if some of it were there before."""
    broken = [sum(0 < added < BATCH for added in kill.commits) for kill in kills]
    assert [kill for kill, count in zip(kills, broken, strict=True) if count > 1 + kill.seconds / 0.8] == []


def test_after_each_there_is_a_prefix_of_the_input_and_no_request_by_halves(kills, whole) -> None:
    assert [kill for kill in kills if kill.places != whole.places[: len(kill.places)]] == []
    assert [kill for kill in kills if kill.strangers] == []


def test_the_same_import_again_gives_the_full_set(chains, whole) -> None:
    for chain in chains:
        known = len(chain.kept)
        new = COUNT - known
        summary = f"1 file, {new} imported, {known} duplicates, 0 enriched, 0 rejects, 0 skipped\n"
        assert chain.end == (0, "", summary), SEED
        assert (faults(chain.store), strangers(chain.store, whole.store)) == ([], 0), SEED
        assert places(chain.store) == whole.places, SEED


def test_the_command_line_tells_the_same_of_it_in_every_field(home, chains, whole) -> None:
    told, expected = (run(home, "list", "-o", "jsonl", "--store", store) for store in (chains[0].store, whole.store))
    assert told == expected
    assert expected.out.count("\n") == COUNT
