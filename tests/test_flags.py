from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from reqlog import limits
from reqlog.exceptions import UsageError
from reqlog.filters import And, Compare, Filter, Glob, InNetwork, Mentions, Not, OneOf, Or, Touches
from reqlog.flags import FLAGS, all_of, any_of, checked_text, filter_of, in_mode
from reqlog.request import FIELDS

BY_NAME = {flag.name: flag for flag in FLAGS}
NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)

FIELD_OF = {"ip": "ip_address", "resource": "resources", "text": "the bodies, the path and the error message"}
"""What the flags are about that do not have the name of their field."""


@dataclass(frozen=True)
class Given:
    """What was given to one flag, and what that asks for."""

    flag: str
    texts: tuple[str, ...]
    filter: Filter


def given(flag: str, *texts: str, asks: Filter) -> Given:
    return Given(flag, texts, asks)


def at_least(status: int) -> Compare:
    return Compare("status", ">=", status)


def below(status: int) -> Compare:
    return Compare("status", "<", status)


FAILED = Or((And((at_least(400), below(600))), Compare("error_type", "=", "api_connection_error")))

GIVEN = (
    given("status", "402", asks=Compare("status", "=", 402)),
    given("status", "=402", asks=Compare("status", "=", 402)),
    given("status", "999", asks=Compare("status", "=", 999)),
    given("status", "402,404", asks=OneOf("status", (402, 404))),
    given("status", "402", " 404 ", asks=OneOf("status", (402, 404))),
    given("status", "4xx", asks=And((at_least(400), below(500)))),
    given("status", "5XX", asks=And((at_least(500), below(600)))),
    given("status", "400-499", asks=And((at_least(400), Compare("status", "<=", 499)))),
    given("status", "404-404", asks=And((at_least(404), Compare("status", "<=", 404)))),
    given("status", ">=400", asks=at_least(400)),
    given("status", "> 400", asks=Compare("status", ">", 400)),
    given("status", "<400", asks=below(400)),
    given("status", "<=400", asks=Compare("status", "<=", 400)),
    given("status", "succeeded", asks=And((at_least(200), below(300)))),
    given("status", "Failed", asks=FAILED),
    given("status", "failed,302", asks=Or((FAILED, Compare("status", "=", 302)))),
    given("method", "post", asks=Compare("method", "=", "POST")),
    given("method", "get,M-SEARCH", asks=OneOf("method", ("GET", "M-SEARCH"))),
    given("endpoint", "/v1/charges", asks=Compare("endpoint", "=", "/v1/charges")),
    given("endpoint", "/v1/customers/{customer}", asks=Compare("endpoint", "=", "/v1/customers/{customer}")),
    given("endpoint", "/v1/customers/:id", asks=Compare("endpoint", "=", "/v1/customers/{customer}")),
    given("endpoint", "/v1/charges*", asks=Glob("endpoint", "/v1/charges*")),
    given("endpoint", "*/capture", asks=Glob("endpoint", "*/capture")),
    given(
        "endpoint",
        "post  /v1/charges",
        asks=And((Compare("method", "=", "POST"), Compare("endpoint", "=", "/v1/charges"))),
    ),
    given("path", "/v1/customers/cus_1", asks=Compare("path", "=", "/v1/customers/cus_1")),
    given("path", "/v1/customers/cus_?", asks=Glob("path", "/v1/customers/cus_?")),
    given("path", "/[a]", asks=Compare("path", "=", "/[a]")),
    given("resource", "cus_1", asks=Touches("cus_1")),
    given("resource", "cus_1,pi_1", asks=Or((Touches("cus_1"), Touches("pi_1")))),
    given("text", "Insufficient funds, again", asks=Mentions(("insufficient", "funds", "again"))),
    given("text", "a", "b", asks=Or((Mentions(("a",)), Mentions(("b",))))),
    given("id", "req_1", asks=Compare("id", "=", "req_1")),
    given("id", "local_*", asks=Glob("id", "local_*")),
    given("idempotency-key", "a,b", asks=Compare("idempotency_key", "=", "a,b")),
    given("original-request", "req_1", asks=Compare("original_request", "=", "req_1")),
    given("api-version", "2024-06-20", asks=Compare("api_version", "=", "2024-06-20")),
    given(
        "requested-version",
        "2023-10-16; feature_beta=v1",
        asks=Compare("requested_version", "=", "2023-10-16; feature_beta=v1"),
    ),
    given("error-type", "card_error", asks=Compare("error_type", "=", "card_error")),
    given("error-code", "card_declined,x", asks=OneOf("error_code", ("card_declined", "x"))),
    given("decline-code", "insufficient_funds", asks=Compare("decline_code", "=", "insufficient_funds")),
    given("error-param", "items[0][price]", asks=Compare("error_param", "=", "items[0][price]")),
    given("source", "API", asks=Compare("source", "=", "api")),
    given("source", "dashboard", asks=Compare("source", "=", "dashboard")),
    given("ip", "203.0.113.7", asks=Compare("ip_address", "=", "203.0.113.7")),
    given("ip", "2001:DB8:0::7", asks=Compare("ip_address", "=", "2001:db8::7")),
    given("ip", "::ffff:203.0.113.7", asks=Compare("ip_address", "=", "203.0.113.7")),
    given("ip", "203.0.113.7/24", asks=InNetwork("ip_address", "203.0.113.0/24")),
    given("ip", "2001:db8::/32", asks=InNetwork("ip_address", "2001:db8::/32")),
    given("account", "acct_1", asks=Compare("account", "=", "acct_1")),
    given("api-key", "sk_test_…4242", asks=Compare("api_key", "=", "sk_test_…4242")),
    given("api-key", "sk_live_*", asks=Glob("api_key", "sk_live_*")),
    given("user-agent", "*Ruby, the language*", asks=Glob("user_agent", "*Ruby, the language*")),
    given("host", "api.stripe.com", asks=Compare("host", "=", "api.stripe.com")),
    given("host", "*.stripe.com", asks=Glob("host", "*.stripe.com")),
)

REFUSED = (
    ("status", "4x"),
    ("status", "0"),
    ("status", "099"),
    ("status", "1000"),
    ("status", "499-400"),
    ("status", "6xx"),
    ("status", "ok"),
    ("status", ">="),
    ("status", "!=400"),
    ("method", "GE T"),
    ("method", "GET/"),
    ("endpoint", "v1/charges"),
    ("endpoint", "/v1 /charges"),
    ("endpoint", "POST"),
    ("source", "cli"),
    ("ip", "1.2.3"),
    ("ip", "10.0.0.0/99"),
    ("ip", "host.example"),
    ("text", "…"),
    ("endpoint", "/" + "*" * 1000),
    ("path", "?" * 1001),
    ("user-agent", "*a" * 600),
)


@pytest.mark.parametrize("row", GIVEN, ids=lambda row: f"{row.flag} {' and '.join(row.texts)}")
def test_what_is_given_to_a_flag_becomes_a_filter(row: Given) -> None:
    assert repr(any_of(BY_NAME[row.flag], row.texts)) == repr(row.filter)


@pytest.mark.parametrize(("flag", "text"), REFUSED)
def test_a_value_that_can_never_match_is_refused_by_name(flag: str, text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        any_of(BY_NAME[flag], [text])
    assert text.rpartition(" ")[0][:60] in str(refusal.value)
    assert str(refusal.value).startswith("--")
    assert str(refusal.value).endswith(".")


def test_every_flag_has_a_row_here() -> None:
    assert {row.flag for row in GIVEN} == set(BY_NAME)


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
@pytest.mark.parametrize("texts", [[""], [" "], ["", ""]])
def test_an_empty_value_is_refused_by_every_flag(flag, texts) -> None:
    with pytest.raises(UsageError, match=f"^--{flag.name} was given an empty value"):
        any_of(flag, texts)


@pytest.mark.parametrize("flag", [flag for flag in FLAGS if flag.splits], ids=lambda flag: flag.name)
def test_a_comma_too_many_is_an_empty_value(flag) -> None:
    with pytest.raises(UsageError, match=f"^--{flag.name} was given an empty value"):
        any_of(flag, [","])


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_what_is_no_text_is_refused_by_every_flag(flag) -> None:
    with pytest.raises(UsageError) as refusal:
        any_of(flag, ["a\udcff"])
    assert str(refusal.value) == f"--{flag.name} 'a\\udcff': not text in UTF-8, so nothing can match it."


def test_text_is_given_back_as_it_is() -> None:
    assert checked_text("--id", "réq\x00") == "réq\x00"


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_a_flag_has_the_name_of_its_field_or_says_why_not(flag) -> None:
    assert flag.name.replace("-", "_") in FIELDS or flag.name in FIELD_OF


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_every_value_offered_for_completion_is_one_that_the_flag_takes(flag) -> None:
    for value in flag.known() if flag.known else ():
        flag.parse(value)


def test_names_are_unique_and_help_is_one_sentence() -> None:
    assert len(BY_NAME) == len(FLAGS)
    assert [flag.name for flag in FLAGS if not flag.help.endswith((".", "…."))] == []
    assert [flag.name for flag in FLAGS if "\n" in flag.help] == []


def test_flags_are_joined_by_and_and_their_not_forms_left_out() -> None:
    wanted = {BY_NAME["status"]: ["4xx"], BY_NAME["method"]: ["GET"]}
    unwanted = {BY_NAME["error-type"]: ["card_error", "api_error"]}
    expected = And(
        (
            at_least(400),
            below(500),
            Compare("method", "=", "GET"),
            Not(OneOf("error_type", ("card_error", "api_error"))),
        )
    )
    assert repr(filter_of(wanted, unwanted)) == repr(expected)


def test_no_flags_ask_for_everything() -> None:
    assert repr(filter_of({}, {})) == repr(And())


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ((), And()),
        ((And(),), And()),
        ((Touches("a"),), Touches("a")),
        ((And(), Touches("a")), Touches("a")),
        ((And((Touches("a"), Touches("b"))), Touches("c")), And((Touches("a"), Touches("b"), Touches("c")))),
        ((Or((Touches("a"), Touches("b"))), Touches("c")), And((Or((Touches("a"), Touches("b"))), Touches("c")))),
    ],
)
def test_filters_that_must_all_hold_are_one_flat_list(filters, expected) -> None:
    assert repr(all_of(*filters)) == repr(expected)


@pytest.mark.parametrize(
    ("livemode", "expected"),
    [(None, And()), (True, Compare("livemode", "=", True)), (False, Compare("livemode", "=", False))],
)
def test_the_mode_is_asked_for_only_when_given(livemode, expected) -> None:
    assert repr(in_mode(livemode)) == repr(expected)


def test_a_long_value_that_is_no_glob_is_taken() -> None:
    assert any_of(BY_NAME["path"], ["/" * 2000]) == Compare("path", "=", "/" * 2000)
    assert any_of(BY_NAME["error-code"], ["?" * 2000]) == Compare("error_code", "=", "?" * 2000)


def test_values_that_are_given_twice_count_once() -> None:
    assert repr(any_of(BY_NAME["status"], ["4xx,4xx", "4xx"])) == repr(any_of(BY_NAME["status"], ["4xx"]))
    assert any_of(BY_NAME["text"], ["a b A"]) == Mentions(("a", "b"))


def test_there_is_a_bound_to_values_but_not_to_those_that_are_only_compared() -> None:
    resources = [f"cus_{number}" for number in range(limits.FILTER_VALUES)]
    codes = [f"code_{number}" for number in range(3 * limits.FILTER_VALUES)]
    given = {BY_NAME["resource"]: resources, BY_NAME["error-code"]: codes}
    assert isinstance(filter_of(given, {}), And)
    with pytest.raises(UsageError, match=r"^There are 10002 values in the filter flags, and 10000 are the most"):
        filter_of(given, {BY_NAME["path"]: ["*a", "*b"]})
