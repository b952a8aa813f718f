"""The options that say how an answer is printed."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import Any, NamedTuple, TextIO, TypeVar

import click
from click.core import ParameterSource

from reqlog import terminal
from reqlog.exceptions import UsageError
from reqlog.options.headings import HeadedOption
from reqlog.render import OUTPUTS, document, renderer
from reqlog.render.base import Column, Row, Style

Command = TypeVar("Command", bound=Callable[..., Any])

HEADING = "How the answer is printed"
_FOR_PEOPLE = ("table", "markdown")
_JSON = ("json", "jsonl")
_MOST = 1_000_000_000_000


class Output(NamedTuple):
    """How an answer is to be printed."""

    name: str
    """`table`, `json`, `jsonl`, `csv` or `markdown`."""
    fields: tuple[str, ...] | None
    """Names of the columns that were asked for; missing for all that belong there."""
    utc: bool
    """Whether people are shown UTC instead of local time."""
    color: bool | None
    """Whether colours are wanted; missing if that was left to the terminal."""
    ascii: bool = False
    """Whether JSON is wanted in ASCII alone; on a terminal that does not show UTF-8 it is all the same."""

    @property
    def is_for_people(self) -> bool:
        """Whether people read it, not programs."""
        return self.name in _FOR_PEOPLE

    def style(self, stream: TextIO) -> Style:
        """Return how text is to look on `stream`."""
        if not self.is_for_people:
            return Style(ascii=self.ascii or not terminal.shows_unicode(stream))
        return Style(
            color=terminal.wants_color(self.color, stream, os.environ),
            width=terminal.width(stream, os.environ) if self.name == "table" else None,
            zone=UTC if self.utc else None,
        )

    def columns(self, known: Sequence[Column[Row]], shown: Sequence[Column[Row]]) -> Sequence[Column[Row]]:
        """Return the columns to print: of the `known` ones those asked for, else all, or for people those `shown`.

        Raises UsageError if one was asked for that is not known.
        """
        if self.fields is None:
            return shown if self.is_for_people else known
        by_name = {column.name: column for column in known}
        unknown = [name for name in self.fields if name not in by_name]
        if unknown:
            message = f"--fields {','.join(unknown)}: no such field; there are {', '.join(by_name)}."
            raise UsageError(message)
        return [by_name[name] for name in self.fields]

    def moment(self, time: datetime | None) -> str:
        """Return `time` as text for a sentence."""
        if time is None:
            return "at an unknown time"
        return f"{time.astimezone(UTC if self.utc else None):%Y-%m-%d %H:%M:%S %Z}"

    @contextmanager
    def paged(self) -> Iterator[tuple[TextIO, Style]]:
        """Give the stream and the style for text for people, on a terminal through a pager."""
        stdout = terminal.utf8(sys.stdout)
        with terminal.pager(stdout, os.environ) as stream:
            yield stream, self.style(stdout)
            stream.flush()

    def document(self, value: Mapping[str, object]) -> None:
        """Print one JSON object on standard output."""
        document(value, terminal.utf8(sys.stdout), self.style(sys.stdout))

    def print(self, rows: Iterable[Row], columns: Sequence[Column[Row]]) -> None:
        """Print `rows` on standard output."""
        if not self.is_for_people:
            renderer(self.name)(rows, columns, terminal.utf8(sys.stdout), self.style(sys.stdout))
            return
        with self.paged() as (stream, style):
            renderer(self.name)(rows, columns, stream, style)

    def keep_printing(self, rows: Iterable[Row], columns: Sequence[Column[Row]]) -> None:
        """Print `rows`, which may never end, each as it comes, on standard output; flushing is left to the rows."""
        stdout = terminal.utf8(sys.stdout)
        renderer(self.name, endless=True)(rows, columns, stdout, self.style(stdout))


def limits(command: Command) -> Command:
    """Give a command the options `--limit` and `--reverse`."""
    limit = _option("--limit", type=click.IntRange(min=1, max=_MOST), metavar="N", help="Print at most N.")
    reverse = _option("--reverse", is_flag=True, help="Print in the opposite order, the last first.")
    limited: Command = limit(reverse(command))
    return limited


def prints(command: Command) -> Command:
    """Give a command the options for printing, and the `Output` they make as its parameter `output`."""

    @wraps(command)
    def printing(**given: Any) -> Any:  # noqa: ANN401  (whatever the command takes and gives)
        name = _name(given.pop("output"), as_json=given.pop("json"))
        ascii = _ascii(name, wanted=given.pop("ascii"))
        output = Output(name, _names(given.pop("fields")), given.pop("utc"), given.pop("color"), ascii)
        return command(output=output, **given)

    for option in reversed(_OPTIONS):
        printing = option(printing)
    return printing  # type: ignore[return-value]  # click's decorators keep the callable


def _name(output: str, *, as_json: bool) -> str:
    """Return the output that was asked for: of `--output` and `--json` the one that was said closer at hand."""
    source_of = click.get_current_context().get_parameter_source
    near, far = (_NEARNESS.get(source_of(name), len(_NEARNESS)) for name in ("json", "output"))
    return "json" if as_json and near <= far else output


def _ascii(name: str, *, wanted: bool) -> bool:
    """Return whether JSON is wanted in ASCII alone; raise UsageError if that was typed, and the output is no JSON."""
    typed = click.get_current_context().get_parameter_source("ascii") is ParameterSource.COMMANDLINE
    if wanted and typed and name not in _JSON:
        message = f"--ascii is about JSON, and the output is {name}; add --json or -o jsonl."
        raise UsageError(message)
    return wanted


def _names(fields: str | None) -> tuple[str, ...] | None:
    if fields is None:
        return None
    names = tuple(name.strip() for name in fields.split(",") if name.strip())
    if not names:
        message = "--fields was given an empty value; leave it out, or name a field."
        raise UsageError(message)
    return names


_NEARNESS: dict[ParameterSource | None, int] = {
    ParameterSource.COMMANDLINE: 0,
    ParameterSource.ENVIRONMENT: 1,
    ParameterSource.DEFAULT_MAP: 2,
}


def _option(*names: str, **attributes: Any) -> Callable[[Any], Any]:  # noqa: ANN401  (click's own)
    return click.option(*names, cls=HeadedOption, heading=HEADING, **attributes)


_OPTIONS = (
    _option(
        "-o", "--output", type=click.Choice(OUTPUTS), default="table", show_default=True, help="Form of the answer."
    ),
    _option("--json", is_flag=True, help="The same as -o json."),
    _option("--ascii", is_flag=True, help=r"Write JSON in ASCII, all other characters as \uXXXX."),
    _option("--fields", metavar="A,B,…", help="Print these fields, in this order."),
    _option("--utc", is_flag=True, help="Show times in UTC instead of local time."),
    _option("--color/--no-color", default=None, help="Use colours, or not, whatever the terminal is."),
)
