"""The option that gives pseudonyms to what captures say of people."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from reqlog.exceptions import UsageError
from reqlog.options.headings import HeadedOption
from reqlog.rules import PSEUDONYMIZED

Command = TypeVar("Command", bound=Callable[..., Any])

HEADING = "What is hidden"


def pseudonymize_option(command: Command) -> Command:
    """Give a command the option `--pseudonymize`."""
    return click.option(
        "--pseudonymize",
        cls=HeadedOption,
        heading=HEADING,
        metavar="FIELD",
        multiple=True,
        shell_complete=_completed,
        help=f"Give pseudonyms to what captures have of it: {', '.join(PSEUDONYMIZED)}.",
    )(command)


def kinds_of(given: Sequence[str]) -> tuple[str, ...]:
    """Return what is to be given pseudonyms, as the option has it; raise UsageError for what cannot be."""
    kinds = tuple(dict.fromkeys(kind.strip().replace("-", "_") for text in given for kind in text.split(",")))
    for kind in kinds:
        if kind not in PSEUDONYMIZED:
            message = f"--pseudonymize {kind}: there is no such field; it takes {', '.join(PSEUDONYMIZED)}."
            raise UsageError(message)
    return kinds


def was_typed(name: str) -> bool:
    """Whether the option called `name` was given on the command line, and not in the environment or configured."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def _completed(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    return [kind for kind in PSEUDONYMIZED if kind.startswith(typed)]
