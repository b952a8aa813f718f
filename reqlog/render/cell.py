"""One value as text for people, in one line: what a table, a Markdown table and the facts of a request show."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from math import isnan

from reqlog.render.json import compact
from reqlog.render.text import visible
from reqlog.times import to_rfc3339

_EXACT = 1e15


def cell(value: object, zone: tzinfo | None) -> str:
    """Return `value` as text: None blank, a bool yes or no, a time in `zone` to the second, a tuple with commas."""
    match value:
        case None:
            return ""
        case str():
            return visible(value)
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case float():
            return number(value)
        case datetime():
            return local_time(value, zone)
        case tuple() | list():
            return ", ".join(cell(item, zone) for item in value)
        case Mapping():
            return visible(compact(value))
        case _:
            return visible(str(value))


def number(value: float) -> str:
    """Return `value` to three decimals without trailing zeros: `812`, `0.25`; not a number is blank."""
    if isnan(value):
        return ""
    if abs(value) >= _EXACT or 0 < abs(value) < 0.001:
        return f"{value:.6g}"
    return f"{value:.3f}".rstrip("0").rstrip(".")


def local_time(time: datetime, zone: tzinfo | None) -> str:
    """Return `time` as `2025-02-24 10:00:00` in `zone`, None being the machine's; RFC 3339 if that year has no such."""
    local = in_zone(time, zone)
    return to_rfc3339(time) if local is None else local.isoformat(sep=" ", timespec="seconds")[:19]


def in_zone(time: datetime, zone: tzinfo | None) -> datetime | None:
    """Return `time` in `zone`, None being the machine's; None at the ends of the calendar, where it does not exist."""
    try:
        return time.astimezone(zone)
    except (OverflowError, ValueError):
        return None


def are_numbers(values: Iterable[object]) -> bool:
    """Whether `values` are numbers, as far as they are known, and at least one is."""
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)
