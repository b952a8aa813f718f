"""`reqlog store check`: whether every request can be read and found."""

import sys
from contextlib import closing

import click

from reqlog import terminal
from reqlog.exceptions import StoreError
from reqlog.options.asking import json_option, store_option, where_of
from reqlog.options.headings import HeadedCommand
from reqlog.render import document
from reqlog.render.text import visible
from reqlog.store import open_store


@click.command("check", cls=HeadedCommand)
@store_option
@json_option
@click.pass_context
def command(context: click.Context, *, store: str | None, json: bool) -> None:
    """Verify that every request can be read and found.

    \b
    Examples:
      reqlog store check
      reqlog store check --store copy.db && echo sound
      reqlog store check --json | jq -r '.problems[]'

    The file, its schema, its rows with their headers and bodies, and the indexes, that of words included, are looked
    through. Others may read and write meanwhile. Problems are printed, one a line, and end it with 3.
    """
    with closing(open_store(where_of(context, store))) as opened:
        problems = list(opened.check())
        info = None if problems else opened.info()
    if json:
        document({"sound": not problems, "problems": problems}, terminal.utf8(sys.stdout))
    else:
        for problem in problems:
            click.echo(visible(problem))
    if info is None:
        count = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
        raise StoreError(
            f"The store has {count}; restore a backup of it, or save what can be saved with `reqlog store repair`."
        )
    if not json:
        terminal.say(f"The store {info.place} is sound; it has {info.requests:,} request{'s' * (info.requests != 1)}.")
