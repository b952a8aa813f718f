"""What reqlog is compared with, each used as its documentation says: how it is loaded, and how it is asked."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from .questions import Question
from .workspace import Facts, Place

LNAV_FORMAT: Final = {
    "reqlog_log": {
        "title": "requests",
        "json": True,
        "file-pattern": r"requests\.jsonl",
        "timestamp-field": "time",
        "body-field": "path",
        "hide-extra": True,
        "line-format": [{"field": "time"}, " ", {"field": "status"}, " ", {"field": "path"}],
        "value": {
            **{each: {"kind": "string"} for each in ("id", "method", "path", "endpoint", "api_version")},
            **{each: {"kind": "string"} for each in ("error_type", "error_code", "error_message")},
            "status": {"kind": "integer"},
        },
    }
}
"""How lnav is told of a format of JSON lines."""

_DUCKDB: Final = """import duckdb, json, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    connection.execute("SET enable_progress_bar = false")
    found = connection.execute(sys.argv[2])
    names = [column[0] for column in found.description]
    for row in found.fetchall():
        print(json.dumps(dict(zip(names, row)), default=str))
"""
_DUCKDB_LOAD: Final = """import duckdb, sys
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute("CREATE TABLE requests AS FROM read_json($1)", [sys.argv[2]])
"""
_CHDB: Final = """import sys
from chdb.session import Session
session = Session(sys.argv[1])
session.query("USE reqlog")
print(session.query(sys.argv[2], "JSONEachRow"))
"""
_CHDB_LOAD: Final = """import sys
from chdb.session import Session
session = Session(sys.argv[1])
session.query("CREATE DATABASE reqlog")
session.query(
    "CREATE TABLE reqlog.requests ENGINE = MergeTree ORDER BY time AS "
    "SELECT * REPLACE (assumeNotNull(time) AS time) FROM file('" + sys.argv[2] + "', JSONEachRow)"
)
session.close()
"""


class Peer(NamedTuple):
    """One of those that are compared."""

    name: str
    package: str | None
    """Its name on PyPI; else it is a program that Debian has under the name of `program`."""
    program: str
    words: Callable[[Path, Place, str], tuple[str, ...]]
    """The command that asks a question in SQL, or in the shell; the first argument is where its program is."""
    dialect: Mapping[str, str]
    load: Callable[[Path, Place], tuple[str, ...]] | None = None
    """The command that makes its database."""
    most: int = 10_000_000
    """The most requests that it is given; with more it takes too long."""
    asked: tuple[str, ...] = ()
    """The questions that are put to it; none means all that it has words for."""


_SQLITE_WORDS: Final = {"newest_id": "id", "newest_message": "error_message"}
_DUCKDB_WORDS: Final = {
    "since": "TIMESTAMPTZ '<since>'",
    "touches": "list_contains(resources, '<customer>')",
    "says": "contains(response_body, 'insufficient funds')",
    "newest_id": "arg_max(id, time)",
    "newest_message": "arg_max(error_message, time)",
}
_CHDB_WORDS: Final = {
    "since": "parseDateTime64BestEffort('<since>', 3, 'UTC')",
    "touches": "has(resources, '<customer>')",
    "says": "position(response_body, 'insufficient funds') > 0",
    "newest_id": "argMax(id, time)",
    "newest_message": "argMax(error_message, time)",
}
_UTILS_WORDS: Final = _SQLITE_WORDS | {
    "since": "'<since>'",
    "touches": "instr(resources, '\"<customer>\"')",
    "says": "rowid IN (SELECT rowid FROM requests_fts WHERE requests_fts MATCH 'insufficient funds')",
}
_LNAV_WORDS: Final = _SQLITE_WORDS | {"since": "'<since>'"}


def _of_python(code: str, peer: str) -> Callable[[Path, Place, str], tuple[str, ...]]:
    return lambda folder, there, sql: (str(folder / "python"), "-c", code, str(there.of(peer)), sql)


def _loading(code: str, peer: str) -> Callable[[Path, Place], tuple[str, ...]]:
    return lambda folder, there: (str(folder / "python"), "-c", code, str(there.of(peer)), str(there.raw))


def _utils(folder: Path, there: Place, sql: str) -> tuple[str, ...]:
    return (str(folder / "sqlite-utils"), str(there.of("sqlite-utils")), sql, "--nl")


def _utils_load(folder: Path, there: Place) -> tuple[str, ...]:
    program, file = folder / "sqlite-utils", there.of("sqlite-utils")
    steps = (
        f"{program} insert {file} requests {there.raw} --nl --pk id",
        *(f"{program} create-index {file} requests {column}" for column in ("status", "time")),
        f"{program} enable-fts {file} requests path request_body response_body error_message",
    )
    return ("sh", "-c", " && ".join(steps))


def _shell(_folder: Path, _there: Place, line: str) -> tuple[str, ...]:
    return ("sh", "-c", line)


def _lnav(folder: Path, there: Place, sql: str) -> tuple[str, ...]:
    asked = sql.replace("FROM requests", "FROM reqlog_log").replace("SELECT *", "SELECT id")
    for old, new in (("(time)", "(log_time)"), (" time ", " log_time "), ("T00:", " 00:"), (".000Z", ".000")):
        asked = asked.replace(old, new)
    formats = there.folder.parent / "lnav"
    return ("lnav", "-n", "-I", str(formats), "-c", f";{asked}", "-c", ":write-json-to -", str(there.raw))


_LATER: Final = ("status", "resource", "text", "show", "versions", "errors")
PEERS: Final = (
    Peer("duckdb", "duckdb", "python", _of_python(_DUCKDB, "duckdb"), _DUCKDB_WORDS, _loading(_DUCKDB_LOAD, "duckdb")),
    Peer("chdb", "chdb", "python", _of_python(_CHDB, "chdb"), _CHDB_WORDS, _loading(_CHDB_LOAD, "chdb")),
    Peer("sqlite-utils", "sqlite-utils", "sqlite-utils", _utils, _UTILS_WORDS, _utils_load, 1_000_000, _LATER),
    Peer("jq", None, "jq", _shell, {}),
    Peer("ripgrep", None, "rg", _shell, {}),
    Peer("lnav", None, "lnav", _lnav, _LNAV_WORDS, None, 1_000_000, ("status", "versions", "errors")),
)


def filled(text: str, *values: Mapping[str, str]) -> str:
    """Return `text` with every `<name>` replaced, by each mapping in turn."""
    for mapping in values:
        for each, value in mapping.items():
            text = text.replace(f"<{each}>", value)
    return text


def words(peer: Peer, folder: Path, there: Place, question: Question, facts: Facts) -> tuple[str, ...] | None:
    """Return the command by which `peer` is asked, or None if it is not."""
    if peer.asked and question.name not in peer.asked:
        return None
    about = {**facts._asdict(), "raw": str(there.raw)}
    if peer.dialect:
        return peer.words(folder, there, filled(question.sql, peer.dialect, about))
    line = dict(question.shell).get(peer.name)
    return None if line is None else peer.words(folder, there, filled(line, about))
