import io
import json
from collections import Counter
from pathlib import Path

import pytest

from reqlog.readers.base import Reject
from reqlog.readers.unpack import Stream
from reqlog.readers.vcr import SAMPLES, read
from reqlog.request import Request

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
COUNTS = {
    "spree__spree_stripe": 85,
    "liberapay__liberapay.com": 124,
    "texastribune__donations": 5,
    "pay-rails__pay": 583,
}
OTHERS = {"vcr__vcr": 26, "betamaxpy__betamax": 22, "kevin1024__vcrpy": 11}
RUBY = b"""http_interactions:
- request: {method: get, uri: 'https://example.com/%d', headers: {}}
  response: {status: {code: 200}, headers: {}, body: {string: ''}}
"""

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the recordings of others are not here")


def records(text, name="SAMPLE"):
    return list(read(io.BytesIO(text), name))


def outcome(record, wanted):
    """Return of `record` what `wanted` is about."""
    return str(record) if isinstance(wanted, str) else {name: getattr(record, name) for name in wanted}


def outcomes(text):
    """Return for each record its path, or for a reject its text."""
    return [str(record) if isinstance(record, Reject) else record.path for record in records(text)]


@pytest.mark.parametrize("sample", SAMPLES)
def test_samples_give_the_records_beside_them(sample):
    found = records(sample.text)
    assert [outcome(record, wanted) for record, wanted in zip(found, sample.records, strict=True)] == list(
        sample.records
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            b"""---
- !ruby/struct:VCR::HTTPInteraction
  request: !ruby/struct:VCR::Request
    method: :get
    uri: http://example.com:80/a
    body:
    headers:
  response: !ruby/struct:VCR::Response
    status: !ruby/struct:VCR::ResponseStatus
      code: 404
      message: Not Found
    headers:
      etag:
      - "\\"1\\""
    body: none
""",
            ("GET", "example.com", "/a", 404, None, {"etag": '"1"'}, "none"),
        ),
        (
            b"""- request: !!python/object:vcr.request.Request
    headers: !!python/object/apply:__builtin__.frozenset
    - - !!python/tuple [accept, '*/*']
    host: example.com
    method: GET
    path: /a
    port: 80
    protocol: http
  response:
    body: {string: !!python/unicode "ok"}
    headers: [!!python/unicode "etag: 1\\r\\n"]
    status: {code: 200, message: OK}
""",
            ("GET", "example.com", "/a", 200, {"accept": "*/*"}, {"etag": "1"}, "ok"),
        ),
        (
            b"""[{"request": {"method": "get", "url": "http://example.com/a", "headers": [["Accept", "*/*"]]},
  "response": {"type": "ok", "status_code": 200, "headers": {"ETag": "1"}, "body": "ok", "binary": false}}]""",
            ("GET", "example.com", "/a", 200, {"accept": "*/*"}, {"etag": "1"}, "ok"),
        ),
        (
            b"""
-
    request:
        method: GET
        url: 'http://example.com/a'
        headers:
            Host: example.com
    response:
        status:
            http_version: '1.1'
            code: '200'
            message: OK
        headers:
            ETag: '1'
        body: ok
""",
            ("GET", "example.com", "/a", 200, {"host": "example.com"}, {"etag": "1"}, "ok"),
        ),
        (
            b"""version: 2
interactions:
- request:
    method: GET
    uri: http://example.com/a
    headers: {}
  response:
    content: ok
    headers: {Content-Encoding: [gzip]}
    status_code: 200
""",
            ("GET", "example.com", "/a", 200, None, {"content-encoding": "gzip"}, "ok"),
        ),
    ],
    ids=["VCR 1.x", "vcrpy before 1.0", "exvcr", "PHP-VCR", "vcrpy with httpx"],
)
def test_the_kin_is_understood(text, expected):
    (request,) = records(text)
    assert (
        request.method,
        request.host,
        request.path,
        request.status,
        request.request_headers,
        request.response_headers,
        request.response_body,
    ) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", []),
        (b"http_interactions: []\n", []),
        (b'{"http_interactions": [], "recorded_with": "betamax"}', []),
        (b"\xef\xbb\xbf[]", []),
        (b"a: b\n", ["SAMPLE: not a cassette: no http_interactions or interactions"]),
        (b"{}", ["SAMPLE: not a cassette: no http_interactions"]),
        (RUBY % 1 + b"- 5\n", ["/1", "SAMPLE:2: not an interaction"]),
        (
            RUBY % 1 + b"- [*nothing]\n- a\n",
            ["/1", "SAMPLE:2: an alias of what is not there", "SAMPLE:3: not an interaction"],
        ),
        (
            RUBY % 1 + b"- a: b: c\n",
            ["/1", "SAMPLE:2: broken YAML in line 4: mapping values are not allowed in this context"],
        ),
        (
            b"http_interactions:\n- \xff\n",
            ["SAMPLE: not a cassette: broken YAML at byte 21: invalid leading UTF-8 octet"],
        ),
        (
            b'{"interactions": [5, {"a": tru}, {"a": "\xff"}]}',
            ["SAMPLE:1: not an interaction", "SAMPLE:2: not JSON", "SAMPLE:3: not UTF-8"],
        ),
        (
            b"[" + b"[" * 100_000 + b"]" * 100_000 + b", 5]",
            ["SAMPLE:1: nested too deep", "SAMPLE:2: not an interaction"],
        ),
        (b"[5, ", ["SAMPLE:1: not an interaction", "SAMPLE:2: ends early"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_read_is_a_reject_and_stops_nothing_else(text, expected):
    assert outcomes(text) == expected


@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_cassette_of_json_is_the_same_whatever_pieces_it_comes_in(size):
    call = b'{"request": {"method": "GET", "uri": "/a"}, "response": {"status": 200}}'
    text = b'\n{"version": 1,\n "interactions": [' + call + b"]}"
    pieces = (text[at : at + size] for at in range(0, len(text), size))
    assert list(read(Stream(pieces), "SAMPLE")) == records(text)
    assert outcomes(text) == ["/a"]


def test_tags_run_nothing(tmp_path):
    witness = tmp_path / "witness"
    text = f"""http_interactions:
- !!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{witness}']]
- !ruby/object:Gem::Requirement {{requirements: x}}
"""
    assert outcomes(text.encode()) == ["SAMPLE:1: not an interaction", "SAMPLE:2: not an interaction"]
    assert not witness.exists()


def test_equal_interactions_without_an_id_stay_apart_and_keep_their_ids():
    text = RUBY % 1 + (RUBY % 1).removeprefix(b"http_interactions:\n")
    first, second = (record.id for record in records(text))
    assert first != second
    assert [record.id for record in records(text)] == [first, second]


def requests_of(folder):
    """Return the requests of the cassettes of a folder, repeated ones repeated; a reject fails."""
    found: list[Request | Reject] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".yml", ".yaml", ".json"}:
            with path.open("rb") as stream:
                found += read(stream, path.name)
    assert [str(record) for record in found if isinstance(record, Reject)] == []
    return [record for record in found if isinstance(record, Request)]


def counted(values):
    return dict(Counter("(none)" if value is None else str(value) for value in values))


def present(values):
    return dict(Counter(value for value in values if value is not None))


@needs_data
@pytest.mark.parametrize(("name", "expected"), OTHERS.items())
def test_cassettes_of_the_recorders_own_tests_are_read(name, expected):
    assert len(requests_of(DATA / "vcr_other" / name)) == expected


@pytest.fixture(params=COUNTS)
def recorded(request):
    """Return the requests of one data set with their independent counts."""
    if not DATA.is_dir():
        pytest.skip("the recordings of others are not here")
    expected = json.loads((DATA / "expected.json").read_text())
    return (
        request.param,
        requests_of(DATA / "vcr" / request.param),
        expected["vcr"][request.param],
        expected["queries"][request.param],
    )


def test_counts_are_those_of_the_recordings(recorded):
    name, requests, expected, _ = recorded
    ids = Counter(request.id for request in requests if request.id.startswith("req_"))
    assert len(requests) == COUNTS[name]
    found = {
        "hosts": counted(request.host for request in requests),
        "status": counted(request.status for request in requests),
        "method": counted(request.method for request in requests),
        "stripe_version_request": counted(request.requested_version for request in requests),
        "error_type": present(request.error_type for request in requests),
        "error_code": present(request.error_code for request in requests),
        "decline_code": present(request.decline_code for request in requests),
        "errors_without_code": sum(
            request.error_type is not None and request.error_code is None for request in requests
        ),
        "request_id_present": ids.total(),
        "request_id_distinct": len(ids),
        "request_id_repeated": {id: count for id, count in ids.items() if count > 1},
        "idempotent_replayed": sum(request.idempotent_replayed is True for request in requests),
        "stripe_account": sum("stripe-account" in (request.request_headers or {}) for request in requests),
    }
    assert found == {key: expected[key] for key in found}


def test_versions_that_served_are_those_of_the_recordings(recorded):
    _, requests, expected, _ = recorded
    served = (request.response_headers.get("stripe-version") for request in requests)
    assert counted(served) == expected["stripe_version_response"]


def test_endpoints_are_those_of_the_recordings(recorded):
    _, requests, expected, _ = recorded
    unmatched = {tuple(key.split(" ", 1)) for key in expected["endpoint_unmatched"]}
    found = Counter(
        f"{request.method} {request.endpoint}"
        for request in requests
        if (request.method, request.path) not in unmatched and "<" not in request.path
    )
    assert dict(found) == expected["endpoints_top"]


def test_days_are_those_of_the_dates_that_can_be_read(recorded):
    _, requests, _, queries = recorded
    days = Counter(
        request.time.date().isoformat() for request in requests if "<" not in request.response_headers["date"]
    )
    expected = {day: count for day, count in queries["requests per UTC day (top 10)"].items() if day != "(none)"}
    assert {day: days[day] for day in expected} == expected


def test_a_broken_date_leaves_the_recorders_clock(recorded):
    _, requests, _, _ = recorded
    assert [request.path for request in requests if request.time is None] == []


def test_failed_requests_are_those_of_the_recordings(recorded):
    _, requests, _, queries = recorded
    failed = [request for request in requests if request.status >= 400]
    assert (
        Counter(
            f"{request.status} {request.error_type} {request.error_code} {request.decline_code}" for request in failed
        )
        == queries["status x error type x code x decline_code"]
    )
    assert Counter(f"{request.status} {request.method}" for request in requests) == queries["status x method"]
