import pytest

from reqlog.advice import advise
from reqlog.filters import And, Compare, Filter, Glob, Not, OneOf, Or, Touches
from reqlog.request import Request
from reqlog.store.captures import CapturedAnswers

KNOWN = (
    Request(id="req_1", error_code="card_declined", method="GET", api_version="2024-06-20", status=402),
    Request(id="req_2", error_code="expired_card", method="POST", api_version="2020-08-27"),
    Request(id="req_3", error_code="incorrect_cvc"),
)
MANY = tuple(Request(id=f"req_{number}", error_code=f"code_{number}") for number in range(7))


def advice(filter: Filter, requests=KNOWN) -> list[str]:
    return list(advise(filter, CapturedAnswers(lambda _: requests)))


def test_where_there_is_nothing_at_all_it_says_how_to_bring_some_in() -> None:
    assert advice(Touches("cus_1"), ()) == ["There are no requests at all yet; `reqlog import PATH` brings some in."]


@pytest.mark.parametrize(
    ("filter", "sentences"),
    [
        (Touches("cus_1"), []),
        (Compare("status", "=", 400), []),
        (Compare("error_code", "=", "card_declined"), []),
        (Glob("error_code", "card_decline?d"), []),
        (
            Compare("error_code", "=", "card_decline"),
            ["No request has the error_code card_decline; near it is card_declined."],
        ),
        (
            Compare("api_version", "=", "2024-06-27"),
            ["No request has the api_version 2024-06-27; near it are 2024-06-20, 2020-08-27."],
        ),
        (Compare("method", "=", "DELETE"), ["No request has the method DELETE; there are POST, GET."]),
        (Compare("account", "=", "acct_1"), ["No request has the account acct_1; none has any account."]),
        (
            OneOf("method", ("GET", "HEAD", "LINK")),
            [
                "No request has the method HEAD; there are POST, GET.",
                "No request has the method LINK; there are POST, GET.",
            ],
        ),
        (
            And((Compare("method", "=", "LINK"), Or((Compare("method", "=", "LINK"), Touches("cus_1"))))),
            ["No request has the method LINK; there are POST, GET."],
        ),
        (Not(Compare("method", "=", "LINK")), []),
    ],
)
def test_a_value_that_is_nowhere_is_told_with_those_near_it(filter, sentences) -> None:
    first, *rest = advice(filter)
    assert first.startswith("No request matches: ")
    assert rest == sentences


def test_of_many_values_a_few_are_named() -> None:
    assert advice(Compare("error_code", "=", "zzz"), MANY) == [
        "No request matches: error_code is zzz.",
        "No request has the error_code zzz; there are code_6, code_5, code_4, code_3, code_2 and 2 more.",
    ]


def test_one_value_is_there_in_the_singular() -> None:
    assert advice(Compare("error_code", "=", "zzz"), KNOWN[:1])[1:] == [
        "No request has the error_code zzz; there is card_declined."
    ]


def test_of_many_that_are_nowhere_ten_are_told() -> None:
    asked = OneOf("error_code", tuple(f"nosuch_{number}" for number in range(13)))
    _, *sentences, last = advice(asked)
    assert (len(sentences), last) == (10, "Nor has any request one of the other 3 that were asked for.")


def test_what_strangers_wrote_is_told_in_a_few_words() -> None:
    assert advice(Compare("error_code", "=", "nosuch"), [Request("req_1", error_code="x" * 5000)])[1:] == [
        f"No request has the error_code nosuch; there is {'x' * 100}…."
    ]
