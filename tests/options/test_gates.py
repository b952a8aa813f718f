import click
import pytest
from click.testing import CliRunner

from reqlog.exceptions import GateError, UsageError
from reqlog.options.gates import Gate, gates


@click.command
@click.argument("found", type=int)
@gates
def count(found: int, gate: Gate) -> None:
    """Say what the gate says of so many requests."""
    gate.check(found)


def outcome(*arguments: str) -> BaseException | None:
    return CliRunner().invoke(count, arguments, standalone_mode=False).exception


@pytest.mark.parametrize(
    ("flags", "found"), [([], 0), ([], 1), (["--fail-if-any"], 0), (["--fail-if-none"], 1), (["--fail-if-none"], 2)]
)
def test_a_gate_that_holds_says_nothing(flags, found) -> None:
    assert outcome(str(found), *flags) is None


@pytest.mark.parametrize(
    ("flag", "found", "sentence"),
    [
        ("--fail-if-any", 1, "--fail-if-any: there are requests of that kind."),
        ("--fail-if-any", 2, "--fail-if-any: there are requests of that kind."),
        ("--fail-if-none", 0, "--fail-if-none: there is no request of that kind."),
    ],
)
def test_a_gate_that_does_not_hold_says_why(flag, found, sentence) -> None:
    failure = outcome(str(found), flag)
    assert (type(failure), str(failure)) == (GateError, sentence)


def test_both_at_once_are_refused() -> None:
    failure = outcome("1", "--fail-if-any", "--fail-if-none")
    assert isinstance(failure, UsageError)
