"""`reqlog store backup`: a copy of the store, while others go on writing."""

import sys
from contextlib import closing

import click

from reqlog import terminal
from reqlog.options.asking import json_option, store_option, where_of
from reqlog.options.headings import HeadedCommand
from reqlog.render import document
from reqlog.sizes import size_text
from reqlog.store import backup_store, open_store


@click.command("backup", cls=HeadedCommand)
@click.argument("file", metavar="FILE", type=click.Path())
@store_option
@json_option
@click.pass_context
def command(context: click.Context, *, file: str, store: str | None, json: bool) -> None:
    """Write a copy of the store, while others go on writing.

    \b
    Examples:
      reqlog store backup /backups/requests.db
      reqlog list --store /backups/requests.db --limit 1

    The copy is the store as it was at one instant, in one file that must not be there yet, readable by its owner only.
    It may be opened wherever it is, moved, or put in the place of the store.
    """
    backup_store(where_of(context, store), file)
    with closing(open_store(file)) as copy:
        info = copy.info()
    if json:
        document(info._asdict(), terminal.utf8(sys.stdout))
    else:
        terminal.say(f"Wrote {info.requests:,} request{'s' * (info.requests != 1)} to {file}, {size_text(info.bytes)}.")
