from datetime import UTC, datetime, timedelta

import pytest

from reqlog.filters import Compare
from reqlog.store.sqlite import rows
from reqlog.store.sqlite.dialect import LAST, bounds, match_all
from reqlog.times import unix_ms

INSTANT = datetime(2025, 2, 24, 10, tzinfo=UTC)
AT = rows.since(unix_ms(INSTANT))
NEXT = rows.since(unix_ms(INSTANT + timedelta(milliseconds=1)))


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        (">=", (AT, LAST)),
        (">", (NEXT, LAST)),
        ("<", (0, AT - 1)),
        ("<=", (0, NEXT - 1)),
        ("=", (AT, NEXT - 1)),
    ],
)
def test_a_comparison_with_a_time_bounds_the_places(operator, expected) -> None:
    assert bounds(Compare("time", operator, INSTANT)) == expected


@pytest.mark.parametrize("operator", [">=", ">", "="])
def test_a_time_before_all_that_are_kept_has_no_undated_request_within_its_bounds(operator) -> None:
    lowest, _ = bounds(Compare("time", operator, datetime(1969, 12, 31, 22, tzinfo=UTC)))
    assert lowest == 0


def test_words_are_quoted_so_that_none_is_an_operator() -> None:
    assert match_all(("and", "pi_1", "not-this")) == '"and" "pi_1" "not-this"'
