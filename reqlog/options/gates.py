"""The options that turn an answer into an exit code, for CI."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, TypeVar

import click

from reqlog.exceptions import GateError, UsageError
from reqlog.options.headings import HeadedOption

Command = TypeVar("Command", bound=Callable[..., Any])

HEADING = "Exit code"


class Gate(NamedTuple):
    """What must hold of an answer."""

    fail_if_any: bool
    """It must be empty."""
    fail_if_none: bool
    """It must not be empty."""

    def check(self, found: int) -> None:
        """Raise GateError if the number of requests `found` is not what must hold."""
        if self.fail_if_any and found:
            raise GateError("--fail-if-any: there are requests of that kind.")
        if self.fail_if_none and not found:
            raise GateError("--fail-if-none: there is no request of that kind.")


def gates(command: Command) -> Command:
    """Give a command `--fail-if-any` and `--fail-if-none`, and the `Gate` they make as its parameter `gate`."""

    @wraps(command)
    def gated(**given: Any) -> Any:  # noqa: ANN401  (whatever the command takes and gives)
        gate = Gate(given.pop("fail_if_any"), given.pop("fail_if_none"))
        if gate.fail_if_any and gate.fail_if_none:
            raise UsageError("--fail-if-any and --fail-if-none cannot both hold; give one of them.")
        return command(gate=gate, **given)

    for name, text in (
        ("--fail-if-none", "Exit with 1 if nothing is found."),
        ("--fail-if-any", "Exit with 1 if anything is found."),
    ):
        gated = click.option(name, cls=HeadedOption, heading=HEADING, is_flag=True, help=text)(gated)
    return gated  # type: ignore[return-value]  # click's decorators keep the callable
