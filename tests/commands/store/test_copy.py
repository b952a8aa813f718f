import json
from itertools import count
from pathlib import Path

import pytest
from clickhouse_servers import CLUSTER

_NUMBERS = count(1)


@pytest.fixture(params=["file", "server", "cluster"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Another store, empty, of each kind."""
    if request.param == "file":
        return str(tmp_path / "other.db")
    database = f"copied_{next(_NUMBERS)}"
    if request.param == "server":
        server = request.getfixturevalue("clickhouse")
        server.rows(f"CREATE DATABASE {database}")
        return str(server.url(database))
    both = request.getfixturevalue("clickhouse_cluster")
    for each in both:
        each.rows(f"CREATE DATABASE {database}")
    where = str(both[0].url(database))
    request.getfixturevalue("run")("store", "init", "--store", where, "--cluster", CLUSTER)
    return where


def test_all_is_copied_there_and_back(run, store, elsewhere, tmp_path) -> None:
    back = tmp_path / "back.db"
    done = run("store", "copy", store, elsewhere)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "Copied 30 requests; 0 were there already, and 0 were filled in.\n"
    assert run("store", "copy", elsewhere, back).returncode == 0
    for where in (elsewhere, back):
        same = run("store", "check", "--against", where)
        assert (same.returncode, same.stdout, same.stderr) == (0, "", "Both stores keep the same 30 requests.\n")
        assert run("store", "check", "--store", where).returncode == 0
    assert run("list", "--json", "--store", elsewhere).stdout == run("list", "--json").stdout


def test_what_is_there_is_not_copied_again_and_the_rest_is(run, store, elsewhere) -> None:
    part = run("store", "copy", store, elsewhere, "--until", "2026-04-11", "--json")
    assert json.loads(part.stdout) == {"imported": 10, "duplicates": 0, "enriched": 0}
    differs = run("store", "check", "--against", elsewhere)
    assert differs.returncode == 3
    assert differs.stdout.splitlines()[0] == "The request req_30 of 2026-04-30T10:00:00Z is not in the other store."
    assert differs.stderr == ("reqlog: The stores differ in 20 requests; `reqlog store copy` brings what one lacks.\n")
    whole = run("store", "copy", store, elsewhere, "--json")
    assert json.loads(whole.stdout) == {"imported": 20, "duplicates": 10, "enriched": 0}
    assert run("store", "check", "--against", elsewhere).returncode == 0


def test_a_store_is_not_copied_into_itself(run, store) -> None:
    done = run("store", "copy", store, store)
    assert (done.returncode, done.stderr) == (
        2,
        "reqlog: FROM and TO are the same store; name another one as TO.\n",
    )


def test_a_store_that_is_not_there_is_told_and_no_other_is_made(run, tmp_path) -> None:
    done = run("store", "copy", tmp_path / "none.db", tmp_path / "made.db")
    assert (done.returncode, done.stdout) == (3, "")
    assert f"There is no store at {tmp_path / 'none.db'}" in done.stderr
    assert not (tmp_path / "made.db").exists()
