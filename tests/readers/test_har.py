"""HTTP Archives of browsers, proxies and test recorders."""

import base64
import gzip
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from reqlog import limits
from reqlog.readers.base import Reject
from reqlog.readers.har import SAMPLES, read

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
ENTRY: dict[str, Any] = {
    "startedDateTime": "2025-02-24T10:00:00Z",
    "time": 5,
    "request": {"method": "GET", "url": "https://a.example/x", "headers": []},
    "response": {"status": 200, "headers": [], "content": {}},
}
PACKED = gzip.compress(b'{"a": 1}', mtime=0)


def records(text):
    return list(read(io.BytesIO(text), "SAMPLE"))


def archive(*entries):
    return json.dumps({"log": {"entries": entries}}).encode()


def one(request=None, response=None, **changed):
    """Return the record of an entry that differs so from the usual."""
    (record,) = records(
        archive(
            {
                **ENTRY,
                "request": {**ENTRY["request"], **(request or {})},
                "response": {**ENTRY["response"], **(response or {})},
                **changed,
            }
        )
    )
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
    ("headers", "expected"),
    [
        (None, None),
        ([], None),
        ([{"name": ":method", "value": "GET"}, {"name": "Accept", "value": "*/*", "_x": 1}], {"accept": "*/*"}),
        ([{"name": "a", "value": ["1", "2"]}, {"name": "A", "value": "3"}, {"name": "b"}], {"a": "1, 2, 3", "b": ""}),
    ],
)
def test_headers_are_a_list_of_names_and_values_or_missing(headers, expected):
    assert one(request={"headers": headers}).request_headers == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, None),
        ({"mimeType": "text/plain"}, None),
        ({"text": "", "params": []}, None),
        ({"text": "a=1", "params": [{"name": "b", "value": "2"}]}, "a=1"),
        ({"params": [{"name": "a&", "value": "é"}, {"name": "b", "value": None}]}, "a%26=%C3%A9&b="),
    ],
)
def test_a_sent_body_is_its_text_or_its_parameters(data, expected):
    assert one(request={"method": "POST", "postData": data}).request_body == expected


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (None, [], None),
        ({}, [], None),
        ({"text": ""}, [], None),
        ({"text": "héllo"}, [], "héllo"),
        ({"text": base64.b64encode("é".encode()).decode(), "encoding": "base64"}, [], "é"),
        ({"text": base64.b64encode(PACKED).decode(), "encoding": "base64"}, ["gzip"], '{"a": 1}'),
        ({"text": "eyJhIjogMX0=", "encoding": "base64"}, ["gzip"], '{"a": 1}'),
        ({"text": "a", "encoding": "base64"}, [], "a"),
        ({"text": json.dumps([PACKED[:9].hex(), PACKED[9:].hex()]), "_isBinary": True}, ["gzip"], '{"a": 1}'),
        ({"text": '["eyJh", "IjogMX0="]', "_isBinary": True, "encoding": "base64"}, [], '{"a": 1}'),
        ({"text": '["not hex"]', "_isBinary": True}, [], '["not hex"]'),
        ({"text": "[not JSON", "_isBinary": True}, [], "[not JSON"),
    ],
)
def test_a_received_body_is_decoded_from_what_the_exporter_encoded_it_in(content, headers, expected):
    listed = [{"name": "Content-Encoding", "value": value} for value in headers]
    assert one(response={"content": content, "headers": listed}).response_body == expected


def test_what_a_packed_body_tells_is_bounded_however_small_the_entry_is():
    packed = gzip.compress(json.dumps({"error": {"message": "x" * (limits.TEXT_CHARACTERS + 1)}}).encode())
    content = {"text": base64.b64encode(packed).decode(), "encoding": "base64"}
    record = one(response={"headers": [{"name": "Content-Encoding", "value": "gzip"}], "content": content})
    assert len(record.error_message) == limits.TEXT_CHARACTERS
    assert record.truncated == ("error_message",)


def test_a_received_body_that_is_no_text_is_left_out():
    record = one(response={"content": {"text": "/9j/4AAQ", "encoding": "base64"}})
    assert (record.response_body, record.truncated) == (None, ("response_body",))


@pytest.mark.parametrize(("given", "expected"), [(81.25, 81.25), (0, 0), (-1, None), (None, None)])
def test_the_time_taken_is_known_unless_negative(given, expected):
    assert one(time=given).duration_ms == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"response": None}, "SAMPLE:1: no response"),
        ({"response": {"status": None}}, "SAMPLE:1: no response"),
        ({"response": {"status": -2}}, "SAMPLE:1: no response"),
        ({"response": {"status": 10**30}}, "SAMPLE:1: status is not one of HTTP"),
        ({"response": {"status": "200"}}, "SAMPLE:1: not a HAR entry: response: expected int but is str"),
        ({"request": None}, "SAMPLE:1: not a HAR entry: request: expected object but is null"),
        ({"comment": [[]] * 3 + [json.loads("[" * 900 + "]" * 900)]}, None),
    ],
)
def test_an_entry_that_is_no_exchange_is_a_reject(changed, expected):
    (record,) = records(archive({**ENTRY, **changed}))
    assert (str(record) if isinstance(record, Reject) else None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", ["SAMPLE: not HAR: ends early"]),
        (b"[]", ["SAMPLE: not HAR: no log.entries"]),
        (b"plain text", ["SAMPLE: not HAR: no log.entries"]),
        (b"\0\1\2", ["SAMPLE: not HAR: no log.entries"]),
        (b'{"log": {"entries": {}}}', ["SAMPLE: not HAR: log.entries is not an array"]),
        (b'{"log": {"entries": [1, 2', ["SAMPLE:1: not a HAR entry: expected object but is int"]),
        (b'{"log": {"entries": []}}', []),
        (b'{"log": {"entries": [{"request": {"method": "\xff"}}]}}', ["SAMPLE:1: not a HAR entry: not UTF-8"]),
    ],
)
def test_what_is_no_archive_is_told_so(text, expected):
    assert list(map(str, records(text)))[: len(expected) or None] == expected


def test_an_archive_cut_off_keeps_what_was_before():
    whole = archive(ENTRY, {**ENTRY, "time": 6}, {**ENTRY, "time": 7})
    *kept, last = records(whole[:-40])
    assert ([record.duration_ms for record in kept], str(last)) == (
        [5, 6],
        "SAMPLE: breaks off after entry 2: ends early",
    )


def test_an_entry_too_long_is_a_reject_and_the_rest_goes_on():
    long = {**ENTRY, "comment": "x" * limits.RECORD_BYTES}
    first, second = records(archive(long, ENTRY))
    assert (str(first), second.status) == ("SAMPLE:1: entry is longer than 16 MiB", 200)


def test_equal_entries_are_requests_of_their_own_and_the_same_ones_when_read_again():
    first, second = ([record.id for record in records(archive(ENTRY, ENTRY))] for _ in range(2))
    assert (len(set(first)), first) == (2, second)


def test_a_mark_and_a_wrapper_around_the_archive_do_not_matter():
    (record,) = records(b"\xef\xbb\xbfonData(" + archive(ENTRY) + b");\n")
    assert record.status == 200


def _expected():
    path = DATA / "expected.json"
    return json.loads(path.read_bytes())["har"] if path.exists() else {}


@pytest.mark.skipif(not DATA.exists(), reason="the recordings are not beside this checkout")
@pytest.mark.parametrize("file", [name for name, facts in _expected().items() if "entries" in facts])
def test_recorded_archives_give_the_independent_counts(file):
    """Entries of status 0 or less are no exchanges, so theirs are added. Hosts are told without ports."""
    wanted = _expected()[file]
    entries = json.loads((DATA / "har" / file).read_bytes().decode("utf-8-sig"))["log"]["entries"]
    unanswered = [entry for entry in entries if entry["response"]["status"] <= 0]
    found = records((DATA / "har" / file).read_bytes())
    kept = [record for record in found if not isinstance(record, Reject)]
    hosts = Counter((record.host or "").partition(":")[0] for record in kept)
    hosts += Counter(urlsplit(entry["request"]["url"]).hostname or "" for entry in unanswered)
    assert {
        "entries": len(found),
        "rejects": [str(record).rpartition(": ")[2] for record in found if isinstance(record, Reject)],
        "status": Counter(str(record.status) for record in kept),
        "method": Counter(record.method for record in kept) + Counter(e["request"]["method"] for e in unanswered),
        "hosts": {host: hosts[host] for host in wanted["hosts"]},
    } == {
        "entries": wanted["entries"],
        "rejects": ["no response"] * len(unanswered),
        "status": {status: count for status, count in wanted["status"].items() if int(status) > 0},
        "method": wanted["method"],
        "hosts": wanted["hosts"],
    }


@pytest.mark.skipif(not DATA.exists(), reason="the recordings are not beside this checkout")
@pytest.mark.parametrize("file", [name for name, facts in _expected().items() if "parse" in facts])
def test_recorded_files_that_are_no_archives_are_one_reject(file):
    (record,) = records((DATA / "har" / file).read_bytes())
    assert (type(record), record.place) == (Reject, None)
