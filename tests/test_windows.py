from datetime import UTC, datetime

import pytest

from reqlog.exceptions import UsageError
from reqlog.filters import And, Compare
from reqlog.windows import Window, lasting, window_of

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at_least", "at_most", "expected"),
    [
        (None, None, And()),
        ("800ms", None, And((Compare("duration_ms", ">=", 800.0),))),
        (None, "1.5s", And((Compare("duration_ms", "<=", 1500.0),))),
        ("1s", "1s", And((Compare("duration_ms", ">=", 1000.0), Compare("duration_ms", "<=", 1000.0)))),
    ],
)
def test_durations_are_bounds(at_least, at_most, expected) -> None:
    assert repr(lasting(at_least, at_most)) == repr(expected)


@pytest.mark.parametrize(("at_least", "at_most"), [("5", None), (None, ""), ("-1s", None), ("2s", "1s")])
def test_a_duration_without_a_unit_or_out_of_order_is_refused(at_least, at_most) -> None:
    with pytest.raises(UsageError):
        lasting(at_least, at_most)


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 5, number, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "date", "expected"),
    [
        (None, None, None, Window()),
        ("24h", None, None, Window(day(9, 12), None)),
        (None, "today", None, Window(None, day(10))),
        ("2026-05-01", "2026-05-03", None, Window(day(1), day(3))),
        (None, None, "yesterday", Window(day(9), day(10))),
        ("2026-05-08T06:00Z", None, "2026-05-08", Window(day(8, 6), day(9))),
        ("2026-05-01", "2026-05-20", "2026-05-08", Window(day(8), day(9))),
    ],
)
def test_the_bounds_of_time_all_hold(since, until, date, expected) -> None:
    assert window_of(since, until, date, NOW) == expected


@pytest.mark.parametrize(
    ("since", "until", "date"),
    [
        ("today", "yesterday", None),
        ("2026-05-01", "2026-05-01", None),
        ("2026-05-09", None, "2026-05-08"),
        ("yesteday", None, None),
        ("", None, None),
        (None, "", None),
        (None, None, ""),
        (None, None, "24h"),
        ("5", None, None),
    ],
)
def test_a_time_in_which_nothing_can_lie_is_refused(since, until, date) -> None:
    with pytest.raises(UsageError):
        window_of(since, until, date, NOW)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window(), And()),
        (Window(day(1), None), And((Compare("time", ">=", day(1)),))),
        (Window(day(1), day(2)), And((Compare("time", ">=", day(1)), Compare("time", "<", day(2))))),
    ],
)
def test_a_window_is_half_open(window, expected) -> None:
    assert repr(window.filter) == repr(expected)
