import json
from contextlib import closing

from clickhouse_servers import CLUSTER

from reqlog.store import open_store

LINE = '{{"id":"req_{}","time":"2026-05-01T10:00:00Z","status":200}}\n'


def test_a_store_is_made_once(run, tmp_path) -> None:
    path = tmp_path / "new" / "requests.db"
    assert json.loads(run("store", "init", "--store", path, "--json").stdout)["requests"] == 0
    done = run("store", "init", "--store", path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"The store {path} is there; it has 0 requests.\n")


def test_a_store_in_a_file_has_no_cluster(run) -> None:
    done = run("store", "init", "--cluster", "two")
    assert (done.returncode, done.stderr) == (
        2,
        "reqlog: --cluster two: a store in a file has none; give the URL of a ClickHouse server.\n",
    )


def test_a_store_is_spread_over_the_cluster_that_is_named(run, clickhouse_cluster) -> None:
    for each in clickhouse_cluster:
        each.rows("CREATE DATABASE made")
    where = clickhouse_cluster[0].url("made")
    done = run("store", "init", "--cluster", CLUSTER, "--store", where)
    assert (done.returncode, done.stderr) == (0, f"The store {where} is there; it has 0 requests.\n")
    run("import", "-", "--store", where, input="".join(map(LINE.format, range(100))))
    on_each = [each.rows("SELECT count() FROM made.requests_local")[0][0] for each in clickhouse_cluster]
    assert sum(on_each) == 100
    assert all(on_each)
    with closing(open_store(where)) as store:
        assert store.info().requests == 100


def test_a_cluster_that_the_server_does_not_know_is_told(run, clickhouse) -> None:
    clickhouse.rows("CREATE DATABASE unmade")
    done = run("store", "init", "--cluster", "nosuch", "--store", clickhouse.url("unmade"))
    assert (done.returncode, done.stderr) == (
        3,
        f"reqlog: The server {clickhouse.url('unmade')} knows no cluster nosuch; it knows {CLUSTER}.\n",
    )
