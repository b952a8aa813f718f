from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest

from reqlog.render.cell import cell, in_zone, local_time

TOKYO = timezone(timedelta(hours=9))
TEN = datetime(2025, 2, 24, 10, 0, 0, 999_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("", ""),
        ("1e5", "1e5"),
        ("a\nb\x1b", r"a\nb\x1b"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (402, "402"),
        (812.0, "812"),
        (812.4567, "812.457"),
        (0.1 + 0.2, "0.3"),
        (0.00001, "1e-05"),
        (0.0, "0"),
        (1e300, "1e+300"),
        (float("nan"), ""),
        (float("-inf"), "-inf"),
        (("cus_1", "pi_2"), "cus_1, pi_2"),
        ((), ""),
        (MappingProxyType({"a": "b\u202e"}), '{"a":"b\\u202e"}'),
        (TEN, "2025-02-24 19:00:00"),
    ],
)
def test_a_value_is_shown_in_one_line(value, expected):
    assert cell(value, TOKYO) == expected


def test_without_a_zone_a_time_is_shown_in_that_of_the_machine():
    assert local_time(TEN, None) == TEN.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def test_a_time_that_a_zone_does_not_have_is_shown_in_utc():
    last = datetime(9999, 12, 31, 23, 0, tzinfo=UTC)
    assert (in_zone(last, TOKYO), local_time(last, TOKYO)) == (None, "9999-12-31T23:00:00.000Z")
