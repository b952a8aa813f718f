"""Several imports that find no store at the same instant make one, and each finds a place in it."""

import subprocess
from pathlib import Path

import pytest
from reliability.captures import requests, written
from reliability.commands import Done, ended, run, start
from reliability.soundness import faults

GATE = Path(__file__).with_name("gate.py")


def at_once(home: Path, *commands: list[object]) -> list[Done]:
    """Run the command lines at the same instant."""
    processes = [start(home, *command, script=GATE, stdin=subprocess.PIPE) for command in commands]
    assert [process.stdout.readline() for process in processes if process.stdout] == ["ready\n"] * len(processes)
    for process in processes:
        assert process.stdin
        process.stdin.close()
        process.stdin = None
    return [ended(process) for process in processes]


@pytest.mark.parametrize(("many", "times"), [(2, 20), (4, 15)])
def test_they_make_one_store_of_all(tmp_path, many, times) -> None:
    captures = [written(tmp_path / f"{number}.jsonl", requests(range(number, number + 3))) for number in range(many)]
    for time in range(times):
        store = tmp_path / f"{time}" / "new" / "requests.db"
        done = at_once(tmp_path, *(["import", "--store", store, capture] for capture in captures))
        assert [(each.code, each.out, each.err[:7]) for each in done] == [(0, "", "1 file,")] * many
        assert run(tmp_path, "list", "--count", "--store", store) == (0, f"{many + 2}\n", "")
        assert faults(store) == []


def test_who_reads_meanwhile_is_answered_or_told_that_there_is_no_store(tmp_path) -> None:
    capture = written(tmp_path / "capture.jsonl", requests(range(3)))
    for time in range(20):
        store = tmp_path / f"{time}" / "requests.db"
        reading = ["list", "--count", "--store", store]
        wrote, *read = at_once(tmp_path, ["import", "--store", store, capture], reading, reading)
        none = (
            f"reqlog: There is no store at {store}; fill one with `reqlog import PATH`, or name another with --store.\n"
        )
        assert wrote.code == 0
        for answer in read:
            assert answer in (Done(3, "", none), Done(0, "3\n", "")) or (answer.code, answer.out) == (0, "0\n")
