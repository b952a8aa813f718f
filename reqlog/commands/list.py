"""`reqlog list`: print requests, newest first."""

import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from operator import itemgetter
from typing import Any

import click

from reqlog import answers, terminal
from reqlog.advice import advise
from reqlog.columns import OFTEN_UNKNOWN, OVERVIEW, RECORD
from reqlog.exceptions import UsageError
from reqlog.filters import describe
from reqlog.options.asking import Question, asks
from reqlog.options.gates import Gate, gates
from reqlog.options.headings import HeadedCommand, HeadedOption
from reqlog.options.output import HEADING, Output, limits, prints
from reqlog.render import ENDLESS
from reqlog.render.base import Column, Row, Style
from reqlog.request import Request

_SCREENFUL = 50
_LOOK_SECONDS = 0.15
_FOLLOW = "Print the newest 50, or as many as --limit says, then new ones as they come."
_WAITING = "Waiting for new requests; Ctrl-C ends."


@click.command("list", cls=HeadedCommand)
@asks()
@prints
@limits
@click.option("--count", cls=HeadedOption, heading=HEADING, is_flag=True, help="Print only how many there are.")
@click.option("-f", "--follow", cls=HeadedOption, heading=HEADING, is_flag=True, help=_FOLLOW)
@gates
def command(
    *, question: Question, output: Output, limit: int | None, reverse: bool, count: bool, follow: bool, gate: Gate
) -> None:
    """Print requests, newest first.

    \b
    Examples:
      reqlog list --since 24h --status failed
      reqlog list --method POST --endpoint '/v1/payment_intents*' --utc
      reqlog list --resource cus_ImZZa3EEvvQQQU --json | jq -r '.[].id'
      reqlog list --status 400 --not-error-code resource_missing -o csv
      reqlog list --file test/vcr_cassettes --count
      reqlog list --follow --status failed

    Different filters must all hold; of the values of one, repeated or separated by commas, any may. A screen
    gets the newest 50, everything else gets all.
    """
    columns = output.columns(RECORD, OVERVIEW)
    if follow:
        _check_follow(output, gate, count=count)
        _follow(question, output, columns, limit, reverse=reverse)
        return
    if count:
        found = sum(group.requests for group in question.answers.count_by(question.filter, (), times=False))
        _print_count(found, output)
    else:
        found = _print(question, output, columns, limit, reverse=reverse)
    if not found:
        _say_why(question)
    gate.check(found)


def _check_follow(output: Output, gate: Gate, *, count: bool) -> None:
    """Raise UsageError for what has to come to an end."""
    if output.name not in ENDLESS:
        message = (
            f"-o {output.name} has an end and --follow has none; give it {', '.join(ENDLESS[:-1])} or {ENDLESS[-1]}."
        )
        raise UsageError(message)
    given = {"--count": count, "--fail-if-any": gate.fail_if_any, "--fail-if-none": gate.fail_if_none}
    if unfit := [flag for flag, is_given in given.items() if is_given]:
        raise UsageError(f"{unfit[0]} is about all there is, and --follow never has all; leave one of them out.")


def _follow(
    question: Question, output: Output, columns: Sequence[Column[Request]], limit: int | None, *, reverse: bool
) -> None:
    """Print the newest requests, and without end those that come."""
    said = False

    def wait() -> None:
        nonlocal said
        if not said:
            sys.stdout.flush()
            terminal.say(_WAITING)
            said = True
        terminal.pause(sys.stdout, _LOOK_SECONDS)

    follows = question.follow(wait)
    page = _SCREENFUL if limit is None else limit
    output.keep_printing(follows.follow(question.filter, page=page, wait=wait, reverse=reverse), columns)


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

    def encoded(self, style: Style, between: bytes) -> Generator[bytes] | None:
        """Return what yields those that have not passed yet as JSON, counted too, if that is shorter."""
        pieces = answers.encoded(self._requests, style, between)
        return None if pieces is None else self._counted(pieces)

    def _counted(self, pieces: Generator[tuple[int, bytes]]) -> Generator[bytes]:
        with closing(pieces):
            for count, piece in pieces:
                self.count += count
                yield piece
