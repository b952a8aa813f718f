import click
import pytest
from click.testing import CliRunner

from reqlog.commands import COMMANDS, Commands, command_of
from reqlog.commands.lazy import command_in
from reqlog.commands.store import COMMANDS as STORE_COMMANDS


@pytest.mark.parametrize(
    ("package", "name"),
    [
        *(("reqlog.commands", name) for name in COMMANDS),
        *(("reqlog.commands.store", name) for name in STORE_COMMANDS),
    ],
)
def test_each_command_is_in_the_module_of_its_name(package, name) -> None:
    assert command_in(package, name).name == name


def test_a_group_lists_its_commands_in_order_and_knows_no_other() -> None:
    group = Commands("reqlog")
    context = click.Context(group)
    assert group.list_commands(context) == list(COMMANDS)
    assert group.get_command(context, "list") is command_of("list")
    assert group.get_command(context, "prunes") is None


def test_help_has_the_summaries() -> None:
    help = CliRunner().invoke(Commands("reqlog"), ["--help"]).output
    assert [line.split()[0] for line in help.partition("Commands:")[2].splitlines() if line.startswith("  ")] == list(
        COMMANDS
    )
