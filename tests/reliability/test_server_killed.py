"""`kill -9` of a server while it is imported into, copied to and asked: exit code 3, one sentence, and nothing wrong.

What is said to be in is in when the server is back, and the same command again completes the rest.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clickhouse_servers import CLUSTER, PROGRAM, Running, servers
from reliability.captures import requests, written
from reliability.commands import PATIENCE, Done, ended, run, start

COUNT = 12_000

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="clickhouse-server is not installed")


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("capture") / "capture.jsonl", requests(range(COUNT)))


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Running]:
    """A server to be killed, with a database for a store."""
    with servers(tmp_path / "server", 1) as (server,):
        server.rows("CREATE DATABASE kept")
        yield server


@pytest.fixture
def both(tmp_path: Path) -> Iterator[list[Running]]:
    """Two shards to be killed, with a store."""
    with servers(tmp_path / "cluster", 2) as shards:
        for shard in shards:
            shard.rows("CREATE DATABASE kept")
        done = run(tmp_path, "store", "init", "--cluster", CLUSTER, REQLOG_STORE=shards[0].url("kept"))
        assert done.code == 0, done
        yield shards


def wait_until(holds: Callable[[], bool]) -> None:
    """Look again and again, until it holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def has_some(server: Running, table: str) -> bool:
    """Whether more than one batch has come into a table that may not be there yet."""
    if not server.rows(f"SELECT 1 FROM system.tables WHERE database = 'kept' AND name = '{table}'"):
        return False
    return bool(server.rows(f"SELECT count() > 2500 FROM kept.{table}")[0][0])


def sentence(done: Done) -> str:
    """Return the last line of what was said, which there is if it failed as it should."""
    assert done.code == 3, done
    last = done.err.splitlines()[-1]
    assert last.startswith("reqlog: "), done
    assert "Traceback" not in done.err
    return last


def imported(done: Done) -> int:
    """Return how many requests an import said it had added, whichever way it ended."""
    said = re.search(r"(\d+) imported", done.err)
    assert said, done
    return int(said[1])


def is_whole(home: Path, where: str) -> None:
    """Hold that the store keeps each request of the capture, once."""
    assert run(home, "list", "--count", REQLOG_STORE=where).out == f"{COUNT}\n"
    check = run(home, "store", "check", REQLOG_STORE=where)
    assert (check.code, check.out) == (0, ""), check


def test_an_import_says_what_is_in_and_the_same_again_completes_it(alone, capture, tmp_path) -> None:
    where = alone.url("kept")
    process = start(tmp_path, "import", capture, REQLOG_STORE=where)
    wait_until(lambda: has_some(alone, "requests"))
    alone.kill()
    done = ended(process)
    sentence(done)
    in_by_then = imported(done)
    assert in_by_then < COUNT
    alone.start()
    kept = int(run(tmp_path, "list", "--count", REQLOG_STORE=where).out)
    assert in_by_then <= kept < COUNT
    again = run(tmp_path, "import", capture, REQLOG_STORE=where)
    assert again.code == 0, again
    assert imported(again) == COUNT - kept
    is_whole(tmp_path, where)


@pytest.mark.parametrize("killed", [0, 1])
def test_a_shard_that_is_killed_in_an_import_is_told_and_the_same_again_completes_it(
    both, capture, tmp_path, killed
) -> None:
    where = both[0].url("kept")
    process = start(tmp_path, "import", capture, REQLOG_STORE=where)
    wait_until(lambda: has_some(both[0], "requests"))
    both[killed].kill()
    done = ended(process)
    sentence(done)
    sentence(run(tmp_path, "list", "--count", REQLOG_STORE=where))  # rather no answer than half of one
    both[killed].start()
    assert imported(done) <= int(run(tmp_path, "list", "--count", REQLOG_STORE=where).out)
    again = run(tmp_path, "import", capture, REQLOG_STORE=where)
    assert again.code == 0, again
    is_whole(tmp_path, where)


def test_a_copy_goes_on_where_it_was_broken_off(alone, capture, tmp_path) -> None:
    file, where = tmp_path / "requests.db", alone.url("kept")
    assert run(tmp_path, "import", capture, "--store", file).code == 0
    process = start(tmp_path, "store", "copy", file, where)
    wait_until(lambda: has_some(alone, "requests"))
    alone.kill()
    done = ended(process)
    sentence(done)
    assert "Not all were copied; run the command again" in done.err
    alone.start()
    process = start(tmp_path, "store", "copy", file, where)
    wait_until(lambda: has_some(alone, "requests"))
    process.kill()
    ended(process)
    again = run(tmp_path, "store", "copy", file, where, "--json")
    assert again.code == 0, again
    assert sum(json.loads(again.out).values()) == COUNT
    same = run(tmp_path, "store", "check", "--store", file, "--against", where)
    assert (same.code, same.out) == (0, ""), same


@pytest.mark.parametrize("arguments", [("list", "--json"), ("list", "-o", "jsonl")], ids=" ".join)
def test_a_question_during_which_the_server_is_killed_has_no_answer(alone, capture, tmp_path, arguments) -> None:
    where = alone.url("kept")
    assert run(tmp_path, "import", capture, REQLOG_STORE=where).code == 0
    process = start(tmp_path, *arguments, REQLOG_STORE=where)
    assert process.stdout is not None
    process.stdout.read(1)  # it has begun, and waits for what it has written to be read
    alone.kill()
    sentence(ended(process))
    alone.start()
    assert run(tmp_path, "list", "--count", REQLOG_STORE=where).out == f"{COUNT}\n"


def test_who_follows_is_told_that_the_server_is_gone(alone, tmp_path) -> None:
    where = alone.url("kept")
    assert run(tmp_path, "store", "init", REQLOG_STORE=where).code == 0
    process = start(tmp_path, "list", "--follow", REQLOG_STORE=where)
    assert process.stderr is not None
    assert process.stderr.readline() == "Waiting for new requests; Ctrl-C ends.\n"
    alone.kill()
    sentence(ended(process))
