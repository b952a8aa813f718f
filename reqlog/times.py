"""Text and numbers to instants and spans; the one place where times become UTC and that knows dateutil.

Every instant that leaves this module is aware, in UTC and in whole milliseconds. What a user typed is refused with a
`UsageError` if it could mean two things; what a capture holds becomes None if it cannot be read. The clock is never
read: `now` is an argument, and its zone is the one that days and times without an offset are taken in.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from reqlog.exceptions import UsageError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_LIMIT_MS = int((datetime(_LAST_YEAR + 1, 1, 1, tzinfo=UTC) - EPOCH).total_seconds()) * 1000
_MONTHS = {name: n for n, name in enumerate(("Jan", "Feb", "Mar", "Apr", "May", "Jun"), 1)}
_MONTHS |= {name: n for n, name in enumerate(("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 7)}
_DAYS_FROM_TODAY = {"today": 0, "yesterday": -1, "tomorrow": 1}
_MS_PER_UNIT = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}

# Patterns, not compiled: compiling these costs 3 ms at every start, and `re` keeps what it compiled on first use.
_SPAN = r"(?a:(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,8})h)?(?:(\d{1,8})m)?(?:(\d{1,10})s)?)"
_DURATION = r"(?a:(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h))"
_NUMBER = r"[+-]?\d+(?:[.,_]\d+)?"
_DAY = r"(?a:\d{4}-\d\d-\d\d)"
_ISO = r"(?a:\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:[Zz]|[+-]\d\d:?\d\d))?)"
_CLOCK = r"(?a:([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?)"
_FREE_FORM = r"(?=.*[0-9])[A-Za-z0-9 ,:./+-]{1,64}"
_RFC_850 = r"(?a:[A-Z][a-z]{5,8}, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT)"
_ASCTIME = r"(?a:[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4}))"

_INSTANTS = "30m, 24h, 7d, now, today, yesterday, 2025-02-24, 2025-02-24T10:30:00Z or ten digits of unix seconds"


class LocalZone(tzinfo):
    """The zone of this machine, daylight saving included, as the operating system has it.

    `datetime.now().astimezone()` has a fixed offset instead, which is wrong for a day on the other side of a change.
    """

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """Return the offset in force at a local time."""
        return None if moment is None else moment.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, moment: datetime | None) -> timedelta | None:  # noqa: ARG002  the signature is tzinfo's
        """Return None: how much of the offset is daylight saving is not told."""
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        """Return the zone's abbreviation at a local time."""
        return None if moment is None else moment.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, moment: datetime) -> datetime:
        """Return a moment given in UTC as local time."""
        return moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)


LOCAL = LocalZone()
"""The zone of this machine: `datetime.now(LOCAL)` is the `now` to give to the functions here."""


def parse_instant(text: str, now: datetime) -> datetime:
    """Return the instant that `text` names, seen from `now`.

    A span (`24h`) counts back from `now`; a day is its midnight in the zone of `now`. Raise UsageError for anything
    that is not one instant of the years 1970 to 2100.
    """
    given = re.sub(r" (?:UTC|GMT)$", "Z", text.strip())
    try:
        moment = _instant(given, now)
        if moment is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise UsageError(_refusal(text, "a time", _INSTANTS, ("now", *_DAYS_FROM_TODAY)))
        return _whole_ms(moment.astimezone(UTC))
    except OverflowError as overflow:
        raise UsageError(_refusal(text, "a time", _INSTANTS, ("now", *_DAYS_FROM_TODAY))) from overflow


def parse_day(text: str, now: datetime) -> tuple[datetime, datetime]:
    """Return the first instant of the day that `text` names in the zone of `now`, and that of the day after it.

    Raise UsageError for anything but a day: `today`, `yesterday`, `2025-02-24`, `24 Feb 2025`.
    """
    day = _day(text.strip(), now)
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise UsageError(_refusal(text, "a day", "today, yesterday, 2025-02-24 or 24 Feb 2025", _DAYS_FROM_TODAY))
    following = day + timedelta(days=1)
    return _midnight(day, now).astimezone(UTC), _midnight(following, now).astimezone(UTC)


def parse_span(text: str) -> timedelta:
    """Return the length of time that `text` names, such as `7d` or `1h30m`; raise UsageError if it names none."""
    span = _span(text.strip())
    if span is None:
        raise UsageError(_refusal(text, "a span of time", "90s, 30m, 24h, 1h30m, 7d or 2w"))
    return span


def parse_duration(text: str) -> float:
    """Return the milliseconds that `text` names, such as `800ms` or `1.5s`; raise UsageError if it names none."""
    match = re.fullmatch(_DURATION, text.strip())
    if match is None:
        raise UsageError(_refusal(text, "a duration", "800ms, 2s, 1.5s or 2m; the unit is required"))
    return float(match[1]) * _MS_PER_UNIT[match[2]]


def http_date(text: str) -> datetime | None:
    """Return the instant of an HTTP `Date` header in any of the three forms of RFC 9110, section 5.6.7."""
    try:
        if len(text) == 29 and text[3:5] == ", " and text[7] == text[11] == text[16] == " " and text[25:] == " GMT":
            return _utc(text[12:16], text[8:11], text[5:7], text[17:19], text[20:22], text[23:25])
        if match := re.fullmatch(_RFC_850, text):
            day, month, year, hour, minute, second = match.groups()
            return _utc(("19" if year >= "70" else "20") + year, month, day, hour, minute, second)
        if match := re.fullmatch(_ASCTIME, text):
            month, day, hour, minute, second, year = match.groups()
            return _utc(year, month, day.replace(" ", "0"), hour, minute, second)
    except (KeyError, ValueError):
        return None
    return None


def from_unix(number: float) -> datetime | None:
    """Return the instant of so many seconds since 1970, to the millisecond; None outside the years 1970 to 2100."""
    if not 0 <= number * 1000 < _LIMIT_MS:
        return None
    milliseconds = round(number * 1000)
    return EPOCH + timedelta(milliseconds=milliseconds) if milliseconds < _LIMIT_MS else None


def from_iso(text: str, zone: tzinfo | None = None) -> datetime | None:
    """Return the instant of an ISO 8601 timestamp of a capture.

    `zone` stands in for a missing offset; without it such a time could mean anything, and is None.
    """
    try:
        moment = datetime.fromisoformat(text if text[-1:] != "z" else text[:-1] + "Z")
        if moment.tzinfo is None:
            if zone is None:
                return None
            moment = moment.replace(tzinfo=zone)
        return in_range(moment)
    except (ValueError, OverflowError):
        return None


def in_range(moment: datetime) -> datetime | None:
    """Return `moment` in UTC and whole milliseconds; None if it is outside the years 1970 to 2100."""
    try:
        moment = _whole_ms(moment if moment.tzinfo is UTC else moment.astimezone(UTC))
    except OverflowError:
        return None
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def to_rfc3339(moment: datetime) -> str:
    """Return `moment` as RFC 3339 in UTC, with milliseconds and `Z`."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def rfc3339_of_ms(milliseconds: int) -> str:
    """Return what `to_rfc3339` gives of the instant that `unix_ms` gave as `milliseconds`, in a third of the time."""
    minute, rest = divmod(milliseconds, 60_000)
    return f"{_minute(minute)}:{rest // 1000:02}.{rest % 1000:03}Z"


@lru_cache(maxsize=64)
def _minute(number: int) -> str:
    """Return the minute of that number from 1970 as RFC 3339 begins with it; requests in order share it."""
    return from_unix_ms(number * 60_000).isoformat(timespec="minutes").partition("+")[0]


def unix_ms(moment: datetime) -> int:
    """Return the whole milliseconds from 1970 to `moment`."""
    since = moment - EPOCH
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def from_unix_ms(milliseconds: int) -> datetime:
    """Return the instant that `unix_ms` gave as `milliseconds`."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def _utc(year: str, month: str, day: str, hour: str, minute: str, second: str) -> datetime | None:  # noqa: PLR0917  the parts of a date are six
    digits = year + day + hour + minute + second
    if not (digits.isdecimal() and digits.isascii()):
        return None
    moment = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def _whole_ms(moment: datetime) -> datetime:
    beyond = moment.microsecond % 1000
    if not beyond:
        return moment
    return moment + timedelta(microseconds=1000 - beyond if beyond >= 500 else -beyond)


def _instant(text: str, now: datetime) -> datetime | None:
    if text.lower() == "now":
        return now
    span = _span(text)
    if span is not None:
        return now.astimezone(UTC) - span
    if re.fullmatch(_NUMBER, text):
        return from_unix(int(text)) if len(text) == 10 and text.isascii() and text.isdecimal() else None
    if re.fullmatch(_ISO, text):
        return _from_typed_iso(text, now)
    if match := re.fullmatch(_CLOCK, text):
        hour, minute, second = (int(part or 0) for part in match.groups())
        return datetime(now.year, now.month, now.day, hour, minute, second, tzinfo=now.tzinfo)
    day = _named_day(text, now)
    return _free_form(text, now) if day is None else _midnight(day, now)


def _from_typed_iso(text: str, now: datetime) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.upper().replace(" Z", "Z").replace(" +", "+").replace(" -", "-"))
    except ValueError:
        return None
    return moment.replace(tzinfo=now.tzinfo) if moment.tzinfo is None else moment


def _day(text: str, now: datetime) -> date | None:
    day = _named_day(text, now)
    if day is None and ":" not in text and not re.fullmatch(_NUMBER, text):
        moment = _free_form(text, now)
        if moment is not None and moment.tzinfo is now.tzinfo and moment.time() == time.min:
            return moment.date()
    return day


def _named_day(text: str, now: datetime) -> date | None:
    if text.lower() in _DAYS_FROM_TODAY:
        return now.date() + timedelta(days=_DAYS_FROM_TODAY[text.lower()])
    try:
        return date.fromisoformat(text) if re.fullmatch(_DAY, text) else None
    except ValueError:
        return None


def _midnight(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def _span(text: str) -> timedelta | None:
    match = re.fullmatch(_SPAN, text)
    if not text or match is None:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _free_form(text: str, now: datetime) -> datetime | None:
    """Return what dateutil makes of `text` if every way to read it agrees, so that nothing was filled in or guessed."""
    if not re.fullmatch(_FREE_FORM, text):
        return None
    import warnings

    from dateutil.parser import parse

    defaults = (datetime(2000, 1, 1), datetime(2001, 2, 2), datetime(2003, 3, 3))  # noqa: DTZ001  local, on purpose
    day_first, year_first = (False, True, False), (False, False, True)
    readings = zip(defaults, day_first, year_first, strict=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            moments: set[datetime] = {
                parse(text, default=default, dayfirst=day, yearfirst=year) for default, day, year in readings
            }
    except (ValueError, ArithmeticError, TypeError, Warning):
        return None
    moment = moments.pop()
    if moments:
        return None
    return moment.replace(tzinfo=now.tzinfo) if moment.tzinfo is None else moment


def _refusal(text: str, what: str, examples: str, words: Iterable[str] = ()) -> str:
    """Return the sentence for `text`, which is not `what`; of `words`, which are, the one that is near is suggested."""
    import difflib

    near = difflib.get_close_matches(text.strip().lower(), words, n=1, cutoff=0.8)
    suggestion = f" (did you mean {near[0]}?)" if near else ""
    shown = text if len(text) <= 60 else text[:60] + "…"
    return f"{shown!r} is not {what}{suggestion}; give {examples}."
