"""The questions of the benchmark: reqlog answers each as its SQL does, put to SQLite over the lines themselves."""

import json
import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from bench.answers import answered
from bench.generate import Plan, write
from bench.limits import LIMITS
from bench.peers import PEERS, filled, words
from bench.questions import ALL, COUNTS, JOINED, Question
from bench.workspace import Facts, Place, facts

from reqlog.cli import run
from reqlog.request import FIELDS

_SQLITE = dict(next(peer.dialect for peer in PEERS if peer.name == "sqlite-utils"))
_SQLITE["says"] = "instr(response_body, 'insufficient funds')"


class Asked(NamedTuple):
    place: Place
    facts: Facts


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> Asked:
    """A store of generated requests, and their lines in a plain table."""
    there = Place(tmp_path_factory.mktemp("bench"), 10_000)
    write(Plan(there.requests), there.raw)
    assert run(["import", str(there.raw), "--store", str(there.store)]) == 0
    with closing(sqlite3.connect(there.of("plain"))) as connection, there.raw.open() as lines:
        connection.execute(f"CREATE TABLE requests ({', '.join(FIELDS)})")
        records = (json.loads(line) for line in lines)
        rows = ([_plain(record.get(field)) for field in FIELDS] for record in records)
        connection.executemany(f"INSERT INTO requests VALUES ({', '.join('?' * len(FIELDS))})", rows)
        connection.commit()
    return Asked(there, facts(there))


def _plain(value: object) -> object:
    return json.dumps(value) if isinstance(value, (list, dict)) else value


def said_by_sql(asked: Asked, question: Question, output: Path) -> object:
    sql = filled(question.sql, _SQLITE, asked.facts._asdict())
    with closing(sqlite3.connect(asked.place.of("plain"))) as connection:
        connection.row_factory = sqlite3.Row
        records = [dict(row) for row in connection.execute(sql)]
    output.write_text("\n".join(map(json.dumps, records)))
    return answered(question.answer, output)


def said_by_reqlog(asked: Asked, question: Question, output: Path, capsys) -> object:
    command = shlex.split(filled(question.reqlog, asked.facts._asdict()))
    capsys.readouterr()
    assert run([*command, "--store", str(asked.place.store)]) == 0
    output.write_text(capsys.readouterr().out)
    return answered(question.answer, output)


@pytest.mark.parametrize("question", ALL, ids=lambda question: question.name)
def test_reqlog_and_sql_answer_alike(question, asked, tmp_path, capsys) -> None:
    expected = said_by_sql(asked, question, tmp_path / "sql")
    assert said_by_reqlog(asked, question, tmp_path / "reqlog", capsys) == expected
    assert expected or question.may_be_empty


def test_every_case_has_a_name_of_its_own_and_limits() -> None:
    names = [question.name for question in ALL]
    assert sorted(names) == sorted(set(names))
    assert {name for name, limits in LIMITS.items() if not limits} == set()


def test_filters_are_joined_in_every_way_that_was_promised() -> None:
    asks = " ".join(question.reqlog for question in JOINED)
    assert [flag for flag in ("--not-", "--since", "--status succeeded", "--status 402") if flag not in asks] == []
    assert len({question.sql for question in (*JOINED, *COUNTS)}) == len(JOINED) + len(COUNTS)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_nothing_is_left_to_fill_in(peer, asked) -> None:
    commands = [words(peer, Path("bin"), asked.place, question, asked.facts) for question in ALL]
    assert any(commands)
    assert [word for command in commands if command for word in command if re.search(r"<[a-z_]+>", word)] == []
