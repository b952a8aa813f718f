from contextlib import closing

import pytest
from clickhouse_servers import CLUSTER, ChdbServer

from reqlog.exceptions import StoreError
from reqlog.store.clickhouse import ClickHouseStore
from reqlog.store.clickhouse.address import address_of
from reqlog.store.clickhouse.driver import DrivenServer
from reqlog.store.clickhouse.schema import create, tables_of


def test_a_current_engine_is_given_all_that_it_knows(chdb_session) -> None:
    chdb_session.query("CREATE DATABASE current")
    server = ChdbServer(chdb_session, "current")
    create(server)
    made = " ".join(str(row[0]) for row in server.rows("SHOW CREATE TABLE current.requests"))
    for known in ("LowCardinality(", "CODEC(ZSTD(3))", "CODEC(DoubleDelta", "TYPE text(", "DateTime64(3, \\'UTC\\')"):
        assert known.replace("\\'", "'") in made.replace("\\'", "'")
    assert [row[0] for row in server.rows("SHOW TABLES FROM current")] == [
        "requests",
        "requests_arrivals",
        "requests_ids",
    ]


def test_an_old_server_is_given_what_it_knows(clickhouse) -> None:
    clickhouse.rows("CREATE DATABASE old")
    server = DrivenServer(address_of(clickhouse.url("old"), {}))
    with closing(server):
        create(server)
        made = str(server.rows("SHOW CREATE TABLE old.requests")[0][0])
        assert "ReplacingMergeTree(version) PARTITION BY" in made
        assert not any(unknown in made for unknown in ("LowCardinality", "CODEC", "INDEX", "DateTime64"))
        assert [row[0] for row in server.rows("SHOW TABLES FROM old")] == [
            "requests",
            "requests_arrivals",
            "requests_ids",
        ]


def test_each_version_of_an_id_is_on_one_shard(clickhouse_cluster) -> None:
    first, second = clickhouse_cluster
    for running in clickhouse_cluster:
        running.rows("CREATE DATABASE spread")
    server = DrivenServer(address_of(first.url("spread"), {}))
    with closing(server):
        tables = create(server, CLUSTER)
        assert tables_of(server) == tables
        for version in (0, 1, 2):
            server.insert(tables.requests, ("moment", "id", "version"), [(5, f"req_{n}", version) for n in range(50)])
    on_each = [running.rows("SELECT id, count() FROM spread.requests_local GROUP BY id") for running in (first, second)]
    assert {count for rows in on_each for _, count in rows} == {3}
    ids = [{id for id, _ in rows} for rows in on_each]
    assert all(ids)
    assert not ids[0] & ids[1]


def test_a_store_is_spread_over_one_cluster_and_stays_so(clickhouse_cluster) -> None:
    first = clickhouse_cluster[0]
    first.rows("CREATE DATABASE alone")
    server = DrivenServer(address_of(first.url("alone"), {}))
    with closing(server):
        with pytest.raises(StoreError, match="knows no cluster nosuch; it knows two"):
            create(server, "nosuch")
        create(server)
        with pytest.raises(StoreError, match="is there already, on that server alone"):
            create(server, CLUSTER)


def test_a_table_of_that_name_that_is_not_a_store_is_left_alone(clickhouse) -> None:
    clickhouse.rows("CREATE DATABASE foreign")
    clickhouse.rows("CREATE TABLE foreign.requests (id String) ENGINE = Memory")
    server = DrivenServer(address_of(clickhouse.url("foreign"), {}))
    with closing(server), pytest.raises(StoreError, match="is not one that this reqlog made: it lacks moment, version"):
        ClickHouseStore(server, write=True)
    assert clickhouse.rows("SHOW TABLES FROM foreign") == [("requests",)]
