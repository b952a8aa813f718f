import io
import json
from datetime import UTC, datetime

import msgspec
import pytest

from reqlog import limits
from reqlog.readers.base import Reject
from reqlog.readers.reqlog import SAMPLES, read
from reqlog.request import FIELDS, Request

WHOLE = Request(
    id="req_A1b2C3d4",
    time=datetime(2025, 2, 24, 10, 0, 0, 250_000, UTC),
    duration_ms=12.5,
    method="POST",
    host="api.stripe.com",
    path="/v1/charges",
    query="expand[]=customer",
    endpoint="/v1/charges",
    status=402,
    source="api",
    livemode=False,
    account="acct_1",
    api_key="sk_test_…4242",
    ip_address="192.0.2.1",
    user_agent="Stripe/v1 \x1b[31m",
    api_version="2025-01-27.acacia",
    requested_version="2023-10-16; feature_beta=v1",
    idempotency_key="k",
    idempotent_replayed=True,
    original_request="req_E5f6G7h8",
    should_retry=False,
    error_type="card_error",
    error_code="card_declined",
    decline_code="fraudulent",
    error_param="source",
    error_message="Declined “so”.",
    request_headers={"content-type": "text/plain"},
    response_headers={},
    request_body='a="b"&c=\u0000',
    response_body='{"error":{"code":""}}',
    truncated=("request_body",),
    resources=("cus_1", "ch_2"),
)


def records(text, name="SAMPLE"):
    return list(read(io.BytesIO(text), name))


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
    "written",
    [
        b"%s\n%s\n",
        b"[\n%s,\n%s\n]\n",
        b"[%s, %s]",
        b"\xef\xbb\xbf%s\r\n\r\n%s",
    ],
)
def test_what_was_written_is_read_back(written):
    other = Request(id="local_1", time=WHOLE.time)
    lines = [msgspec.json.encode({**each._asdict(), "created": 1740391200}) for each in (WHOLE, other)]
    assert records(written % tuple(lines)) == [WHOLE, other]


def test_an_array_that_was_laid_out_anew_is_read_back():
    plain = msgspec.to_builtins([WHOLE._asdict()])
    assert records(json.dumps(plain, indent=4).encode()) == [WHOLE]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"id":"a","time":"2025-02-24T10:00:00.1234Z"}', datetime(2025, 2, 24, 10, 0, 0, 123_000, UTC)),
        (b'{"id":"a","time":"2025-02-24T10:00:00-05:00"}', datetime(2025, 2, 24, 15, tzinfo=UTC)),
        (b'{"id":"a","created":1740391200}', datetime(2025, 2, 24, 10, tzinfo=UTC)),
        (b'{"id":"a","time":null,"created":1740391200.5}', datetime(2025, 2, 24, 10, 0, 0, 500_000, UTC)),
        (b'{"id":"a","created":-5}', None),
        (b'{"id":"a"}', None),
    ],
)
def test_time_is_utc_in_milliseconds(text, expected):
    assert records(text) == [Request(id="a", time=expected)]


def test_what_is_null_or_empty_is_missing():
    text = json.dumps({**dict.fromkeys(FIELDS), "id": "a", "host": "", "time": "2025-02-24T10:00:00Z"})
    assert records(text.encode()) == [Request(id="a", time=datetime(2025, 2, 24, 10, tzinfo=UTC))]


def test_a_record_without_an_id_gets_one_of_its_content():
    line = b'{"method":"GET","path":"/v1/plans"}\n'
    first, second = records(line * 2)
    assert [each._replace(id="") for each in (first, second)] == [Request(id="", method="GET", path="/v1/plans")] * 2
    assert first.id.startswith("local_")
    assert first.id != second.id
    assert records(line * 2) == [first, second]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"id":"a","status":"secret"}', "status: expected int but is str"),
        (b'{"id":7}', "id: expected str but is int"),
        (b'{"id":"a","request_headers":{"secret":1}}', "request_headers: expected str but is int"),
        (b'{"id":"a","time":"secret"}', "time: invalid rfc3339 encoded datetime"),
        (b'{"id":"a","time":"2025-02-24T10:00:00"}', "time: has no offset from UTC"),
        (b'{"id":"a","time":"0001-01-01T00:00:00+23:59"}', "time: not in the years 1970 to 2100"),
        (b'{"id":"a","status":0}', "status: not an HTTP status"),
        (b'{"id":"a","status":99999999999999999999999}', "status: not an HTTP status"),
        (b'{"id":"a","duration_ms":1e999}', "duration_ms: number out of range"),
        (b'{"id":"a","created":1e999}', "created: number out of range"),
        (b'{"id":"","status":null}', "no id, and too little to tell one record from another"),
        (b"{}", "no id, and too little to tell one record from another"),
        (b'{"id":"a"', "not JSON"),
        (b'{"id":"a"}}', "not JSON"),
        (b'{"id":"\\ud800"}', "not JSON"),
        (b'{"id":"\xff"}', "not UTF-8"),
        (b"null", "expected object but is null"),
        (b'{"id":"a","other":' + b"[" * 100_000, "nested too deep"),
    ],
    ids=range(18),
)
def test_what_is_no_record_is_a_reject_and_the_rest_goes_on(text, reason):
    assert records(b'{"id":"x"}\n' + text + b'\n{"id":"y"}\n', "f") == [
        Request(id="x"),
        Reject("f", 2, reason),
        Request(id="y"),
    ]


@pytest.mark.parametrize("field", ["id", "path"])
def test_a_text_is_bounded_however_long_the_bodies_beside_it_are(field):
    record = {"id": "req_1", "time": "2025-02-24T10:00:00Z", "response_body": "x" * 5000, field: "y" * 70_000}
    (request,) = records(json.dumps(record).encode())
    assert len(getattr(request, field)) <= limits.TEXT_CHARACTERS
    assert request.truncated == (field,)


def test_a_body_is_bounded_when_it_is_all_that_a_record_has():
    record = {"id": "req_1", "time": "2025-02-24T10:00:00Z", "response_body": "x" * (limits.BODY_CHARACTERS + 1)}
    (request,) = records(json.dumps(record).encode())
    assert len(request.response_body) == limits.BODY_CHARACTERS
    assert request.truncated == ("response_body",)


def test_an_array_that_ends_early_gives_what_is_there():
    assert records(b'[{"id":"a"},{"id":', "f") == [Request(id="a"), Reject("f", 2, "ends early")]
