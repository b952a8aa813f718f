"""One verb, one file: each module here is a command of the same name, and none knows of another."""

from collections.abc import Mapping
from importlib import import_module

import click

COMMANDS: Mapping[str, str] = {
    "import": "Read captures into the store.",
    "record": "Record what is sent to an API by passing it on.",
    "list": "Print requests, newest first.",
    "show": "Show one request in full.",
    "errors": "Group the failed requests of the last 7 days.",
    "versions": "Show the API versions used in the last 7 days.",
    "demo": "Import the sample captures that come with reqlog.",
}
"""The commands in the order of help, with their summaries, so that help need not import them."""


def command_of(name: str) -> click.Command:
    """Import the command called `name`, which is in `COMMANDS`, and return it."""
    module = import_module(f"reqlog.commands.{name}_" if name == "import" else f"reqlog.commands.{name}")
    command: click.Command = module.command
    return command
