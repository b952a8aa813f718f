"""One verb, one file: each module here is a command of the same name, and none knows of another."""

from collections.abc import Mapping
from importlib import import_module

import click

COMMANDS: Mapping[str, str] = {
    "import": "Read captures into the store.",
    "list": "List requests, newest first.",
    "show": "Show one request in full, and why it failed.",
    "errors": "Group the failed requests by error and endpoint.",
    "versions": "Show the API versions in use, and the default.",
    "demo": "Try it all on sample captures.",
}
"""The commands in the order of help, with their summaries, so that help need not import them."""


def command_of(name: str) -> click.Command:
    """Import the command called `name`, which is in `COMMANDS`, and return it."""
    module = import_module(f"reqlog.commands.{name}_" if name == "import" else f"reqlog.commands.{name}")
    command: click.Command = module.command
    return command
