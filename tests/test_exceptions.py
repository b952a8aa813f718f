import signal

import pytest

from reqlog import exceptions
from reqlog.exceptions import ExitCode, ReqlogError, ReqlogWarning, StoppedError


def test_exit_codes_are_those_that_shells_and_scripts_count_on() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "DONE": 0,
        "NO": 1,
        "USAGE": 2,
        "NO_ANSWER": 3,
        "HUNG_UP": 129,
        "INTERRUPTED": 130,
        "CLOSED_PIPE": 141,
        "TERMINATED": 143,
    }


@pytest.mark.parametrize(
    "name", ["UsageError", "NoSuchRequestError", "GateError", "InputError", "StoreError", "ReqlogError"]
)
def test_what_a_user_can_mend_is_a_reqlog_error_and_says_its_sentence(name: str) -> None:
    error = getattr(exceptions, name)("a.har: it is empty.")
    assert (isinstance(error, ReqlogError), str(error)) == (True, "a.har: it is empty.")


def test_the_exit_codes_for_signals_are_those_that_shells_give_them() -> None:
    assert [ExitCode(128 + number) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)] == [
        ExitCode.HUNG_UP,
        ExitCode.INTERRUPTED,
        ExitCode.TERMINATED,
    ]
    assert StoppedError(signal.SIGTERM).number == 15


def test_a_warning_is_not_an_error() -> None:
    assert not issubclass(ReqlogWarning, ReqlogError)
