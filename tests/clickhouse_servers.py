"""Real servers for the tests: Debian's clickhouse-server on loopback, alone or two as a cluster, and chdb in process.

Servers run from a config of their own in a folder that is given, and are ended by their process id.
"""

import json
import logging
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from clickhouse_driver import Client

from reqlog.exceptions import StoreError
from reqlog.store.clickhouse.literals import Row
from reqlog.store.clickhouse.server import RefusedError

logging.getLogger("clickhouse_driver").addHandler(logging.NullHandler())  # it logs each try at a server that comes up

PROGRAM = shutil.which("clickhouse-server") or shutil.which("clickhouse-server", path="/usr/sbin")
CLUSTER = "two"
_WITH_US = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
"""What ends a server when the tests are killed before they can end it."""
PATIENCE = 120
"""Seconds after which a server that does not answer is taken for hung."""

_CONFIG = """<?xml version="1.0"?>
<yandex>
  <logger><level>error</level><log>{folder}/log</log><errorlog>{folder}/errors</errorlog></logger>
  <listen_host>127.0.0.1</listen_host>
  <tcp_port>{port}</tcp_port>
  <interserver_http_host>127.0.0.1</interserver_http_host>
  <path>{folder}/data/</path>
  <tmp_path>{folder}/tmp/</tmp_path>
  <users_config>{folder}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>50000000</mark_cache_size>
  <remote_servers><{cluster}>{shards}</{cluster}></remote_servers>
</yandex>
"""
_SHARD = (
    "<shard><internal_replication>true</internal_replication>"
    "<replica><host>127.0.0.1</host><port>{port}</port></replica></shard>"
)
_USERS = """<?xml version="1.0"?>
<yandex>
  <profiles><default/><reader><readonly>1</readonly></reader></profiles>
  <quotas><default/></quotas>
  <users>
    <default><password></password>{common}<profile>default</profile></default>
    <guarded><password>s3cr:t/</password>{common}<profile>default</profile></guarded>
    <reader><password></password>{common}<profile>reader</profile></reader>
    <elsewhere><password></password>{common}<profile>default</profile>
      <allow_databases><database>other</database></allow_databases></elsewhere>
  </users>
</yandex>
"""
_COMMON = "<networks><ip>127.0.0.1</ip></networks><quota>default</quota>"


class Running:
    """A server that was started, and can be ended and started again."""

    def __init__(self, folder: Path, port: int, shards: Sequence[int]) -> None:
        self.port = port
        self._folder = folder
        for name in ("data", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        listed = "".join(_SHARD.format(port=shard) for shard in shards)
        (folder / "config.xml").write_text(_CONFIG.format(folder=folder, port=port, cluster=CLUSTER, shards=listed))
        (folder / "users.xml").write_text(_USERS.format(common=_COMMON))
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        assert PROGRAM is not None
        command = [*_WITH_US, PROGRAM, f"--config-file={self._folder / 'config.xml'}"]
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self._folder / "out").read_text() + (self._folder / "errors").read_text())
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, with -9."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def rows(self, sql: str) -> list[Row]:
        """Return what `sql` gives there."""
        client = Client(host="127.0.0.1", port=self.port)
        try:
            found: list[Row] = client.execute(sql)
        finally:
            client.disconnect()
        return found

    def url(self, database: str, user: str = "default") -> str:
        """Return the URL of a store there."""
        return f"clickhouse://{user}@127.0.0.1:{self.port}/{database}"

    def _answers(self) -> bool:
        try:
            return self.rows("SELECT 1") == [(1,)]
        except (OSError, EOFError, Exception):  # noqa: BLE001  (whatever the driver says of a server that is coming up)
            return False


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def servers(folder: Path, count: int) -> Iterator[list[Running]]:
    """Give `count` servers, each a shard of the cluster `CLUSTER`."""
    ports = [free_port() for _ in range(count)]
    with ExitStack() as stopping:
        running = []
        for number, port in enumerate(ports):
            running.append(Running(folder / str(number), port, ports))
            stopping.callback(running[-1].kill)
        yield running


class ChdbServer:
    """The engine of chdb in this process, as a store takes a server."""

    def __init__(self, session: Any, database: str) -> None:
        self._session = session
        self.database = database
        self.shown = f"chdb/{database}"

    def rows(self, sql: str) -> list[Row]:
        """Return what `sql` gives."""
        text = self._query(sql, "JSONCompactEachRowWithNamesAndTypes")
        if not text:
            return []
        _, types, *rows = map(json.loads, text.rstrip("\n").split("\n"))
        return [tuple(_value(value, kind) for value, kind in zip(row, types, strict=True)) for row in rows]

    def write(self, sql: str) -> None:
        """Do `sql`."""
        self._query(sql, "Null")

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert `rows` into `table`."""
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        self._query(f"INSERT INTO {table} ({', '.join(columns)}) FORMAT JSONCompactEachRow {lines}", "Null")

    def at(self, host: str, port: int) -> "ChdbServer":
        """Refuse: there is no other."""
        raise StoreError(f"chdb is no cluster, and nothing is at {host}:{port}")

    def close(self) -> None:
        """Do nothing: the session is the process's."""

    def _query(self, sql: str, format: str) -> str:
        try:
            return str(self._session.query(sql, format).data())
        except RuntimeError as error:
            code = str(error).partition("Code: ")[2].partition(".")[0]
            raise RefusedError(str(error), int(code) if code.isdigit() else 0) from error


def _value(value: Any, kind: str) -> Any:
    if isinstance(value, list):
        return tuple(_value(item, kind) for item in value) if kind.startswith("Tuple") else value
    return int(value) if isinstance(value, str) and "Int64" in kind and "String" not in kind else value
