"""Every string of a request is hostile: whatever a capture, a name or an argument says, only visible text comes out."""

import base64
import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reqlog.filters import EVERYTHING
from reqlog.render import in_full
from reqlog.render.base import Style
from reqlog.render.width import display_width
from reqlog.request import FIELDS
from reqlog.store.sqlite import SqliteStore

PIECES = {
    "CSI": "\x1b[2J\x1b[31mred",
    "CSI, eight bits": "\x9b2J",
    "OSC 8": "\x1b]8;;https://e.example\x1b\\link\x1b]8;;\x1b\\",
    "OSC 52": "\x1b]52;c;cm0gLXJm\x07",
    "title, eight bits": "\x9d0;title\x9c",
    "DCS": "\x1bP$qm\x1b\\ \x90$qm\x9c",
    "APC and PM": "\x1b_x\x1b\\ \x1b^x\x1b\\",
    "reset and charsets": "\x1bc\x1b(0\x0e\x0f",
    "NUL": "a\x00b",
    "line ends": "one\ntwo\r\nthree\rfour\x0bfive\x0csix\x85seven\u2028eight\u2029nine",
    "tabs": "\ta\t",
    "backspace and DEL": "evil\x08\x08\x08\x08good\x7f",
    "bidi controls": "\u202eevil\u202d\u202a\u202b\u202c",
    "bidi isolates": "\u2066a\u2067b\u2068c\u2069\u061c\u200e\u200f",
    "zero width": "cus_\u200b1\u200c\u200d\u2060\ufeff\xad\u034f",
    "invisible letters": "a\u115f\u1160\u3164\uffa0\u17b4\u17b5\u180eb",
    "operators": "\u2061\u2062\u2063\u2064\u206a\u206f",
    "variation selectors": "a\ufe00\ufe0f\U000e0100\U000e01ef",
    "tags": "\U000e0001\U000e0041\U000e007f",
    "annotations": "\ufff9a\ufffab\ufffbc",
    "noncharacters": "\ufffe\uffff",
    "piled up": "e" + "\u0301\u0336\u20dd" * 20,
}
"""What strangers write to lead a terminal, or whoever looks at it, astray."""

ALL = "x".join(PIECES.values())


def unseen(text: str, besides: str = "\n") -> set[str]:
    """Return the characters of `text` that have no look of their own, as Unicode's own tables say."""
    return {f"U+{ord(character):04X}" for character in text if character not in besides and is_unseen(character)}


def is_unseen(character: str) -> bool:
    name = unicodedata.name(character, "")
    return (
        unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        or (ord(character) & 0xFFFE) == 0xFFFE
        or name.endswith((" FILLER", "GRAPHEME JOINER", "VOWEL INHERENT AQ", "VOWEL INHERENT AA"))
        or name.startswith("VARIATION SELECTOR")
    )


def is_piled_up(text: str) -> bool:
    marks = "".join("x" if unicodedata.category(character) in {"Mn", "Me"} else " " for character in text)
    return "x" * 6 in marks


def test_the_oracle_knows_what_is_hostile() -> None:
    harmless = {name for name, piece in PIECES.items() if not unseen(piece, "") and not is_piled_up(piece)}
    assert harmless == set()
    assert unseen("Müller 日本 🎉 e\u0301") == set()


KINDS = {"status": 402, "time": "2026-05-09T10:00:00Z", "duration_ms": 1.5}
NOT_TEXT = {"livemode", "idempotent_replayed", "should_retry"}


def record(number: int, piece: str) -> dict[str, object]:
    """Return a record with `piece` in each text that it has."""
    body = json.dumps({f"key{piece}": {f"in{piece}": [piece, f"a\n{piece}"]}}, ensure_ascii=number % 2 == 0)
    told: dict[str, object] = {name: f"{name}{piece}" for name in FIELDS if name not in NOT_TEXT}
    return {
        **told,
        **KINDS,
        "id": f"req_{number}{piece}",
        "request_headers": {f"x-{piece}": piece, "content-type": piece},
        "response_headers": {f"y-{piece}": piece},
        "request_body": f"a{piece}[b]={piece}&c={piece}" if number % 3 else piece,
        "response_body": body if number % 2 else f"<b>{piece}",
        "truncated": ["request_body"],
        "resources": [f"cus_{piece}", f"pi_{piece}"],
    }


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records in reqlog's own format, one for each piece and one for all together."""
    path = tmp_path_factory.mktemp("hostile") / "records.jsonl"
    records = [record(number, piece) for number, piece in enumerate([*PIECES.values(), ALL])]
    path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    return path


BY = [
    name for name in FIELDS if name not in {"truncated", "resources"} and "headers" not in name and "body" not in name
]
QUESTIONS: dict[str, tuple[str, ...]] = {
    "table": ("list",),
    "table of all fields": ("list", "--fields", ",".join(FIELDS)),
    "table in colours": ("list", "--color", "--fields", "status,path"),
    "markdown": ("list", "-o", "markdown", "--fields", ",".join(FIELDS)),
    "errors": ("errors", "--since", "2026-01-01"),
    "errors by every field": ("errors", "--by", ",".join(BY), "--since", "2026-01-01"),
    "errors, markdown": ("errors", "-o", "markdown", "--since", "2026-01-01"),
    "versions": ("versions", "--since", "2026-01-01"),
    "versions, markdown": ("versions", "-o", "markdown", "--since", "2026-01-01"),
    "json": ("list", "--json"),
    "jsonl": ("list", "-o", "jsonl"),
    "nothing of the kind": ("list", "--error-code", "error_code", "--account", "account", "--host", "h"),
    "nothing failed lately": ("errors", "--since", "2026-05-10T11:00:00Z"),
    "nothing sent lately": ("versions", "--since", "2026-05-10T11:00:00Z"),
    "no such request": ("show", "nosuch"),
    "several of that beginning": ("show", "req_"),
}


@pytest.mark.parametrize("where", ["--file", "--store"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_only_visible_text_answers_a_question(run, capture, kept, question, where) -> None:
    done = run(*QUESTIONS[question], where, capture if where == "--file" else kept)
    shown = done.stdout.replace("\x1b[33m", "").replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert unseen(shown) | unseen(done.stderr) == set()
    assert not is_piled_up(done.stdout if "json" not in question else "")
    assert done.returncode in {0, 1, 2}
    assert "Traceback" not in done.stderr
    assert len(done.stdout + done.stderr) > 20


@pytest.fixture(scope="module")
def kept(capture: Path) -> Path:
    """A store that has the records of `capture`."""
    store = capture.parent / "requests.db"
    command = [sys.executable, "-m", "reqlog", "import", "--store", str(store), str(capture)]
    subprocess.run(command, check=True, capture_output=True, cwd=capture.parent, env={"HOME": str(capture.parent)})
    return store


def test_only_visible_text_shows_a_request_in_full(kept) -> None:
    with closing(SqliteStore(kept, write=False)) as store:
        requests = list(store.find(EVERYTHING))
    assert len(requests) == len(PIECES) + 1
    for request in requests:
        stream = io.StringIO()
        in_full(request, stream, Style(width=80), hint=None, doc_url=None)
        assert unseen(stream.getvalue(), "\n\t") == set()
        assert not is_piled_up(stream.getvalue())


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_command_shows_a_request_in_visible_text(run, number) -> None:
    done = run("show", "--file", "-", input=json.dumps(record(number, ALL)))
    assert (done.returncode, unseen(done.stdout, "\n\t"), done.stderr) == (0, set(), "")


def test_what_has_no_id_that_can_be_typed_is_shown_all_the_same(run, capture) -> None:
    nul = json.dumps(record(1, PIECES["NUL"]))
    done = run("show", "--file", "-", input=nul)
    assert (done.returncode, unseen(done.stdout)) == (0, set())
    assert r"Request           req_1a\x00b" in done.stdout


def test_csv_is_data_that_is_seen_and_comes_back(run, capture) -> None:
    shown = run("list", "--file", capture, "-o", "csv", "--fields", "id,path,error_message,request_body").stdout
    assert unseen(shown, "\r\n\t") == set()
    rows = list(csv.DictReader(io.StringIO(shown, newline="")))
    written = {row["id"]: row for row in map(json.loads, capture.read_text("utf-8").splitlines())}
    assert len(rows) == len(written)
    for row in rows:
        told = {name: text_of(cell) for name, cell in row.items()}
        assert told == {name: written[told["id"]][name] for name in told}


def text_of(cell: str) -> str:
    if cell.startswith("'"):
        return cell[1:]
    return str(json.loads(cell)) if cell.startswith('"') else cell


@pytest.mark.parametrize("flags", [(), ("--ascii",)])
def test_json_gives_every_character_back(run, capture, flags) -> None:
    shown = run("list", "--file", capture, "-o", "jsonl", *flags).stdout
    found = {row["id"]: row for row in map(json.loads, shown.splitlines())}
    written = {row["id"]: row for row in map(json.loads, capture.read_text("utf-8").splitlines())}
    assert {id: faithful(row) for id, row in found.items()} == {id: faithful(row) for id, row in written.items()}
    assert shown.isascii() is bool(flags)


def faithful(row: dict[str, object]) -> dict[str, object]:
    """Return what must not change from writing to reading: the time changes its form, the key is redacted."""
    return {name: row[name] for name in FIELDS if name not in {*NOT_TEXT, "time", "api_key"}}


def har(piece: str) -> bytes:
    latin = base64.b64encode(b"\x9b2J\x1b[2J\xe9").decode()
    plain = {"name": "content-type", "value": "text/plain; charset=latin-1"}
    sent = {"method": "POST", "url": f"https://h{piece}/p{piece}?q={piece}"}
    entry = {
        "startedDateTime": "2026-05-09T10:00:00Z",
        "request": {**sent, "headers": [{"name": f"n{piece}", "value": piece}]},
        "response": {
            "status": 402,
            "headers": [plain, {"name": "request-id", "value": piece}],
            "content": {"encoding": "base64", "text": latin},
        },
    }
    return json.dumps({"log": {"version": "1.2", "creator": {}, "entries": [entry]}}).encode()


def cassette(piece: str) -> bytes:
    text = json.dumps(piece).replace("\\ud", "\\\\ud")
    return (
        "http_interactions:\n- request:\n    method: get\n"
        f"    uri: {text}\n    headers: {{{text}: [{text}]}}\n"
        f"    body: {{string: {text}}}\n"
        "  response:\n    status: {code: 402}\n"
        f'    headers: {{Stripe-Version: ["\\e[2J\\x9b2J\\u202e\\N\\L\\P\\0"]}}\n    body: {{string: {text}}}\n'
    ).encode()


def access_log(piece: str) -> bytes:
    agent = piece.replace("\n", " ").encode("utf-8", "replace") + b"\x9b2J\xff"
    return b'203.0.113.7 - - [09/May/2026:10:00:00 +0000] "GET /\x1b[2J\xc2\x9b HTTP/1.1" 402 0 "-" "' + agent + b'"\n'


def tail(piece: str) -> bytes:
    error = {"type": piece, "code": piece, "message": piece, "param": piece, "charge": piece, "decline_code": piece}
    line = {
        "method": "POST",
        "url": f"/v1/{piece}",
        "status": 402,
        "request_id": f"req_{piece}",
        "created_at": 1778320800,
    }
    return json.dumps({**line, "livemode": False, "error": error}).encode() + b"\n"


def caddy(piece: str) -> bytes:
    request = {"method": piece, "host": piece, "uri": f"/{piece}", "headers": {piece: [piece]}, "client_ip": piece}
    line = {"ts": 1778320800, "request": request, "status": 402, "resp_headers": {piece: piece}, "duration": 1}
    return json.dumps(line).encode() + b"\n"


FORMATS: dict[str, Callable[[str], bytes]] = {
    "har": har,
    "vcr": cassette,
    "access-log": access_log,
    "stripe-cli": tail,
    "caddy": caddy,
}


@pytest.mark.parametrize("format", FORMATS)
def test_only_visible_text_comes_of_every_format(run, tmp_path, format) -> None:
    for number, piece in enumerate((*PIECES.values(), ALL)):
        (tmp_path / f"{number}").write_bytes(FORMATS[format](piece))
    for words in (("list", "--fields", ",".join(FIELDS)), ("show",)):
        done = run(*words, "--file", tmp_path, "--format", format)
        assert unseen(done.stdout, "\n\t") | unseen(done.stderr) == set()
        assert "402" in done.stdout
        assert "Traceback" not in done.stderr


NAMES = [piece.replace("\0", "").replace("/", "|") for piece in PIECES.values()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files with hostile names: of each kind one with rejects, one that is no capture and an empty one."""
    inside = tmp_path / "in\x1b[2J\nside"
    inside.mkdir()
    for name in (*NAMES, "half \udcff"):
        (inside / f"{name[:80]}.jsonl").write_text('{"id":"req_1","endpoint":"/v1","api_version":"x"}\nrubbish\n')
        (inside / f"{name[:80]}.txt").write_text("no capture")
        (inside / f"{name[:80]}.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
    return inside


def test_names_of_files_are_shown_in_one_line_each(run, folder) -> None:
    done = run("import", "--verbose", folder)
    assert unseen(done.stderr) == set()
    assert len(done.stderr.splitlines()) == 3 * (len(NAMES) + 1) + 1
    assert done.stderr.splitlines()[-1].startswith(f"{len(NAMES) + 1} files, 1 imported")
    asked = run("list", "--file", folder)
    assert unseen(asked.stdout) | unseen(asked.stderr) == set()
    assert len(asked.stderr.splitlines()) == 11


def test_a_name_that_is_given_is_shown_in_one_line(run, folder) -> None:
    done = run("import", *sorted(folder.iterdir()))
    assert (done.returncode, unseen(done.stderr), len(done.stderr.splitlines())) == (3, set(), 2)


ARGUMENTS: list[tuple[str, ...]] = [
    ("import", "nosuch{}"),
    ("list", "--file", "nosuch{}"),
    ("list", "--store", "nosuch{}"),
    ("list", "--store", "x{}://"),
    ("list", "--status", "{}"),
    ("list", "--method", "{}"),
    ("list", "--endpoint", "{}"),
    ("list", "--ip", "{}"),
    ("list", "--source", "{}"),
    ("list", "--since", "{}"),
    ("list", "--min-duration", "{}"),
    ("list", "--text", "\x1b{}"),
    ("list", "--error-code", "{}"),
    ("list", "--path", "*{}"),
    ("list", "--fields", "{}"),
    ("errors", "--by", "{}"),
    ("show", "{}"),
    ("versions", "--default-version", "{}"),
    ("list", "--{}"),
    ("list", "--limit", "{}"),
    ("list", "-o", "{}"),
    ("{}",),
    ("import", "--format", "{}", "x"),
]


@pytest.mark.parametrize("words", ARGUMENTS, ids=" ".join)
def test_what_was_typed_is_shown_as_visible_text(run, capture, words) -> None:
    typed = [word.replace("{}", ALL.replace("\0", "")) for word in words]
    done = run(
        *typed, *(("--file", capture) if len(words) == 3 and "--file" not in words and words[0] != "import" else ())
    )
    assert unseen(done.stdout) | unseen(done.stderr) == set()
    assert done.returncode in {0, 1, 2, 3}
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "name", ["REQLOG_STORE", "REQLOG_NOW", "REQLOG_LIST_STATUS", "REQLOG_LIST_LIMIT", "REQLOG_LIST_OUTPUT"]
)
def test_what_the_environment_says_is_shown_as_visible_text(run, name) -> None:
    done = run("list", **{name: ALL.replace("\0", "")})
    assert (unseen(done.stderr), done.stdout, done.returncode in {2, 3}) == (set(), "", True)


@pytest.mark.parametrize(
    "toml", ["{} = 1", "store = {}", "[defaults.{}]", "[defaults.list]\n{} = 1", "[formats.{}]\nx = 1", "{"]
)
def test_what_a_configuration_says_is_shown_as_visible_text(run, tmp_path, toml) -> None:
    text = json.dumps(ALL.replace("\r", "")).replace("/", "\\/").replace("\\/", "/")
    (tmp_path / "home" / ".reqlog.toml").write_text(toml.replace("{}", text), encoding="utf-8")
    done = run("import", "x")
    assert (unseen(done.stderr), done.stdout, done.returncode in {2, 3}) == (set(), "", True)
    assert "Traceback" not in done.stderr


def test_a_bug_is_told_in_visible_text(tmp_path) -> None:
    script = "import sys, reqlog.__main__ as m; m.run = lambda _: 1 / 0 if 0 else int('\\x1b[2J\\u202e'); m.main()"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", cwd=tmp_path, check=False
    )
    assert done.returncode == 3
    assert unseen(done.stderr) == set()
    assert done.stderr.splitlines()[-1].startswith("This is a bug in reqlog")


def lines_of(done: "subprocess.CompletedProcess[str]") -> Iterator[str]:
    yield from done.stdout.splitlines()


WIDE = [
    "日本語",
    "e\u0301\u0301",
    "👩\u200d💻",
    "❤\ufe0f",
    "한국어",
    "ｆｕｌｌ",
    "क्‍ष",
    "a\u200bb",
    "\u202e",
    "plain",
    "\U0001f3f4\U000e0067",
]


def test_columns_stay_where_they_are_beside_wide_characters(run) -> None:
    records = [
        {"id": "END", "endpoint": "/", "api_version": "x", "path": text, "user_agent": text * 3, "status": 200}
        for text in WIDE
    ]
    lines = [json.dumps({**each, "id": f"END{number:02}"}) for number, each in enumerate(records)]
    done = run("list", "--file", "-", "--fields", "path,user_agent,id", input="\n".join(lines))
    starts = {display_width(line[: line.rindex("END")]) for line in lines_of(done) if "END" in line}
    assert (len(starts), len(done.stdout.splitlines())) == (1, len(WIDE) + 1)


@pytest.mark.parametrize(("words", "is_ascii"), [(("list",), False), (("list", "--json"), True), (("show",), False)])
def test_no_byte_is_a_control_on_a_terminal_of_eight_bits(tmp_path, words, is_ascii) -> None:
    (tmp_path / "records.jsonl").write_text(json.dumps({**record(1, "\u201b2J\xe9"), "id": "req_1"}))
    shown = on_terminal("-m", "reqlog", *words, "--file", str(tmp_path / "records.jsonl"), encoding="latin-1")
    assert b"\\u201b2J" in shown
    assert re.sub(rb"\x1b\[\d+m", b"", shown).translate(None, bytes((*range(0x20), *range(0x7F, 0xA0)))) == re.sub(
        rb"\x1b\[\d+m|[\r\n]", b"", shown
    )
    assert shown.isascii() is is_ascii


def on_terminal(*words: str, encoding: str) -> bytes:
    """Return what Python writes on a terminal of that encoding."""
    master, slave = pty.openpty()
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONIOENCODING": encoding,
        "TERM": "xterm",
        "PAGER": "cat",
        "COLUMNS": "500",
    }
    with subprocess.Popen([sys.executable, *words], stdin=slave, stdout=slave, stderr=slave, env=environ):
        os.close(slave)
        shown = b"".join(iter(lambda: _read(master), b""))
    os.close(master)
    return shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # nobody writes to it any more
        return b""
