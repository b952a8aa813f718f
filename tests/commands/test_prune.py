import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest

LINES = "".join(
    f'{{"id":"req_{day:02}","time":"2026-04-{day:02}T10:00:00.000Z","status":{402 if day % 2 else 200},'
    f'"request_body":"note=secret{day:02}word","resources":["cus_{day}"]}}\n'
    for day in range(1, 31)
)


@pytest.fixture
def store(run, tmp_path: Path) -> Path:
    run("import", "-", input=LINES)
    return tmp_path / "store" / "requests.db"


def told(done) -> tuple[int, str, str]:
    return done.returncode, done.stdout, done.stderr.partition(";")[0]


def ids(run, *arguments: str) -> list[str]:
    return [line for line in run("list", "-o", "csv", "--fields", "id", *arguments).stdout.splitlines() if line != "id"]


def days(*numbers: int) -> list[str]:
    return [f"req_{day:02}" for day in sorted(numbers, reverse=True)]


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (("--older-than", "30d"), range(11, 31)),  # now is 10 May, noon
        (("--older-than", "30d", "--status", "402"), [*range(2, 11, 2), *range(11, 31)]),
        (("--status", "402"), range(2, 31, 2)),
        (("--not-status", "402"), range(1, 30, 2)),
        (("--until", "2026-04-03"), range(3, 31)),
        (("--date", "2026-04-03"), [1, 2, *range(4, 31)]),
        (("--resource", "cus_3"), [1, 2, *range(4, 31)]),
        (("--text", "secret03word"), [1, 2, *range(4, 31)]),
    ],
)
def test_what_the_filters_match_is_forgotten_and_nothing_else(arguments, left, run, store) -> None:
    matching = ids(
        run, *(arguments if arguments[0] != "--older-than" else ("--until", "2026-04-10T12:00Z", *arguments[2:]))
    )
    done = run("prune", *arguments, "--yes")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith(f"Forgot {len(matching)} of 30 requests, from 2026-04-")
    assert ids(run) == days(*left)
    assert set(matching) == set(days(*range(1, 31))) - set(days(*left))
    assert run("store", "check").returncode == 0


def test_its_text_is_gone_from_every_file_of_the_store(run, store) -> None:
    run("prune", "--text", "secret03word", "--yes")
    content = b"".join(file.read_bytes() for file in store.parent.iterdir())
    assert (b"secret03word" in content, b"secret04word" in content) == (False, True)


def test_a_dry_run_says_what_would_go_and_forgets_nothing(run, store) -> None:
    before = store.read_bytes()
    done = run("prune", "--older-than", "30d", "--dry-run")
    expected = "Would forget 10 of 30 requests, from 2026-04-01 10:00:00 UTC to 2026-04-10 10:00:00 UTC.\n"
    assert told(done) == (0, "", expected)
    assert store.read_bytes() == before


def test_a_size_is_come_down_to(run, tmp_path) -> None:
    lines = (
        json.dumps(
            {
                "id": f"req_{n:05}",
                "time": f"2026-04-01T10:{n // 60:02}:{n % 60:02}Z",
                "request_body": os.urandom(900).hex(),
            }
        )
        for n in range(2000)
    )
    run("import", "-", input="\n".join(lines))
    before = json.loads(run("store", "info", "--json").stdout)
    done = run("prune", "--keep-size", "1MB", "--yes", "--json")
    after = json.loads(run("store", "info", "--json").stdout)
    told = json.loads(done.stdout)
    assert before["bytes"] > 2_000_000 > 1_000_000 >= after["bytes"] > 700_000
    assert (told["requests"], told["of"]) == (2000 - after["requests"], 2000)
    assert ids(run)[-1] == f"req_{2000 - after['requests']:05}"
    assert run("prune", "--keep-size", "1MB", "--yes").stderr.startswith("There is nothing to forget: the store takes ")


def test_a_store_that_is_small_enough_is_left_alone(run, store) -> None:
    done = run("prune", "--keep-size", "2GB", "--yes")
    assert told(done)[0] == 0
    assert done.stderr.startswith("There is nothing to forget: the store takes ")
    assert len(ids(run)) == 30


def test_the_summary_in_json(run, store) -> None:
    summary = json.loads(run("prune", "--status", "402", "--dry-run", "--json").stdout)
    size = summary.pop("bytes_before")
    assert size > 10_000
    assert summary == {
        "dry_run": True,
        "requests": 15,
        "of": 30,
        "oldest": "2026-04-01T10:00:00.000Z",
        "newest": "2026-04-29T10:00:00.000Z",
        "bytes_after": None,
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "reqlog: Say what to forget: --older-than, --keep-size, or filters as `reqlog list` takes them.\n"),
        (
            ("--status", "402"),
            "reqlog: There is no terminal to ask on; add --yes to forget, or --dry-run to see what would go.\n",
        ),
        (("--older-than", "x"), "reqlog: --older-than x: not a span of time; give one as 90d, 12w or 36h.\n"),
        (
            ("--older-than", "999999w"),
            "reqlog: --older-than 999999w: not a span of time; give one as 90d, 12w or 36h.\n",
        ),
        (("--keep-size", "much"), "reqlog: --keep-size: much is not a size; give one as 500MB, 2GB or 1.5GiB.\n"),
        (
            ("--keep-size", "1MB", "--status", "402"),
            "reqlog: --keep-size goes by age alone; give it without --older-than and filters.\n",
        ),
    ],
)
def test_what_is_not_clear_forgets_nothing(arguments, sentence, run, store) -> None:
    done = run("prune", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence)
    assert len(ids(run)) == 30


def test_nothing_that_matches_is_no_failure(run, store) -> None:
    done = run("prune", "--status", "500")
    assert (done.returncode, done.stderr) == (0, "There is nothing to forget: no request matches status is 500.\n")


def test_there_must_be_a_store(run, tmp_path) -> None:
    done = run("prune", "--status", "500", "--yes")
    assert (done.returncode, done.stderr[:29]) == (3, "reqlog: There is no store at ")
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("answer", "code", "left", "said"), [(b"y\n", 0, 15, "Forgot 15 of 30"), (b"n\n", 1, 30, "Nothing was forgotten.")]
)
def test_on_a_terminal_it_asks(answer, code, left, said, run, store, tmp_path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "reqlog", "prune", "--status", "402", "--store", str(store)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={"HOME": str(tmp_path), "TZ": "UTC", "PATH": os.environ["PATH"]},
    )
    os.close(theirs)
    shown = b""
    while b"[y/N]" not in shown and select.select([ours], [], [], 60)[0]:
        shown += os.read(ours, 1000)
    os.write(ours, answer)
    while select.select([ours], [], [], 60)[0]:
        try:
            shown += os.read(ours, 1000)
        except OSError:
            break
    assert process.wait(60) == code
    os.close(ours)
    assert b"Forget 15 of 30 requests, from 2026-04-01 10:00:00 UTC to 2026-04-29 10:00:00 UTC? [y/N]" in shown
    assert said in shown.decode()
    assert len(ids(run)) == left
