"""What goes wrong with a server, on the real command line: one sentence, exit code 3, and never the password."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from clickhouse_servers import Running, free_port

from reqlog.store.clickhouse.address import address_of
from reqlog.store.clickhouse.driver import DrivenServer
from reqlog.store.clickhouse.server import RefusedError

PASSWORD = "s3cr:t/"
WRITTEN = "s3cr%3At%2F"
LINE = '{"id":"req_1","time":"2026-05-01T10:00:00Z","status":402}\n'


@pytest.fixture(scope="module")
def filled(clickhouse: Running) -> Running:
    """A server with a store, and a database without one."""
    for database in ("filled", "other"):
        clickhouse.rows(f"CREATE DATABASE {database}")
    return clickhouse


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of something that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def sentence(done) -> str:
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("reqlog: ")
    assert done.stderr.count("\n") == 1
    assert "s3cr" not in done.stderr
    return str(done.stderr)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("default@127.0.0.1:{port}/nosuch", "it has no database nosuch; create it there, or name another in the URL."),
        ("default@127.0.0.1:{port}/other", "There is no store at clickhouse://default@127.0.0.1:{port}/other;"),
        (
            "nobody@127.0.0.1:{port}/filled",
            "did not let nobody in, for the password is missing or there is no such user",
        ),
        ("guarded@127.0.0.1:{port}/filled", "did not let guarded in, for the password is missing"),
        ("guarded:s3cret@127.0.0.1:{port}/filled", "did not let guarded in, for the password is wrong"),
        ("elsewhere@127.0.0.1:{port}/filled", "lets elsewhere use filled"),
        ("default@no.such.host.invalid/filled", "The host no.such.host.invalid of clickhouse://"),
        ("default@127.0.0.1:{free}/filled", "Nothing listens at 127.0.0.1 port {free}"),
        (
            "default@127.0.0.1:{mute}/filled?timeout=0.2",
            "did not answer in time; see whether it runs, or give it longer",
        ),
    ],
)
def test_what_keeps_a_store_from_answering_is_one_sentence(run, filled, mute, where, expected) -> None:
    names = {"port": filled.port, "free": free_port(), "mute": mute}
    done = run("list", "--count", REQLOG_STORE=f"clickhouse://{where.format(**names)}")
    assert expected.format(**names) in sentence(done)


@pytest.mark.parametrize(
    "command",
    [
        ("list", "--json"),
        ("list", "--follow"),
        ("show", "req_1"),
        ("errors",),
        ("versions",),
        ("store", "info"),
        ("store", "check"),
        ("store", "init"),
        ("import", "-"),
        ("prune", "--status", "402", "--yes"),
    ],
    ids=" ".join,
)
def test_every_command_says_that_nobody_listens(run, command) -> None:
    done = run(*command, input=LINE, REQLOG_STORE=f"clickhouse://ada:s3cret@127.0.0.1:{free_port()}/filled")
    assert "Nothing listens at 127.0.0.1" in sentence(done)


def test_who_may_only_read_reads_all_and_is_told_that_he_may_not_write(run, filled) -> None:
    run("import", "-", input=LINE, REQLOG_STORE=filled.url("filled"))
    reader = {"REQLOG_STORE": filled.url("filled", "reader")}
    assert run("list", "--fields", "id", "-o", "csv", **reader).stdout == "id\nreq_1\n"
    for command in (
        ("show", "req_1"),
        ("errors", "--since", "30d"),
        ("versions",),
        ("store", "info"),
        ("store", "check"),
    ):
        assert run(*command, **reader).returncode == 0
    assert run("import", "-", input=LINE, **reader).returncode == 0  # there is nothing to write
    refused = run("import", "-", input=LINE.replace("req_1", "req_2"), **reader)
    assert refused.returncode == 3
    assert "1 file, 0 imported" in refused.stderr
    assert "reader may only read there" in refused.stderr.splitlines()[-1]
    assert "reader may only read there" in sentence(run("prune", "--status", "402", "--yes", **reader))
    assert "reader may only read there" in sentence(run("store", "init", REQLOG_STORE=filled.url("other", "reader")))


@pytest.mark.parametrize(
    ("url", "variable"), [(f"guarded:{WRITTEN}@", None), ("guarded@", PASSWORD)], ids=["in the URL", "in a variable"]
)
def test_the_right_password_lets_in_and_is_not_shown(run, filled, url, variable) -> None:
    where = {"REQLOG_STORE": f"clickhouse://{url}127.0.0.1:{filled.port}/filled"}
    if variable:
        where["REQLOG_CLICKHOUSE_PASSWORD"] = variable
    run("import", "-", input=LINE, **where)
    info = run("store", "info", **where)
    assert info.returncode == 0
    assert f"clickhouse://guarded@127.0.0.1:{filled.port}/filled\n" in info.stdout
    assert "s3cr" not in info.stdout + info.stderr


def test_a_password_on_the_command_line_is_warned_of(run, filled) -> None:
    done = run("list", "--count", "--store", f"clickhouse://guarded:{WRITTEN}@127.0.0.1:{filled.port}/filled")
    assert done.returncode == 0
    assert "Others on this machine can read the password on the command line" in done.stderr
    assert "s3cr" not in done.stderr


def test_a_password_that_is_missing_is_asked_for_once(filled) -> None:
    asked: list[str] = []

    def ask(shown: str, answer: str) -> str:
        asked.append(shown)
        return answer

    address = address_of(filled.url("filled", "guarded"), {})
    with closing(DrivenServer(address, lambda shown: ask(shown, PASSWORD))) as server:
        assert server.rows("SELECT 1") == [(1,)]
        assert server.rows("SELECT 2") == [(2,)]
    with closing(DrivenServer(address, lambda shown: ask(shown, "another"))) as server, pytest.raises(RefusedError):
        server.rows("SELECT 1")
    assert asked == [address.shown, address.shown]
