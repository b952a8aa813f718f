"""A request as columns: the whole record, and the few that make an overview."""

from math import floor
from operator import attrgetter, itemgetter
from typing import Any

from reqlog.render.base import TIME_WIDTH, Column, Record
from reqlog.request import FIELDS, Request
from reqlog.times import rfc3339_of_ms


def _created(request: Request) -> int | None:
    return None if request.time is None else floor(request.time.timestamp())


def _values(request: Request) -> list[object]:
    id, time, *others = request
    return [id, time, None if time is None else floor(time.timestamp()), *others]


_USUAL = {
    "id": 20,
    "time": TIME_WIDTH,
    "duration_ms": 11,
    "method": 6,
    "path": 40,
    "endpoint": 40,
    "status": 6,
    "source": 9,
    "livemode": 8,
    "account": 21,
    "error_type": 21,
    "error_code": 22,
    "decline_code": 22,
    "error_message": 50,
}
_FIELDS: tuple[Column[Request], ...] = tuple(
    Column(name, attrgetter(name), usual=_USUAL.get(name, 16)) for name in FIELDS
)

RECORD: Record[Request] = Record(
    (*_FIELDS[:2], Column("created", _created), *_FIELDS[2:]),
    _values,
    times=("time",),
    fractions=("duration_ms",),
)
"""Every field, and after `time` the same as `created`, in unix seconds, as Stripe's objects have it."""


def of_plain(values: list[Any]) -> list[Any]:
    """Return the list `values` of a request, plain as a store has them, made the values of `PLAIN`."""
    if (time := values[1]) is not None:
        values[1] = rfc3339_of_ms(time)
    values.insert(2, None if time is None else time // 1000)
    return values


PLAIN: Record[list[Any]] = Record(
    (Column(column.name, itemgetter(place)) for place, column in enumerate(RECORD)),
    lambda values: values,
    times=(),
    fractions=("duration_ms",),
)
"""The columns of `RECORD` for requests that are given by `of_plain`."""

OVERVIEW: tuple[Column[Request], ...] = (
    Column("time", attrgetter("time"), usual=_USUAL["time"]),
    Column("status", attrgetter("status"), usual=_USUAL["status"]),
    Column("method", attrgetter("method"), usual=_USUAL["method"]),
    Column("endpoint", lambda request: request.endpoint or request.path, flexible=True, usual=40),
    Column("error", lambda request: request.error_code or request.error_type, flexible=True, usual=22),
    Column("api_version", attrgetter("api_version"), usual=11, spared=1),
    Column("duration_ms", attrgetter("duration_ms"), usual=11, spared=2),
    Column("id", attrgetter("id"), usual=_USUAL["id"]),
)
"""What a table shows of each request: the path where there is no endpoint, the error's type where it has no code."""

OFTEN_UNKNOWN = ("error", "duration_ms")
"""Columns of the overview that are worth their room only where something is known."""
