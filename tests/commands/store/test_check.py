import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import apsw
import pytest

EVERY = pytest.mark.parametrize(
    "command",
    [
        ("list", "--json"),
        ("list", "--count"),
        ("show", "req_07"),
        ("errors",),
        ("versions",),
        ("store", "info"),
        ("store", "check"),
        ("store", "backup", "copy.db"),
        ("prune", "--status", "402", "--yes"),
        ("import", "-"),
    ],
    ids=" ".join,
)
LINE = '{"id":"req_new","time":"2026-05-01T10:00:00Z"}\n'

COUNTS = "The counts of requests do not fit the requests."
WORDS = "The index of words does not fit the requests."


def test_a_sound_store_is_told_to_be_sound(run, store) -> None:
    done = run("store", "check")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"The store {store} is sound; it has 30 requests.\n"
    assert json.loads(run("store", "check", "--json").stdout) == {"sound": True, "problems": []}


def test_problems_are_printed_and_end_with_3(run, store) -> None:
    with closing(apsw.Connection(str(store))) as connection:
        connection.execute("DELETE FROM requests WHERE id = 'req_07'")
    done = run("store", "check")
    assert (done.returncode, done.stdout) == (3, f"{COUNTS}\n{WORDS}\n")
    assert done.stderr == (
        "reqlog: The store has 2 problems; restore a backup of it, or save what can be saved with "
        "`reqlog store repair`.\n"
    )
    assert json.loads(run("store", "check", "--json").stdout) == {
        "sound": False,
        "problems": [COUNTS, WORDS],
    }


def one_sentence(done) -> str:
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("reqlog: ")
    assert done.stderr.count("\n") == 1
    return str(done.stderr)


@EVERY
def test_a_truncated_store_is_told_with_what_to_do(command, run, store) -> None:
    store.write_bytes(store.read_bytes()[: store.stat().st_size // 2])
    assert "`reqlog store repair`" in one_sentence(run(*command, input=LINE))


@EVERY
def test_a_store_whose_beginning_is_overwritten_is_told_with_what_to_do(command, run, store) -> None:
    content = store.read_bytes()
    store.write_bytes(bytes(4096) + content[4096:])
    assert "`reqlog store repair`" in one_sentence(run(*command, input=LINE))


def test_a_page_of_noise_is_told_where_it_is_met(run, store) -> None:
    content = bytearray(store.read_bytes())
    content[4096:8192] = b"\xa5" * 4096
    store.write_bytes(content)
    assert "is damaged" in one_sentence(run("list", "--json"))
    assert "`reqlog store repair`" in one_sentence(run("show", "req_07"))


def leave_log(store: Path) -> None:
    """Import into `store` and end without closing it, as a process that is killed does."""
    code = (
        "import os, sys; from reqlog.request import Request; from reqlog.store import open_store;"
        "store = open_store(sys.argv[1], write=True); store.add([Request(id='req_late')]); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, store], check=True)


def test_a_log_that_was_left_is_read(run, store) -> None:
    leave_log(store)
    assert store.with_name("requests.db-wal").stat().st_size
    assert run("list", "--count").stdout == "31\n"


@EVERY
def test_a_log_that_was_deleted_is_told_with_what_to_do(command, run, store) -> None:
    leave_log(store)
    store.with_name("requests.db-wal").unlink()
    sentence = one_sentence(run(*command, input=LINE))
    assert "has lost its write-ahead log" in sentence
    assert "`reqlog store repair`" in sentence


def test_a_log_that_held_nothing_new_may_be_deleted(run, store) -> None:
    assert run("list", "--count").stdout == "30\n"
    store.with_name("requests.db-wal").unlink(missing_ok=True)
    assert run("list", "--count").stdout == "30\n"


def test_what_is_left_without_the_log_can_be_saved(run, store, tmp_path) -> None:
    leave_log(store)
    store.with_name("requests.db-wal").unlink()
    assert run("store", "repair", "--into", tmp_path / "saved.db").returncode == 0
    assert run("list", "--count", "--store", tmp_path / "saved.db").stdout == "30\n"
