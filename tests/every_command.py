"""Every command by the words that call it, those of groups included."""

import click

from reqlog.commands import COMMANDS, command_of, store

NAMES: tuple[str, ...] = tuple(
    name
    for command in COMMANDS
    for name in (command, *(f"store {inner}" for inner in (store.COMMANDS if command == "store" else ())))
)
"""The words, in the order of help, a group before what is in it."""


def command_named(name: str) -> click.Command:
    """Return the command that the words of `name` call."""
    first, *rest = name.split()
    command = command_of(first)
    for word in rest:
        assert isinstance(command, click.Group)
        inner = command.get_command(click.Context(command), word)
        assert inner is not None
        command = inner
    return command
