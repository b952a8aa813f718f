import io
from datetime import UTC, datetime
from typing import Any

import click
import pytest
from click.testing import CliRunner

from reqlog.exceptions import UsageError
from reqlog.options.output import Output, limits, prints
from reqlog.render import OUTPUTS
from reqlog.render.base import Column

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
KNOWN: list[Column[Any]] = [Column("a", lambda row: row), Column("b", lambda row: -row), Column("c", lambda row: None)]
SHOWN = KNOWN[:1]


def outputs(*arguments: str) -> list[object]:
    """Return what the options make of `arguments`."""
    made: list[object] = []

    @click.command
    @prints
    @limits
    def command(**given: object) -> None:
        made.extend(given[name] for name in ("output", "limit", "reverse"))

    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return made


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], [Output("table", None, False, None), None, False]),
        (["--json"], [Output("json", None, False, None), None, False]),
        (["-o", "csv"], [Output("csv", None, False, None), None, False]),
        (["--output", "csv", "--json"], [Output("json", None, False, None), None, False]),
        (["--fields", "a, b,,c"], [Output("table", ("a", "b", "c"), False, None), None, False]),
        (["--utc", "--color"], [Output("table", None, True, True), None, False]),
        (["--no-color", "--limit", "3", "--reverse"], [Output("table", None, False, False), 3, True]),
    ],
)
def test_what_was_given_becomes_an_output(arguments, expected) -> None:
    assert outputs(*arguments) == expected


@pytest.mark.parametrize("output", ["json", "jsonl"])
def test_json_in_ascii_may_be_asked_for(output) -> None:
    assert outputs("--ascii", "-o", output)[0] == Output(output, None, False, None, ascii=True)


def test_ascii_is_refused_where_it_would_do_nothing() -> None:
    with pytest.raises(UsageError, match="--ascii is about JSON, and the output is csv"):
        outputs("--ascii", "-o", "csv")


@pytest.mark.parametrize("fields", ["", ",", " "])
def test_no_fields_at_all_are_refused(fields) -> None:
    with pytest.raises(UsageError):
        outputs("--fields", fields)


@pytest.mark.parametrize("limit", ["0", "-1", "many", ""])
def test_a_limit_is_a_number_from_one(limit) -> None:
    with pytest.raises(click.BadParameter):
        outputs("--limit", limit)


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("table", None, ["a"]),
        ("markdown", None, ["a"]),
        ("json", None, ["a", "b", "c"]),
        ("csv", None, ["a", "b", "c"]),
        ("table", ("c", "a"), ["c", "a"]),
        ("json", ("b",), ["b"]),
    ],
)
def test_people_are_shown_a_few_columns_and_programs_all_unless_some_were_asked_for(name, fields, expected) -> None:
    columns = Output(name, fields, False, None).columns(KNOWN, SHOWN)
    assert [column.name for column in columns] == expected


def test_a_field_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError) as refusal:
        Output("json", ("a", "x", "y"), False, None).columns(KNOWN, SHOWN)
    assert str(refusal.value) == "--fields x,y: no such field; there are a, b, c."


@pytest.mark.parametrize(("name", "expected"), [(name, name in ("table", "markdown")) for name in OUTPUTS])
def test_tables_are_for_people(name, expected) -> None:
    assert Output(name, None, False, None).is_for_people is expected


@pytest.mark.parametrize(("color", "expected"), [(None, False), (True, True), (False, False)])
def test_a_stream_that_is_no_terminal_has_no_width_and_colours_only_if_they_were_asked_for(color, expected) -> None:
    style = Output("table", None, True, color).style(io.StringIO())
    assert (style.color, style.width, style.zone) == (expected, None, UTC)


@pytest.mark.parametrize(("time", "expected"), [(NOON, "2025-06-01 12:00:00 UTC"), (None, "at an unknown time")])
def test_a_time_is_said_in_words(time, expected) -> None:
    assert Output("table", None, True, None).moment(time) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("jsonl", '{"a":1}\n{"a":2}\n'), ("csv", "a\r\n1\r\n2\r\n"), ("table", "A\n1\n2\n")]
)
def test_rows_are_printed_on_standard_output(capsys, name, expected) -> None:
    Output(name, None, False, None).print([1, 2], SHOWN)
    assert capsys.readouterr().out == expected
