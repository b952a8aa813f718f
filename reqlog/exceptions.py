"""What can go wrong in a way that a user can mend, and the exit codes that say so.

The mapping from one to the other is made in `reqlog.cli` and nowhere else.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process ends with."""

    DONE = 0
    """The command did what was asked; that nothing matched is an answer too."""
    NO = 1
    """The answer is no: a gate (`--fail-if-any`, `--fail-if-none`) failed, `show` found no such request, or `prune` was
    told not to."""
    USAGE = 2
    """A flag, a value or the config file is wrong, or an id was cut so short that it is the beginning of several."""
    NO_ANSWER = 3
    """There is no answer: the store or an input could not be read, or the store is damaged."""
    HUNG_UP = 129
    """SIGHUP, as when a terminal is closed, ended an import; what it had read is kept."""
    INTERRUPTED = 130
    """Ctrl-C."""
    CLOSED_PIPE = 141
    """Whoever read the output went away."""
    TERMINATED = 143
    """SIGTERM, as `kill` sends it, ended an import; what it had read is kept."""


class ReqlogError(Exception):
    """Something a user can mend; the message is one sentence: what, where, what to do."""


class UsageError(ReqlogError):
    """A flag, a value or a config entry is wrong."""


class NoSuchRequestError(ReqlogError):
    """No request, or more than one, answers to the id that was asked for."""


class GateError(ReqlogError):
    """A condition that the user asked to be held did not hold."""


class InputError(ReqlogError):
    """A capture could not be read."""


class StoreError(ReqlogError):
    """The store could not be opened, read or written."""


class PseudonymKeyError(ReqlogError):
    """The key of pseudonyms could not be read or made."""


class StoppedError(Exception):
    """A signal, `number`, asked for the end, and what was under way has been brought to one."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class ReqlogWarning(UserWarning):
    """Something a user should mend, though the command goes on; the message is one sentence as above."""
