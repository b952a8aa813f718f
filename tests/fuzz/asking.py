"""What must hold of what a user types: a time, a status or any other value is understood or refused in one sentence."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from reqlog.exceptions import UsageError
from reqlog.filters import Not, Or, describe, matches
from reqlog.flags import FLAGS, Flag, any_of, filter_of
from reqlog.readers.access_log import clf_time
from reqlog.request import Request
from reqlog.store import open_temporary
from reqlog.times import (
    LOCAL,
    from_iso,
    from_unix,
    from_unix_ms,
    http_date,
    in_range,
    parse_day,
    parse_duration,
    parse_instant,
    parse_span,
    to_rfc3339,
    unix_ms,
)
from reqlog.windows import lasting, window_of

Parsed = TypeVar("Parsed")

NOWS = (
    datetime(2025, 3, 10, 12, tzinfo=UTC),
    datetime(2025, 3, 30, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")),
    datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=ZoneInfo("Pacific/Kiritimati")),
    datetime(2026, 5, 10, 12, tzinfo=LOCAL),
)
_LONGEST_DAY = timedelta(hours=50)
"""Some zones left a whole day out when they went to the other side of the date line."""


def check_time(text: str) -> None:
    """Hold that `text` names an instant, a day, a span or a duration, or is refused; and that captures' times agree."""
    for now in NOWS:
        if (instant := _or_refused(parse_instant, text, now)) is not None:
            _check_instant(instant)
            assert parse_instant(to_rfc3339(instant), now) == instant
        if (day := _or_refused(parse_day, text, now)) is not None:
            assert timedelta(0) < day[1] - day[0] <= _LONGEST_DAY
            assert day[0].tzinfo is day[1].tzinfo is UTC
            assert _or_refused(parse_instant, text, now) == day[0]
        _or_refused(window_of, text, None, text, now)
    if (span := _or_refused(parse_span, text)) is not None:
        assert span >= timedelta(0)
        assert len(text) > 0
    if (duration := _or_refused(parse_duration, text)) is not None:
        assert 0 <= duration < float("inf")
        assert lasting(text, text) is not None
    for captured in (http_date(text), from_iso(text), from_iso(text, UTC), from_iso(text, LOCAL), clf_time(text)):
        if captured is not None:
            _check_instant(captured)
    _check_number(text)


def _check_instant(instant: datetime) -> None:
    assert instant.tzinfo is UTC
    assert instant.microsecond % 1000 == 0
    assert 1970 <= instant.year <= 2101
    assert from_unix_ms(unix_ms(instant)) == instant
    if instant.year <= 2100:
        assert in_range(instant) == instant
        assert from_iso(to_rfc3339(instant)) == instant


def _check_number(text: str) -> None:
    try:
        number = float(text)
    except ValueError:
        return
    if (instant := from_unix(number)) is not None:
        _check_instant(instant)
        assert abs(unix_ms(instant) / 1000 - number) <= 0.001


def check_flag(flag: Flag, text: str) -> None:
    """Hold that `text`, given to `flag`, is a filter that is the same in Python and SQL, or is refused by its name."""
    given = text.split("\n")[:3]
    try:
        filter = any_of(flag, given)
        whole = filter_of({flag: given}, {FLAGS[0]: ["404"], flag: given[-1:]})
    except UsageError as error:
        _check_sentence(error, f"--{flag.name}", "--method")
        return
    assert describe(filter)
    answered = _requests(text)
    with closing(open_temporary()) as store:
        store.add(answered)
        for asked in (filter, Not(filter), whole, Or((filter, whole))):
            wanted = {request.id for request in answered if matches(asked, request)}
            assert {request.id for request in store.find(asked)} == wanted, describe(asked)
            assert sum(group.requests for group in store.count_by(asked, [])) == len(wanted)


def _or_refused(parse: Callable[..., Parsed], *arguments: object) -> Parsed | None:
    try:
        return parse(*arguments)
    except UsageError as error:
        _check_sentence(error)
        return None


def _check_sentence(error: UsageError, *names: str) -> None:
    assert str(error).endswith(".")
    assert not names or any(name in str(error) for name in names)


@cache
def _known() -> tuple[Request, ...]:
    return (
        Request(id="req_nothing"),
        Request(id="req_1", status=402, method="POST", path="/v1/charges", endpoint="/v1/charges", source="api"),
        Request(id="req_2", status=200, method="GET", ip_address="203.0.113.7", host="api.stripe.com"),
        Request(id="req_3", status=404, ip_address="2001:db8::7", response_body='{"a": "insufficient funds"}'),
        Request(id="req_4", status=500, resources=("cus_1", "cus_12"), api_version="2020-08-27"),
    )


def _requests(text: str) -> list[Request]:
    """Return requests among which some are what `text` says, and some are nearly so."""
    name = text.split("\n", 1)[0].split(",", 1)[0].strip() or "x"
    near = [name, name.upper(), name.lower(), name + "0", name[1:] or "y", name.replace("*", "_x").replace("?", "y")]
    told = (
        Request(
            id=f"req_near{number}",
            method=each,
            path=each,
            endpoint=each,
            host=each,
            source=each,
            account=each,
            api_key=each,
            ip_address=each,
            user_agent=each,
            api_version=each,
            requested_version=each,
            idempotency_key=each,
            original_request=each,
            error_type=each,
            error_code=each,
            decline_code=each,
            error_param=each,
            request_body=each,
            response_body=f'{{"a": "{each}"}}',
            resources=(each,),
        )
        for number, each in enumerate(dict.fromkeys(near))
        if _is_text(each)
    )
    ids = (Request(id=each) for each in dict.fromkeys(near) if _is_text(each) and each not in _IDS)
    return [*_known(), *told, *ids]


_IDS = frozenset({"req_nothing", "req_1", "req_2", "req_3", "req_4", *(f"req_near{number}" for number in range(6))})


def _is_text(text: str) -> bool:
    return all(not "\ud800" <= character < "\ue000" for character in text)
