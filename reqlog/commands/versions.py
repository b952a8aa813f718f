"""`reqlog versions`: the API versions in use, the default and the latest."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

import click
from click.core import ParameterSource

from reqlog import catalog, terminal
from reqlog.advice import advise
from reqlog.filters import And, Not, Present
from reqlog.flags import all_of
from reqlog.options.asking import Question, asks, config_of
from reqlog.options.headings import HeadedCommand, HeadedOption
from reqlog.options.output import HEADING, Output, prints
from reqlog.render import renderer
from reqlog.render.base import Column
from reqlog.render.text import visible
from reqlog.store.base import Group
from reqlog.windows import Window

_WINDOW = timedelta(days=7)
_VARIABLE = "REQLOG_DEFAULT_API_VERSION"
_KNOWN_FROM: dict[ParameterSource | None, str] = {
    ParameterSource.ENVIRONMENT: "environment",
    ParameterSource.DEFAULT_MAP: "config",
}


class Default(NamedTuple):
    """The version that calls get which ask for none."""

    version: str | None
    """Missing if it is not known."""
    known_from: str
    """`flag`, `environment`, `config`, the id of the request it was inferred from, or `unknown`."""


class Usage(NamedTuple):
    """One version and how much it was used."""

    version: str | None
    """Missing for the requests of which the version is not known."""
    labels: tuple[str, ...]
    """`Default`, `Latest`, both or none."""
    requests: int
    """How many requests it served."""
    share: float
    """The part of all requests in the window, 0 to 1."""
    first_seen: datetime | None
    """Time of the oldest of them."""
    last_seen: datetime | None
    """Time of the newest of them."""


@click.command("versions", cls=HeadedCommand)
@click.option(
    "--default-version",
    cls=HeadedOption,
    heading=HEADING,
    metavar="VERSION",
    envvar=_VARIABLE,
    help=f"The account's default API version, where it is known.  [env: {_VARIABLE}]",
)
@asks(twice=True)
@prints
@click.pass_context
def command(context: click.Context, *, question: Question, output: Output, default_version: str | None) -> None:
    """Show the API versions used in the last 7 days, the default one and the latest.

    \b
    Examples:
      reqlog versions
      reqlog versions --since 30d --livemode
      reqlog versions --json | jq -r '.versions[] | select(.labels == []) | .version'
      reqlog versions --default-version 2024-06-20

    Without a given default, it is inferred from the newest request that asked for no version, if its headers are known.
    """
    columns = output.columns(_COLUMNS, _SHOWN)
    window = question.window if question.window != Window() else Window(question.now - _WINDOW, question.now)
    groups = question.answers.count_by(all_of(window.filter, question.flags), ("api_version",))
    default = _default(context, question, default_version)
    seen = [str(group.values[0]) for group in groups if group.values[0] is not None]
    latest = catalog.latest_version(seen)
    usages = _usages(groups, default.version, latest)
    if not groups:
        _say_nothing_was_sent(question, output)
    if output.name == "json" and output.fields is None:
        output.document(_document(default, latest, window, usages))
        return
    if output.name == "table":
        with output.paged() as (stream, style):
            stream.write(f"Default  {_in_words(default)}\nLatest   {latest}\n{chr(10) if usages else ''}")
            renderer("table")(usages, columns, stream, style)
    else:
        output.print(usages, columns)


def _default(context: click.Context, question: Question, given: str | None) -> Default:
    """Return the default version: as given, as configured, or as the newest request shows that asked for none."""
    if given is not None:
        source = context.get_parameter_source("default_version")
        return Default(given, _KNOWN_FROM.get(source, "flag"))
    if (configured := config_of(context).default_version) is not None:
        return Default(configured, "config")
    relied = And((Not(Present("requested_version")), Present("request_headers"), Present("api_version")))
    for request in question.answers.find(all_of(relied, question.flags), limit=1):
        return Default(request.api_version, request.id)
    return Default(None, "unknown")


def _in_words(default: Default) -> str:
    match default.known_from:
        case "unknown":
            return "unknown (--default-version names it)"
        case "flag" | "environment" | "config":
            return f"{visible(str(default.version))} (from the {default.known_from})"
        case request:
            return f"{visible(str(default.version))} (which {visible(request)} got without asking for one)"


def _usages(groups: Sequence[Group], default: str | None, latest: str) -> list[Usage]:
    """Return the versions of `groups`, the newest first and unknown last."""
    total = sum(group.requests for group in groups)
    usages = [_usage(group, total, default, latest) for group in groups]
    known = [usage for usage in usages if usage.version is not None]
    known.sort(key=lambda usage: catalog.version_key(str(usage.version)), reverse=True)
    return [*known, *(usage for usage in usages if usage.version is None)]


def _usage(group: Group, total: int, default: str | None, latest: str) -> Usage:
    version = None if group.values[0] is None else str(group.values[0])
    labels = {"Default": default, "Latest": latest}
    return Usage(
        version,
        tuple(label for label, labelled in labels.items() if version is not None and version == labelled),
        group.requests,
        group.requests / total,
        group.first_seen,
        group.last_seen,
    )


def _document(default: Default, latest: str, window: Window, usages: Sequence[Usage]) -> dict[str, object]:
    return {
        "default": {"version": default.version, "known_from": default.known_from},
        "latest": latest,
        "since": window.since,
        "until": window.until,
        "versions": [{column.name: column.value(usage) for column in _COLUMNS} for usage in usages],
    }


def _say_nothing_was_sent(question: Question, output: Output) -> None:
    """Say on stderr that nothing was sent, and when something last was."""
    for request in question.answers.find(question.flags, limit=1):
        terminal.say(
            f"Nothing was sent in that time; the newest request is {request.id}, {output.moment(request.time)}."
        )
        return
    for sentence in advise(question.filter, question.answers):
        terminal.say(sentence)


_COLUMNS: tuple[Column[Usage], ...] = tuple(Column(name, attrgetter(name)) for name in Usage._fields)
_SHOWN: tuple[Column[Usage], ...] = (
    *_COLUMNS[:1],
    Column("labels", lambda usage: ", ".join(usage.labels)),
    Column("requests", attrgetter("requests")),
    Column("share", lambda usage: f"{usage.share:.1%}"),
    Column("first_seen", attrgetter("first_seen"), spared=1),
    Column("last_seen", attrgetter("last_seen")),
)
