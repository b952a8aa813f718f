"""One verb, one file: each module here is a command of the same name, and none knows of another."""

from collections.abc import Mapping

import click

from reqlog.commands.lazy import LazyGroup, command_in

COMMANDS: Mapping[str, str] = {
    "import": "Read captures into the store.",
    "record": "Record what is sent to an API by passing it on.",
    "list": "Print requests, newest first.",
    "show": "Show one request in full.",
    "errors": "Group the failed requests of the last 7 days.",
    "versions": "Show the API versions used in the last 7 days.",
    "prune": "Forget requests, and take their text out of the store.",
    "store": "Look after the store: init, info, check, repair, backup, copy.",
    "demo": "Import the sample captures that come with reqlog.",
}
"""The commands in the order of help, with their summaries, so that help need not import them."""


class Commands(LazyGroup):
    """The commands of reqlog."""

    package = __name__
    summaries = COMMANDS


def command_of(name: str) -> click.Command:
    """Import the command called `name`, which is in `COMMANDS`, and return it."""
    return command_in(__name__, name)
