import io
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reqlog.readers.base import Reject
from reqlog.readers.stripe_cli import SAMPLES, read

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "stripe_cli"
LINE = {
    "livemode": False,
    "method": "POST",
    "url": "/v1/customers",
    "status": 200,
    "request_id": "req_A1b2C3d4",
    "created_at": 1740391200,
    "error": None,
}


def records(text, name="SAMPLE"):
    return list(read(io.BytesIO(text), name))


def one(**changed):
    """Return the record of a line that differs so from the usual."""
    (record,) = records(json.dumps({**LINE, **changed}).encode())
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
    ("url", "expected"),
    [
        ("/v1/customers", ("/v1/customers", None, None, "/v1/customers")),
        ("/v1/customers/:id", (None, None, None, "/v1/customers/{customer}")),
        ("/v1/customers/cus_Ab12Cd34Ef", ("/v1/customers/cus_Ab12Cd34Ef", None, None, "/v1/customers/{customer}")),
        ("/v1/customers?limit=3", ("/v1/customers", "limit=3", None, "/v1/customers")),
        (
            "https://api.stripe.com/v1/plans?limit=3",
            ("/v1/plans", "limit=3", "api.stripe.com", "/v1/plans"),
        ),
    ],
)
def test_a_url_is_taken_apart_and_a_template_is_no_path(url, expected):
    record = one(method="GET", url=url)
    assert (record.path, record.query, record.host, record.endpoint) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, (None, None, None, None, None, ())),
        ("invalid_client", (None, "invalid_client", None, None, None, ())),
        ("Something, somewhere", (None, None, None, None, None, ())),
        ({}, (None, None, None, None, None, ())),
        ({"type": "api_error", "code": "", "charge": ""}, ("api_error", None, None, None, None, ())),
        (
            {"type": "card_error", "code": "c", "decline_code": "d", "message": "m", "param": "p", "charge": "ch_1"},
            ("card_error", "c", "d", "m", "p", ("ch_1",)),
        ),
    ],
)
def test_an_error_is_an_object_a_word_or_absent(error, expected):
    record = one(error=error)
    assert expected == (
        record.error_type,
        record.error_code,
        record.decline_code,
        record.error_message,
        record.error_param,
        record.resources,
    )


@pytest.mark.parametrize(
    ("source", "expected"), [(None, None), ("dashboard", "dashboard"), ("api", "api"), ("elsewhere", None)]
)
def test_a_source_is_known_only_if_it_is_there(source, expected):
    assert one(source=source).source == expected


@pytest.mark.parametrize("request_id", ["req_xxxx", "", None, "<REQUEST_ID>"])
def test_a_placeholder_is_no_id(request_id):
    line = json.dumps({**LINE, "request_id": request_id}).encode() + b"\n"
    first, second = records(line * 2)
    assert (first.id[:6], second.id[:6], first.id != second.id) == ("local_", "local_", True)
    assert records(line * 2) == [first, second]


def test_lines_that_were_written_over_and_coloured_are_what_they_show():
    text = (
        "\u28fe Getting ready...\r\u28f7 Getting ready...\r\x1b[2K> Ready! You're now waiting\n\n"
        "2025-02-24 10:00:00 [\x1b[1;32m200\x1b[0m] GET /v1/plans "
        "[\x1b]8;;https://dashboard.stripe.com/test/logs/req_A1b2C3d4\x1b\\req_A1b2C3d4\x1b]8;;\x1b\\]\r\n^C\n"
    )
    (record,) = records(text.encode())
    assert (record.id, record.status, record.path) == ("req_A1b2C3d4", 200, "/v1/plans")


def test_text_lines_have_local_time(monkeypatch):
    monkeypatch.setenv("TZ", "UTC-2")
    time.tzset()
    try:
        (record,) = records(b"2025-02-24 10:00:00 [200] GET /v1/plans [req_A1b2C3d4]\n")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert record.time == datetime(2025, 2, 24, 8, tzinfo=UTC)


@pytest.mark.parametrize("indent", [1, 2, 4])
def test_objects_over_several_lines_are_read_as_one(indent):
    pretty = json.dumps({**LINE, "error": {"type": "api_error"}}, indent=indent).encode()
    found = records(b"> Ready!\n" + pretty + b"\n" + pretty + b"\n")
    assert [(each.id, each.error_type) for each in found] == [("req_A1b2C3d4", "api_error")] * 2


def test_an_array_of_objects_is_read():
    assert [each.id for each in records(json.dumps([LINE, LINE], indent=2).encode())] == ["req_A1b2C3d4"] * 2


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (b"what\n%s\n", [(1, "not a record of `stripe logs tail`"), "req_A1b2C3d4"]),
        (b'{\n  "livemode": false,\n%s\n', [(1, "ends early"), "req_A1b2C3d4"]),
        (b'%s\n{\n  "livemode"', ["req_A1b2C3d4", (2, "ends early")]),
        (b'{"method": 5, "url": "/"}\n%s\n', [(1, "method: expected str but is int"), "req_A1b2C3d4"]),
        (b'{"method": "GET"}\n%s\n', [(1, "no url"), "req_A1b2C3d4"]),
        (b'{"url": "/"}\n%s\n', [(1, "no method"), "req_A1b2C3d4"]),
        (b'{"url": "/", "method": "GET", "status": 0}\n%s\n', [(1, "status: not an HTTP status"), "req_A1b2C3d4"]),
        (b'{"error": {"type": 5}}\n%s\n', [(1, "error: expected str but is int"), "req_A1b2C3d4"]),
        (b"{not JSON}\n%s\n", [(1, "not JSON"), "req_A1b2C3d4"]),
        (b'{"url":"\xff"}\n%s\n', [(1, "not UTF-8"), "req_A1b2C3d4"]),
        (
            b"2025-02-30 10:00:00 [200] GET /v1/plans [req_A1b2C3d4]\n%s\n",
            [(1, "not a time"), "req_A1b2C3d4"],
        ),
        (
            b"2025-02-20 10:00:00 [200] GET /v1/\xff [req_A1b2C3d4]\n%s\n",
            [(1, "not UTF-8"), "req_A1b2C3d4"],
        ),
        (
            b"2025-02-20 10:00:00 [000] GET /v1/plans [req_A1b2C3d4]\n%s\n",
            [(1, "status: not an HTTP status"), "req_A1b2C3d4"],
        ),
        (b"[1, %s]", [(1, "not a record of `stripe logs tail`"), "req_A1b2C3d4"]),
    ],
)
def test_what_is_no_record_is_a_reject_and_the_rest_goes_on(text, places):
    found = records(text.replace(b"%s", json.dumps(LINE).encode()), "f")
    assert [(each.place, each.reason) if isinstance(each, Reject) else each.id for each in found] == places


@pytest.mark.parametrize("created_at", [None, -1, 1e300])
def test_a_time_that_cannot_be_is_missing(created_at):
    assert one(created_at=created_at).time is None


def test_a_record_is_there_as_soon_as_its_line_is():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb", buffering=0) as pipe:
        pipe.write(json.dumps(LINE).encode() + b"\n")
        record = next(read(stream, "f"))
        assert getattr(record, "id", None) == "req_A1b2C3d4"


@pytest.mark.skipif(not DATA.is_dir(), reason="the recordings are not beside the checkout")
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("docs_stripe_com_default_format.txt", ["req_abc123", "req_def456", "req_ghi789"]),
        (
            "elm_notebook_default_format.txt",
            [
                "req_AZUOd0YTu2CjZ2",
                "req_2p6JzfZEPJAG1J",
                "req_BNEucq56JENSQf",
                "req_n3R7HHrcJOWfHr",
                "req_7lRYJcxaUBQkjc",
            ],
        ),
        ("issue603_json.ndjson", ["req_ThPfR1VDD4B7gp"]),
        ("issue603_json_pretty.txt", ["req_ThPfR1VDD4B7gp"]),
        ("zenn_hideokamoto_default_format.txt", ["local_"] * 4),
    ],
)
def test_recordings_give_all_their_records(file, expected):
    with (DATA / file).open("rb") as stream:
        found = [each.id if not isinstance(each, Reject) else str(each) for each in read(stream, file)]
    assert len(set(found)) == len(found)
    assert [id if not id.startswith("local_") else "local_" for id in found] == expected
