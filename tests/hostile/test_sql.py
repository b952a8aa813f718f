"""No SQL but bound values: whatever is asked for and whatever is stored, the engine sees it as a value only."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from reqlog.exceptions import UsageError
from reqlog.filters import Not, matches
from reqlog.flags import FLAGS, Flag, any_of
from reqlog.intake import Account, Captures
from reqlog.request import FIELDS, Request
from reqlog.store.sqlite import SqliteStore

ROOT = Path(__file__).resolve().parents[2]

ATTACKS = (
    "'",
    '"',
    "`",
    "''",
    "' OR 1=1 --",
    "' OR '1'='1",
    '" OR ""="',
    "') OR 1=1 --",
    "1) OR (1=1",
    "; DROP TABLE requests; --",
    "'; DELETE FROM requests; --",
    "' UNION SELECT * FROM sqlite_schema --",
    "' UNION ALL SELECT 1,2,3 --",
    "/* comment */",
    "--",
    "' /*",
    "a\x00b",
    "\x00",
    "NULL",
    "1",
    "0x31",
    "1e0",
    "true",
    "?",
    "?1",
    ":name",
    "@name",
    "$name",
    "%",
    "_",
    "%s%d%n",
    "{0}",
    "[a-z]",
    "[^a]",
    "[",
    "]",
    "*",
    "**",
    "a*b",
    "???",
    "\\",
    "\\'",
    "\\x27",
    "＇ OR 1=1",
    '"a" OR b*',
    "a OR b",
    "a AND NOT b",
    "a NEAR b",
    "NEAR(a b, 10)",
    "text:a",
    "{text}: a",
    "- text: a",
    "^a",
    "a + b",
    "a*",
    "rank MATCH 'bm25()'",
    "requests_text",
    "integrity-check",
    "optimize",
    "$.id",
    "$[0]",
    '$."a"',
    "$.a') --",
    "PRAGMA writable_schema=1",
    "PRAGMA user_version=99",
    "ATTACH DATABASE 'pwned.db' AS pwned",
    "'; ATTACH DATABASE 'pwned.db' AS pwned; CREATE TABLE pwned.a (b); --",
    "VACUUM INTO 'pwned.db'",
    "load_extension('pwned')",
    "readfile('/etc/passwd')",
    "writefile('pwned', 'x')",
    "randomblob(1000000000)",
    "a,b",
    " a ",
    "x" * 5000,
    "'" * 500,
    "é\u0301ß",
    "\U0001f389",
)
"""What is written to be taken for SQL, for a pattern, for a full-text query or for a path into JSON."""

MARK = "zq9x"
"""Stands in each value, so that it can be found where it should not be."""

NUMBERS = {"time": "2026-05-09T10:00:00Z", "status": 402}
TEXTS = [name for name in FIELDS if Request.__annotations__[name] in (str, str | None)]


def marked(attack: str) -> str:
    return f"{attack}{MARK}" if attack.strip() else MARK


def record(number: int, attack: str) -> dict[str, object]:
    """Return a record with an attack in every text that it has."""
    value = marked(attack)
    told = {name: f"/{value}" if name in {"endpoint", "path"} else value for name in TEXTS if name != "source"}
    return {
        **told,
        **NUMBERS,
        "id": f"{value}{number if value == MARK else ''}",
        "request_headers": {value: value},
        "resources": [value, f"cus_{number}"],
        "request_body": json.dumps({value: value}),
    }


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture with one record for each attack."""
    path = tmp_path_factory.mktemp("sql") / "records.jsonl"
    records = (record(number, attack) for number, attack in enumerate(ATTACKS))
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return path


@pytest.fixture(scope="module")
def requests(capture: Path) -> list[Request]:
    return list(Captures([str(capture)]).read(Account(), lambda _: None))


@pytest.fixture(scope="module")
def kept(capture: Path, requests: list[Request]) -> Path:
    """A store of them."""
    path = capture.parent / "requests.db"
    with closing(SqliteStore(path, write=True)) as store:
        store.add(requests)
    return path


def schema(path: Path) -> list[object]:
    """Return all that the schema of a store says, and that of a new one beside it is the same."""
    with closing(apsw.Connection(str(path))) as connection:
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        connection.execute("INSERT INTO requests_text (requests_text) VALUES ('integrity-check')")
        found = list(connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name"))
        return [*found, connection.pragma("user_version"), connection.pragma("application_id")]


@pytest.fixture(scope="module", autouse=True)
def unharmed(kept: Path, requests: list[Request]) -> Iterator[None]:
    """Whatever was asked, the store is as it was, and nothing is beside it."""
    before = schema(kept)
    yield
    with closing(SqliteStore(kept.parent / "new.db", write=True)):
        pass
    assert schema(kept) == before == schema(kept.parent / "new.db")
    with closing(SqliteStore(kept, write=False)) as store:
        assert len(list(store.find(any_of(BY_NAME["status"], ["402"])))) == len(requests)
    assert {path.name for path in kept.parent.iterdir()} <= {
        "records.jsonl",
        *(f"{name}.db{suffix}" for name in ("requests", "new") for suffix in ("", "-wal", "-shm")),
    }


BY_NAME = {flag.name: flag for flag in FLAGS}


def asked(flag: Flag) -> Iterator[str]:
    """Yield the attacks as values of a flag."""
    for attack in ATTACKS:
        value = marked(attack)
        yield from (f"/{value}", value) if flag.name in {"endpoint", "path"} else (value,)


def test_the_records_are_all_there(requests) -> None:
    assert len({request.id for request in requests}) == len(ATTACKS)


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_a_flag_takes_an_attack_for_a_value(flag, kept, requests) -> None:
    texts: list[str] = []
    found = 0
    with closing(SqliteStore(kept, write=False)) as store:
        store._connection.exec_trace = lambda _cursor, sql, _bindings: not texts.append(sql)  # type: ignore[func-returns-value]  # it goes on
        for text in asked(flag):
            try:
                filter = any_of(flag, [text])
            except UsageError:
                continue
            for wanted in (filter, Not(filter)):
                expected = {request.id for request in requests if matches(wanted, request)}
                assert {request.id for request in store.find(wanted)} == expected
                assert sum(group.requests for group in store.count_by(wanted, (), samples=1)) == len(expected)
            found += 1
    assert [text for text in texts if MARK in text.lower()] == []
    assert found > 50 or flag.name in {"status", "method", "source", "ip"}


FORMS = [f"--{prefix}{flag.name}" for flag in FLAGS for prefix in ("", "not-")]


def typed(value: str) -> str:
    return value.replace("\0", "")  # no argument can have it


@pytest.mark.parametrize("form", FORMS)
def test_the_command_line_takes_attacks_for_values(run, capture, kept, form) -> None:
    flag = BY_NAME[form.removeprefix("--").removeprefix("not-")]
    values = [typed(value) for value in asked(flag) if typed(value).strip()]
    words = [word for value in values for word in (form, value)]
    answers = [
        run("list", "--json", "--fields", "id", where, path, *words)
        for where, path in (("--store", kept), ("--file", capture))
    ]
    assert answers[0].returncode == answers[1].returncode
    assert sorted(answers[0].stdout.splitlines()) == sorted(answers[1].stdout.splitlines())
    assert (
        answers[0].returncode == (2 if flag.name in {"status", "method", "source", "ip"} else 0) or "endpoint" in form
    )
    assert not any("Traceback" in answer.stderr or "SQL" in answer.stderr for answer in answers)


TYPED_IDS = [attack for attack in ATTACKS if attack.strip() and "\0" not in attack and len(attack) < 1000][::5]


@pytest.mark.parametrize("attack", TYPED_IDS)
def test_ids_and_names_of_fields_are_values_too(run, capture, kept, attack) -> None:
    for where, path in (("--store", kept), ("--file", capture)):
        shown = run("show", where, path, "--json", "--", marked(attack))
        assert (shown.returncode, json.loads(shown.stdout)["id"]) == (0, marked(attack))
        assert run("show", where, path, "--", f"nosuch{attack}").returncode == 1
        assert run("list", where, path, f"--fields=id,{attack}").returncode == 2
        assert run("errors", where, path, f"--by=status,{attack}").returncode == 2


def test_groups_are_those_of_the_captures(run, capture, kept) -> None:
    for by in ("error_code", "path,query", "error_message"):
        words = ("errors", "--since", "2026-01-01", "--by", by, "--json")
        answers = [
            json.loads(run(*words, where, path).stdout) for where, path in (("--store", kept), ("--file", capture))
        ]
        groups = [sorted(json.dumps(group, sort_keys=True) for group in answer) for answer in answers]
        assert groups[0] == groups[1]
        assert len(groups[0]) > 50


def test_what_is_no_field_never_becomes_a_column(kept) -> None:
    with closing(SqliteStore(kept, write=False)) as store:
        for attack in ATTACKS:
            with pytest.raises(KeyError):
                store.count_by(any_of(BY_NAME["status"], ["402"]), (attack,), samples=1)


def test_everything_that_is_stored_comes_back(run, capture, kept) -> None:
    stored, captured = (
        sorted(run("list", "-o", "jsonl", where, path).stdout.splitlines())
        for where, path in (("--store", kept), ("--file", capture))
    )
    assert stored == captured
    assert len(stored) == len(ATTACKS)


SQL = re.compile(
    r"\b(?:SELECT|INSERT|DELETE|UPDATE|WHERE|ORDER BY|GROUP BY|LIMIT|GLOB|MATCH|NULL|IN \()|coalesce\(|^, "
)
CONSTANT = re.compile(r"(?:\w+\.)?_?[A-Z][A-Z_]*")
MADE_OF = {
    "column": "checked by column_of, or a constant of the package",
    "operator": "one of the five of filters.Operator",
    "condition": "what where() returned, with a mark for each value",
    "sql": "text put together from these",
    "where": "the same",
    "names": "columns, checked",
    "by": "columns, checked",
    "counts": "text put together from these",
    "there": "text put together from these",
    "newest": "a constant of the package",
    "oldest": "a constant of the package",
    "each": "a constant of the package",
    "name": "one of rows.COLUMNS",
    "room": "a number, counted",
    "left": "text put together from these",
    "right": "text put together from these",
    "of_kind": "text put together from these",
    "sure": "text put together from these",
    "maybe": "text put together from these",
    "alike": "text put together from these",
    "word": "AND or OR",
    "order": "ASC or DESC",
    "index": "a constant of the package",
    "part": "a constant of the package",
    "table": "a constant of the package",
    "span": "a constant of the package",
    "length": "a number, constant",
    "same": "names of fields, compared",
    "headers": "names of fields, compared",
    "counted": "text put together from these",
    "one": "the same",
    "other": "the same",
    "end": "min or max",
    "limit": "a number",
    "DIRECTION[reverse]": "ASC or DESC",
    "ways.DIRECTION[reverse]": "ASC or DESC",
    "_up_to(limit)": "nothing, or LIMIT and a number",
    "_COUNTED_BY_SPAN.format(length)": "a constant with a number in it",
    "_TALLIED.format(field)": "a constant with one of tallies.FIELDS in it",
    "field": "one of tallies.FIELDS",
}
"""Names that may stand in the text of SQL, with what they hold."""

MADE_OF_FOR_SERVERS = {
    **dict.fromkeys(("listed", "shards", "within"), "values as literals.lists or literals.bind write them"),
    "bind(*where(filter, DIALECT))": "what where() returned, each value as a literal",
    "_parts(tables)": "names of tables, as literals",
    **dict.fromkeys(("wanted", "condition", "ids", "few", "after"), "text put together from these"),
    **dict.fromkeys(("ended", "ends", "there"), "text put together from these"),
    **dict.fromkeys(("last_versions(tables, filter)", "last_versions(tables, EVERYTHING)"), "the same"),
    **dict.fromkeys(("tables.requests", "tables.ids", "tables.shard_requests", "tables.shard_ids"), "quoted names"),
    **dict.fromkeys(("self._tables.arrivals", "table", "self._table"), "quoted names"),
    **dict.fromkeys(("name(tables.cluster)", "name(tables.database)"), "quoted names"),
    **dict.fromkeys(("tables.everywhere('parts')", "tables.everywhere('mutations')"), "names, quoted or constant"),
    **dict.fromkeys(("columns", "more", "definition", "local", "key", "every", "why"), "constants of the package"),
    **dict.fromkeys(("samples", "most", "share", "self._latest - _LATE"), "numbers"),
}
"""The same in the package of stores on servers, which old ones cannot be sent values beside a statement."""


def parts_of_sql(path: Path) -> Iterator[str]:
    """Yield the expressions that f-strings with SQL in them have between braces."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            literal = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            if SQL.search(literal):
                yield from (ast.unparse(part.value) for part in node.values if isinstance(part, ast.FormattedValue))


def is_harmless(expression: str, made_of: Mapping[str, str]) -> bool:
    tree = ast.parse(expression, mode="eval").body
    match tree:
        case ast.IfExp(_, ast.Constant(), ast.Constant()):
            return True
        case ast.Call(ast.Attribute(ast.Constant(), "join"), [what]):
            names = {node.id for node in ast.walk(what) if isinstance(node, ast.Name)}
            return all(
                CONSTANT.fullmatch(name)
                or name in {"rows", "words", "tallies", "len", "wanted", "columns", "name", "column"}
                for name in names
            )
        case ast.Call(ast.Name("column_of")):
            return True
        case _:
            return bool(CONSTANT.fullmatch(expression)) or expression in made_of


SOURCES = sorted((ROOT / "reqlog" / "store").rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_sql_is_made_of_constants_and_names_that_were_checked(path) -> None:
    made_of = MADE_OF | (MADE_OF_FOR_SERVERS if path.parent.name == "clickhouse" else {})
    assert [expression for expression in parts_of_sql(path) if not is_harmless(expression, made_of)] == []


def test_sql_is_found_where_it_is_made() -> None:
    assert sum(len(list(parts_of_sql(path))) for path in SOURCES) > 15
    assert not is_harmless("value", MADE_OF)
    assert not is_harmless("', '.join(values)", MADE_OF)
    assert not is_harmless("request.id", MADE_OF)
