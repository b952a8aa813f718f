"""A server that looks like Stripe, `reqlog record` in front of it, and what comes to be in the store."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from reqlog.filters import And
from reqlog.request import Request
from reqlog.store import open_store

LONG = 60.0
"""Seconds that no test waits for."""


@pytest.fixture(scope="session")
def localstripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that looks like Stripe."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("localstripe")
    command = [sys.executable, "-m", "localstripe", "--from-scratch", "--port", str(port)]
    environ = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen(
        command, cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _await(port)
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()


def _await(port: int) -> None:
    """Wait until somebody listens there."""
    deadline = time.monotonic() + LONG
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)  # another process has to start, and says nothing when it has
        else:
            return


class Recording:
    """`reqlog record`, running."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, store: Path) -> None:
        self.url = url
        self.store = store
        self._process = process

    def requests(self) -> list[Request]:
        """End it, and return what is in the store, oldest first."""
        self._process.terminate()
        assert self._process.wait(LONG) == 0
        with closing(open_store(str(self.store))) as store:
            return [*store.find(And(()), reverse=True)]


Record = Callable[[str], Recording]


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """Give a function that puts `reqlog record` before an address."""
    with ExitStack() as stack:
        yield lambda address: stack.enter_context(_recording(address, tmp_path / "requests.db"))


@contextmanager
def _recording(address: str, store: Path) -> Iterator[Recording]:
    command = [sys.executable, "-m", "reqlog", "record", "--upstream", f"http://{address}", "--store", str(store)]
    environ = {**os.environ, "HOME": str(store.parent)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8", env=environ, cwd=store.parent) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line
        try:
            yield Recording(process, found[0], store)
        finally:
            process.terminate()


def json_of(request: Request) -> dict[str, object]:
    """Return the answer that was recorded."""
    answer: dict[str, object] = json.loads(request.response_body or "{}")
    return answer
