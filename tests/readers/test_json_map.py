"""JSON lines read through a mapping."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog.readers.base import Reject
from reqlog.readers.json_map import PRESETS, SAMPLES, mapping_from, read, reader
from reqlog.readers.mapping import MAPPED
from reqlog.request import Request

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
AT = datetime(2025, 2, 24, 10, tzinfo=UTC)
UNKNOWN = "not a request of a known format; declare its keys in the config file and give --format"
USUAL = {"method": "GET", "url": "/a", "status": 200}


def records(text, **table):
    """Return what a mapping reads whose paths are the names of the fields, unless told otherwise."""
    mapping = mapping_from("mine", {"fields": {name: name for name in MAPPED}, **table})
    return list(reader(mapping)(io.BytesIO(text), "SAMPLE"))


def one(table=None, **values):
    """Return the record of a line that has these values besides the usual ones."""
    (record,) = records(json.dumps({**USUAL, **values}).encode(), **(table or {}))
    return record


def outcome(record, wanted):
    """Return of `record` what `wanted` is about."""
    return str(record) if isinstance(wanted, str) else {name: getattr(record, name) for name in wanted}


@pytest.mark.parametrize("sample", SAMPLES)
def test_samples_give_the_records_beside_them(sample):
    found = list(read(io.BytesIO(sample.text), "SAMPLE"))
    assert [outcome(record, wanted) for record, wanted in zip(found, sample.records, strict=True)] == list(
        sample.records
    )


@pytest.mark.parametrize(
    ("time", "unit", "expected"),
    [
        (1740391200, "s", AT),
        ("1740391200.000", "s", AT),
        (1740391200000, "ms", AT),
        (1740391200000000, "us", AT),
        (1740391200000000000, "ns", AT),
        (1740391200, "unix", AT),
        (1740391200000, "unix", AT),
        (1740391200000000, "unix", AT),
        ("1740391200000000000", "unix", AT),
        ("2025-02-24T12:00:00+02:00", "s", AT),
        ("24/Feb/2025:12:00:00 +0200", "s", AT),
        ("2025-02-24T12:00:00", "s", None),
        ("yesterday", "s", None),
        (-1, "s", None),
        (1e300, "s", None),
        (True, "s", None),
        ({}, "s", None),
    ],
)
def test_a_time_is_read_in_its_unit_or_as_text(time, unit, expected):
    assert one({"time_unit": unit}, time=time).time == expected


@pytest.mark.parametrize(
    ("duration", "unit", "expected"),
    [
        (2.5, "ms", 2.5),
        (0.0025, "s", 2.5),
        (17557019, "ns", 17.557019),
        ("2500", "us", 2.5),
        ("1.5ms", "s", 1.5),
        ("1m2.5s", "ms", 62_500),
        ("250µs", "ms", 0.25),
        (-1, "ms", None),
        ("soon", "ms", None),
        ([], "ms", None),
    ],
)
def test_a_duration_becomes_milliseconds(duration, unit, expected):
    assert one({"duration_unit": unit}, duration_ms=duration).duration_ms == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"url": "https://A.example:443/b?c=d"}, ("GET", "a.example", "/b", "c=d")),
        ({"url": "/b?c=d", "host": "a.example:8080"}, ("GET", "a.example:8080", "/b", "c=d")),
        ({"url": "/b", "query": "c=d", "host": "a.example:80", "scheme": "http"}, ("GET", "a.example", "/b", "c=d")),
        ({"url": "/b?c=d", "query": "c=d"}, ("GET", None, "/b", "c=d")),
        ({"url": "", "path": "/b"}, ("GET", None, "/b", None)),
        ({"url": None, "host": "a.example"}, ("GET", "a.example", "/", None)),
        ({"url": "/b", "host": "no host/at all"}, ("GET", None, "/b", None)),
        ({"url": "*", "host": "a.example"}, ("GET", None, "*", None)),
        ({"url": None, "method": None, "request_line": "PUT /b?c=d HTTP/1.1"}, ("PUT", None, "/b", "c=d")),
        ({"url": None, "request_line": "PUT http://a.example/b HTTP/1.1"}, ("GET", "a.example", "/b", None)),
    ],
)
def test_host_path_and_query_come_from_what_parts_there_are(values, expected):
    record = one(**values)
    assert (record.method, record.host, record.path, record.query) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, None),
        ({"request_headers": {}}, None),
        ({"request_headers": "none"}, None),
        (
            {"request_headers": {"A": "1", "B": ["2", "3"], "C": 4, "D": None, "E": {}}},
            {"a": "1", "b": "2, 3", "c": "4"},
        ),
        ({"user_agent": "curl/8", "referer": "-"}, {"user-agent": "curl/8"}),
        ({"user_agent": "x", "request_headers": {"User-Agent": "curl/8"}}, {"user-agent": "curl/8"}),
    ],
)
def test_headers_come_from_an_object_and_from_keys_of_their_own(values, expected):
    assert one(**values).request_headers == expected


def test_headers_come_from_keys_that_begin_alike():
    table = {"fields": {"url": "url", "status": "status", "request_headers": "h_*", "response_headers": "x.h_*"}}
    record = one(table, h_user_agent="curl/8", h_b="-", x={"h_Server": "nginx"})
    assert (record.request_headers, record.response_headers) == ({"user-agent": "curl/8"}, {"server": "nginx"})


def test_the_first_path_that_leads_to_something_wins():
    fields = {"url": "url", "status": "status", "user_agent": ['a."b.c"', "a.d.e", "f"]}
    given: list[dict[str, object]] = [
        {"a": {"b.c": "1", "d": {"e": "2"}}, "f": "3"},
        {"a": {"b.c": "-", "d": {"e": "2"}}, "f": "3"},
        {"a": {"b.c": None, "d": "e"}, "f": "3"},
        {"a": []},
    ]
    found = [one({"fields": fields}, **values).user_agent for values in given]
    assert found == ["1", "2", "3", None]


def test_what_a_log_says_goes_before_what_is_derived():
    record = one(
        id="req_Ab12Cd34Ef",
        livemode=True,
        api_version="2024-06-20",
        error_code="card_declined",
        should_retry="yes",
        request_body={"a": 1},
        response_body='{"error":{"type":"card_error","code":"expired_card"}}',
    )
    assert (
        record.id,
        record.livemode,
        record.api_version,
        (record.error_type, record.error_code),
        record.should_retry,
        record.request_body,
    ) == ("req_Ab12Cd34Ef", True, "2024-06-20", ("card_error", "card_declined"), None, '{"a":1}')


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", None),
        ("text", "SAMPLE:1: not a JSON object"),
        ("[1]", "SAMPLE:1: not a JSON object"),
        ("{", "SAMPLE:1: not JSON"),
        ('{"method": "GET", "status": 200} {', "SAMPLE:1: not JSON"),
        ('{"status": 200, "a": 1}', "SAMPLE:1: not a request"),
        ('{"method": "GET", "a": 1}', "SAMPLE:1: no response"),
        ('{"method": "GET", "status": 0, "a": 1}', "SAMPLE:1: no response"),
        ('{"method": "GET", "status": "-", "a": 1}', "SAMPLE:1: no response"),
        ('{"method": "GET", "status": 1e300, "a": 1}', "SAMPLE:1: no response"),
        ('{"method": "GET", "status": 12, "a": 1}', "SAMPLE:1: status is not one of HTTP"),
        ('{"method": "GET", "status": 200, "a": null}', "SAMPLE:1: not a request"),
        ('{"method": "GET", "status": 200, "a": "\\ud800"}', "SAMPLE:1: not JSON"),
        ('{"a": ' + "[" * 5000, "SAMPLE:1: nested too deep"),
    ],
)
def test_what_is_no_request_is_a_reject(line, expected):
    found = records(line.encode() + b"\n", requires=["a"])
    assert [str(record) for record in found] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("before", "prefix"),
    [
        (b"", None),
        (b"web-1  | ", None),
        (b"\x1b[36mweb-1  | \x1b[0m", None),
        (b"2025-02-24T10:00:00.250123456Z stdout F ", None),
        (b"<13>Feb 24 app: ", r"<\d+>.*?: "),
    ],
)
def test_what_is_before_the_json_is_taken_off(before, prefix):
    (record,) = records(before + json.dumps(USUAL).encode(), **({"prefix": prefix} if prefix else {}))
    assert outcome(record, {"path": "", "status": ""}) == {"path": "/a", "status": 200}


def test_an_array_of_objects_is_read_too():
    assert [record.status for record in records(json.dumps([USUAL, USUAL]).encode())] == [200, 200]


def test_equal_lines_are_requests_of_their_own_and_the_same_ones_when_read_again():
    text = (json.dumps(USUAL) + "\n").encode() * 2
    first, second = ([record.id for record in records(text)] for _ in range(2))
    assert (len(set(first)), first) == (2, second)


def test_a_log_of_no_preset_says_how_to_declare_one():
    assert [str(record) for record in read(io.BytesIO(b'{"a": 1}\n{"b": 2}\n'), "SAMPLE")] == [
        f"SAMPLE:1: {UNKNOWN}",
        f"SAMPLE:2: {UNKNOWN}",
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(MAPPED), VALUES))
def test_no_value_is_too_strange(values):
    found = records(json.dumps(values).encode())
    assert [bool(record.reason if isinstance(record, Reject) else record.id) for record in found] == [True]


@pytest.mark.skipif(not DATA.exists(), reason="the recordings are not beside this checkout")
@pytest.mark.parametrize("preset", PRESETS)
def test_every_recorded_log_can_be_taken_for_any_format(preset):
    for path in sorted((DATA / "access").rglob("*log*")):
        if path.is_file():
            list(reader(PRESETS[preset])(io.BytesIO(path.read_bytes()), "SAMPLE"))


def test_a_mapping_that_requires_nothing_takes_no_log_that_another_recognises():
    greedy = mapping_from("greedy", {"fields": {"status": "code"}})
    line = b'{"ts":1740391200.25,"request":{"method":"GET","uri":"/a","headers":{}},"status":404}\n'
    (request,) = reader(greedy, *PRESETS.values())(io.BytesIO(line), "SAMPLE")
    assert isinstance(request, Request)
    assert (request.method, request.path, request.status) == ("GET", "/a", 404)
