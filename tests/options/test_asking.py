"""What the options make of what was given; what the flags mean is in tests/test_flags.py."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from reqlog.commands import COMMANDS, command_of
from reqlog.config import Config
from reqlog.exceptions import StoreError, UsageError
from reqlog.filters import And, Compare, Filter, Not
from reqlog.flags import FLAGS
from reqlog.options.asking import Question, asks, now_of
from reqlog.windows import Window

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)


def question(*arguments: str, twice: bool = False, config: Config | None = None) -> Question:
    """Return what the options make of `arguments`."""
    asked: list[Question] = []

    @click.command
    @asks(twice=twice)
    def command(*, question: Question) -> None:
        asked.append(question)

    environ = {"REQLOG_NOW": NOW.isoformat(), "TZ": "UTC", "REQLOG_STORE": None}
    result = CliRunner().invoke(command, arguments, obj=config or Config(), env=environ, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return asked[0]


@pytest.mark.parametrize(
    ("arguments", "filter"),
    [
        ([], And()),
        (["--status", "402"], Compare("status", "=", 402)),
        (["--not-status", "402"], Not(Compare("status", "=", 402))),
        (
            ["--livemode", "--status", "402", "--min-duration", "1s", "--not-method", "get"],
            And(
                (
                    Compare("status", "=", 402),
                    Not(Compare("method", "=", "GET")),
                    Compare("duration_ms", ">=", 1000.0),
                    Compare("livemode", "=", True),
                )
            ),
        ),
        (
            ["--since", "24h", "--method", "get"],
            And((Compare("time", ">=", NOW - timedelta(days=1)), Compare("method", "=", "GET"))),
        ),
    ],
)
def test_flags_become_a_filter(arguments: list[str], filter: Filter) -> None:
    assert repr(question(*arguments).filter) == repr(filter)


def test_time_is_kept_apart_from_the_rest() -> None:
    asked = question("--since", "24h", "--testmode")
    assert (asked.window, asked.now) == (Window(NOW - timedelta(days=1), None), NOW)
    assert repr(asked.flags) == repr(Compare("livemode", "=", False))


@pytest.mark.parametrize("arguments", [["--status", "4x"], ["--since", "yesteday"], ["--since", ""], ["--ip", "1.2"]])
def test_a_wrong_value_is_told_before_anything_is_opened(arguments) -> None:
    with pytest.raises(UsageError):
        question("--store", "/nosuch/requests.db", *arguments)


def test_nothing_is_opened_before_it_is_asked(tmp_path: Path) -> None:
    asked = question("--store", str(tmp_path / "requests.db"))
    with pytest.raises(StoreError):
        asked.answers  # noqa: B018  (asking is what opens)


@pytest.mark.parametrize(
    ("arguments", "twice", "again"),
    [
        ([], False, True),
        (["--file", "a.har"], False, True),
        (["--file", "-"], False, False),
        (["--file", "a.har", "--file", "-"], False, False),
        (["--file", "-"], True, True),
    ],
)
def test_standard_input_can_be_asked_again_only_when_it_is_held(arguments, twice, again) -> None:
    assert question(*arguments, twice=twice).again is again


@pytest.mark.parametrize(
    ("environ", "expected"),
    [({"REQLOG_NOW": "2025-02-24T10:00:00Z"}, datetime(2025, 2, 24, 10, tzinfo=UTC))],
)
def test_now_can_be_another_so_that_a_report_can_be_made_again(environ, expected) -> None:
    assert now_of(environ) == expected


@pytest.mark.parametrize("environ", [{}, {"REQLOG_NOW": ""}])
def test_now_is_the_clocks_otherwise(environ) -> None:
    assert now_of(environ).tzinfo is not None


def test_a_now_that_is_no_time_is_told_by_its_name() -> None:
    with pytest.raises(UsageError, match=r"^REQLOG_NOW: 'soon' is not a time"):
        now_of({"REQLOG_NOW": "soon"})


@pytest.mark.parametrize(
    ("command", "option", "typed", "expected"),
    [
        ("list", "--source", "", ["api", "dashboard"]),
        ("list", "--source", "d", ["dashboard"]),
        ("errors", "--error-code", "card_decl", ["card_declined", "card_decline_rate_limit_exceeded"]),
        ("show", "--not-method", "P", ["POST", "PUT", "PATCH"]),
        ("list", "--path", "/", []),
        ("import", "--format", "stripe", ["stripe-cli"]),
        ("list", "--output", "j", ["json", "jsonl"]),
    ],
)
def test_values_are_completed_from_what_is_known(command, option, typed, expected) -> None:
    completed = ShellComplete(command_of(command), {}, command, "_X").get_completions([option], typed)
    assert sorted(item.value for item in completed) == sorted(expected)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("import", "record", "demo", "store")])
def test_the_same_filters_are_on_every_command_that_reads_requests(name) -> None:
    options = {option for parameter in command_of(name).params for option in parameter.opts}
    expected = {f"--{form}{flag.name}" for flag in FLAGS for form in ("", "not-")}
    assert expected | {"--since", "--until", "--date", "--min-duration", "--max-duration"} <= options
    assert {"--livemode", "--store"} <= options
    assert ({"--file", "--format"} <= options) is (name != "prune")
