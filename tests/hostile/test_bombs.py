"""Inputs made to fill the memory or to take for ever: each ends with a reject and its reason, or with one sentence.

Every case runs the real command line and asserts the most memory that its process had. Without anything to read that is
some 27 MiB, 45 with a longest record; past `MOST_MB` something is held that should not be.
"""

import base64
import gzip
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import apsw
import pytest

from reqlog import limits

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST_MB = 160

RECORD = b'{"id":"req_%d","time":"2026-05-09T10:00:00Z","endpoint":"/v1","api_version":"x","status":402,%s}\n'
TWO_GIB = 2 * 1024**3


def one(members: bytes, number: int = 1) -> bytes:
    return RECORD % (number, members)


def packed(compressor, size: int, byte: bytes = b"a") -> bytes:
    """Return what `size` times `byte` are packed to."""
    piece = byte * 1024**2
    pieces = [compressor.compress(piece) for _ in range(size // 1024**2)]
    return b"".join((*pieces, compressor.flush()))


@cache
def gzipped(size: int, byte: bytes = b"a") -> bytes:
    return packed(zlib.compressobj(6, zlib.DEFLATED, 31), size, byte)


@cache
def deflated(size: int) -> bytes:
    return packed(zlib.compressobj(6), size)


@cache
def zstandard(size: int) -> bytes:
    return packed(zstd.ZstdCompressor(), size)


def har(request: dict[str, object] | None = None, response: dict[str, object] | None = None) -> bytes:
    entry = {
        "startedDateTime": "2026-05-09T10:00:00Z",
        "request": {"method": "GET", "url": "https://api.stripe.com/v1/charges", **(request or {})},
        "response": {"status": 402, **(response or {})},
    }
    return json.dumps({"log": {"version": "1.2", "creator": {}, "entries": [entry]}}).encode()


def beside_the_response(members: bytes) -> bytes:
    return har().replace(b'"response"', members + b',"response"')


def encoded(encoding: str, body: bytes) -> bytes:
    headers = [{"name": "Content-Encoding", "value": encoding}]
    return har(
        response={"headers": headers, "content": {"encoding": "base64", "text": base64.b64encode(body).decode()}}
    )


def cassette(request: bytes = b"{method: GET, uri: /}", response: bytes = b"{status: 402}") -> bytes:
    return b"http_interactions:\n- request: " + request + b"\n  response: " + response + b"\n"


def recorded(encoding: bytes, body: bytes) -> bytes:
    text = b"{status: 402, headers: {Content-Encoding: " + encoding + b"}, body: {string: !binary "
    return cassette(response=text + base64.b64encode(body) + b"}}")


GIB = 1024**3
HALF = GIB // 2
LAUGHS = b"\n".join(b"    a%d: &a%d [%s]" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 30))
TOO_MUCH = "compressed data gives more than 250 times its size"
TOO_LONG = "line is longer than 16 MiB"
NOT_KNOWN = "not a capture that reqlog knows"
DEEP = 100_000
DIGITS = b"9" * 1_000_000
CADDY = b'{"ts":1778320800,"request":{"method":"GET","uri":"/v1"%s},"status":402,"duration":1%s}\n'
TAIL = b'{"method":"GET","url":"/v1/x","status":402,"request_id":"req_Ab12Cd34","created_at":%s,"error":%s}\n'


class Bomb(NamedTuple):
    """An input, and what is said of it."""

    content: Callable[[], bytes]
    says: str
    """A part of what is said; empty if all of it is imported."""
    format: str | None = None


BOMBS = {
    # packed
    "gzip, a line": Bomb(lambda: gzipped(HALF), TOO_MUCH, "reqlog"),
    "gzip, line ends": Bomb(lambda: gzipped(HALF, b"\n"), TOO_MUCH, "access-log"),
    "gzip, a text in HAR": Bomb(lambda: gzip.compress(b'{"log":{"entries":["') + gzipped(HALF), TOO_MUCH, "har"),
    "gzip, YAML": Bomb(lambda: gzipped(HALF), "not a cassette: larger than 16 MiB", "vcr"),
    "gzip, unnamed": Bomb(lambda: gzipped(HALF), NOT_KNOWN),
    "gzip in gzip": Bomb(lambda: gzip.compress(gzipped(HALF)), NOT_KNOWN),
    "gzip in gzip, named": Bomb(lambda: gzip.compress(gzipped(HALF)), "not JSON", "reqlog"),
    "Zstandard, a line": Bomb(lambda: zstandard(4 * GIB), TOO_MUCH, "stripe-cli"),
    "Zstandard in gzip": Bomb(lambda: gzip.compress(zstandard(GIB)), "not JSON", "reqlog"),
    "zlib, a line": Bomb(lambda: deflated(HALF), TOO_MUCH, "json-map"),
    # bodies that are packed
    "a body in gzip": Bomb(lambda: encoded("gzip", gzipped(HALF)), ""),
    "a body in deflate": Bomb(lambda: encoded("deflate", deflated(HALF)), ""),
    "a body in Zstandard": Bomb(lambda: encoded("zstd", zstandard(GIB)), ""),
    "a body in Brotli": Bomb(lambda: encoded("br", b"\xcb\xff\x7f" * 1000), ""),
    "a body in gzip in gzip": Bomb(lambda: encoded("gzip", gzip.compress(gzipped(HALF))), ""),
    "a recorded body in gzip": Bomb(lambda: recorded(b"gzip", gzipped(HALF)), ""),
    "a recorded body in deflate": Bomb(lambda: recorded(b"deflate", deflated(HALF)), ""),
    # many
    "headers in HAR": Bomb(
        lambda: har({"headers": [{"name": f"h{number}", "value": "v"} for number in range(DEEP)]}), ""
    ),
    "headers in reqlog's own": Bomb(
        lambda: one(b'"request_headers":{%s}' % b",".join(b'"%d":"v"' % number for number in range(DEEP))), ""
    ),
    "headers in YAML": Bomb(
        lambda: cassette(b"{method: GET, uri: /, headers: {%s}}" % b",".join(b"a%d: b" % n for n in range(DEEP))), ""
    ),
    "headers in Caddy's": Bomb(
        lambda: CADDY % (b',"headers":{%s}' % b",".join(b'"%d":["v"]' % n for n in range(DEEP)), b',"resp_headers":{}'),
        "",
        "caddy",
    ),
    "lists in a record": Bomb(
        lambda: CADDY % (b"", b',"resp_headers":{},"a":[%s[]]' % (b"[]," * 5_000_000)),
        "more than 500000 values",
        "caddy",
    ),
    "values of a header": Bomb(
        lambda: har({"headers": [{"name": "a", "value": [""] * 4_000_000}]}), "more than 500000 values"
    ),
    "resources": Bomb(lambda: one(b'"resources":[%s""]' % (b'"",' * 5_000_000)), "more than 500000 values"),
    "recorded lists": Bomb(
        lambda: b'{"http_interactions":[{"request":{"a":[%s[]]}}]}' % (b"[]," * 5_000_000), "more than 500000 values"
    ),
    "nodes in YAML": Bomb(lambda: cassette(b"{a: [%s]}" % (b"[]," * 400_000)), "larger than 16 MiB"),
    "pieces of a body": Bomb(
        lambda: har(response={"content": {"_isBinary": True, "text": json.dumps([""] * 2_500_000)}}), ""
    ),
    "rejects": Bomb(lambda: one(b'"path":"/"') + b"{}\n" * 200_000, "", "reqlog"),
    # large
    "a header": Bomb(
        lambda: har({"headers": [{"name": "a", "value": "v" * 100_000_000}]}), "entry is longer than 16 MiB"
    ),
    "a header in a line": Bomb(lambda: one(b'"request_headers":{"a":"%s"}' % (b"v" * 100_000_000)), TOO_LONG, "reqlog"),
    "a header that is kept": Bomb(lambda: har({"headers": [{"name": "a" * 15_000_000, "value": "v"}]}), ""),
    "a query": Bomb(lambda: har({"url": "https://api.stripe.com/v1?" + "a=1&" * 3_900_000}), ""),
    "a path": Bomb(lambda: har({"url": "https://api.stripe.com/" + "/" * 15_000_000}), ""),
    "a path in a log": Bomb(
        lambda: b'203.0.113.7 - - [09/May/2026:10:00:00 +0000] "GET /%s HTTP/1.1" 402 0' % (b"a_1b2c3d4e/" * 1_400_000),
        "",
    ),
    # deep
    "a deep record": Bomb(lambda: one(b'"a":%s%s' % (b"[" * DEEP, b"]" * DEEP)), "nested too deep", "reqlog"),
    "deep headers": Bomb(
        lambda: one(b'"request_headers":%s1%s' % (b'{"a":' * DEEP, b"}" * DEEP)),
        "request_headers: expected str",
        "reqlog",
    ),
    "a deep line": Bomb(
        lambda: TAIL % (b"1", b'{"type":%s%s}' % (b"[" * DEEP, b"]" * DEEP)), "error: expected str", "stripe-cli"
    ),
    "a deep log": Bomb(lambda: CADDY % (b"", b',"a":%s%s' % (b"[" * DEEP, b"]" * DEEP)), "nested too deep", "caddy"),
    "a deep entry": Bomb(lambda: beside_the_response(b'"a":%s%s' % (b"[" * DEEP, b"]" * DEEP)), "nested too deep"),
    "a deep interaction": Bomb(
        lambda: b'{"http_interactions":[{"request":%s%s}]}' % (b"[" * DEEP, b"]" * DEEP), "nested too deep"
    ),
    "deep YAML": Bomb(lambda: cassette(b"[" * DEEP), "nested deeper than 200"),
    "deep YAML of keys": Bomb(lambda: cassette(b"{? " * DEEP), "nested deeper than 200"),
    "deep YAML of blocks": Bomb(lambda: b"http_interactions:\n" + b"- " * DEEP, "nested deeper than 200", "vcr"),
    # numbers
    "a status": Bomb(lambda: one(b'"status":%s' % DIGITS), "status: integer value out of range", "reqlog"),
    "a duration": Bomb(lambda: one(b'"duration_ms":%s' % DIGITS), "duration_ms: number out of range", "reqlog"),
    "a fraction": Bomb(lambda: one(b'"duration_ms":0.%s' % DIGITS), "", "reqlog"),
    "an exponent": Bomb(lambda: one(b'"duration_ms":1e%s' % DIGITS), "duration_ms: number out of range", "reqlog"),
    "a time": Bomb(lambda: TAIL % (DIGITS, b"null"), "created_at: number out of range", "stripe-cli"),
    "a duration in HAR": Bomb(lambda: beside_the_response(b'"time":%s' % DIGITS), "time: number out of range"),
    "a number in a log": Bomb(lambda: CADDY % (b"", b',"a":%s' % DIGITS), "integer value out of range", "caddy"),
    "a number in a cassette": Bomb(
        lambda: b'{"http_interactions":[{"request":{"a":%s}}]}' % DIGITS, "integer value out of range"
    ),
    "numbers in YAML": Bomb(lambda: cassette(response=b"{status: %s, duration: %s}" % (DIGITS, DIGITS)), "no response"),
    # YAML
    "laughs": Bomb(lambda: b"http_interactions:\n- request:\n    a0: &a0 lol\n" + LAUGHS + b"\n", "larger than 16 MiB"),
    "laughs in maps": Bomb(
        lambda: (
            b"http_interactions:\n- request:\n    a0: &a0 lol\n"
            + LAUGHS.replace(b"[", b"{").replace(b"]", b"}")
            + b"\n"
        ),
        "larger than 16 MiB",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_with_its_reason_in_little_memory(measure, tmp_path, name) -> None:
    bomb = BOMBS[name]
    path = tmp_path / "bomb"
    path.write_bytes(bomb.content())
    named = () if bomb.format is None else ("--format", bomb.format)
    done = measure("import", *(() if name == "rejects" else ("-v",)), *named, path)
    assert "Traceback" not in done.err
    assert done.peak_mb < MOST_MB
    assert bomb.says in done.err
    assert (done.code, "1 imported" in done.err, done.err[-300:])[:2] == ((3, False) if bomb.says else (0, True))


def text_of(size: int, begin: bytes, end: bytes = b"") -> Iterator[bytes]:
    """Yield `size` bytes of one text between others, in pieces, without ever having it as a whole."""
    yield begin
    yield from repeat(b"a" * 1024**2, size // 1024**2)
    yield end


ENDLESS = {
    "reqlog": (
        lambda: text_of(TWO_GIB, one(b'"path":"/"') + b'{"id":"', b'"}\n' + one(b'"path":"/"', 2)),
        TOO_LONG,
        "2 imported",
    ),
    "har": (
        lambda: text_of(TWO_GIB, b'{"log":{"entries":[{"a":"', b'"},' + har().split(b"[", 1)[1]),
        "entry is longer than 16 MiB",
        "1 imported",
    ),
    "vcr": (
        lambda: text_of(GIB, cassette() + b'- request: {a: "', b'"}\n'),
        "<stdin>:2: larger than 16 MiB",
        "1 imported",
    ),
}


@pytest.mark.parametrize("format", ENDLESS)
def test_a_text_of_gigabytes_is_passed_over(measure, format) -> None:
    pieces, reason, imported = ENDLESS[format]
    done = measure("import", "-v", "--format", format, "-", input=pieces())
    assert (done.code, reason in done.err, imported in done.err) == (0, True, True)
    assert done.peak_mb < MOST_MB


def test_a_sparse_file_of_gigabytes_is_one_line(measure, tmp_path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(TWO_GIB)
    done = measure("import", "-v", "--format", "access-log", tmp_path / "sparse")
    assert (done.code, f"sparse:1: {TOO_LONG}" in done.err, done.peak_mb < MOST_MB) == (3, True, True)


def large(count: int, size: int) -> Iterator[bytes]:
    """Yield records of so many bytes each, packed."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    for number in range(count):
        yield packer.compress(
            one(b'"query":"%s","response_body":"%s"' % (b"q" * 60_000, b"x%d" % number * size), number)
        )
    yield packer.flush()


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--limit", "3", "--json"),
        ("list", "--fields", "id"),
        ("list", "-o", "jsonl", "--fields", "id"),
        ("errors", "--since", "2026-01-01"),
        ("show", "req_7"),
    ],
    ids=" ".join,
)
def test_many_large_requests_are_asked_without_holding_them(measure, words) -> None:
    done = measure(*words, "--file", "-", input=large(250, 300_000))
    assert (done.code, done.err) == (0, "")
    assert done.peak_mb < 2 * MOST_MB
    assert len(done.out) > 100


def test_many_tiny_requests_of_one_instant_are_imported_and_asked(measure) -> None:
    tiny = (b'{"id":"r%06d","time":"2026-05-09T10:00:00Z"}\n' % number for number in range(100_000))
    done = measure("import", "--format", "reqlog", "-", input=tiny)
    assert (done.code, done.err) == (0, "1 file, 100000 imported, 0 duplicates, 0 enriched, 0 rejects, 0 skipped\n")
    newest = measure("list", "--limit", "2", "--fields", "id", "-o", "csv")
    assert newest.out.split() == ["id", "r099999", "r099998"]
    assert max(done.peak_mb, newest.peak_mb) < MOST_MB


FORM = {"mimeType": "application/x-www-form-urlencoded"}
SHOWN = {
    "a deep body": (har(response={"content": {"text": "[" * DEEP + "]" * DEEP}}), "[" * DEEP),
    "a deep body of keys": (har(response={"content": {"text": '{"a":' * DEEP + "1" + "}" * DEEP}}), '{"a":{"a":'),
    "a body that would be mostly blanks": (
        har(response={"content": {"text": "[" * 190 + "1," * 400_000 + "1" + "]" * 190}}),
        "[" * 190 + "1,1,1",
    ),
    "a number in a body": (har(response={"content": {"text": '{"a":' + "9" * 1_000_000 + "}"}}), '  "a": 9999'),
    "a deep form": (har({"postData": {**FORM, "text": "a" + "[a]" * 300_000 + "=1"}}), "a[a][a]"),
    "a form as deep as may be": (
        har({"postData": {**FORM, "text": "&".join(f"a{'[a]' * 190}[b{n}]=1" for n in range(1600))}}),
        '  "a": {',
    ),
    "a form of many fields": (har({"postData": {**FORM, "text": "a[]=1&" * 170_000}}), '"a": ['),
    "a form of brackets": (har({"postData": {**FORM, "text": "[" * 1_000_000}}), "[[["),
    "a query of many fields": (har({"url": "https://h.example/?" + "a[]=1&" * 500_000}), "Query (cut)"),
    "escapes": (har(response={"content": {"text": "\x1b\u200b" * 500_000}}), r"\x1b\u200b"),
    "accents": (har(response={"content": {"text": "e" + "\u0301" * 1_000_000}}), r"\u0301"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_bomb_is_shown_as_far_as_it_can_be_read(measure, tmp_path, name) -> None:
    content, says = SHOWN[name]
    (tmp_path / "bomb").write_bytes(content)
    done = measure("show", "--format", "har", "--file", tmp_path / "bomb")
    assert (done.code, says in done.out, done.err) == (0, True, "")
    assert done.peak_mb < 2 * MOST_MB
    assert len(done.out) < 64 * limits.BODY_CHARACTERS


def test_one_large_cell_does_not_widen_a_table_without_end(measure) -> None:
    rows = [one(b'"path":"%s"' % (b"x" * 1_000_000), 0), *(one(b'"path":"/"', number) for number in range(1, 300))]
    done = measure("list", "--file", "-", "--fields", "path,id", input=rows)
    assert (done.code, len(done.out.splitlines())) == (0, 301)
    assert max(map(len, done.out.splitlines())) == limits.CELL_CHARACTERS + len("  req_299")
    assert done.peak_mb < MOST_MB


STARS = "*a" * 400 + "*b"
QUESTIONS = {
    "stars": ("--path", STARS),
    "stars and marks": ("--path", "*a?" * 300 + "*b"),
    "classes": ("--path", "*[a-z]" * 150 + "*"),
    "not stars": ("--not-path", STARS, "--status", "200"),
    "words": ("--text", " ".join(f"w{number}" for number in range(10_000))),
    "a word again and again": ("--text", "a " * 60_000),
    "resources": ("--resource", ",".join(f"cus_{number}" for number in range(10_000))),
    "codes": ("--error-code", ",".join(f"c{number}" for number in range(15_000))),
}


@pytest.fixture
def asked(measure, tmp_path: Path) -> Path:
    """A capture, and the store that it was imported into, of long values made to be compared with."""
    rows = (one(b'"path":"%s","error_message":"%s"' % (b"a" * 60_000, b"w1 " * 20_000), n) for n in range(50))
    (tmp_path / "asked.jsonl").write_bytes(b"".join(rows))
    assert measure("import", tmp_path / "asked.jsonl").code == 0
    return tmp_path / "asked.jsonl"


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_made_to_take_for_ever_is_answered(measure, asked, name) -> None:
    stored = measure("list", "--count", *QUESTIONS[name])
    captured = measure("list", "--count", *QUESTIONS[name], "--file", asked)
    assert (stored.code, stored.out) == (captured.code, captured.out) == (0, "0\n")
    assert max(stored.peak_mb, captured.peak_mb) < 2 * MOST_MB


REFUSED = {
    "a glob": (("list", "--path", "*" * 100_000), "a glob of more than 1000 characters"),
    "globs": (("list", "--endpoint", ",".join(f"/{number}*" for number in range(12_000))), "10000 are the most"),
    "a limit": (("list", "--limit", "9" * 30), "is not in the range 1<=x<=1000000000000"),
    "a limit of digits": (("list", "--limit", "9" * 100_000), "Invalid value for '--limit'"),
    "a time": (("list", "--since", "9" * 100_000), "is not a time"),
    "spans": (("list", "--since", "1h" * 50_000), "is not a time"),
    "dates": (("list", "--since", "24 Feb 2025 " * 10_000), "is not a time"),
    "a duration": (("list", "--min-duration", "9" * 100_000 + "ms"), "is not a duration"),
    "fields": (("list", "--fields", ",".join(["nosuch"] * 15_000)), "no such field"),
    "an address": (("list", "--ip", ":" * 100_000), "not an IP address"),
    "a store": (("list", "--store", "x" * 100_000), "There is no store at"),
    "a name": (("list", "--file", "x" * 100_000), "file name too long"),
}
VARIABLES = {
    "REQLOG_LIST_LIMIT": ("9" * 100_000, 2),
    "REQLOG_NOW": ("1 " * 60_000, 2),
    "REQLOG_STORE": ("x/" * 60_000, 3),
    "REQLOG_LIST_STATUS": ("402 " * 30_000, 3),
    "REQLOG_LIST_PATH": ("*" * 100_000, 2),
    "REQLOG_PAGER": ("x " * 60_000, 3),
    "COLUMNS": ("9" * 100_000, 3),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_absurd_argument_is_refused_with_a_sentence(measure, name) -> None:
    words, says = REFUSED[name]
    done = measure(*words)
    assert (done.code in {2, 3}, done.out, says in done.err, "Traceback" in done.err) == (True, "", True, False)
    assert done.peak_mb < MOST_MB


@pytest.mark.parametrize("name", VARIABLES)
def test_an_absurd_variable_is_refused_with_a_sentence(measure, name) -> None:
    value, code = VARIABLES[name]
    done = measure("list", **{name: value})
    assert (done.code, done.out, "Traceback" in done.err) == (code, "", False)
    assert done.peak_mb < MOST_MB


def test_an_absurd_configuration_is_refused_with_a_sentence(measure, tmp_path) -> None:
    with (tmp_path / "home" / ".reqlog.toml").open("wb") as file:
        file.truncate(TWO_GIB)
    done = measure("list")
    assert (done.code, "it is longer than 64 KiB" in done.err, done.peak_mb < MOST_MB) == (2, True, True)


def test_many_groups_of_errors_are_found_in_one_go(measure) -> None:
    rows = (one(b'"error_code":"c%d"' % number, number) for number in range(20_000))
    assert measure("import", "-", input=rows).code == 0
    done = measure("errors", "--since", "2026-01-01", "-o", "csv", "--fields", "error_code")
    assert (done.code, len(done.out.splitlines()), done.peak_mb < MOST_MB) == (0, 20_001, True)


def test_advice_is_short_whatever_strangers_wrote(measure) -> None:
    rows = (one(b'"error_code":"%s"' % (b"c%d" % number * 3000), number) for number in range(2000))
    assert measure("import", "-", input=rows).code == 0
    done = measure("list", "--error-code", "c1")
    assert (done.code, len(done.err) < 1000, done.peak_mb < MOST_MB) == (0, True, True)


def test_a_frame_in_a_store_that_somebody_else_made_is_not_unpacked(measure, tmp_path) -> None:
    assert measure("import", "-", input=[one(b'"response_body":"%s"' % (b"x" * 1000))]).code == 0
    with closing(apsw.Connection(str(tmp_path / "requests.db"))) as connection:
        connection.execute("UPDATE requests SET response_body = ?", (zstandard(4 * GIB),))
    for words in (("show",), ("list", "--json")):
        done = measure(*words)
        assert (done.code, "is damaged" in done.err, done.peak_mb < MOST_MB) == (3, True, True)
