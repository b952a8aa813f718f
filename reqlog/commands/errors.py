"""`reqlog errors`: the failed requests, grouped."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import click

from reqlog import terminal
from reqlog.advice import advise
from reqlog.exceptions import UsageError
from reqlog.filters import Filter
from reqlog.flags import FAILED, all_of
from reqlog.options.asking import Question, asks
from reqlog.options.gates import Gate, gates
from reqlog.options.headings import HeadedCommand, HeadedOption
from reqlog.options.output import HEADING, Output, limits, prints
from reqlog.render.base import Column
from reqlog.request import FIELDS, newest_first
from reqlog.store.base import Group
from reqlog.windows import Window

_WINDOW = timedelta(days=7)
_BY = ("error_type", "error_code", "method", "endpoint")
_SAMPLES = 10
_NAMED = 3
_SPARED = {"error_type": 2, "method": 1}
_LONG = ("error_code", "endpoint", "path", "user_agent", "error_message", "query")
_GROUPABLE = tuple(
    name
    for name in FIELDS
    if name not in ("request_headers", "response_headers", "request_body", "response_body", "truncated", "resources")
)


@click.command("errors", cls=HeadedCommand)
@click.option(
    "--by",
    cls=HeadedOption,
    heading=HEADING,
    default=",".join(_BY),
    show_default=True,
    metavar="A,B,…",
    help="Fields to group by.",
)
@asks(twice=True)
@prints
@limits
@gates
def command(*, question: Question, output: Output, by: str, limit: int | None, reverse: bool, gate: Gate) -> None:
    """Group the failed requests of the last 7 days, the most frequent first.

    \b
    Examples:
      reqlog errors
      reqlog errors --since 30d --error-type card_error
      reqlog errors --by error_code,account --json
      reqlog errors --since 10m --fail-if-any
      reqlog errors --file test/vcr_cassettes --since 2020-01-01

    Failed is what was answered with a status of 400 or above, or not answered. Errors that have no code are grouped by
    status. Each group comes with the newest request in it, to be opened with `reqlog show`, and with the ids that its
    newest requests touched.
    """
    fields = _fields(by)
    columns = output.columns(*_columns(fields))
    window = question.window if question.window != Window() else Window(since=question.now - _WINDOW)
    asked = all_of(window.filter, FAILED, question.flags)
    found = _groups(question, asked, fields)
    groups = found[::-1] if reverse else found
    output.print(groups[:limit], columns)
    if not found:
        _say_nothing_failed(question, asked, output)
    gate.check(sum(group.requests for group in found))


def _fields(by: str) -> tuple[str, ...]:
    fields = tuple(name.strip() for name in by.split(",") if name.strip())
    for name in fields:
        if name not in _GROUPABLE:
            raise UsageError(f"--by {name}: requests cannot be grouped by that; there are {', '.join(_GROUPABLE)}.")
    if not fields:
        raise UsageError(f"--by: no field to group by was named; there are {', '.join(_GROUPABLE)}.")
    return tuple(dict.fromkeys(fields))


def _groups(question: Question, asked: Filter, fields: Sequence[str]) -> list[Group]:
    """Return the groups; where errors have no code, those of one status apart."""
    if "error_code" not in fields or "status" in fields:
        return question.answers.count_by(asked, fields, samples=_SAMPLES)
    by_status = question.answers.count_by(asked, (*fields, "status"), samples=_SAMPLES)
    folded: dict[tuple[object, ...], Group] = {}
    for group in by_status:
        has_code = group.values[fields.index("error_code")] is not None
        key = group.values[:-1] if has_code else group.values
        folded[key] = _united(folded[key], group) if key in folded else group
    return sorted(folded.values(), key=_rank, reverse=True)


def _united(one: Group, other: Group) -> Group:
    """Return two groups that differ in status as one; its status is known if it was the same."""
    status = one.values[-1] if one.values[-1] == other.values[-1] else None
    first_seen = [time for time in (one.first_seen, other.first_seen) if time]
    last_seen = [time for time in (one.last_seen, other.last_seen) if time]
    return Group(
        (*one.values[:-1], status),
        one.requests + other.requests,
        min(first_seen, default=None),
        max(last_seen, default=None),
        tuple(sorted((*one.samples, *other.samples), key=newest_first, reverse=True)[:_SAMPLES]),
    )


def _rank(group: Group) -> tuple[object, ...]:
    return (group.requests, newest_first(group.samples[0]))


def _columns(fields: Sequence[str]) -> tuple[list[Column[Group]], list[Column[Group]]]:
    """Return all columns of a group, and those that a table shows."""
    names = fields if "error_code" not in fields or "status" in fields else (*fields, "status")
    count: Column[Group] = Column("requests", lambda group: group.requests)
    values: list[Column[Group]] = [
        Column(name, _value(place), name in _LONG, _SPARED.get(name, 0)) for place, name in enumerate(names)
    ]
    seen: list[Column[Group]] = [
        Column("first_seen", lambda group: group.first_seen),
        Column("last_seen", lambda group: group.last_seen, spared=3),
    ]
    resources: Column[Group] = Column("resources", _resources)
    some: Column[Group] = Column(
        "resources", lambda group: " ".join(_resources(group)[:_NAMED]), flexible=True, spared=5
    )
    newest: list[Column[Group]] = [
        Column("error_message", lambda group: group.samples[0].error_message, flexible=True, spared=4),
        Column("id", lambda group: group.samples[0].id),
    ]
    return [count, *values, *seen, resources, *newest], [count, *values, seen[1], some, *newest]


def _value(place: int) -> Callable[[Group], object]:
    return lambda group: group.values[place]


def _resources(group: Group) -> tuple[str, ...]:
    """Return the ids that the newest requests of the group touched, newest first."""
    return tuple(dict.fromkeys(resource for request in group.samples for resource in request.resources))


def _say_nothing_failed(question: Question, asked: Filter, output: Output) -> None:
    """Say on stderr that nothing failed, and when something last did."""
    for request in question.answers.find(all_of(FAILED, question.flags), limit=1):
        terminal.say(f"Nothing failed in that time; the newest failure is {request.id}, {output.moment(request.time)}.")
        return
    for sentence in advise(asked, question.answers):
        terminal.say(sentence)
