from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import requests

from reqlog.request import Request
from reqlog.store.captures import CapturedAnswers
from reqlog.store.comparison import differences

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
ONE, TWO, THREE = (Request(f"req_{number}", NOON + timedelta(hours=number), status=200) for number in range(3))
UNDATED = Request("req_undated")


def between(one: list[Request], other: list[Request]) -> list[str]:
    return list(differences(CapturedAnswers(lambda _: one), CapturedAnswers(lambda _: other)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([ONE, TWO], [TWO, ONE], []),
        ([], [], []),
        (
            [ONE, TWO, THREE],
            [TWO],
            ["req_2 of 2025-06-01T14:00:00Z is not in", "req_0 of 2025-06-01T12:00:00Z is not in"],
        ),
        ([TWO], [ONE, TWO], ["req_0 of 2025-06-01T12:00:00Z is only in"]),
        ([UNDATED, ONE], [ONE], ["req_undated, of unknown time, is not in"]),
        (
            [ONE._replace(status=402, method="GET")],
            [ONE],
            ["req_0 of 2025-06-01T12:00:00Z is not the same in both: method, status."],
        ),
    ],
)
def test_each_difference_is_a_sentence_newest_first(one, other, expected) -> None:
    found = between(one, other)
    assert len(found) == len(expected)
    assert [text for text, start in zip(found, expected, strict=True) if f"The request {start}" not in text] == []


@given(kept=st.lists(requests, max_size=6, unique_by=lambda request: request.id), split=st.integers(0, 6))
def test_there_is_one_for_each_request_that_only_one_has(kept, split) -> None:
    assert len(between(kept[:split], kept[split:])) == len(kept)
