"""The structure of the project as a test: who has a test file, who knows which library, and how long things may get.

The layers themselves are held by import-linter, in pyproject.toml.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path

import apsw
import click
import pytest
from every_command import NAMES, command_named

from reqlog.columns import RECORD
from reqlog.commands import COMMANDS, store
from reqlog.commands.demo import SAMPLES
from reqlog.exceptions import ExitCode
from reqlog.flags import FLAGS
from reqlog.readers import FORMATS
from reqlog.readers.json_map import PRESETS
from reqlog.request import FIELDS, Request
from reqlog.store.sqlite import SqliteStore

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "reqlog"
FILES = sorted(PACKAGE.rglob("*.py"))

TESTED_ELSEWHERE = {
    "__init__.py": "the version alone",
    "__main__.py": "tests/test_cli.py runs it",
    "limits.py": "constants",
    "commands/__init__.py": "here",
    "options/__init__.py": "a docstring",
    "proxy/__init__.py": "a docstring",
    "recording/__init__.py": "a docstring",
    "readers/base.py": "what readers are, without a line that runs",
    "render/base.py": "what renderers are, without a line that runs",
    "store/base.py": "what stores are; tests/store/test_conformance.py holds it",
    "store/sqlite/connection.py": "tests/store/test_sqlite.py",
    "store/sqlite/found.py": "tests/store/sqlite/test_parts.py and tests/test_answers.py",
    "store/sqlite/lost_log.py": "tests/commands/store/test_check.py",
    "store/sqlite/order.py": "tests/store/test_conformance.py and test_sqlite.py",
    "store/sqlite/schema.py": "tests/store/test_sqlite.py",
    "catalog/__init__.py": "names gathered from its modules",
    "exchange/__init__.py": "tests/test_exchange.py",
    "redact/__init__.py": "tests/test_redact.py",
    "store/sqlite/__init__.py": "tests/store/test_sqlite.py",
    "store/sqlite/adding.py": "tests/store/test_sqlite.py and test_conformance.py",
    "store/clickhouse/__init__.py": "tests/store/test_conformance.py",
    "store/clickhouse/counting.py": "tests/store/test_conformance.py",
    "store/clickhouse/reading.py": "tests/store/test_conformance.py",
    "store/clickhouse/server.py": "what a server is, without a line that runs",
}
"""Files that have no test file of their name, with the reason."""

KNOWN_BY = {
    "click": ("cli.py", "commands/", "options/"),
    "tabulate": ("render/table.py",),
    "dateutil": ("times.py",),
    "apsw": ("store/sqlite/",),
    "clickhouse_driver": ("store/clickhouse/driver.py",),
    "yaml": ("readers/yaml_stream.py",),
    "platformdirs": ("places.py",),
    "wcwidth": ("render/width.py",),
    "msgspec": (
        "store/sqlite/rows.py",
        "store/sqlite/plain.py",
        "readers/",
        "exchange/",
        "render/whole.py",
        "recording/process.py",
    ),
    "aiohttp": ("proxy/",),
    "multidict": ("proxy/",),
    "yarl": ("proxy/",),
    "requests": ("capture/requests_hook.py", "capture/__init__.py"),
    "httpx": ("capture/httpx_hook.py", "capture/__init__.py"),
}
"""Which files may import which library."""

HEAVY = {"aiohttp", "apsw", "clickhouse_driver", "dateutil", "msgspec", "tabulate", "yaml"}

# Ratchets: what there is today, to fall and never to rise.
LONGEST_FUNCTION = 42
LONGEST_FILE = 300


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_file_has_its_test_file_or_a_reason(path) -> None:
    name = named(path)
    beside = ROOT / "tests" / path.relative_to(PACKAGE).parent / f"test_{path.stem.strip('_')}.py"
    exact = beside.with_name(f"test_{path.stem}.py")
    assert (beside.is_file() or exact.is_file()) is not (name in TESTED_ELSEWHERE)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_library_is_known_where_it_belongs_and_nowhere_else(path) -> None:
    strangers = {
        library for library in imported(path) if library in KNOWN_BY and not named(path).startswith(KNOWN_BY[library])
    }
    assert strangers == set()


@pytest.mark.parametrize("path", FILES, ids=named)
def test_functions_and_files_stay_short(path) -> None:
    lengths = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in functions(path)
        if not (node.name == "command" and path.parent.name == "commands")
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_exception_to_a_rule_has_its_reason(path) -> None:
    bare = re.compile(r"# (?:noqa: [A-Z0-9, ]+|type: ignore\[[a-z-]+\])\s*$|# noqa\s*$|# type: ignore(?!\[)")
    assert [line for line in path.read_text().splitlines() if bare.search(line)] == []


def loaded_by(*arguments: str, **environ: str) -> set[str]:
    """Return the modules that the command line has imported when it has done its work."""
    code = f"import sys, reqlog.cli; reqlog.cli.run({list(arguments)!r}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, env=environ)
    return set(done.stderr.split())


@pytest.mark.parametrize("command", ["", *NAMES])
def test_help_imports_nothing_heavy(command, tmp_path) -> None:
    assert loaded_by(*command.split(), "--help", HOME=str(tmp_path)) & HEAVY == set()


def test_a_json_listing_imports_no_more_than_it_needs(tmp_path) -> None:
    store = tmp_path / "requests.db"
    with closing(SqliteStore(store, write=True)):
        pass
    loaded = loaded_by("list", "--json", "--store", str(store), HOME=str(tmp_path))
    assert loaded & {*HEAVY, "platformdirs", "pathlib", "dataclasses", "ipaddress", "locale", "shlex"} == {"apsw"}
    assert loaded & {"reqlog.store.sqlite.checks", "reqlog.store.sqlite.upkeep"} == set()


def test_a_request_in_full_imports_no_more_than_it_needs(tmp_path) -> None:
    store = tmp_path / "requests.db"
    request = Request("req_1", path="/v1/charges", request_body="a=%20&b=1", response_body='{"a":[1]}')
    with closing(SqliteStore(store, write=True)) as kept:
        kept.add([request])
    loaded = loaded_by("show", "req_1", "--store", str(store), HOME=str(tmp_path))
    assert loaded & {*HEAVY, "urllib.parse", "ipaddress", "locale", "shlex"} == {"apsw"}
    unused = {"adding", "arrivals", "prepared", "removal", "tallies", "temporary_files", "checks", "upkeep", "counting"}
    assert loaded & {"reqlog.store.base", *(f"reqlog.store.sqlite.{name}" for name in unused)} == set()


@pytest.mark.parametrize(("requests", "expected"), [(300, {"apsw"}), (301, {"apsw", "msgspec"})])
def test_msgspec_writes_json_where_there_is_enough_of_it(requests, expected, tmp_path) -> None:
    store = tmp_path / "requests.db"
    with closing(SqliteStore(store, write=True)) as kept:
        kept.add(Request(id=f"req_{number}") for number in range(requests))
    assert loaded_by("list", "--json", "--store", str(store), HOME=str(tmp_path)) & HEAVY == expected


def test_what_is_rarely_wanted_of_redaction_is_not_imported(tmp_path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id":"req_1","status":200,"method":"GET"}\n')
    loaded = loaded_by("import", str(tmp_path / "a.jsonl"), "--store", str(tmp_path / "a.db"), HOME=str(tmp_path))
    rare = {"reqlog.redact.own", "reqlog.redact.nested", "reqlog.redact.pseudonyms", "hmac", "platformdirs"}
    assert loaded & {*rare, "reqlog.redact"} == {"reqlog.redact"}


@pytest.mark.parametrize("name", NAMES)
def test_every_option_has_help_and_a_name_of_its_own(name) -> None:
    options = [param for param in command_named(name).params if isinstance(param, click.Option)]
    assert [option.name for option in options if not option.help] == []
    names = [text for option in options for text in (*option.opts, *option.secondary_opts)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("name", "summary"), [*COMMANDS.items(), *((f"store {name}", text) for name, text in store.COMMANDS.items())]
)
def test_the_summaries_of_the_commands_are_the_first_lines_of_their_help(name, summary) -> None:
    help = command_named(name).help or ""
    assert help.startswith(summary.removesuffix("."))


def test_no_two_filter_flags_share_a_name() -> None:
    names = [flag.name for flag in FLAGS]
    assert sorted(names) == sorted(set(names))


def test_the_columns_of_a_new_store_and_the_keys_of_json_are_the_fields(tmp_path) -> None:
    with closing(SqliteStore(tmp_path / "requests.db", write=True)):
        pass
    with closing(apsw.Connection(str(tmp_path / "requests.db"))) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info (requests)")]
    assert sorted(columns) == sorted(["seq", *FIELDS, "arrival", "kind", "parts"])
    assert [column.name for column in RECORD if column.name != "created"] == list(FIELDS)


@pytest.mark.parametrize("format", FORMATS.values(), ids=lambda format: format.name)
def test_every_reader_has_samples(format) -> None:
    assert import_module(format.module).SAMPLES


def test_every_preset_can_be_named() -> None:
    assert sorted(PRESETS) == sorted(format.name for format in FORMATS.values() if format.preset)


def test_the_documented_exit_codes_are_all_there_are() -> None:
    documented = re.findall(r"^\| (\d+) \|", (ROOT / "docs" / "exit-codes.md").read_text(), re.MULTILINE)
    assert sorted(map(int, documented)) == sorted(ExitCode)


def test_the_samples_are_shipped_with_the_package() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == {"checkout.har", "stripe_logs_tail.ndjson", "test_suite.yml"}
