"""The flags that bound time: when a request was received, and how long it took.

Unlike those of the table in `reqlog.flags` they are given once, work together, and have no `--not-` form.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple, TypeVar

from reqlog.exceptions import UsageError
from reqlog.filters import And, Compare, Filter
from reqlog.times import parse_day, parse_duration, parse_instant

Parsed = TypeVar("Parsed")


class Window(NamedTuple):
    """A stretch of time: since <= time < until; a missing bound is open."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def filter(self) -> Filter:
        """The requests that fall into it; with both bounds open, undated ones too."""
        bounds: list[Filter] = []
        if self.since is not None:
            bounds.append(Compare("time", ">=", self.since))
        if self.until is not None:
            bounds.append(Compare("time", "<", self.until))
        return And(tuple(bounds))


def window_of(since: str | None, until: str | None, date: str | None, now: datetime) -> Window:
    """Return the stretch of time in which `--since`, `--until` and the day `--date` all hold."""
    first, last = (None, None) if date is None else of_flag("--date", partial(parse_day, date, now))
    earliest = None if since is None else of_flag("--since", partial(parse_instant, since, now))
    latest = None if until is None else of_flag("--until", partial(parse_instant, until, now))
    lower = [bound for bound in (first, earliest) if bound]
    upper = [bound for bound in (last, latest) if bound]
    window = Window(max(lower, default=None), min(upper, default=None))
    if window.since and window.until and window.since >= window.until:
        given = {"--since": since, "--until": until, "--date": date}
        flags = " and ".join(f"{flag} {text}" for flag, text in given.items() if text is not None)
        message = f"{flags}: no time lies within these bounds, so nothing can match; swap or widen them."
        raise UsageError(message)
    return window


def of_flag(flag: str, parse: Callable[[], Parsed]) -> Parsed:
    """Return what `parse` gives; what it raises names the flag."""
    try:
        return parse()
    except UsageError as error:
        raise UsageError(f"{flag}: {error}") from error


def lasting(at_least: str | None, at_most: str | None) -> Filter:
    """Return the filter of `--min-duration` and `--max-duration`."""
    shortest = None if at_least is None else of_flag("--min-duration", partial(parse_duration, at_least))
    longest = None if at_most is None else of_flag("--max-duration", partial(parse_duration, at_most))
    if shortest is not None and longest is not None and shortest > longest:
        message = f"--min-duration {at_least} is more than --max-duration {at_most}, so nothing can match; swap them."
        raise UsageError(message)
    bounds: list[Filter] = []
    if shortest is not None:
        bounds.append(Compare("duration_ms", ">=", shortest))
    if longest is not None:
        bounds.append(Compare("duration_ms", "<=", longest))
    return And(tuple(bounds))
