"""Ask the questions: reqlog and every peer in turn, and no figure without equal answers."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from .answers import answered
from .environments import Program
from .peers import PEERS, filled, words
from .questions import CLICK, Question
from .results import Row, row
from .timing import Command, FailedError, in_turn, measure
from .workspace import Facts, Place


class Bench(NamedTuple):
    """All that a run has at hand."""

    place: Place
    facts: Facts
    reqlog: Program
    peers: Mapping[str, Program]
    rounds: int

    @property
    def home(self) -> Path:
        """An empty folder for what a user has in theirs, such as a configuration."""
        home = self.place.folder.parent / "home"
        home.mkdir(exist_ok=True)
        return home

    def program(self, name: str) -> str:
        return str(self.reqlog.folder / name)

    def command(self, case: str, who: str, *words: str) -> Command:
        return Command(words, self.place.output(f"{case}-{who}"))


def asked(bench: Bench, questions: Iterable[Question]) -> Iterator[Row | FailedError]:
    """Yield what each question took; what is not answered alike is an error."""
    for question in questions:
        try:
            yield _row(bench, question)
        except FailedError as error:
            yield error


def _row(bench: Bench, question: Question) -> Row:
    commands = _commands(bench, question)
    first = {name: measure(command, bench.home) for name, command in commands.items()}
    check(question, {name: command for name, command in commands.items() if name != CLICK})
    series = in_turn(commands, first, bench.rounds, bench.home)
    for command in commands.values():
        command.output.unlink()
        command.errors.unlink()
    return row(question.name, question.title, series)


def _commands(bench: Bench, question: Question) -> dict[str, Command]:
    asks = shlex.split(filled(question.reqlog, bench.facts._asdict()))
    store = ("--store", str(bench.place.store))
    commands = {
        "reqlog": bench.command(question.name, "reqlog", bench.program("reqlog"), *asks, *store),
        CLICK: bench.command(question.name, CLICK, bench.program("python"), "-c", "import click"),
    }
    for peer in PEERS:
        if program := bench.peers.get(peer.name):
            said = words(peer, program.folder, bench.place, question, bench.facts)
            if said is not None:
                commands[peer.name] = bench.command(question.name, peer.name, *said)
    return commands


def check(question: Question, commands: Mapping[str, Command]) -> None:
    """Raise if the answers differ, or if there is none where there should be one."""
    answers = {name: answered(question.answer, command.output) for name, command in commands.items()}
    differing = [name for name, answer in answers.items() if answer != answers["reqlog"]]
    if differing:
        said = "; ".join(f"{name}: {str(answers[name])[:200]}" for name in ("reqlog", *differing))
        raise FailedError(f"{question.name}: the answers differ. {said}")
    if not answers["reqlog"] and not question.may_be_empty:
        raise FailedError(f"{question.name}: nobody found anything.")
