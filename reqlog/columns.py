"""A request as columns: the whole record, and the few that make an overview."""

from operator import attrgetter

from reqlog.render.base import Column
from reqlog.request import FIELDS, Request
from reqlog.times import unix_ms


def _created(request: Request) -> int | None:
    return None if request.time is None else unix_ms(request.time) // 1000


_FIELDS: tuple[Column[Request], ...] = tuple(Column(name, attrgetter(name)) for name in FIELDS)

RECORD: tuple[Column[Request], ...] = (*_FIELDS[:2], Column("created", _created), *_FIELDS[2:])
"""Every field, and after `time` the same as `created`, in unix seconds, as Stripe's objects have it."""

OVERVIEW: tuple[Column[Request], ...] = (
    Column("time", attrgetter("time")),
    Column("status", attrgetter("status")),
    Column("method", attrgetter("method")),
    Column("endpoint", lambda request: request.endpoint or request.path, flexible=True),
    Column("error", lambda request: request.error_code or request.error_type, flexible=True),
    Column("api_version", attrgetter("api_version"), spared=1),
    Column("duration_ms", attrgetter("duration_ms"), spared=2),
    Column("id", attrgetter("id")),
)
"""What a table shows of each request: the path where there is no endpoint, the error's type where it has no code."""

OFTEN_UNKNOWN = ("error", "duration_ms")
"""Columns of the overview that are worth their room only where something is known."""
