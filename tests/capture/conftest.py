"""A server on loopback, and a store to record into."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from loopback import Server

from reqlog.capture import flush
from reqlog.filters import EVERYTHING
from reqlog.request import Request
from reqlog.store.sqlite import SqliteStore


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.ending.set()
        server.shutdown()


@pytest.fixture
def base(server: Server) -> str:
    """The address of the server."""
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Where a hook is to record to."""
    return str(tmp_path / "requests.db")


@pytest.fixture
def recorded(store: str) -> Callable[[], list[Request]]:
    """Give what has been recorded, in the order in which it ended."""

    def recorded() -> list[Request]:
        assert flush(60)
        if not Path(store).exists():
            return []
        with closing(SqliteStore(store, write=False)) as opened:
            arrived = opened._connection.execute("SELECT id FROM requests ORDER BY arrival").fetchall()
            by_id = {request.id: request for request in opened.find(EVERYTHING)}
        return [by_id[str(id)] for (id,) in arrived]

    return recorded
