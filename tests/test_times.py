import contextlib
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog import times
from reqlog.exceptions import UsageError

NOW = datetime(2025, 3, 10, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", "2025-03-10T11:00:00.000Z"),
        ("90s", "2025-03-10T10:58:30.000Z"),
        ("30m", "2025-03-10T10:30:00.000Z"),
        ("24h", "2025-03-09T11:00:00.000Z"),
        ("1h30m", "2025-03-10T09:30:00.000Z"),
        ("7d", "2025-03-03T11:00:00.000Z"),
        ("2w", "2025-02-24T11:00:00.000Z"),
        ("today", "2025-03-09T23:00:00.000Z"),
        ("Yesterday", "2025-03-08T23:00:00.000Z"),
        ("tomorrow", "2025-03-10T23:00:00.000Z"),
        ("2025-02-24", "2025-02-23T23:00:00.000Z"),
        ("2025-07-01", "2025-06-30T22:00:00.000Z"),
        (" 2025-02-24T10:30:00Z ", "2025-02-24T10:30:00.000Z"),
        ("2025-02-24T10:30:00+05:30", "2025-02-24T05:00:00.000Z"),
        ("2025-02-24 10:30:00.123456789 +0000", "2025-02-24T10:30:00.123Z"),
        ("2025-02-24T10:30", "2025-02-24T09:30:00.000Z"),
        ("1740000000", "2025-02-19T21:20:00.000Z"),
        ("10:30", "2025-03-10T09:30:00.000Z"),
        ("24 Feb 2025", "2025-02-23T23:00:00.000Z"),
        ("Feb 24 2025 3pm", "2025-02-24T14:00:00.000Z"),
        ("Mon, 24 Feb 2025 10:00:00 GMT", "2025-02-24T10:00:00.000Z"),
        ("24.02.2025", "2025-02-23T23:00:00.000Z"),
    ],
)
def test_an_instant_is_read_in_the_zone_of_now(text, instant):
    assert times.to_rfc3339(times.parse_instant(text, NOW)) == instant


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "5", "-5", "1.5", "20250224", "174000000", "17400000000", "٣٠m", "١٢٣٤٥٦٧٨٩٠",
        "soon", "monday", "Feb 24", "Feb 2025", "2025-02", "10 PM", "02/03/2025", "24 Feb 2025 10:00 EST",
        "2025-02-30", "2025-02-24T25:00", "1969-12-31", "2101-01-01", "999999w", "1700y", "\x1b[31m", "7d" * 40,
        "1:" + "6" * 48,
    ],
)  # fmt: skip
def test_what_is_not_one_instant_is_refused(text):
    with pytest.raises(UsageError, match="is not a time"):
        times.parse_instant(text, NOW)


def test_a_refusal_says_what_was_given_what_was_meant_and_what_is_accepted():
    with pytest.raises(UsageError) as refusal:
        times.parse_instant("yesteday", NOW)
    assert str(refusal.value) == (
        "'yesteday' is not a time (did you mean yesterday?); give 30m, 24h, 7d, now, today, yesterday, 2025-02-24, "
        "2025-02-24T10:30:00Z or ten digits of unix seconds."
    )


@pytest.mark.parametrize(
    ("parse", "text"), [(lambda text: times.parse_day(text, NOW), "now"), (times.parse_span, "today")]
)
def test_a_refusal_suggests_nothing_that_is_refused(parse, text):
    with pytest.raises(UsageError) as refusal:
        parse(text)
    assert "did you mean" not in str(refusal.value)


@given(st.text(st.sampled_from("0123456789 ,:./+-abcdTZJanFebMonPMUC\u0661\x00"), max_size=20))
def test_no_text_does_anything_but_name_an_instant_or_be_refused(text):
    with contextlib.suppress(UsageError):
        assert 1970 <= times.parse_instant(text, NOW).year <= 2100


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("today", "2025-03-09T23:00:00.000Z", "2025-03-10T23:00:00.000Z"),
        ("yesterday", "2025-03-08T23:00:00.000Z", "2025-03-09T23:00:00.000Z"),
        ("2025-03-30", "2025-03-29T23:00:00.000Z", "2025-03-30T22:00:00.000Z"),
        ("2025-10-26", "2025-10-25T22:00:00.000Z", "2025-10-26T23:00:00.000Z"),
        ("24 Feb 2025", "2025-02-23T23:00:00.000Z", "2025-02-24T23:00:00.000Z"),
    ],
)
def test_a_day_runs_from_midnight_to_midnight_whatever_its_length(text, since, until):
    assert tuple(times.to_rfc3339(bound) for bound in times.parse_day(text, NOW)) == (since, until)


@pytest.mark.parametrize("text", ["", "24h", "now", "2025-02-24T10:00", "24 Feb 2025 3pm", "1740000000", "2025-02-30"])
def test_what_is_not_a_day_is_refused(text):
    with pytest.raises(UsageError, match="is not a day"):
        times.parse_day(text, NOW)


@pytest.mark.parametrize(
    ("text", "milliseconds"), [("800ms", 800), ("2s", 2000), ("1.5s", 1500), ("2m", 120_000), (" 1h ", 3_600_000)]
)
def test_a_duration_is_milliseconds(text, milliseconds):
    assert times.parse_duration(text) == milliseconds


@pytest.mark.parametrize("text", ["", "800", "2 s", "-2s", "1.s", "ms", "1e3s", "nan"])
def test_a_duration_needs_its_unit(text):
    with pytest.raises(UsageError, match="the unit is required"):
        times.parse_duration(text)


@pytest.mark.parametrize(
    ("text", "span"), [("7d", timedelta(days=7)), ("1h30m", timedelta(minutes=90)), ("2w1d", timedelta(days=15))]
)
def test_a_span_is_a_length_of_time(text, span):
    assert times.parse_span(text) == span


@pytest.mark.parametrize("text", ["", "7", "d7", "30m1h", "1.5h", "7 d"])
def test_what_is_not_a_span_is_refused(text):
    with pytest.raises(UsageError, match="is not a span of time"):
        times.parse_span(text)


@pytest.mark.parametrize(
    "text", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_an_http_date_has_three_forms(text):
    assert times.http_date(text) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "", "Mon, <X>0 Nov 2025 <X>8:26:24 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nox 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1869 08:49:37 GMT", "Sun, 06 Nov 2101 08:49:37 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT", "Sun, ٠٦ Nov 1994 08:49:37 GMT",
    ],
)  # fmt: skip
def test_what_is_not_an_http_date_of_the_years_1970_to_2100_is_none(text):
    assert times.http_date(text) is None


@pytest.mark.parametrize(
    ("number", "instant"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1615335362, "2021-03-10T00:16:02.000Z"),
        (1693840791.7564995, "2023-09-04T15:19:51.756Z"),
        (1693840791.9996, "2023-09-04T15:19:52.000Z"),
        (4133980799, "2100-12-31T23:59:59.000Z"),
    ],
)
def test_unix_seconds_are_rounded_to_the_millisecond(number, instant):
    moment = times.from_unix(number)
    assert moment is not None
    assert times.to_rfc3339(moment) == instant


@pytest.mark.parametrize("number", [-1, float("nan"), float("inf"), 10**400, 4133980800, 4133980799.9999])
def test_unix_seconds_outside_1970_to_2100_are_none(number):
    assert times.from_unix(number) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-12-20T08:39:52Z", datetime(2024, 12, 20, 8, 39, 52, tzinfo=UTC)),
        ("2024-12-20T08:39:52.1234567z", datetime(2024, 12, 20, 8, 39, 52, 123000, tzinfo=UTC)),
        ("2024-12-20T08:39:52.999999999+01:00", datetime(2024, 12, 20, 7, 39, 53, tzinfo=UTC)),
        ("2024-12-20T08:39:52", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1969-12-31T23:59:59Z", None),
        ("2024-12-20", None),
        ("<ID>024", None),
        ("", None),
    ],
)
def test_an_iso_timestamp_of_a_capture_needs_its_offset(text, moment):
    assert times.from_iso(text) == moment


def test_a_zone_stands_in_for_a_missing_offset():
    zone = timezone(timedelta(hours=2))
    assert times.from_iso("2024-12-20T08:39:52", zone) == datetime(2024, 12, 20, 6, 39, 52, tzinfo=UTC)


@given(st.integers(0, 4133980799999))
def test_milliseconds_survive_the_way_there_and_back(milliseconds):
    moment = times.from_unix_ms(milliseconds)
    assert (times.unix_ms(moment), times.from_iso(times.to_rfc3339(moment))) == (milliseconds, moment)


def test_the_zone_of_this_machine_agrees_with_the_operating_system():
    moment = datetime(2025, 7, 1, 12, 0, tzinfo=UTC)
    local, expected = moment.astimezone(times.LOCAL), moment.astimezone()
    assert (local, local.utcoffset(), local.tzname()) == (expected, expected.utcoffset(), expected.tzname())


def test_importing_times_loads_nothing_heavy():
    code = "import sys, reqlog.times; print({'dateutil', 'zoneinfo', '_strptime', 'difflib'} & set(sys.modules))"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )  # warnings may show
    assert shown.stdout == "set()\n"


@given(st.integers(0, (1 << 42) - 2))
def test_milliseconds_are_written_as_the_instant_that_they_are(milliseconds) -> None:
    assert times.rfc3339_of_ms(milliseconds) == times.to_rfc3339(times.from_unix_ms(milliseconds))
