"""What the tests share: the recordings, where there are any, and the real command line."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from clickhouse_servers import PROGRAM, Running, servers
from hypothesis import settings

settings.register_profile("reqlog", deadline=None, print_blob=True, derandomize="CI" in os.environ)
settings.load_profile("reqlog")

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their parameter: packed ones differ from run to run, and every process must name a test alike."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture
def data() -> Path:
    """The folder of recordings beside the checkout."""
    if not DATA.is_dir():
        pytest.skip("the recordings of ../shared/data are not here")
    return DATA


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The real command line, in a process and with a store and a home of its own; `now` is 2026-05-10 noon UTC."""
    home = tmp_path / "home"
    home.mkdir()
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "REQLOG_STORE": str(tmp_path / "store" / "requests.db"),
        "REQLOG_NOW": "2026-05-10T12:00:00Z",
    }

    def run(*arguments: object, input: str | None = None, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "reqlog", *map(str, arguments)],
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            encoding="utf-8",
            env={**environ, **more},
            cwd=home,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Debian's clickhouse-server, alone."""
    _need_server()
    with servers(tmp_path_factory.mktemp("clickhouse"), 1) as (server,):
        yield server


@pytest.fixture(scope="session")
def clickhouse_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Running]]:
    """Two of it, as the cluster `two` of two shards."""
    _need_server()
    with servers(tmp_path_factory.mktemp("cluster"), 2) as both:
        yield both


def _need_server() -> None:
    if PROGRAM is None:
        pytest.skip("clickhouse-server is not installed")


@pytest.fixture(scope="session")
def chdb_session() -> Iterator[Any]:
    """The current engine of ClickHouse, in this process."""
    session = pytest.importorskip("chdb.session", reason="chdb is not installed").Session()
    yield session
    session.close()
