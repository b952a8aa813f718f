"""Access logs in the common and the combined format."""

import io
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog import limits
from reqlog.readers.access_log import SAMPLES, read
from reqlog.readers.base import Reject

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
NOT_ONE = "not in the common or combined format"


def records(text, name="SAMPLE"):
    return list(read(io.BytesIO(text), name))


def line(front="203.0.113.7 - -", request="GET / HTTP/1.1", end='200 1 "-" "-"', time="24/Feb/2025:10:00:00 +0000"):
    return f'{front} [{time}] "{request}" {end}'.encode()


def one(**parts):
    """Return the record of a line that differs so from the usual."""
    (record,) = records(line(**parts))
    return record


def outcome(record, wanted):
    """Return of `record` what `wanted` is about."""
    return str(record) if isinstance(wanted, str) else {name: getattr(record, name) for name in wanted}


@pytest.mark.parametrize("sample", SAMPLES)
def test_samples_give_the_records_beside_them(sample):
    found = records(sample.text)
    assert [outcome(record, wanted) for record, wanted in zip(found, sample.records, strict=True)] == list(
        sample.records
    )


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        ("GET /a?b=c?d HTTP/1.1", ("GET", None, "/a", "b=c?d")),
        ("GET /a? HTTP/1.1", ("GET", None, "/a", None)),
        ("GET ?a=b HTTP/1.1", ("GET", None, None, "a=b")),
        ("GET /a", ("GET", None, "/a", None)),
        ("get /a b HTTP/1.0", ("GET", None, "/a b", None)),
        ("GET relative/path HTTP/1.0", ("GET", None, "relative/path", None)),
        ("OPTIONS * HTTP/1.1", ("OPTIONS", None, "*", None)),
        ("GET http://u:p@Api.Example:80/v1?x=1 HTTP/1.1", ("GET", "api.example", "/v1", "x=1")),
        ("GET https://api.example:8443 HTTP/1.1", ("GET", "api.example:8443", "/", None)),
        ("CONNECT api.example:443 HTTP/1.1", ("CONNECT", "api.example:443", None, None)),
        ("-", (None, None, None, None)),
        ("", (None, None, None, None)),
        ("HELP", (None, None, "HELP", None)),
        (r"\x16\x03\x01", (None, None, r"\x16\x03\x01", None)),
        (r"GET /\"a\" HTTP/1.1", ("GET", None, r"/\"a\"", None)),
        ("a|b GET / x", (None, None, "a|b GET / x", None)),
    ],
)
def test_a_request_line_is_taken_apart_or_kept_whole(request_line, expected):
    record = one(request=request_line)
    assert (record.method, record.host, record.path, record.query) == expected


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("203.0.113.7 - -", (None, "203.0.113.7")),
        ("::1 - -", (None, "::1")),
        ("client.example - -", (None, None)),
        ("shop.example 203.0.113.7 - -", ("shop.example", "203.0.113.7")),
        ("Shop.Example:8443 client.example - jane", ("shop.example:8443", None)),
        ("shop.example:80 2001:db8::1 - -", ("shop.example", "2001:db8::1")),
        ("203.0.113.7 - jane doe", (None, "203.0.113.7")),
        ("203.0.113.7 ident jane", (None, "203.0.113.7")),
        ("shop.example 203.0.113.7 session7 jane", ("shop.example", "203.0.113.7")),
        ("203.0.113.7:4711 - -", (None, "203.0.113.7")),
        ("999.1.1.1 - -", (None, None)),
        (":80 203.0.113.7 - -", (None, "203.0.113.7")),
    ],
)
def test_what_is_before_the_time_tells_host_and_address(front, expected):
    record = one(front=front)
    assert (record.host, record.ip_address) == expected


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("200 1", (None, None)),
        ('200 - "-" "-"', (None, None)),
        ('200 1 "" "curl/8"', ({"user-agent": "curl/8"}, "curl/8")),
        (
            '200 1 "https://a/" "curl \\"8\\"" "-"',
            ({"referer": "https://a/", "user-agent": 'curl \\"8\\"'}, 'curl \\"8\\"'),
        ),
        ('200 1 "https://a/" "curl/8" 0.004 "10.0.0.1"', ({"referer": "https://a/", "user-agent": "curl/8"}, "curl/8")),
        ("200 1 0.004", (None, None)),
    ],
)
def test_what_is_after_the_size_tells_headers(end, expected):
    record = one(end=end)
    assert (record.request_headers, record.user_agent, record.duration_ms) == (*expected, None)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("24/Feb/2025:10:00:00 +0330", datetime(2025, 2, 24, 6, 30, tzinfo=UTC)),
        ("31/Feb/2025:10:00:00 +0000", None),
        ("24/Fab/2025:10:00:00 +0000", None),
        ("24/Feb/1925:10:00:00 +0000", None),
        ("24/Feb/2025:25:00:00 +0000", None),
    ],
)
def test_a_time_becomes_utc_and_an_impossible_one_none(time, expected):
    assert one(time=time).time == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", []),
        (b"\n \n", []),
        (b"plain text\n", [f"SAMPLE:1: {NOT_ONE}"]),
        (line(front="203.0.113.7 -"), [f"SAMPLE:1: {NOT_ONE}"]),
        (line(request='a"b'), [f"SAMPLE:1: {NOT_ONE}"]),
        (line(end="2000 1"), [f"SAMPLE:1: {NOT_ONE}"]),
        (line(end="- 1"), ["SAMPLE:1: no response"]),
        (b"x" * (limits.RECORD_BYTES + 1), ["SAMPLE:1: line is longer than 16 MiB"]),
    ],
)
def test_what_is_no_request_is_a_reject(text, expected):
    assert list(map(str, records(text))) == expected


def test_equal_lines_of_one_log_are_requests_of_their_own_and_the_same_ones_when_read_again():
    text = line() + b"\n" + line() + b"\r\n" + line(end="404 1")
    first, second = ([record.id for record in records(text)] for _ in range(2))
    assert (len(set(first)), first) == (3, second)


def test_ids_in_the_target_are_resources():
    record = one(request="GET /v1/customers/cus_Ab12Cd34Ef?expand=sub_Ab12Cd34Ef HTTP/1.1")
    assert (record.endpoint, record.resources) == (
        "/v1/customers/{customer}",
        ("cus_Ab12Cd34Ef", "sub_Ab12Cd34Ef"),
    )


def test_bytes_that_are_no_text_are_shown_escaped():
    (record,) = records(line().replace(b"GET /", b"GET /\xff\xc3\xa9"))
    assert record.path == "/\\xffé"


@given(st.lists(st.sampled_from([*'0-:[]/"\\ aGET+', "[24/Feb/2025:10:00:00 +0000]", "\n", "é"]), max_size=60))
def test_no_text_is_too_strange(parts):
    assert all(
        record.id if not isinstance(record, Reject) else record.place for record in records("".join(parts).encode())
    )


def _expected():
    path = DATA / "expected.json"
    return json.loads(path.read_bytes())["access"] if path.exists() else {}


def _files(*, named):
    return [name for name, facts in _expected().items() if (facts["kind"] == "clf/combined") is named]


@pytest.mark.skipif(not DATA.exists(), reason="the recordings are not beside this checkout")
@pytest.mark.parametrize("file", _files(named=True))
def test_recorded_logs_give_the_independent_counts(file):
    """Where the counts say malformed, or split a line into words of which the first is no method, it has none."""
    wanted = _expected()[file]
    found = records((DATA / "access" / file).read_bytes())
    kept = [record for record in found if not isinstance(record, Reject)]
    methods: Counter[str | None] = Counter()
    for method, count in wanted["method"].items():
        methods[method if method.isalpha() else None] += count
    assert {
        "unmatched": len(found) - len(kept),
        "status": Counter(str(record.status) for record in kept),
        "method": Counter(record.method for record in kept),
        "ips_distinct": len({record.ip_address for record in kept}),
        "ids": len({record.id for record in kept}),
        "first": min(record.time for record in kept),
    } == {
        "unmatched": wanted["unmatched"],
        "status": wanted["status"],
        "method": methods,
        "ips_distinct": wanted["ips_distinct"],
        "ids": wanted["matched"],
        "first": datetime.strptime(wanted["first"], "%d/%b/%Y:%H:%M:%S %z"),
    }


@pytest.mark.skipif(not DATA.exists(), reason="the recordings are not beside this checkout")
@pytest.mark.parametrize("file", _files(named=False))
def test_recorded_logs_of_other_kinds_give_rejects_with_their_lines(file):
    found = records((DATA / "access" / file).read_bytes())
    assert all(record.place for record in found if isinstance(record, Reject))
