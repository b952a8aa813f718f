from datetime import UTC, datetime

import pytest
from hypothesis import given
from strategies import filters, requests

from reqlog.filters import (
    EVERYTHING,
    And,
    Compare,
    Filter,
    Glob,
    InNetwork,
    Mentions,
    Not,
    OneOf,
    Or,
    Present,
    Touches,
    describe,
    matches,
    searchable,
    words_of,
)
from reqlog.request import FIELDS, Request

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
LATER = NOON.replace(microsecond=1000)

DECLINED = Request(
    id="req_1",
    time=NOON,
    duration_ms=812.5,
    method="POST",
    path="/v1/payment_intents/pi_1/confirm",
    endpoint="/v1/payment_intents/{intent}/confirm",
    status=402,
    livemode=False,
    ip_address="203.0.113.7",
    error_type="card_error",
    error_message="Your card has insufficient funds.",
    request_body="amount=2000&metadata%5Border%5D=M%C3%BCller+7",
    response_body='{"error": {"message": "L\\u00e4uft nicht\\nhier"}}',
    resources=("pi_1", "cus_12"),
)
BARE = Request(id="req_2")


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (EVERYTHING, True),
        (Or(), False),
        (And((Compare("status", "=", 402), Touches("pi_1"))), True),
        (And((Compare("status", "=", 402), Touches("pi_2"))), False),
        (Or((Compare("status", "=", 400), Touches("pi_1"))), True),
        (Not(Compare("status", "=", 402)), False),
        (Not(Not(Compare("status", "=", 402))), True),
        (Compare("status", "=", 400), False),
        (Compare("status", "<", 402), False),
        (Compare("status", "<=", 402), True),
        (Compare("status", ">", 401), True),
        (Compare("status", ">=", 403), False),
        (Compare("time", "=", NOON), True),
        (Compare("time", "<", LATER), True),
        (Compare("duration_ms", ">", 812), True),
        (Compare("livemode", "=", False), True),
        (Compare("livemode", "=", True), False),
        (Compare("error_type", "=", "Card_error"), False),
        (OneOf("error_type", ("api_error", "card_error")), True),
        (OneOf("error_type", ()), False),
        (Glob("path", "/v1/*/confirm"), True),
        (Glob("path", "/v1/payment_intents"), False),
        (Glob("path", "/v1/payment_intents/pi_?/confirm"), True),
        (Glob("path", "/V1/*"), False),
        (Glob("endpoint", "*/[i]*"), False),
        (Glob("endpoint", "*/{intent}/*"), True),
        (Glob("endpoint", "/v1/*\0nothing"), True),
        (Glob("endpoint", "/v1/*nt*nt*/confirm"), True),
        (Glob("endpoint", "/v1/*nt*nt*nt*nt*nt*/confirm"), True),
        (Glob("endpoint", "/v1/*nt*nt*nt*nt*nt*nt*/confirm"), False),
        (Glob("endpoint", "*/v1/payment*"), True),
        (Glob("endpoint", "**"), True),
        (Glob("path", "*?" * 20 + "*"), True),
        (InNetwork("ip_address", "203.0.113.0/24"), True),
        (InNetwork("ip_address", "10.0.0.0/8"), False),
        (InNetwork("ip_address", "::/0"), False),
        (Touches("cus_1"), False),
        (Touches("cus_12"), True),
        (Mentions(("insufficient", "funds")), True),
        (Mentions(("insufficient", "luck")), False),
        (Mentions(("suffic",)), False),
        (Mentions(("müller",)), True),
        (Mentions(("läuft", "hier")), True),
        (Mentions(("cus_12",)), True),
        (Mentions(("cus_1",)), False),
        (Mentions(()), True),
        (Present("error_type"), True),
        (Present("error_code"), False),
    ],
)
def test_a_filter_holds_of_a_request_or_not(filter, expected) -> None:
    assert matches(filter, DECLINED) is expected


@pytest.mark.parametrize("field", [name for name in FIELDS if name not in ("id", "truncated", "resources")])
@pytest.mark.parametrize(
    "leaf",
    [
        lambda field: Compare(field, "=", ""),
        lambda field: Compare(field, "<", 1),
        lambda field: OneOf(field, ("", 0)),
        lambda field: Glob(field, "*"),
        lambda field: InNetwork(field, "0.0.0.0/0"),
        Present,
    ],
)
def test_a_missing_value_satisfies_no_leaf_and_every_negation(leaf, field) -> None:
    assert (matches(leaf(field), BARE), matches(Not(leaf(field)), BARE)) == (False, True)


def test_a_glob_of_many_stars_takes_no_longer_than_its_length_says() -> None:
    request = Request(id="req_1", path="/" + "ab" * 2000)
    assert not matches(Glob("path", "*a" * 500 + "*c"), request)
    assert matches(Glob("path", "*a" * 500 + "*b"), request)


@pytest.mark.parametrize("filter", [Touches(""), Touches("None"), Mentions(("none",)), Mentions(("req_2",))])
def test_nothing_is_mentioned_by_a_request_of_which_nothing_is_known(filter) -> None:
    assert matches(filter, BARE) is False


@given(filter=filters, request=requests)
def test_a_negation_is_the_plain_complement(filter: Filter, request: Request) -> None:
    assert matches(Not(filter), request) is not matches(filter, request)


@given(filter=filters, request=requests)
def test_every_filter_says_itself_in_one_piece(filter: Filter, request: Request) -> None:
    assert describe(filter).strip()
    assert describe(And((filter,))) == describe(filter) == describe(Or((filter,)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Insufficient FUNDS.", ["insufficient", "funds"]),
        ("pi_3QY2 small-monthly", ["pi_3qy2", "small-monthly"]),
        ("items[0][price]=5", ["items", "0", "price", "5"]),
        ("Straße é", ["straße", "é"]),
        ("…, !", []),
    ],
)
def test_words_are_runs_of_letters_digits_underscores_and_dashes(text, expected) -> None:
    assert words_of(text) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ""),
        ({"path": "/v1/a%20b", "query": "q=caf%C3%A9"}, "/v1/a b\nq=café"),
        ({"request_body": "a%5Bb%5D=%FF"}, "a[b]=\ufffd"),
        ({"request_body": "100% sure"}, "100% sure"),
        ({"response_body": ' {"a": "\\u00e9\\n\\"b\\\\"}'}, ' {"a": "é "b\\"}'),
        ({"response_body": '{"a": "\\ud83d\\ude00 \\u12"}'}, '{"a": "   u12"}'),
        ({"response_body": "<a>%41</a>"}, "<a>%41</a>"),
        ({"error_message": "No such plan", "resources": ("plan_1",)}, "No such plan\nplan_1"),
    ],
)
def test_what_is_searched_has_its_escapes_undone(fields, expected) -> None:
    assert searchable(Request(id="req_1", **fields)) == expected


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (And(), "any request"),
        (Or(), "no request"),
        (Compare("status", "=", 402), "status is 402"),
        (Compare("duration_ms", ">=", 7_200_000.0), "duration_ms is at least 7200000"),
        (Compare("duration_ms", "<=", 0.25), "duration_ms is at most 0.25"),
        (Compare("status", "<", 402), "status is below 402"),
        (Compare("status", "<=", 402), "status is at most 402"),
        (Compare("status", ">", 402), "status is above 402"),
        (Compare("status", ">=", 402), "status is at least 402"),
        (Compare("livemode", "=", False), "livemode is false"),
        (Compare("livemode", "=", True), "livemode is true"),
        (OneOf("method", ("GET", "POST")), "method is GET or POST"),
        (OneOf("method", ()), "method is nothing"),
        (Glob("path", "/v1/*"), "path looks like /v1/*"),
        (InNetwork("ip_address", "10.0.0.0/8"), "ip_address is in 10.0.0.0/8"),
        (Touches("cus_1"), "it touches cus_1"),
        (Mentions(("insufficient", "funds")), "it mentions insufficient and funds"),
        (Present("error_code"), "error_code is known"),
        (Not(Present("error_code")), "error_code is missing"),
        (Not(Compare("status", "=", 402)), "not (status is 402)"),
        (And((Touches("a"), Touches("b"))), "it touches a and it touches b"),
        (Or((Touches("a"), And((Touches("b"), Touches("c"))))), "it touches a or (it touches b and it touches c)"),
        (And((Touches("a"), Or((Touches("b"), Touches("c"))))), "it touches a and (it touches b or it touches c)"),
    ],
)
def test_a_filter_says_itself_in_english(filter, expected) -> None:
    assert describe(filter) == expected


def test_a_time_is_said_to_the_second_in_the_zone_of_the_machine() -> None:
    expected = f"time is at least {NOON.astimezone().isoformat(' ', 'seconds')}"
    assert describe(Compare("time", ">=", NOON)) == expected
