"""`reqlog prune`: forget requests, and take their text out of the store."""

import os
import sys
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

import click

from reqlog import terminal
from reqlog.exceptions import GateError, UsageError
from reqlog.filters import EVERYTHING, Compare, Filter, Or, describe
from reqlog.flags import all_of
from reqlog.options.asking import json_option, now_of, selects, store_option, where_of
from reqlog.options.headings import HeadedCommand, HeadedOption
from reqlog.render import document
from reqlog.sizes import parse_size, size_text
from reqlog.store import open_store
from reqlog.store.base import Group, Info, Store
from reqlog.times import parse_span

HEADING = "What to forget"
_NOTHING = Group((), 0, None, None)


@click.command("prune", cls=HeadedCommand)
@click.option("--older-than", cls=HeadedOption, heading=HEADING, metavar="SPAN", help="Older than that: 90d, 12w.")
@click.option(
    "--keep-size",
    cls=HeadedOption,
    heading=HEADING,
    metavar="SIZE",
    help="The oldest, until the store takes no more than that: 500MB, 2GB.",
)
@selects
@store_option
@click.option("--dry-run", is_flag=True, help="Say what would be forgotten, and forget nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    *,
    selection: Filter,
    older_than: str | None,
    keep_size: str | None,
    store: str | None,
    dry_run: bool,
    yes: bool,
    json: bool,
) -> None:
    """Forget requests, and take their text out of the store.

    \b
    Examples:
      reqlog prune --older-than 90d --dry-run
      reqlog prune --older-than 90d --yes
      reqlog prune --keep-size 2GB --yes
      reqlog prune --resource cus_gNCFbaEPFjbD0k

    It takes the filters of `reqlog list`, which shows what they match. What is forgotten is gone from the table, from
    every index and from the bytes of the file, which is written anew for it and needs as much room again meanwhile.
    """
    where = where_of(context, store)
    plan = _plan(where, all_of(selection, _older(older_than)), _size(keep_size))
    if dry_run or not plan.is_work:
        _tell(plan, plan.found.requests, as_json=json, after=None)
        return
    _ask(plan, yes=yes)
    with closing(open_store(where, write=True)) as kept:
        forgotten = _forget(kept, plan)
        after = kept.info()
    _tell(plan, forgotten, as_json=json, after=after)


class Plan(NamedTuple):
    """What is to be forgotten, and what there is."""

    filter: Filter
    """Which requests."""
    size: int | None
    """The size to come down to, if that was asked for."""
    found: Group
    """How many they are, and from when."""
    before: Info
    """The store as it is."""

    @property
    def is_work(self) -> bool:
        """Whether there is anything to do: requests to forget, what an earlier prune left, or room to give back."""
        is_large = self.size is not None and self.before.bytes > self.size
        return bool(self.found.requests) or not self.before.is_purged or is_large


def _plan(where: str | None, wanted: Filter, size: int | None) -> Plan:
    is_filtered = wanted != EVERYTHING
    if is_filtered and size is not None:
        raise UsageError("--keep-size goes by age alone; give it without --older-than and filters.")
    with closing(open_store(where)) as answers:
        before = answers.info()
        if not is_filtered and size is None and before.is_purged:
            raise UsageError("Say what to forget: --older-than, --keep-size, or filters as `reqlog list` takes them.")
        chosen = wanted if is_filtered else Or() if size is None else answers.excess(size)
        found = next(iter(answers.count_by(chosen, ())), _NOTHING)
    return Plan(chosen, size, found, before)


def _older(span: str | None) -> Filter:
    if span is None:
        return EVERYTHING
    try:
        return Compare("time", "<", now_of(os.environ) - parse_span(span))
    except (UsageError, OverflowError) as error:
        raise UsageError(f"--older-than {span}: not a span of time; give one as 90d, 12w or 36h.") from error


def _size(text: str | None) -> int | None:
    try:
        return None if text is None else parse_size(text)
    except UsageError as error:
        raise UsageError(f"--keep-size: {error}") from error


def _ask(plan: Plan, *, yes: bool) -> None:
    """Ask whether to go on, unless that was said; raise GateError if not."""
    if yes or not plan.found.requests:
        return
    if not terminal.is_terminal(sys.stdin):
        raise UsageError("There is no terminal to ask on; add --yes to forget, or --dry-run to see what would go.")
    if not click.confirm(f"Forget {_in_words(plan, plan.found.requests)}?", err=True):
        raise GateError("Nothing was forgotten.")


def _forget(store: Store, plan: Plan) -> int:
    """Forget what is planned and return how many requests that were; a size is come down to in a few steps."""
    forgotten = removed = store.remove(plan.filter)
    while plan.size is not None and removed:
        removed = store.remove(store.excess(plan.size))
        forgotten += removed
    return forgotten


def _tell(plan: Plan, forgotten: int, *, as_json: bool, after: Info | None) -> None:
    """Say what was forgotten or, without a store after it, would be."""
    if as_json:
        document(_document(plan, forgotten, after), terminal.utf8(sys.stdout))
    elif not plan.is_work:
        terminal.say(f"There is nothing to forget: {_why_nothing(plan)}.")
    elif after is None:
        terminal.say(f"Would forget {_in_words(plan, forgotten)}.")
    else:
        sizes = f"{size_text(after.bytes)} now, and took {size_text(plan.before.bytes)} before"
        terminal.say(f"Forgot {_in_words(plan, forgotten)}; the store takes {sizes}.")


def _why_nothing(plan: Plan) -> str:
    if plan.size is not None:
        return f"the store takes {size_text(plan.before.bytes)}"
    return f"no request matches {describe(plan.filter)}"


def _document(plan: Plan, forgotten: int, after: Info | None) -> dict[str, object]:
    return {
        "dry_run": after is None,
        "requests": forgotten,
        "of": plan.before.requests,
        "oldest": plan.found.first_seen,
        "newest": plan.found.last_seen,
        "bytes_before": plan.before.bytes,
        "bytes_after": None if after is None else after.bytes,
    }


def _in_words(plan: Plan, forgotten: int) -> str:
    total = f"{forgotten:,} of {plan.before.requests:,} request{'s' * (plan.before.requests != 1)}"
    first, last = plan.found.first_seen, plan.found.last_seen
    if first is None or last is None or forgotten != plan.found.requests:
        return total
    return f"{total}, from {_moment(first)} to {_moment(last)}"


def _moment(time: datetime) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S %Z}"
