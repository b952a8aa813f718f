"""Many at once: whoever writes waits for its turn and is never sent away; whoever reads sees what a commit left.

Eight imports of overlapping captures write into one store while four others ask it in a loop. What each commit brought
is known from the journal of `observer.py`, in the order of the commits.
"""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import accumulate, pairwise
from pathlib import Path
from threading import Event
from typing import NamedTuple

import apsw
import pytest
from reliability.captures import SEED, requests, written
from reliability.commands import OBSERVER, Done, commits, ended, run, start, wait, wait_for
from reliability.soundness import faults, places

from reqlog.request import Request
from reqlog.store.sqlite import SqliteStore

WRITERS, EACH, STEP = 8, 6000, 3000
ALL = STEP * (WRITERS - 1) + EACH
BASE = 500
"""Requests that are there before: overlapped by no capture."""

SINCE = ("--since", "2026-01-01", "--until", "2027-01-01")
QUESTIONS = (
    ("list", "--json"),
    ("list", "--count"),
    ("errors", "--json", *SINCE),
    ("versions", "--json", *SINCE),
)


class Together(NamedTuple):
    """What eight who wrote and four who read at the same time saw."""

    home: Path
    captures: list[Path]
    store: Path
    writers: list[Done]
    readers: dict[tuple[str, ...], list[Done]]
    states: list[int]
    """How many requests there were after each commit."""
    seen: list[frozenset[int]]
    """The places of the requests that there were after each commit."""


@pytest.fixture(scope="module")
def together(tmp_path_factory) -> Together:
    home = tmp_path_factory.mktemp("together")
    store, journal = home / "store" / "requests.db", home / "journal"
    base = written(home / "base.jsonl", failed(range(-BASE, 0), 0))
    captures = [written(home / f"{number}.jsonl", overlapping(number)) for number in range(WRITERS)]
    assert run(home, journal, "import", "--store", store, base, script=OBSERVER).code == 0
    over = Event()
    with ThreadPoolExecutor(len(QUESTIONS)) as beside:
        asking = [beside.submit(ask_until, over, home, store, question) for question in QUESTIONS]
        writing = [start(home, journal, "import", "--store", store, capture, script=OBSERVER) for capture in captures]
        writers = [ended(process) for process in writing]
        over.set()
        readers = {question: answers.result() for question, answers in zip(QUESTIONS, asking, strict=True)}
    seen = list(accumulate(commits(journal), lambda kept, made: (kept - made[1]) | made[0], initial=frozenset[int]()))
    return Together(home, captures, store, writers, readers, [len(kept) for kept in seen], seen)


def overlapping(number: int) -> Iterator[dict[str, object]]:
    """Yield the requests of one capture, in an order of its own; each knows something that its neighbour's does not."""
    mine = list(failed(range(number * STEP, number * STEP + EACH), number % 2))
    random.Random(SEED + number).shuffle(mine)
    return iter(mine)


def failed(numbers: range, side: int) -> Iterator[dict[str, object]]:
    """Yield requests of which all failed; what they know depends on the side from which they were captured."""
    for request in requests(numbers):
        request |= {"status": 402, "error_type": "card_error", "error_code": "card_declined"}
        yield request | ({"api_version": "2024-06-20"} if side else {"user_agent": "curl/8", "duration_ms": 12.5})


def ask_until(over: Event, home: Path, store: Path, question: tuple[str, ...]) -> list[Done]:
    answers = []
    while not over.is_set():
        answers.append(run(home, *question, "--store", store))
    return answers


def counted(question: tuple[str, ...], answer: Done) -> int:
    """Return how many requests an answer speaks of."""
    told = json.loads(answer.out)
    match question[0], told:
        case "versions", {"versions": versions}:
            return sum(version["requests"] for version in versions)
        case "errors", [*groups]:
            return sum(group["requests"] for group in groups)
        case "list", [*records]:
            return len(records)
        case "list", int(count):
            return count
        case _:
            raise AssertionError(told)


def test_all_who_write_do_it_and_say_nothing_else(together) -> None:
    assert [(done.code, done.out, done.err[:7]) for done in together.writers] == [(0, "", "1 file,")] * WRITERS


def test_all_who_read_get_an_answer_and_nothing_else(together) -> None:
    answers = [answer for answers in together.readers.values() for answer in answers]
    assert {(answer.code, answer.err) for answer in answers} == {(0, "")}
    assert min(map(len, together.readers.values())) >= 3


def test_every_count_is_one_that_a_commit_left(together) -> None:
    counts = {counted(question, answer) for question, answers in together.readers.items() for answer in answers}
    assert counts - set(together.states) == set()
    assert len(counts) >= 3


def test_no_count_ever_falls(together) -> None:
    for question, answers in together.readers.items():
        counts = [counted(question, answer) for answer in answers]
        assert [(one, other) for one, other in pairwise(counts) if one > other] == []


def test_every_listing_has_the_very_requests_that_a_commit_left(together) -> None:
    there = dict(
        zip(
            listed(run(together.home, "list", "--json", "--reverse", "--store", together.store)),
            places(together.store),
            strict=True,
        )
    )
    left = set(together.seen)
    snapshots = [frozenset(there[id] for id in listed(answer)) for answer in together.readers["list", "--json"]]
    assert [snapshot for snapshot in snapshots if snapshot not in left] == []


def listed(answer: Done) -> list[str]:
    return [record["id"] for record in json.loads(answer.out)]


def test_in_the_end_there_is_what_one_import_after_the_other_leaves(together) -> None:
    alone = together.home / "alone" / "requests.db"
    run(together.home, "import", "--store", alone, together.home / "base.jsonl", *together.captures)
    told, expected = (run(together.home, "list", "-o", "jsonl", "--store", store) for store in (together.store, alone))
    assert told == expected
    assert expected.out.count("\n") == ALL + BASE
    assert faults(together.store) == []


def test_who_is_killed_holds_nobody_up(tmp_path) -> None:
    """Four import, two of them are killed while they write; the others end, and what they left is made whole."""
    store = tmp_path / "store" / "requests.db"
    captures = [written(tmp_path / f"{number}.jsonl", overlapping(number)) for number in range(4)]
    journals = [tmp_path / f"journal-{number}" for number in range(4)]
    moments = random.Random(SEED)
    processes = []
    for capture, journal in zip(captures, journals, strict=True):
        journal.touch()
        processes.append(start(tmp_path, journal, "import", "--store", store, capture, script=OBSERVER))
    for process, journal in list(zip(processes, journals, strict=True))[::2]:
        wait_for(process, journal, 1)
        wait(process, moments.uniform(0, 0.05))
        process.kill()
    done = [ended(process) for process in processes]
    assert [(each.code, each.err[:7]) for each in done[1::2]] == [(0, "1 file,")] * 2
    assert faults(store) == []
    again = run(tmp_path, "import", "--store", store, *captures)
    assert (again.code, again.err[:8]) == (0, "4 files,")
    assert (len(places(store)), faults(store)) == (STEP * 3 + EACH, [])


def test_who_opens_the_store_again_in_one_process_keeps_what_it_holds(tmp_path) -> None:
    """A process that closes a file of a store by itself lets go of all the locks that SQLite holds on it there."""
    path = tmp_path / "requests.db"
    taking = "import apsw, sys; apsw.Connection(sys.argv[1]).execute('BEGIN IMMEDIATE')"
    with closing(SqliteStore(path, write=True)) as store:
        store.add([Request(id="req_1")])
        with closing(apsw.Connection(str(path))) as holding:
            holding.execute("BEGIN IMMEDIATE")
            for write in (False, True):
                SqliteStore(path, write=write).close()
            other = subprocess.run([sys.executable, "-c", taking, path], capture_output=True, text=True, check=False)
    assert other.stderr.endswith("apsw.BusyError: database is locked\n")
