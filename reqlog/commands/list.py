"""`reqlog list`: print requests, newest first."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

import click

from reqlog import terminal
from reqlog.advice import advise
from reqlog.columns import OFTEN_UNKNOWN, OVERVIEW, RECORD
from reqlog.filters import describe
from reqlog.options.asking import Question, asks
from reqlog.options.gates import Gate, gates
from reqlog.options.headings import HeadedCommand, HeadedOption
from reqlog.options.output import HEADING, Output, limits, prints
from reqlog.render.base import Column, Row
from reqlog.request import Request

_SCREENFUL = 50


@click.command("list", cls=HeadedCommand)
@asks()
@prints
@limits
@click.option("--count", cls=HeadedOption, heading=HEADING, is_flag=True, help="Print only how many there are.")
@gates
def command(*, question: Question, output: Output, limit: int | None, reverse: bool, count: bool, gate: Gate) -> None:
    """Print requests, newest first.

    \b
    Examples:
      reqlog list --since 24h --status failed
      reqlog list --method POST --endpoint '/v1/payment_intents*' --utc
      reqlog list --resource cus_ImZZa3EEvvQQQU --json | jq -r '.[].id'
      reqlog list --status 400 --not-error-code resource_missing -o csv
      reqlog list --file test/vcr_cassettes --count

    Different filters must all hold; of the values of one, repeated or separated by commas, any may. A screen
    gets the newest 50, everything else gets all.
    """
    columns = output.columns(RECORD, OVERVIEW)
    if count:
        found = sum(group.requests for group in question.answers.count_by(question.filter, ()))
        _print_count(found, output)
    else:
        found = _print(question, output, columns, limit, reverse=reverse)
    if not found:
        _say_why(question)
    gate.check(found)


def _say_why(question: Question) -> None:
    """Say on stderr what was asked for in vain, and what there is instead, if that can still be asked."""
    if not question.again:
        terminal.say(f"No request matches: {describe(question.filter)}.")
        return
    for sentence in advise(question.filter, question.answers):
        terminal.say(sentence)


def _print_count(found: int, output: Output) -> None:
    match output.name:
        case "json" | "jsonl":
            output.document({"requests": found})
        case "table":
            click.echo(found)
        case _:
            output.print([found], [Column("requests", lambda requests: requests)])


def _print(
    question: Question, output: Output, columns: Sequence[Column[Request]], limit: int | None, *, reverse: bool
) -> int:
    """Print the requests and return how many were found; of those for people only the values to print are held."""
    if not output.is_for_people:
        counting = _Counting(question.answers.find(question.filter, limit=limit, reverse=reverse))
        output.print(counting, columns)
        return counting.count
    on_screen = limit is None and terminal.is_terminal(sys.stdout)
    wanted = _SCREENFUL + 1 if on_screen else limit
    requests = question.answers.find(question.filter, limit=wanted, reverse=reverse)
    found = [tuple(column.value(request) for column in columns) for request in requests]
    shown = found[:_SCREENFUL] if on_screen else found
    held: Sequence[Column[Any]] = [column._replace(value=itemgetter(place)) for place, column in enumerate(columns)]
    output.print(shown, _worth_showing(shown, held) if output.fields is None else held)
    if len(shown) < len(found):
        terminal.say(f"These are the first {_SCREENFUL}; more match, --limit N shows more of them.")
    return len(found)


def _worth_showing(rows: Sequence[Row], columns: Sequence[Column[Row]]) -> list[Column[Row]]:
    """Return `columns` without those of which nothing is known."""
    return [
        column
        for column in columns
        if column.name not in OFTEN_UNKNOWN or any(column.value(row) is not None for row in rows)
    ]


class _Counting:
    """Requests on their way, counted as they pass."""

    def __init__(self, requests: Iterable[Request]) -> None:
        self._requests = requests
        self.count = 0

    def __iter__(self) -> Iterator[Request]:
        for request in self._requests:
            self.count += 1
            yield request
