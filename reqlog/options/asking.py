"""The options with which a question is asked: which requests, and of which store or captures.

The flags themselves are the table in `reqlog.flags`; here they become click options, and what was given becomes a
`Question`.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache, partial, wraps
from threading import Event
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click
from click.core import ParameterSource

from reqlog import terminal
from reqlog.answers import are_read_once, awaited, captured, growing, stored
from reqlog.config import Config
from reqlog.exceptions import UsageError
from reqlog.filters import Filter
from reqlog.flags import FLAGS, Flag, all_of, filter_of, in_mode
from reqlog.options.headings import HeadedOption
from reqlog.options.pseudonymizing import kinds_of, pseudonymize_option, was_typed
from reqlog.readers import FORMATS
from reqlog.store import has_password
from reqlog.times import LOCAL, parse_instant
from reqlog.windows import Window, lasting, window_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from reqlog.store.base import Answers, Follows

Command = TypeVar("Command", bound=Callable[..., Any])

WHERE, WHEN = "Where the requests are", "When"


class Question(NamedTuple):
    """What was asked, and of whom."""

    open: "Callable[[], Answers]"
    """Give the store, or the captures that were named, opened the first time."""
    flags: Filter
    """What the flags ask for, time aside."""
    window: Window
    """The stretch of time that was asked for."""
    now: datetime
    """The instant taken for now, in the local zone."""
    follow: "Callable[[Callable[[], None]], Follows]"
    """Give the same as what tells of requests as they come in; calls what it is given while there is no store yet."""
    again: bool
    """Whether a second question can be asked; not of standard input, unless it is held in memory."""

    @property
    def answers(self) -> "Answers":
        """The store, or the captures that were named."""
        return self.open()

    @property
    def filter(self) -> Filter:
        """Everything that was asked for."""
        return all_of(self.window.filter, self.flags)


def asks(*, twice: bool = False) -> Callable[[Command], Command]:
    """Give a command all options for asking, and the `Question` they make as its parameter `question`.

    A command that asks `twice` or more has standard input held in memory for it.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def asking(**given: Any) -> Any:  # noqa: ANN401  (whatever the command takes and gives)
            interrupted = Event()
            result = command(question=_question(given, interrupted, twice=twice), **given)
            if interrupted.is_set():
                raise click.Abort
            return result

        for option in reversed(_OPTIONS):
            asking = option(asking)
        return asking  # type: ignore[return-value]  # click's decorators keep the callable

    return decorate


def store_option(command: Command) -> Command:
    """Give a command the option `--store`."""
    return click.option(
        "--store",
        cls=HeadedOption,
        heading=WHERE,
        metavar="PATH|URL",
        envvar="REQLOG_STORE",
        help="Store to use.  [env: REQLOG_STORE]",
    )(command)


def json_option(command: Command) -> Command:
    """Give a command that has a summary and no table the option `--json`."""
    return click.option("--json", is_flag=True, help="Print the summary as one JSON object.")(command)


def where_of(context: click.Context, store: str | None) -> str | None:
    """Return which store to use: the one that was named, else what the configuration says."""
    if store is None:
        return config_of(context).store
    if context.get_parameter_source("store") == ParameterSource.COMMANDLINE:
        warn_of_password(store)
    return store


def warn_of_password(where: str) -> None:
    """Say so if `where`, which stands on the command line, has a password in it."""
    if has_password(where):
        terminal.say(
            "Others on this machine can read the password on the command line, and the shell keeps it; put it in "
            "REQLOG_CLICKHOUSE_PASSWORD, or the URL in REQLOG_STORE or a configuration file."
        )


def selects(command: Command) -> Command:
    """Give a command the options that say which requests, and the filter they make as its parameter `selection`."""

    @wraps(command)
    def selecting(**given: Any) -> Any:  # noqa: ANN401  (whatever the command takes and gives)
        flags, window = _selection(given, now_of(os.environ))
        return command(selection=all_of(window.filter, flags), **given)

    for option in reversed(_SELECTING):
        selecting = option(selecting)
    return selecting  # type: ignore[return-value]  # click's decorators keep the callable


def format_option(command: Command) -> Command:
    """Give a command the option `--format`."""
    return click.option(
        "--format",
        cls=HeadedOption,
        heading=WHERE,
        metavar="NAME",
        shell_complete=_completing(lambda: FORMATS),
        help=f"Format of the captures instead of the one recognised: {', '.join(FORMATS)}.",
    )(command)


def now_of(environ: Mapping[str, str]) -> datetime:
    """Return the instant to take for now, in the local zone: the clock's, or `REQLOG_NOW` for a report made again."""
    clock = datetime.now(LOCAL)
    given = environ.get("REQLOG_NOW")
    if not given:
        return clock
    try:
        return parse_instant(given, clock).astimezone(LOCAL)
    except UsageError as error:
        raise UsageError(f"REQLOG_NOW: {error}") from error


def config_of(context: click.Context) -> Config:
    """Return the configuration that the group has read."""
    return context.ensure_object(Config)


def _question(given: dict[str, Any], interrupted: Event, *, twice: bool) -> Question:
    """Take the options of `asks` out of `given` and return the question that they ask.

    `interrupted` is set when Ctrl-C ended what was read.
    """
    now = now_of(os.environ)
    flags, window = _selection(given, now)
    where = given.pop("store"), given.pop("file"), given.pop("format"), kinds_of(given.pop("pseudonymize"))
    if where[2] is not None and not where[1]:
        raise UsageError("--format is about captures, and none are named; name them with --file.")
    if was_typed("pseudonymize") and not where[1]:
        raise UsageError("--pseudonymize is about captures, and none are named; name them with --file.")
    open = cache(partial(_answers, click.get_current_context(), *where, interrupted=interrupted.set, hold=twice))
    follow = partial(_follows, click.get_current_context(), *where)
    again = twice or not are_read_once(where[1])
    return Question(open, flags, window, now, follow, again)


def _selection(given: dict[str, Any], now: datetime) -> tuple[Filter, Window]:
    """Take the options of `selects` out of `given` and return what they ask for, time aside and in time."""
    wanted = {flag: texts for flag in FLAGS if (texts := given.pop(parameter_of(flag.name)))}
    unwanted = {flag: texts for flag in FLAGS if (texts := given.pop(parameter_of(f"not-{flag.name}")))}
    duration = lasting(given.pop("min_duration"), given.pop("max_duration"))
    mode = in_mode(given.pop("livemode"))
    window = window_of(given.pop("since"), given.pop("until"), given.pop("date"), now)
    return all_of(filter_of(wanted, unwanted), duration, mode), window


def _answers(
    context: click.Context,
    store: str | None,
    files: tuple[str, ...],
    format: str | None,
    kinds: tuple[str, ...],
    *,
    interrupted: Callable[[], None],
    hold: bool,
) -> "Answers":
    if files:
        config, say = config_of(context), terminal.say
        answers = captured(files, format, config, kinds, say=say, interrupted=interrupted, hold=hold)
    else:
        answers = stored(where_of(context, store))
    context.call_on_close(answers.close)
    return answers


def _follows(  # noqa: PLR0917  (the four that say where, as in `_answers`)
    context: click.Context,
    store: str | None,
    files: tuple[str, ...],
    format: str | None,
    kinds: tuple[str, ...],
    wait: Callable[[], None],
) -> "Follows":
    if files:
        follows = growing(files, format, config_of(context), kinds, say=terminal.say)
    else:
        follows = awaited(where_of(context, store), say=terminal.say, wait=wait)
    context.call_on_close(follows.close)
    return follows


def parameter_of(name: str) -> str:
    """Return the name under which click passes the option `--name`."""
    return name.replace("-", "_")


def _completing(
    known: Callable[[], Iterable[str]],
) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    def complete(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
        return [value for value in known() if value.startswith(typed)]

    return complete


def _option(*names: str, **attributes: Any) -> Callable[[Any], Any]:  # noqa: ANN401  (click's own)
    return click.option(*names, cls=HeadedOption, **attributes)


def _flag_options(flag: Flag) -> tuple[Callable[[Any], Any], ...]:
    common: dict[str, Any] = {"multiple": True, "metavar": flag.metavar, "heading": flag.heading}
    if flag.known is not None:
        common["shell_complete"] = _completing(flag.known)
    return (
        _option(f"--{flag.name}", help=flag.help, **common),
        _option(f"--not-{flag.name}", help=f"Leave out: {flag.help}", brief=True, **common),
    )


def _completing_files(_context: click.Context, _parameter: click.Parameter, typed: str) -> "list[CompletionItem]":
    """Have the shell complete the name of a file, as `click.Path` does, which looks its own up in translations."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415  (1 ms of each start, and rarely needed)

    return [CompletionItem(typed, type="file")]


_WHERE = (
    _option(
        "--file",
        multiple=True,
        metavar="PATH",
        heading=WHERE,
        shell_complete=_completing_files,
        help="Ask these captures (files, folders or -) and no store.",
    ),
)
_WHEN = (
    _option("--since", metavar="TIME", heading=WHEN, help="From then on: 24h, 7d, yesterday, 2025-02-24, RFC 3339."),
    _option("--until", metavar="TIME", heading=WHEN, help="Before then."),
    _option("--date", metavar="DAY", heading=WHEN, help="Within that day."),
    _option("--min-duration", metavar="TIME", heading=WHEN, help="That took at least: 800ms, 2s."),
    _option("--max-duration", metavar="TIME", heading=WHEN, help="That took at most."),
)
_MODE = _option("--livemode/--testmode", default=None, heading=FLAGS[-1].heading, help="In live mode, or in test mode.")
_SELECTING = (*_WHEN, *(option for flag in FLAGS for option in _flag_options(flag)), _MODE)
_OPTIONS = (
    *_SELECTING,
    store_option,
    *_WHERE,
    format_option,
    pseudonymize_option,
)
