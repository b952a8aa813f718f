"""The tables of the store on a server, made in one place: `create`, which asks the server what it knows.

`requests` holds the requests in the order of time, a partition a month, each under its key of moment and id; the row
with the highest version counts. `requests_ids` says at which moments an id is, in the order of ids, so that what is
known is found without reading the former. `requests_arrivals` is small, and tells those who follow of what came in
last. In a cluster all are `Distributed` over tables named `…_local` on its shards, by a hash of the id: all versions of
a request are on one.

What only newer servers know (codecs, low cardinality, DateTime64, skipping indexes) is tried, one by one, with a table
that is dropped again, and done without where that fails.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reqlog.exceptions import StoreError
from reqlog.store.clickhouse.literals import bind, name
from reqlog.store.clickhouse.rows import COLUMNS, UNDATED
from reqlog.store.clickhouse.server import RefusedError, Server

VERSION = 1
"""Number of the schema; there is one so far."""

REQUESTS, IDS, ARRIVALS = "requests", "requests_ids", "requests_arrivals"
GRANULE = 1024
"""Rows between two marks of the index: a granule of whole requests is about a megabyte."""
IDS_GRANULE = 256

_MONTH = f"if(moment = {UNDATED}, 0, toYYYYMM(toDateTime(intDiv(moment, 1000), 'UTC')))"


class Tables(NamedTuple):
    """Where the tables of a store are."""

    database: str
    cluster: str | None = None
    """The cluster over which they are spread."""

    @property
    def requests(self) -> str:
        """What is asked and inserted into."""
        return f"{name(self.database)}.{REQUESTS}"

    @property
    def ids(self) -> str:
        """Where ids are looked up."""
        return f"{name(self.database)}.{IDS}"

    @property
    def arrivals(self) -> str:
        """Where those who follow are told of new requests."""
        return f"{name(self.database)}.{ARRIVALS}"

    @property
    def shard_requests(self) -> str:
        """The part of `requests` that a shard has; without a cluster, all."""
        return f"{self.requests}_local" if self.cluster else self.requests

    @property
    def shard_ids(self) -> str:
        """The part of `ids` that a shard has; without a cluster, all."""
        return f"{self.ids}_local" if self.cluster else self.ids

    @property
    def shard_arrivals(self) -> str:
        """The part of `arrivals` that a shard has; without a cluster, all."""
        return f"{self.arrivals}_local" if self.cluster else self.arrivals

    def everywhere(self, table: str) -> str:
        """The table of the database `system` of that name, of each shard one replica's."""
        return f"cluster({name(self.cluster)}, system, {table})" if self.cluster else f"system.{table}"


def tables_of(server: Server) -> Tables | None:
    """Return the tables of the store on `server`; None if there is none."""
    sql = "SELECT name, engine_full FROM system.tables WHERE database = ? AND name IN (?, ?)"
    found = {str(row[0]): str(row[1]) for row in server.rows(bind(sql, (server.database, REQUESTS, IDS)))}
    if REQUESTS not in found:
        return None
    engine, _, arguments = found[REQUESTS].partition("(")
    cluster = arguments.partition(",")[0].strip(" '`") if engine.strip() == "Distributed" else None
    return Tables(server.database, cluster)


def missing_columns(server: Server) -> list[str]:
    """Return the columns that the table `requests` should have, and has not."""
    sql = "SELECT name FROM system.columns WHERE database = ? AND table = ?"
    there = {row[0] for row in server.rows(bind(sql, (server.database, REQUESTS)))}
    return [column for column in COLUMNS if column not in there]


def create(server: Server, cluster: str | None = None) -> Tables:
    """Make the tables where they are missing, spread over `cluster` if that is named, and return where they are."""
    tables = tables_of(server)
    if tables is None:
        tables = Tables(server.database, cluster)
        knows = _Knowledge(server)
        is_replicated = cluster is not None and _is_replicated(server)
        for statement in _local(tables, knows, is_replicated=is_replicated):
            on_cluster(server, tables, statement, is_ddl=True)
        for statement in _distributed(tables, knows):
            on_cluster(server, tables, statement, is_ddl=True)
    elif cluster is not None and tables.cluster != cluster:
        where = f"spread over the cluster {tables.cluster}" if tables.cluster else "on that server alone"
        raise StoreError(f"The store {server.shown} is there already, {where}; name another database for a new one.")
    if missing := missing_columns(server):
        message = (
            f"The table {REQUESTS} of {server.shown} is not one that this reqlog made: it lacks {', '.join(missing)}; "
            "name another database."
        )
        raise StoreError(message)
    return tables


def on_cluster(server: Server, tables: Tables, statement: str, *, is_ddl: bool = False) -> None:
    """Have `statement`, in which `{on}` stands after the name of the table, done on each server or shard of the store.

    A cluster that has a ZooKeeper or a Keeper is told to do it everywhere; else its servers are told one by one.
    """
    if tables.cluster is None:
        server.rows(statement.replace("{on}", ""))
    elif has_keeper(server):
        server.rows(statement.replace("{on}", f"ON CLUSTER {name(tables.cluster)}"))
    else:
        for host, port in hosts(server, tables.cluster, all_replicas=is_ddl):
            each = server.at(host, port)
            try:
                each.rows(statement.replace("{on}", ""))
            finally:
                each.close()


def hosts(server: Server, cluster: str, *, all_replicas: bool) -> list[tuple[str, int]]:
    """Return host and port of the servers of `cluster`, of each shard one or all."""
    every = "" if all_replicas else "LIMIT 1 BY shard_num"
    sql = f"SELECT host_name, port FROM system.clusters WHERE cluster = ? ORDER BY shard_num, replica_num {every}"
    found = [(str(host), int(port)) for host, port in server.rows(bind(sql, (cluster,)))]
    if not found:
        known = sorted({str(row[0]) for row in server.rows("SELECT cluster FROM system.clusters")})
        there = f"it knows {', '.join(known)}" if known else "it knows none"
        raise StoreError(f"The server {server.shown} knows no cluster {cluster}; {there}.")
    return found


def has_keeper(server: Server) -> bool:
    """Whether the server has a ZooKeeper or a Keeper, by which statements for a whole cluster are passed on."""
    return bool(server.rows("SELECT 1 FROM system.tables WHERE database = 'system' AND name = 'zookeeper'"))


def _is_replicated(server: Server) -> bool:
    macros = {row[0] for row in server.rows("SELECT macro FROM system.macros")}
    return has_keeper(server) and {"shard", "replica"} <= macros


class _Knowledge:
    """What a server knows, found out by trying."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._table = f"{name(server.database)}.requests_probe"
        self.word = "LowCardinality(Nullable(String))" if self._takes("x LowCardinality(Nullable(String))") else _TEXT
        self.zstd = " CODEC(ZSTD(3))" if self._takes("x String CODEC(ZSTD(3))") else ""
        self.delta = " CODEC(DoubleDelta, ZSTD(1))" if self._takes("x Int64 CODEC(DoubleDelta, ZSTD(1))") else ""
        self.indexes = next((pair for pair in _INDEXES if self._takes(f"x Array(String), {pair.format('x', 'x')}")), "")
        self.calendar = next(row for row in _CALENDARS if self._takes(f"moment Int64, {row}"))

    def _takes(self, definition: str) -> bool:
        drop = f"DROP TABLE IF EXISTS {self._table}"
        self._server.rows(drop)
        try:
            self._server.rows(f"CREATE TABLE {self._table} (k UInt8, {definition}) ENGINE = MergeTree ORDER BY k")
        except RefusedError as refusal:
            if refusal.code in _NO_RIGHTS:
                raise
            return False
        self._server.rows(drop)
        return True


_TEXT = "Nullable(String)"
_TIME = f"time Nullable(Int64) ALIAS nullIf(moment, {UNDATED})"
_NO_RIGHTS = frozenset({81, 164, 291, 497})
_INDEXES = (
    "INDEX {0}_index {1} TYPE text(tokenizer = 'array') GRANULARITY 1",
    "INDEX {0}_index {1} TYPE bloom_filter(0.01) GRANULARITY 1",
)
_CALENDARS = (
    "time_utc DateTime64(3, 'UTC') ALIAS fromUnixTimestamp64Milli(moment, 'UTC')",
    "time_utc DateTime('UTC') ALIAS toDateTime(intDiv(moment, 1000), 'UTC')",
    "time_utc DateTime ALIAS toDateTime(intDiv(moment, 1000))",
)
"""What shows the time to people who open the table; nothing here reads it."""


def _columns(knows: _Knowledge) -> Iterator[str]:
    yield f"moment Int64{knows.delta}"
    yield f"id String{knows.zstd}"
    yield "version UInt64"
    yield "deleted UInt8"
    yield f"arrival UInt64{knows.zstd}"
    for column in COLUMNS[5:]:
        yield f"{column} {_KINDS.get(column) or (knows.word if column in _WORDS else _TEXT)}{_codec(column, knows)}"
    yield _TIME
    yield knows.calendar


def _codec(column: str, knows: _Knowledge) -> str:
    return knows.zstd if column not in _KINDS or column in ("words", "resources") else ""


_KINDS = {
    "duration_ms": "Nullable(Float64)",
    "status": "Nullable(Int32)",
    **dict.fromkeys(("livemode", "idempotent_replayed", "should_retry"), "Nullable(UInt8)"),
    **dict.fromkeys(("truncated", "resources", "words"), "Array(String)"),
}
_NOTE = (
    *("slot UInt32", "arrival UInt64", "requests UInt32", "since Int64", "until Int64"),
    "arrived DateTime DEFAULT now()",
)
_WORDS = frozenset(
    {
        *("method", "host", "endpoint", "source", "account", "api_key", "user_agent", "api_version"),
        *("requested_version", "error_type", "error_code", "decline_code", "error_param"),
    }
)
"""Columns of few values."""


def _local(tables: Tables, knows: _Knowledge, *, is_replicated: bool) -> Iterator[str]:
    """Yield what makes the tables of a shard; `requests` last, by which it is seen that there is a store."""
    yield _table(
        tables.shard_ids,
        [f"id String{knows.zstd}", f"moment Int64{knows.zstd}", _TIME],
        _engine("", tables.shard_ids, is_replicated=is_replicated),
        f"ORDER BY (id, moment) SETTINGS index_granularity = {IDS_GRANULE}",
    )
    yield _table(
        tables.shard_arrivals, _NOTE, _engine("", tables.shard_arrivals, is_replicated=is_replicated), "ORDER BY slot"
    )
    indexes = [knows.indexes.format(column, column) for column in ("resources", "words")] if knows.indexes else []
    yield _table(
        tables.shard_requests,
        [*_columns(knows), *indexes],
        _engine("version", tables.shard_requests, is_replicated=is_replicated),
        f"PARTITION BY {_MONTH} ORDER BY (moment, id) SETTINGS index_granularity = {GRANULE}",
    )


def _engine(version: str, table: str, *, is_replicated: bool) -> str:
    if not is_replicated:
        return f"ReplacingMergeTree({version})"
    path = f"/clickhouse/tables/{{shard}}/{table.replace('`', '')}"
    return f"ReplicatedReplacingMergeTree('{path}', '{{replica}}'{', ' * bool(version)}{version})"


def _distributed(tables: Tables, knows: _Knowledge) -> Iterator[str]:
    if tables.cluster is None:
        return
    for table, local, columns, key in (
        (tables.ids, f"{IDS}_local", ["id String", "moment Int64", _TIME], "id"),
        (tables.arrivals, f"{ARRIVALS}_local", _NOTE, "slot"),
        (tables.requests, f"{REQUESTS}_local", list(_columns(knows)), "id"),
    ):
        where = f"{name(tables.cluster)}, {name(tables.database)}, {local}, cityHash64({key})"
        yield _table(table, columns, f"Distributed({where})", "")


def _table(table: str, definitions: Sequence[str], engine: str, rest: str) -> str:
    inner = ",\n    ".join(definitions)
    return f"CREATE TABLE IF NOT EXISTS {table} {{on}} (\n    {inner}\n)\nENGINE = {engine}\n{rest}".strip()
