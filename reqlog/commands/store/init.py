"""`reqlog store init`: make the store, if there is none."""

import sys
from contextlib import closing

import click

from reqlog import terminal
from reqlog.options.asking import json_option, store_option, where_of
from reqlog.options.headings import HeadedCommand
from reqlog.render import document
from reqlog.store import create_store


@click.command("init", cls=HeadedCommand)
@store_option
@click.option("--cluster", metavar="NAME", help="Spread a new store over the shards of this cluster of the server.")
@json_option
@click.pass_context
def command(context: click.Context, *, store: str | None, cluster: str | None, json: bool) -> None:
    """Make the store, if there is none.

    \b
    Examples:
      reqlog store init
      reqlog store init --store clickhouse://ada@logs.example/reqlog
      reqlog store init --store clickhouse://ada@logs.example/reqlog --cluster logs

    The first import makes one too, so that this is for stores that are spread over a cluster, and for those who may
    make tables when those who import may not.
    """
    with closing(create_store(where_of(context, store), cluster)) as opened:
        info = opened.info()
    if json:
        document(info._asdict(), terminal.utf8(sys.stdout))
    else:
        terminal.say(f"The store {info.place} is there; it has {info.requests:,} request{'s' * (info.requests != 1)}.")
