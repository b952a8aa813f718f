import click
from click.testing import CliRunner

from reqlog.options.headings import HeadedCommand, HeadedOption


def option(name: str, heading: str, *, brief: bool = False):
    return click.option(name, cls=HeadedOption, heading=heading, brief=brief, metavar="X", help=f"About {name}.")


@click.command("ask", cls=HeadedCommand)
@option("--b", "Later")
@option("--a", "First")
@option("--not-a", "First", brief=True)
@option("--c", "Later")
@click.option("--plain", is_flag=True, help="Without a heading.")
@click.argument("what", required=False)
def ask(**_given: object) -> None:
    """Ask."""


HELP = """\
Usage: ask [OPTIONS] [WHAT]

  Ask.

Later:
  --b X  About --b.
  --c X  About --c.

First:
  --a X  About --a.

Options:
  --plain  Without a heading.
  --help   Show this message and exit.

Each filter that takes a value has a form that leaves out, as --not-status 404.
"""


def test_options_stand_under_their_headings_in_order_and_brief_ones_are_left_out() -> None:
    assert CliRunner().invoke(ask, ["--help"], prog_name="ask", terminal_width=100).output == HELP


def test_brief_options_are_taken_like_any_other() -> None:
    assert CliRunner().invoke(ask, ["--not-a", "1", "--a", "2"]).exit_code == 0
