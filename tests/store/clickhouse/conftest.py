"""A database of its own on the servers for each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count

import pytest
from clickhouse_servers import CLUSTER, ChdbServer, Running

from reqlog.store.clickhouse import ClickHouseStore
from reqlog.store.clickhouse.address import address_of
from reqlog.store.clickhouse.driver import DrivenServer
from reqlog.store.clickhouse.server import Server

_NUMBERS = count(1)

Connect = Callable[[], Server]


@pytest.fixture(params=["clickhouse", "clickhouse_cluster", "chdb"])
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """What connects to a new database, with a store in it, on each kind of server; all is closed in the end."""
    database = f"database_{next(_NUMBERS)}"
    with ExitStack() as closing:
        connecting = _chdb(request, database) if request.param == "chdb" else _running(request, database)

        def connect() -> Server:
            server = connecting()
            closing.callback(server.close)
            return server

        ClickHouseStore(connect(), write=True, cluster=CLUSTER if request.param == "clickhouse_cluster" else None)
        yield connect


@pytest.fixture
def store(connect: Connect) -> ClickHouseStore:
    """A new store."""
    return ClickHouseStore(connect(), write=True)


def _chdb(request: pytest.FixtureRequest, database: str) -> Connect:
    session = request.getfixturevalue("chdb_session")
    session.query(f"CREATE DATABASE {database}")
    return lambda: ChdbServer(session, database)


def _running(request: pytest.FixtureRequest, database: str) -> Connect:
    given = request.getfixturevalue(request.param)
    running: list[Running] = given if isinstance(given, list) else [given]
    for each in running:
        each.rows(f"CREATE DATABASE {database}")
    return lambda: DrivenServer(address_of(running[0].url(database), {}))
