"""`reqlog store check`: whether every request can be read and found."""

import sys
from contextlib import closing
from itertools import islice

import click

from reqlog import terminal
from reqlog.exceptions import StoreError
from reqlog.filters import EVERYTHING
from reqlog.options.asking import json_option, store_option, warn_of_password, where_of
from reqlog.options.headings import HeadedCommand
from reqlog.render import document
from reqlog.render.text import visible
from reqlog.store import mending, open_store
from reqlog.store.comparison import differences

_SHOWN = 100


@click.command("check", cls=HeadedCommand)
@store_option
@click.option("--against", metavar="PATH|URL", help="Compare with this store instead: whether both keep the same.")
@json_option
@click.pass_context
def command(context: click.Context, *, store: str | None, against: str | None, json: bool) -> None:
    """Verify that every request can be read and found.

    \b
    Examples:
      reqlog store check
      reqlog store check --store copy.db && echo sound
      reqlog store check --json | jq -r '.problems[]'
      reqlog store check --against clickhouse://ada@logs.example/reqlog

    The file, its schema, its rows with their headers and bodies, and the indexes, that of words included, are looked
    through. Others may read and write meanwhile. Problems are printed, one a line, and end it with 3.
    With --against, every request of both stores is compared, and what is not the same is printed and ends it with 3.
    """
    if against is not None:
        warn_of_password(against)
        _compare(where_of(context, store), against, as_json=json)
        return
    where = where_of(context, store)
    with closing(open_store(where)) as opened:
        problems = list(opened.check())
        info = None if problems else opened.info()
    if json:
        document({"sound": not problems, "problems": problems}, terminal.utf8(sys.stdout))
    else:
        for problem in problems:
            click.echo(visible(problem))
    if info is None:
        count = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
        raise StoreError(f"The store has {count}; {mending(where)}.")
    if not json:
        terminal.say(f"The store {info.place} is sound; it has {info.requests:,} request{'s' * (info.requests != 1)}.")


def _compare(where: str | None, against: str, *, as_json: bool) -> None:
    """Say in what the stores at `where` and `against` differ; raise StoreError if they do."""
    with closing(open_store(where)) as one, closing(open_store(against)) as other:
        found = differences(one, other)
        shown = list(islice(found, _SHOWN))
        count = len(shown) + sum(1 for _ in found)
        same = sum(group.requests for group in one.count_by(EVERYTHING, ()))
    if as_json:
        document({"same": not count, "differences": shown, "more": count - len(shown)}, terminal.utf8(sys.stdout))
    else:
        for difference in shown:
            click.echo(visible(difference))
    if count:
        more = f", of which the first {_SHOWN} are shown" if count > _SHOWN else ""
        differ = f"The stores differ in {count:,} request{'s' * (count > 1)}{more}"
        raise StoreError(f"{differ}; `reqlog store copy` brings what one lacks.")
    if not as_json:
        terminal.say(f"Both stores keep the same {same:,} request{'s' * (same != 1)}.")
