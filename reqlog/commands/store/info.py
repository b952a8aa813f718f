"""`reqlog store info`: where the store is, how large, and what is in it."""

import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

import click

from reqlog import terminal
from reqlog.options.asking import json_option, store_option, where_of
from reqlog.options.headings import HeadedCommand
from reqlog.render import document
from reqlog.render.text import visible
from reqlog.sizes import size_text
from reqlog.store import open_store
from reqlog.store.base import Info


@click.command("info", cls=HeadedCommand)
@store_option
@json_option
@click.pass_context
def command(context: click.Context, *, store: str | None, json: bool) -> None:
    """Say where the store is, how large, and what is in it.

    \b
    Examples:
      reqlog store info
      reqlog store info --json | jq .bytes
    """
    with closing(open_store(where_of(context, store))) as opened:
        info = opened.info()
    if json:
        document(info._asdict(), terminal.utf8(sys.stdout))
        return
    facts = list(_facts(info))
    width = max(len(name) for name, _ in facts)
    for name, value in facts:
        click.echo(f"{name:{width}}  {visible(value)}")


def _facts(info: Info) -> Iterator[tuple[str, str]]:
    yield "Place", info.place
    yield "Size", size_text(info.bytes)
    yield "Requests", f"{info.requests:,}"
    if info.oldest and info.newest:
        yield "Oldest", _moment(info.oldest)
        yield "Newest", _moment(info.newest)
    yield "Schema", str(info.schema_version)
    for part, size in info.room.items():
        yield f"  {part}", size_text(size)
    if not info.is_purged:
        yield "Prune", "was interrupted; the text of what it removed is still in the file until `reqlog prune` is run"


def _moment(time: datetime) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S %Z}"
