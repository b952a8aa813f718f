"""`reqlog store copy`: the requests of one store into another."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import click

from reqlog import terminal
from reqlog.exceptions import StoreError, UsageError
from reqlog.filters import Filter
from reqlog.options.asking import json_option, selects, warn_of_password
from reqlog.options.headings import HeadedCommand
from reqlog.render import document
from reqlog.request import Request
from reqlog.store import open_store
from reqlog.store.base import Added, Answers

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

_BATCH = 5000


@click.command("copy", cls=HeadedCommand)
@click.argument("old", metavar="FROM")
@click.argument("new", metavar="TO")
@selects
@json_option
def command(*, old: str, new: str, selection: Filter, json: bool) -> None:
    """Bring the requests of one store into another.

    \b
    Examples:
      reqlog store copy requests.db clickhouse://ada@logs.example/reqlog
      reqlog store copy clickhouse://ada@logs.example/reqlog last-week.db --since 7d
      reqlog store check --store requests.db --against clickhouse://ada@logs.example/reqlog

    FROM and TO are paths or URLs as --store takes them; TO is made if it is not there. The filters of `reqlog list` say
    which requests, and without any it is all. The oldest go first. If it is broken off, run it again: what is there
    already is recognised, and the rest follows.
    """
    for where in (old, new):
        warn_of_password(where)
    if old == new:
        raise UsageError("FROM and TO are the same store; name another one as TO.")
    added = Added()
    failure: BaseException | None = None
    with (
        closing(open_store(old)) as source,
        closing(open_store(new, write=True)) as target,
        _progress(source, selection) as passed,
    ):
        try:
            for batch in _batches(source, selection):
                added = added.plus(target.add(batch))
                passed(len(batch))
        except (StoreError, KeyboardInterrupt) as error:
            failure = error
    _tell(added, as_json=json)
    if failure is not None:
        terminal.say("Not all were copied; run the command again, and it goes on where it was broken off.")
        raise failure


def _batches(store: Answers, selection: Filter) -> Iterator[list[Request]]:
    requests = store.find(selection, reverse=True)
    while batch := list(islice(requests, _BATCH)):
        yield batch


@contextmanager
def _progress(store: Answers, selection: Filter) -> Iterator[Callable[[int], None]]:
    """Give what is to be told of the requests that have been copied: a bar, if there is a terminal to show it."""
    if not terminal.is_terminal(sys.stderr):
        yield lambda _copied: None
        return
    total = sum(group.requests for group in store.count_by(selection, ()))
    bar: ProgressBar[int] = click.progressbar(length=total, label="Copying", file=sys.stderr)
    with bar:
        yield bar.update


def _tell(added: Added, *, as_json: bool) -> None:
    if as_json:
        document(added._asdict(), terminal.utf8(sys.stdout))
    else:
        terminal.say(
            f"Copied {added.imported:,} request{'s' * (added.imported != 1)}; {added.duplicates:,} were there already, "
            f"and {added.enriched:,} were filled in."
        )
