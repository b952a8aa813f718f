from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from reqlog import limits
from reqlog.exchange import Exchange, Occurrences, request_of
from reqlog.request import Request

BODY = '{"error": {"type": "card_error", "code": "card_declined", "charge": "ch_3QY76s2ESifGlJez0gG0FoF1"}}'
FORM = "payment_method=pm_card_visa&customer%5Bid%5D=cus_SeIsxI1TG3dGJv"
KEY = "sk_test_" + "4242" * 6

WHOLE = Exchange(
    method="post",
    url="https://user:word@API.stripe.com:443/v1/payment_intents/pi_3QY2qD2ESifGlJez/confirm?expand%5B%5D=x#top",
    request_headers=(
        ("Authorization", f"Bearer {KEY}"),
        ("Idempotency-Key", "key-1"),
        ("Stripe-Version", " 2025-03-31.basil "),
        ("Stripe-Account", "acct_1"),
        ("User-Agent", "Stripe/v1"),
    ),
    request_body=FORM,
    status=402,
    response_headers=(
        ("Date", "Fri, 20 Dec 2024 08:39:52 GMT"),
        ("Request-Id", "req_fVm6JJCCxmXmYm"),
        ("request-id", "req_Another1234"),
        ("Stripe-Version", "2024-06-20"),
        ("Idempotent-Replayed", "true"),
        ("Original-Request", "req_OjRu7V5jecRDlM"),
        ("Stripe-Should-Retry", "false"),
    ),
    response_body=BODY,
    time=datetime(2025, 1, 1, tzinfo=UTC),
    duration_ms=12.5,
    ip_address="192.0.2.1",
)


def test_everything_is_derived_that_an_exchange_tells():
    assert request_of(WHOLE) == Request(
        id="req_fVm6JJCCxmXmYm",
        time=datetime(2024, 12, 20, 8, 39, 52, tzinfo=UTC),
        duration_ms=12.5,
        method="POST",
        host="api.stripe.com",
        path="/v1/payment_intents/pi_3QY2qD2ESifGlJez/confirm",
        query="expand%5B%5D=x",
        endpoint="/v1/payment_intents/{intent}/confirm",
        status=402,
        source="api",
        livemode=False,
        account="acct_1",
        api_key=KEY,
        ip_address="192.0.2.1",
        user_agent="Stripe/v1",
        api_version="2024-06-20",
        requested_version="2025-03-31.basil",
        idempotency_key="key-1",
        idempotent_replayed=True,
        original_request="req_OjRu7V5jecRDlM",
        should_retry=False,
        error_type="card_error",
        error_code="card_declined",
        request_headers={
            "authorization": f"Bearer {KEY}",
            "idempotency-key": "key-1",
            "stripe-version": " 2025-03-31.basil ",
            "stripe-account": "acct_1",
            "user-agent": "Stripe/v1",
        },
        response_headers={
            "date": "Fri, 20 Dec 2024 08:39:52 GMT",
            "request-id": "req_fVm6JJCCxmXmYm, req_Another1234",
            "stripe-version": "2024-06-20",
            "idempotent-replayed": "true",
            "original-request": "req_OjRu7V5jecRDlM",
            "stripe-should-retry": "false",
        },
        request_body=FORM,
        response_body=BODY,
        resources=(
            "pi_3QY2qD2ESifGlJez",
            "pm_card_visa",
            "cus_SeIsxI1TG3dGJv",
            "ch_3QY76s2ESifGlJez0gG0FoF1",
        ),
    )


def test_nothing_is_made_up_of_nothing():
    record = request_of(Exchange())
    assert record == Request(id=record.id)
    assert record.id.startswith("local_")


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://example.com", ("example.com", "/", None)),
        ("http://Example.com:80/a?b?c#d", ("example.com", "/a", "b?c")),
        ("https://example.com:8443/a?", ("example.com:8443", "/a", None)),
        ("http://[::1]:9000/", ("[::1]:9000", "/", None)),
        ("https://a:b@c:d@example.com/", ("example.com", "/", None)),
        ("/v1/customers?limit=3", (None, "/v1/customers", "limit=3")),
        ("//wp-admin//x", (None, "//wp-admin//x", None)),
        ("/redirect?to=https://example.com/", (None, "/redirect", "to=https://example.com/")),
        ("/%7Euser/caf\u00e9", (None, "/%7Euser/caf\u00e9", None)),
        ("/\ud800", (None, "/\ufffd", None)),
        ("*", (None, "*", None)),
        ("", (None, None, None)),
        (None, (None, None, None)),
    ],
)
def test_a_url_is_taken_apart_and_not_decoded(url, parts):
    record = request_of(Exchange(url=url))
    assert (record.host, record.path, record.query) == parts


@pytest.mark.parametrize(
    ("method", "expected"), [("get", "GET"), ("M-SEARCH", "M-SEARCH"), ("", None), ("GET /", None), ("\x16\x03", None)]
)
def test_a_method_is_a_token_in_upper_case(method, expected):
    assert request_of(Exchange(method=method)).method == expected


@pytest.mark.parametrize(
    "id", ["req_fVm6JJCCxmXmYm", "req_E0zi42d3bDc<VENDOR_AUTH_CODE>GW", "0HMVFE9A2L5E6:00000001", "b7c1-4f2e"]
)
def test_a_request_id_is_kept(id):
    assert request_of(Exchange(response_headers=(("Request-Id", id),))).id == id


@pytest.mark.parametrize(
    "id",
    [
        "",
        " ",
        "<REQUEST_ID>",
        "req_<ID>",
        "REDACTED",
        "req_redacted",
        "[FILTERED]",
        "req_xxxxxxxxxxxxxx",
        "req_1\n2345",
    ],
)
def test_a_placeholder_is_no_request_id(id):
    assert request_of(Exchange(response_headers=(("Request-Id", id),))).id.startswith("local_")


WITHOUT_ID = Exchange(method="GET", url="/a", status=200, time=datetime(2025, 1, 1, tzinfo=UTC))


def test_equal_records_of_one_input_stay_apart_and_a_second_import_gives_the_same_ids():
    first, second = Occurrences(), Occurrences()
    ids = [request_of(WITHOUT_ID, first).id for _ in range(3)]
    assert len(set(ids)) == 3
    assert ids == [request_of(WITHOUT_ID, second).id for _ in range(3)]


@pytest.mark.parametrize(
    "other",
    [
        replace(WITHOUT_ID, url="/b"),
        replace(WITHOUT_ID, time=None),
        replace(WITHOUT_ID, request_body="/a"),
        replace(WITHOUT_ID, response_headers=(("etag", "1"),)),
        replace(WITHOUT_ID, request_headers=(("etag", "1"),)),
    ],
)
def test_other_content_gives_another_local_id(other):
    assert request_of(other).id != request_of(WITHOUT_ID).id


def test_what_holds_a_record_keeps_equal_ones_apart():
    assert request_of(WITHOUT_ID, within="a.yml").id != request_of(WITHOUT_ID, within="b.yml").id


def test_a_local_id_tells_nothing_of_the_credentials():
    ids = {request_of(replace(WITHOUT_ID, request_headers=(("Cookie", word),))).id for word in ("a", "b")}
    assert len(ids) == 1


@pytest.mark.parametrize("url", ["https://{}@example.com/", "https://user:{}@example.com/", "/a#{}"])
def test_nor_of_what_is_not_kept_of_the_url(url):
    assert len({request_of(replace(WITHOUT_ID, url=url.format(word))).id for word in ("a", "b")}) == 1


CLOCK = datetime(2025, 1, 1, 0, 0, 0, 1600, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "clock", "time"),
    [
        ("Fri, 20 Dec 2024 08:39:52 GMT", None, datetime(2024, 12, 20, 8, 39, 52, tzinfo=UTC)),
        ("Mon, <ID>0 Nov 2025 08:26:24 GMT", CLOCK, CLOCK.replace(microsecond=2000)),
        ("", datetime(1969, 12, 31, tzinfo=UTC), None),
        ("", None, None),
    ],
)
def test_the_time_is_the_servers_else_the_recorders(date, clock, time):
    assert request_of(Exchange(response_headers=(("date", date),), time=clock)).time == time


@pytest.mark.parametrize(
    ("authorization", "host", "found"),
    [
        ("Bearer rk_live_1234", "api.stripe.com", ("rk_live_1234", True, "api")),
        ("Basic c2tfdGVzdF8xMjM0Og==", "api.stripe.com", ("sk_test_1234", False, "api")),
        ("bearer pk_live_1234", "api.stripe.com", ("pk_live_1234", True, None)),
        ("Bearer sk_test_1234", "localhost", ("sk_test_1234", False, None)),
        ("Bearer uk_1234", "dashboard.stripe.com", ("uk_1234", None, "dashboard")),
        ("Bearer <STRIPE_SECRET_KEY>", "api.stripe.com", (None, None, None)),
        ("Basic not base64", "api.stripe.com", (None, None, None)),
        ("Basic /w==", "api.stripe.com", (None, None, None)),
        ("Digest username=a", "api.stripe.com", (None, None, None)),
        ("", "api.stripe.com", (None, None, None)),
    ],
)
def test_the_key_tells_mode_and_source(authorization, host, found):
    record = request_of(Exchange(url=f"https://{host}/", request_headers=(("Authorization", authorization),)))
    assert (record.api_key, record.livemode, record.source) == found


@pytest.mark.parametrize(
    ("sent", "received", "expected"),
    [
        ("2020-08-27", "2024-06-20", ("2024-06-20", "2020-08-27")),
        ("2020-08-27", " ", ("2020-08-27", "2020-08-27")),
        ("", "2024-06-20", ("2024-06-20", None)),
    ],
)
def test_the_response_tells_the_version_before_the_request_does(sent, received, expected):
    record = request_of(
        Exchange(request_headers=(("stripe-version", sent),), response_headers=(("stripe-version", received),))
    )
    assert (record.api_version, record.requested_version) == expected


@pytest.mark.parametrize(
    ("given", "kept"), [(0, 0), (1.5, 1.5), (-1, None), (float("nan"), None), (float("inf"), None)]
)
def test_a_duration_is_a_length_of_time(given, kept):
    assert request_of(Exchange(duration_ms=given)).duration_ms == kept


@pytest.mark.parametrize(
    ("exchange", "resources"),
    [
        (Exchange(method="GET", url="/v1/plans/small-monthly"), ("small-monthly",)),
        (Exchange(method="GET", url="/v1/plans/:id"), ()),
        (Exchange(method="GET", url="/v1/plans/{plan}"), ()),
        (Exchange(method="GET", url="/v1/customers/cus_S<ID>29iEC0BTN6Pb"), ()),
        (Exchange(response_body='{"id": "small-monthly", "a": "cus_12345678"}'), ("small-monthly", "cus_12345678")),
        (Exchange(response_body='{"id": "two words"}'), ()),
        (Exchange(url="/x?customer=%22cus_12345678%22"), ("cus_12345678",)),
        (Exchange(request_body='{"note": "100%25", "a": "cus_12345678"}'), ("cus_12345678",)),
        (
            Exchange(url="/x?a=cus_12345678", request_body="b=cus_12345678&c=cus_00000001"),
            ("cus_12345678", "cus_00000001"),
        ),
    ],
)
def test_resources_are_the_ids_in_order_of_appearance(exchange, resources):
    assert request_of(exchange).resources == resources


def test_resources_past_the_limit_are_left_out_and_named():
    body = " ".join(f"cus_{number:08}" for number in range(limits.RESOURCES + 1))
    record = request_of(Exchange(response_body=body))
    assert (len(record.resources), record.truncated) == (limits.RESOURCES, ("resources",))


def test_a_long_body_is_cut_and_what_it_tells_is_not():
    body = '{"pad": "' + "a" * limits.BODY_CHARACTERS + '", "error": {"code": "late"}}'
    record = request_of(Exchange(response_body=body.encode()))
    assert (record.error_code, record.response_body, record.truncated) == (
        "late", body[: limits.BODY_CHARACTERS], ("response_body",)
    )  # fmt: skip


def test_a_recorders_clock_of_another_zone_becomes_utc():
    moment = request_of(Exchange(time=datetime(2025, 1, 1, 3, tzinfo=timezone(timedelta(hours=2))))).time
    assert (moment, moment and moment.tzinfo) == (datetime(2025, 1, 1, 1, tzinfo=UTC), UTC)


def test_a_request_without_an_answer_says_why():
    record = request_of(Exchange(method="GET", url="/v1/plans", failure="Nobody listens there."))
    assert (record.status, record.error_type, record.error_message) == (
        None, "api_connection_error", "Nobody listens there."
    )  # fmt: skip


def test_what_the_answer_says_of_an_error_stands_even_if_its_end_did_not_come():
    record = request_of(replace(WHOLE, failure="The connection broke.", truncated=("response_body",)))
    assert (record.error_type, record.error_message, record.truncated) == (
        "card_error", "The connection broke.", ("response_body",)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("clock", "duration", "is_recorders"),
    [
        ("10:00:00.250", None, True),
        ("10:00:00.999", 5, True),
        ("09:59:59.500", 700, True),
        ("09:59:58.000", 2500, True),
        ("09:59:57.000", 1500, False),
        ("10:00:01.500", 10, False),
        ("12:00:00.000", 10, False),
        ("09:00:00.000", 1e300, True),
        ("08:00:00.000", 1e300, False),
    ],
)
def test_the_recorders_clock_is_more_exact_where_it_agrees_with_the_servers(clock, duration, is_recorders):
    time = datetime.fromisoformat(f"2026-05-10T{clock}+00:00")
    headers = (("Date", "Sun, 10 May 2026 10:00:00 GMT"),)
    record = request_of(Exchange(response_headers=headers, time=time, duration_ms=duration))
    assert record.time == (time if is_recorders else datetime(2026, 5, 10, 10, tzinfo=UTC))
