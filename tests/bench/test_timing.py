"""Commands are run as often as they are worth, and what they print and hold is known."""

import sys

import pytest
from bench.timing import ENDLESS, FEW, LONG, Command, FailedError, Measured, in_turn, measure


def test_what_a_command_prints_goes_to_its_file(tmp_path) -> None:
    command = Command(("sh", "-c", "echo answer; echo talk >&2"), tmp_path / "said")
    measured = measure(command, tmp_path)
    assert (command.output.read_text(), command.errors.read_text()) == ("answer\n", "talk\n")
    assert measured.seconds > 0


def test_a_command_that_fails_is_told(tmp_path) -> None:
    with pytest.raises(FailedError, match=r"exit 3: why"):
        measure(Command(("sh", "-c", "echo why >&2; exit 3"), tmp_path / "said"), tmp_path)


@pytest.mark.parametrize("script", ["hold()", "subprocess.run([sys.executable, '-c', code])"])
def test_the_memory_of_a_command_is_that_of_its_processes(script, tmp_path) -> None:
    code = f"import subprocess, sys\nhold = lambda: bytearray(64_000_000)\ncode = 'bytearray(64_000_000)'\n{script}"
    held = measure(Command((sys.executable, "-I", "-S", "-c", code), tmp_path / "said"), tmp_path).peak
    assert 64_000_000 < held < 128_000_000


def test_what_takes_little_holds_little(tmp_path) -> None:
    held = bytearray(64_000_000)
    measured = measure(Command(("true",), tmp_path / "said"), tmp_path)
    assert measured.peak < len(held) // 2


@pytest.mark.parametrize(("seconds", "runs"), [(0.1, 5), (LONG, FEW), (ENDLESS, 1)])
def test_what_takes_long_is_run_less_often(seconds, runs, tmp_path) -> None:
    first = {"quick": Measured(0.1, 0.1, 1), "other": Measured(seconds, seconds, 1)}
    series = in_turn({name: Command(("true",), tmp_path / name) for name in first}, first, 5, tmp_path)
    assert {name: len(measured) for name, measured in series.items()} == {"quick": 5, "other": runs}
