from datetime import UTC, datetime, timedelta, timezone
from io import StringIO

import pytest

from reqlog.render.base import Style
from reqlog.render.detail import detail
from reqlog.request import Request

DECLINED = Request(
    id="req_1",
    time=datetime(2025, 2, 24, 10, 0, 0, 500_000, tzinfo=UTC),
    duration_ms=1234.0,
    method="POST",
    host="api.stripe.com",
    path="/v1/customers/cus_1/sources",
    endpoint="/v1/customers/{customer}/sources",
    status=402,
    source="api",
    livemode=False,
    api_key="sk_test_…4242",
    api_version="2024-06-20",
    requested_version="2023-10-16",
    idempotency_key="k\x1b[2J",
    idempotent_replayed=True,
    should_retry=False,
    error_type="card_error",
    error_code="card_declined",
    decline_code="insufficient_funds",
    error_param="card[number]",
    error_message="Your card has insufficient funds.",
    request_headers={"content-type": "application/x-www-form-urlencoded"},
    response_headers={"x-evil": "a\r\nb"},
    request_body="card[number]=[card …4242]",
    response_body='{"error":{"code":"card_declined"}}',
    truncated=("resources",),
    resources=("cus_1", "card_2"),
)

WHOLE = r"""POST /v1/customers/cus_1/sources  402

Request           req_1
Time              2025-02-24 10:00:00.500 UTC
Duration          1.234 s
Host              api.stripe.com
Endpoint          /v1/customers/{customer}/sources
API version       2024-06-20 (requested 2023-10-16)
Source            api
Mode              test
API key           sk_test_…4242
Idempotency key   k\x1b[2J
Replayed          yes
Should retry      no
Resources         cus_1 card_2 (cut)

Reason
Type              card_error
Code              card_declined
Decline code      insufficient_funds
Parameter         card[number]
Message           Your card has insufficient funds.
Hint              Ask for another card.
Documentation     https://example.test/codes

Request headers
content-type: application/x-www-form-urlencoded

Request body
{
  "card": {
    "number": "[card …4242]"  <-- error_param
  }
}

Response headers
x-evil: a\r\nb

Response body
{
  "error": {
    "code": "card_declined"
  }
}
"""


def shown(request, **style):
    stream = StringIO()
    detail(request, stream, Style(**{"zone": UTC, **style}))
    return stream.getvalue()


def test_a_failed_request_is_shown_in_full():
    stream = StringIO()
    hint = "Ask for another card."
    detail(DECLINED, stream, Style(zone=UTC), hint=hint, doc_url="https://example.test/codes")
    assert stream.getvalue() == WHOLE


def test_what_is_not_known_is_left_out():
    assert shown(Request(id="local_1")) == "local_1\n\nRequest           local_1\n"


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        (Request(id="r", time=datetime(2025, 2, 24, 10, tzinfo=UTC)), "Time              2025-02-24 11:00:00 +01:00"),
        (
            Request(id="r", time=datetime(9999, 12, 31, 23, 30, tzinfo=UTC)),
            "Time              9999-12-31T23:30:00.000Z",
        ),
        (Request(id="r", duration_ms=95.5), "Duration          95.5 ms"),
        (Request(id="r", livemode=True), "Mode              live"),
        (Request(id="r", api_version="2024-06-20"), "API version       2024-06-20"),
        (Request(id="r", api_version="a", requested_version="a"), "API version       a"),
        (Request(id="r", requested_version="2023-10-16"), "API version       requested 2023-10-16"),
    ],
)
def test_a_fact_is_shown_as_people_read_it(request_, line):
    assert shown(request_, zone=timezone(timedelta(hours=1))).splitlines()[-1] == line


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (
            Request(id="r", query="limit=0&a[]=b", error_param="limit", status=200),
            'Query\n{\n  "limit": "0",  <-- error_param\n  "a": [\n    "b"\n  ]\n}\n',
        ),
        (Request(id="r", query="just text", truncated=("query",)), "Query (cut)\njust text\n"),
        (Request(id="r", request_body="abc", truncated=("request_body",)), "Request body (cut)\nabc\n"),
        (Request(id="r", response_body=None, truncated=("response_body",)), "Response body (not kept)\n"),
        (
            Request(id="r", response_headers={"a": "b"}, truncated=("response_headers",)),
            "Response headers (cut)\na: b\n",
        ),
    ],
)
def test_what_was_sent_and_came_back_has_its_section(request_, expected):
    assert shown(request_).endswith("\n\n" + expected)


NO_ERROR = "The capture holds no error object."


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (Request(id="r", status=200), []),
        (Request(id="r", status=500), ["", "Reason", NO_ERROR]),
        (Request(id="r", status=200, error_code="lock"), ["", "Reason", "Code              lock"]),
    ],
)
def test_only_a_failed_request_has_a_reason(request_, reason):
    assert shown(request_).splitlines()[3:] == reason


def test_long_values_are_wrapped_under_themselves_on_a_screen():
    request = Request(id="r", resources=("cus_12345678", "pi_12345678", "ch_12345678"))
    expected = "r\n\nRequest           r\nResources         cus_12345678 pi_12345678\n" + " " * 18 + "ch_12345678\n"
    assert shown(request, width=44) == expected


def test_colors_are_given_only_when_asked_for():
    request = Request(id="r", method="GET", path="/v1/\x1b[0m", status=302, query="a=1", error_param="a")
    assert shown(request, color=True).splitlines() == [
        "\x1b[1mGET /v1/\\x1b[0m\x1b[0m  \x1b[36m302\x1b[0m",
        "",
        "\x1b[2mRequest\x1b[0m           r",
        "",
        "\x1b[1mReason\x1b[0m",
        "\x1b[2mParameter\x1b[0m         a",
        "",
        "\x1b[1mQuery\x1b[0m",
        "{",
        '\x1b[31m  "a": "1"  <-- error_param\x1b[0m',
        "}",
    ]
