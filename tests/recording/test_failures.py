import pytest

from reqlog.recording.backlog import Counts
from reqlog.recording.failures import Failures
from reqlog.request import Request


def declined(number: int, *, method: str = "POST", code: str = "card_declined") -> Request:
    return Request(
        id=f"req_{number}", method=method, endpoint="/v1/charges", status=402, error_code=code, error_message="No."
    )


def summary(failed: list[Request], counts: Counts) -> list[str]:
    failures = Failures()
    failures.note(failed)
    return [*failures.summary(counts)]


@pytest.mark.parametrize(
    ("counts", "lines"),
    [
        (Counts(), ["No request came to the proxy; does the client use its URL as base URL?"]),
        (Counts(recorded=1), ["1 request recorded."]),
        (Counts(recorded=12), ["12 requests recorded."]),
        (
            Counts(2, 3, 1, "It is full."),
            [
                "3 requests could not be recorded, since the store was too slow for them.",
                "1 request could not be recorded: It is full.",
                "2 requests recorded.",
            ],
        ),
    ],
)
def test_what_was_lost_comes_before_what_was_recorded(counts, lines):
    assert summary([], counts) == lines


def test_failures_come_first_and_the_most_frequent_kind_before_others():
    no_answer = Request(id="local_1", method="GET", endpoint="/v1/plans", error_type="api_connection_error")
    half = no_answer._replace(id="local_2", status=200)
    assert summary([no_answer, declined(1), declined(2), half, Request(id="a")], Counts(recorded=9, dropped=1)) == [
        "5 of 9 requests failed:",
        "  2 x POST /v1/charges: 402 card_declined; the last is req_2",
        "      No.",
        "  1 x GET /v1/plans: no answer; the last is local_1",
        "  1 x GET /v1/plans: 200 api_connection_error; the last is local_2",
        "  1 x a request: no answer; the last is a",
        "1 request could not be recorded, since the store was too slow for them.",
        "9 requests recorded.",
    ]


def test_many_kinds_are_counted_and_not_listed():
    lines = summary([declined(number, code=f"code_{number}") for number in range(12)], Counts(recorded=12))
    assert lines[0] == "12 of 12 requests failed:"
    assert sum("x POST" in line for line in lines) == 10
    assert "  and 2 other kinds; see them all with: reqlog errors" in lines


def test_no_number_of_kinds_fills_the_memory():
    lines = summary([declined(number, method=f"M{number}") for number in range(1500)], Counts(recorded=1500))
    assert lines[0] == "1500 of 1500 requests failed:"
    assert "  and at least 990 other kinds; see them all with: reqlog errors" in lines


def test_what_is_lost_is_told_as_it_grows_and_once():
    failures = Failures()
    counts = (Counts(5), Counts(5, dropped=2), Counts(9, dropped=2), Counts(9, 2, 1, "It is full."))
    assert [list(failures.losses(each)) for each in counts] == [
        [],
        ["2 requests could not be recorded so far: the store is too slow for them."],
        [],
        ["3 requests could not be recorded so far: It is full."],
    ]
