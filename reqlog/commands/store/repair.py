"""`reqlog store repair`: what can be saved of a damaged store, in a new one."""

import sys

import click

from reqlog import terminal
from reqlog.options.asking import json_option, store_option, where_of
from reqlog.options.headings import HeadedCommand
from reqlog.render import document
from reqlog.store import repair_store
from reqlog.store.base import Saved


@click.command("repair", cls=HeadedCommand)
@store_option
@click.option("--into", metavar="PATH", help="The new store; without it, the old one's name and .repaired after it.")
@json_option
@click.pass_context
def command(context: click.Context, *, store: str | None, into: str | None, json: bool) -> None:
    """Save what can be saved of a damaged store in a new one.

    \b
    Examples:
      reqlog store repair
      reqlog store repair --store damaged.db --into rescued.db

    Every request that can still be read is written to the new store, whose indexes are built from them. The damaged
    one stays as it is, and nothing uses the new one until you say so.
    """
    place, saved = repair_store(where_of(context, store), into)
    if json:
        document({"place": place, **saved._asdict()}, terminal.utf8(sys.stdout))
        return
    terminal.say(f"{_in_words(saved)} They are in {place}: use it with --store, or move it to where the old one is.")


def _in_words(saved: Saved) -> str:
    told = [f"Saved {saved.requests:,} request{'s' * (saved.requests != 1)}"]
    if saved.incomplete:
        told.append(f"{saved.incomplete:,} of them without a part, which their field `truncated` names")
    if saved.is_exact:
        told.append(f"{saved.lost:,} {'was' if saved.lost == 1 else 'were'} lost")
    elif saved.lost:
        told.append(f"at least {saved.lost:,} {'was' if saved.lost == 1 else 'were'} lost")
    else:
        told.append("how many were lost cannot be told")
    return f"{'; '.join(told)}."
