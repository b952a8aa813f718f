"""A group of commands each of which is imported when it is called, and not for the help that names it."""

from collections.abc import Mapping
from importlib import import_module

import click

from reqlog.options.headings import HelpedCommand


class LazyGroup(HelpedCommand, click.Group):
    """The commands of a package: `summaries` has their names in the order of help, each beside its summary.

    The module of a command has its name, with an underscore after it where that is a word of Python, and its `command`.
    """

    package: str
    summaries: Mapping[str, str]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Return the names of the commands in the order of help."""
        return list(self.summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (click's signature)
        """Return the command called `cmd_name`."""
        return command_in(self.package, cmd_name) if cmd_name in self.summaries else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (click's signature)
        """Write the commands with their summaries, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries.items()))


def command_in(package: str, name: str) -> click.Command:
    """Import the command called `name` from `package`, which has it, and return it."""
    module = import_module(f"{package}.{name}_" if name == "import" else f"{package}.{name}")
    command: click.Command = module.command
    return command
