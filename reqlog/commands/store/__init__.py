"""`reqlog store`: the commands that look after the store itself, one a file."""

from collections.abc import Mapping

import click

from reqlog.commands.lazy import LazyGroup

COMMANDS: Mapping[str, str] = {
    "init": "Make the store, if there is none.",
    "info": "Say where the store is, how large, and what is in it.",
    "check": "Verify that every request can be read and found.",
    "repair": "Save what can be saved of a damaged store in a new one.",
    "backup": "Write a copy of the store, while others go on writing.",
    "copy": "Bring the requests of one store into another.",
}
"""The commands in the order of help, with their summaries."""


class StoreCommands(LazyGroup):
    """The commands of `reqlog store`."""

    package = __name__
    summaries = COMMANDS


@click.group("store", cls=StoreCommands)
def command() -> None:
    """Look after the store: init, info, check, repair, backup, copy.

    \b
    Examples:
      reqlog store info
      reqlog store check
      reqlog store backup /backups/requests.db
      reqlog store repair --into rescued.db
      reqlog store copy requests.db clickhouse://ada@logs.example/reqlog
    """
