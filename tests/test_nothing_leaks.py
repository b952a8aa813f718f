"""Made-up secrets of every kind in every place, through every reader and the real command line: none is found again.

Not in the store, whatever the column, nor in the bytes of its files, and not in what any command prints. That the
secrets were there to be found is shown on what the readers give before redaction.
"""

import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing, redirect_stdout
from pathlib import Path
from urllib.parse import unquote

import pytest
import zstandard
from planted_captures import Capture, write

from reqlog import cli
from reqlog.readers import read
from reqlog.readers.inputs import expand
from reqlog.render import OUTPUTS
from reqlog.request import FIELDS
from reqlog.store.sqlite.packing import DICTIONARY, unpacked

WINDOW = 8
_RUN = re.compile(rf"[A-Za-z0-9]{{{WINDOW},}}")
_SEPARATOR = re.compile(r"(?<=[0-9])[ \xa0.-](?=[0-9])")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")
_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")
HARMLESS = '{"id":"req_1","status":200,"method":"GET"}\n'
MARK = re.compile(r"\[redacted( ….{4})?\]|\[card ….{4}\]|_….{4}")
FRAME = b"\x28\xb5\x2f\xfd"


def pieces_of(text: str) -> set[str]:
    """Return all pieces of eight letters and digits in `text`, also where it is escaped, encoded or spaced out."""
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), unquote(unquote(text)))
    forms = {text, plain, plain.replace("+", " ")}
    runs = {run for form in forms for run in _RUN.findall(form) + _RUN.findall(_SEPARATOR.sub("", form))}
    runs |= {run for form in forms for found in set(_BASE64.findall(form)) for run in _RUN.findall(_unpacked(found))}
    return {piece for run in runs for piece in windows(run)}


def windows(run: str) -> Iterator[str]:
    """Yield all pieces of eight characters in `run`."""
    return (run[place : place + WINDOW] for place in range(len(run) - WINDOW + 1))


def _unpacked(base64: str) -> str:
    try:
        return b64decode(base64 + "=" * (-len(base64) % 4)).decode("latin-1")
    except ValueError:
        return ""


class Corpus:
    """The captures, and what they hide."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.captures: list[Capture] = write(folder)
        self.requests = [one for capture in self.captures for one in capture.planted.values()]
        self.pieces = {piece for one in self.requests for needle in one.secret.needles for piece in windows(needle)}

    def found_in(self, text: str) -> set[str]:
        """Return the pieces of secrets that are in `text`."""
        return self.pieces & pieces_of(text)

    def missing_from(self, text: str) -> set[tuple[str, str]]:
        """Return the secrets that `text` has not, with the places where they are hidden."""
        found = pieces_of(text)
        return {
            (one.where, needle)
            for one in self.requests
            for needle in one.secret.needles
            if not found.issuperset(windows(needle))
        }


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The captures, written once."""
    return Corpus(tmp_path_factory.mktemp("planted"))


def reqlog(folder: Path, *arguments: object, input: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run the real command line at home in `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "reqlog", *map(str, arguments)],
        input=input or "",
        capture_output=True,
        encoding="utf-8",
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "TZ": "UTC"},
        cwd=folder,
        check=False,
    )


@pytest.fixture(scope="module")
def store(planted: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store of all of them, whose write-ahead log stays since somebody reads the store meanwhile."""
    file = tmp_path_factory.mktemp("store") / "requests.db"
    assert reqlog(file.parent, "import", "--store", file, "-", input=HARMLESS).returncode == 0
    with closing(sqlite3.connect(file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM requests").fetchone()
        done = reqlog(file.parent, "import", "--verbose", "--json", "--store", file, planted.folder)
        assert (done.returncode, done.stderr) == (0, "")
        summary = json.loads(done.stdout)
        count = sum(len(capture.planted) for capture in planted.captures)
        assert (summary["imported"], summary["rejects"], summary["skipped"]) == (count, 0, 0)
        yield file


def test_the_readers_give_every_secret_before_redaction(planted: Corpus) -> None:
    given = [json.dumps(record, default=str) for input in expand([str(planted.folder)]) for record in read(input)]
    missing = planted.missing_from("\n".join(given))
    assert len(missing) < 20
    assert {where for where, _ in missing} == {"user"}  # most readers leave the user of a URL out anyway


def test_nothing_is_in_any_column_or_index(planted: Corpus, store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection:
        rows = connection.execute(f"SELECT {', '.join(FIELDS)}, parts FROM requests").fetchall()
        connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, requests_text, row)")
        words = connection.execute("SELECT term FROM temp.words").fetchall()
    assert len(rows) > 2500
    assert len([row for row in rows if row[-1] is not None]) > 500
    assert len(words) > 1000
    assert planted.found_in("\n".join(map(_shown, (value for row in rows for value in row)))) == set()
    assert planted.found_in("\n".join(term for (term,) in words)) == set()


def _shown(value: object) -> str:
    return unpacked(value) if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_nothing_is_in_the_bytes_of_the_files(planted: Corpus, store: Path, suffix: str) -> None:
    content = store.with_name(store.name + suffix).read_bytes()
    assert len(content) > 100_000 or not suffix
    assert planted.found_in(content.decode("latin-1")) == set()
    frames = [found.start() for found in re.finditer(re.escape(FRAME), content)]
    assert len(frames) > 200 or not suffix
    assert planted.found_in("\n".join(_beginning(content[start : start + 8192]) for start in frames)) == set()


def _beginning(packed: bytes) -> str:
    """Return as much as can be unpacked of what may go on elsewhere in a file."""
    try:
        dictionary = zstandard.ZstdCompressionDict(Path(DICTIONARY).read_bytes())
        unpacker = zstandard.ZstdDecompressor(dict_data=dictionary).decompressobj()
        return unpacker.decompress(packed).decode("latin-1")
    except zstandard.ZstdError:
        return ""


@pytest.mark.parametrize("output", OUTPUTS)
def test_nothing_is_printed_by_any_renderer(planted: Corpus, store: Path, output: str) -> None:
    fields = ("--fields", ",".join(FIELDS))
    done = reqlog(store.parent, "list", "--store", store, "-o", output, *fields)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("redacted") > 1000
    assert planted.found_in(done.stdout) == set()


def test_nothing_is_printed_of_captures_that_are_asked_directly(planted: Corpus, store: Path) -> None:
    done = reqlog(store.parent, "list", "--file", planted.folder, "-o", "jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("redacted") > 1000
    assert planted.found_in(done.stdout) == set()


@pytest.mark.parametrize("command", [("errors",), ("errors", "--json"), ("versions",), ("versions", "--json")])
def test_nothing_is_printed_by_what_sums_up(planted: Corpus, store: Path, command: tuple[str, ...]) -> None:
    done = reqlog(store.parent, *command, "--store", store, "--since", "2026-01-01")
    assert (done.returncode, len(done.stdout) > 100) == (0, True)
    assert planted.found_in(done.stdout + done.stderr) == set()


def test_nothing_is_shown_of_one_request(planted: Corpus, store: Path) -> None:
    ids = list(planted.captures[0].planted)[::3]
    shown = io.StringIO()
    with redirect_stdout(shown):
        codes = {cli.run(["show", "--store", str(store), id]) for id in ids}
    assert codes == {0}
    assert shown.getvalue().count("redacted") > len(ids) // 2
    assert planted.found_in(shown.getvalue()) == set()


def test_of_every_secret_something_is_left_in_its_place(planted: Corpus, store: Path) -> None:
    done = reqlog(store.parent, "list", "--store", store, "-o", "jsonl")
    lines = {json.loads(line)["id"]: line for line in done.stdout.splitlines()}
    hiding = {id: one for capture in planted.captures for id, one in capture.planted.items() if one.where != "user"}
    told = {id: one for id, one in hiding.items() if id in lines}
    assert len(told) > 2500
    assert {(id, one.secret.text) for id, one in told.items() if not MARK.search(lines[id])} == set()


SECRET = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
GOOD_HAR = '{"request":{"method":"GET","url":"https://a.example/"},"response":{"status":200}}'
GOOD_TAIL = (
    '{"livemode":false,"method":"GET","url":"/v1/plans","status":200,"request_id":"req_Good1","created_at":1778320800}'
)
GOOD_OWN = '{"id":"req_Good1","status":200,"method":"GET"}'
GOOD_LINE = '203.0.113.7 - - [09/May/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 9 "-" "-"'
GOOD_CADDY = '{"ts":1778320800,"request":{"method":"GET","uri":"/"},"status":200}'
GOOD_CASSETTE = """http_interactions:
- request: {method: get, uri: 'https://a.example/', headers: {}}
  response: {status: {code: 200}, headers: {}, body: {string: ''}}
"""
REJECTED = {
    "har": [
        f'{{"log":{{"entries":[{GOOD_HAR},{record}]}}}}'
        for record in (
            '{"request":{"method":"GET","url":"https://a.example/?token=S"},"response":{"status":0}}',
            '{"request":{"method":"GET","url":"https://a.example/?token=S"},"response":{"status":"S"}}',
            '{"request":{"method":"GET","url":["S"]},"response":{"status":200}}',
            '{"request":{"method":{"S":1},"url":"https://a.example/"},"response":{"status":200}}',
            '{"request":{"method":"GET","url":"S","headers":[{"name":"S"},{"S":"S"}]},"response":{"status":200}}',
            '{"request":{"method":"GET","url":"S"},"response":{"status":70000}}',
            '{"request":{"method":"GET","url":"S"',
            '"S"',
            "S",
        )
    ],
    "vcr": [
        GOOD_CASSETTE + record
        for record in (
            "- request: {method: get, uri: 'https://a.example/?token=S', headers: {}}\n",
            "- request: {method: get, headers: {S: [S]}}\n  response: {status: {code: 200}}\n",
            "- request: {method: get, uri: S}\n  response: {status: {code: S}}\n",
            '- request: {method: get, uri: "\\S"}\n',
            "- request: {method: *S}\n",
            "- request: {method: !<S> x\n",
            "- request: !S!x {method: get}\n",
            "- {S: S: S}\n",
            "- 'S\n",
            "\t- S\n",
            "- S\n",
            "- request: {S: &S [*S, *S]}\n  response: S\n",
        )
    ],
    "reqlog": [
        f"{GOOD_OWN}\n{record}\n"
        for record in (
            '{"id":"req_1","status":"S"}',
            '{"id":"req_1","time":"S"}',
            '{"id":"req_1","time":"2026-05-09T10:00:00","path":"S"}',
            '{"id":"req_1","resources":"S"}',
            '{"id":"req_1","request_headers":{"S":1}}',
            '{"id":"req_1","status":9,"path":"S"}',
            '{"path":"S"',
            '{"S":1}',
            '["S"]',
            "S",
        )
    ],
    "stripe-cli": [
        f"{GOOD_TAIL}\n{record}\n"
        for record in (
            '{"request_id":"S","created_at":"S","url":"S","method":"GET"}',
            '{"request_id":"S","created_at":1,"url":null,"error":{"message":"S"}}',
            '{"request_id":"S","created_at":1,"url":"/","method":"GET","error":{"message":["S"]}}',
            '{"request_id":"S","status":9,"url":"S","method":"GET"}',
            "2026-02-30 10:00:00 [200] GET /v1/S [req_1]",
            '{\n"url": "S"\n2026-05-09 10:00:00 [200] GET /v1/plans [req_2]',
            "S",
        )
    ],
    "access-log": [
        f"{GOOD_LINE}\n{record}\n"
        for record in ("S", f"{GOOD_LINE.replace(' 200 ', ' 000 ')} S", '203.0.113.7 - S "GET /?token=S HTTP/1.1"')
    ],
    "json-map": [
        f"{GOOD_CADDY}\n{record}\n"
        for record in (
            '{"ts":1,"request":{"method":"GET","uri":"S"},"status":"S"}',
            '{"ts":1,"request":{"method":"GET","uri":"S"}}',
            '{"ts":1,"msg":"S"}',
            '{"ts":1,"msg":"S',
            "S",
        )
    ],
}
"""Captures by their format, the last record of which cannot be read; S stands for the secret in it."""


@pytest.mark.parametrize("command", [("import", "-v"), ("list", "--file")], ids=" ".join)
@pytest.mark.parametrize("name", REJECTED)
def test_a_reason_to_reject_a_record_quotes_nothing_of_it(tmp_path: Path, name: str, command: tuple[str, ...]) -> None:
    (tmp_path / "captures").mkdir()
    for number, text in enumerate(REJECTED[name]):
        (tmp_path / "captures" / f"{number}").write_text(re.sub(r"\bS\b", SECRET, text))
    done = reqlog(tmp_path, *command, "captures", "--format", name)
    reasons = {found[1] for found in re.finditer(r"captures/(\d+)(?::\d+)?: ", done.stderr)}
    assert done.returncode in (0, 3)
    assert len(reasons) >= min(len(REJECTED[name]), 9)
    assert not pieces_of(done.stdout + done.stderr) & {*windows(SECRET.removeprefix("sk_live_"))}


@pytest.mark.parametrize("text", ["S", "S S S\nS\n", '{"S": "S"}', "S: S\n- S", '{"log": {"S": "S"}}', "--\x00S\n"])
def test_nor_does_what_is_said_of_a_file_that_is_no_capture(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(re.sub(r"\bS\b", SECRET, text))
    done = reqlog(tmp_path, "import", "-v", "file")
    assert done.returncode == 3
    assert "reqlog: file: " in done.stderr
    assert not pieces_of(done.stdout + done.stderr) & {*windows(SECRET.removeprefix("sk_live_"))}
