"""From paths to redacted requests: every input read in turn, and an account kept of what could not be read.

Whatever reads captures, to import them or to ask them directly, reads them through here, so that nothing gets past
redaction.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from reqlog.exceptions import InputError, UsageError
from reqlog.filters import EVERYTHING, Filter, is_everything, matches
from reqlog.pseudonym_key import pseudonym_key
from reqlog.readers import Progress, Skipped, check_format, followable, own_mappings, read
from reqlog.readers.base import Passed, Reject
from reqlog.readers.inputs import expand
from reqlog.redact import Redact, redact, redactor
from reqlog.request import Request
from reqlog.rules import OwnRules
from reqlog.unwanted import Unwanted, unwanted

if TYPE_CHECKING:
    from reqlog.exchange import Occurrences

Unread: TypeAlias = Reject | Skipped

_PASSED = Passed(1)


@dataclass(slots=True)
class Account:
    """What has been read so far, and what could not be."""

    files: int = 0
    """Inputs of which there was a record."""
    requests: int = 0
    """Records that became requests."""
    rejects: int = 0
    """Records that could not be read."""
    skipped: int = 0
    """Files of folders that are no captures."""
    failures: list[str] = field(default_factory=list)
    """A sentence for each path of which not one record, or not all of it, could be read."""


@dataclass(frozen=True, slots=True)
class Captures:
    """The captures that the user named, to be read once or more."""

    paths: Sequence[str]
    """Files, folders and `-`."""
    format: str | None = None
    """The format to read them in instead of the one recognised."""
    formats: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    """The user's own formats, as `reqlog.config` has them: name to place and table."""
    redact: Redact = redact
    """What takes the secrets out of each request."""
    wanted: Filter = EVERYTHING
    """Which requests are wanted, by what is left of them; the others are counted, and passed over."""

    def check(self) -> None:
        """Raise UsageError if there is no such format, InputError if a path does not exist or all hold nothing."""
        check_format(self.format, own_mappings(self.formats))
        if next(expand(self.paths), None) is None:
            raise InputError("; ".join(map(_nothing_in, self.paths)))

    def growing(self, idle: Callable[[], None]) -> Iterator[tuple[bool, Iterator[Request | Unread | Passed]]]:
        """Yield for each path the redacted records that it holds and those that will be written to it, without end.

        `idle` is called when all that was written has been read; that is so for files, True, and not for standard
        input, False, which ends where it ends. Raises UsageError for a folder, InputError for a file in a format that
        has to be whole to be read.
        """
        mappings = own_mappings(self.formats)
        for input in expand(self.paths):
            if not input.explicit:
                raise UsageError(f"{input.argument}: folders cannot be followed; name the files in it.")
            live = followable(input, self.format, idle)
            records = read(live, self.format, mappings)
            yield live is not input, self.redacted(records)

    def redacted(
        self, records: Iterator[Request | Unread | Passed], occurrences: "Occurrences | None" = None
    ) -> Iterator[Request | Unread | Passed]:
        """Yield `records`, all of one input, redacted; `occurrences` counts those that are given an id for it."""
        from reqlog.exchange import Occurrences, renamed  # noqa: PLC0415 - it brings msgspec, which help does not need

        occurrences = Occurrences() if occurrences is None else occurrences
        is_unwanted, wanted = self.unwanted, None if is_everything(self.wanted) else self.wanted
        for record in records:
            if not isinstance(record, Request):
                yield record
            elif is_unwanted is not None and is_unwanted(record):
                yield _PASSED
            else:
                request = self.redact(record)
                if request is not record:
                    request = renamed(request, record, occurrences)
                yield request if wanted is None or matches(wanted, request) else _PASSED

    @property
    def unwanted(self) -> Unwanted | None:
        """What tells of a record, before it is redacted, that it is not wanted."""
        return unwanted(self.wanted, self.redact)

    def read(
        self, account: Account, note: Callable[[Unread], None], progress: Progress | None = None
    ) -> Iterator[Request]:
        """Yield the requests, redacted, keeping `account` and passing on what could not be read to `note`.

        Raises InputError after the last one if a path gave not one request, or could not be read to its end.
        """
        mappings = own_mappings(self.formats)
        outcome = Outcome(self.paths, account, note)
        for input in expand(self.paths):
            records = self.redacted(read(input, self.format, mappings, progress, self.unwanted))
            yield from outcome.of_input(input.argument).requests(records)
        outcome.settle()


@dataclass(frozen=True, slots=True)
class Reading:
    """How captures are to be read, in a form that can be sent to another process."""

    format: str | None = None
    """The format to read them in instead of the one recognised."""
    formats: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    """The user's own formats, as `reqlog.config` has them."""
    rules: OwnRules = field(default_factory=OwnRules)
    """The user's own rules of redaction."""
    kinds: tuple[str, ...] = ()
    """What is given pseudonyms."""
    wanted: Filter = EVERYTHING
    """Which requests are wanted."""

    def of(self, paths: Sequence[str]) -> Captures:
        """Return what reads `paths` like this; raises what `redactor_of` does."""
        return Captures(paths, self.format, self.formats, redactor_of(self.rules, self.kinds), self.wanted)


def redactor_of(rules: OwnRules, kinds: Sequence[str]) -> Redact:
    """Return what redacts by a user's own `rules` too, and gives pseudonyms to what is of `kinds`.

    Raises what `pseudonym_key` does; it is asked for the key only if there are kinds.
    """
    if not kinds:
        return redactor(rules)
    from reqlog.redact.pseudonyms import pseudonyms  # noqa: PLC0415 - rarely wanted, and 4 ms of a start

    return redactor(rules, pseudonyms(pseudonym_key(os.environ), kinds))


def _nothing_in(path: str) -> str:
    return f"{path}: there are no files in it"


class Outcome:
    """What came of the paths that the user gave, kept in `account`. A class since it counts."""

    def __init__(self, paths: Sequence[str], account: Account, note: Callable[[Unread], None]) -> None:
        self._paths = paths
        self._account = account
        self._note = note
        self._arguments: dict[str, _Argument] = {}

    def of_input(self, argument: str) -> "InputOutcome":
        """Return what counts what comes of one more input, to which the path `argument` led."""
        return InputOutcome(self._arguments.setdefault(argument, _Argument(argument)), self._account, self._note)

    def settle(self) -> None:
        """Raise InputError if a path gave not one request, or could not be read to its end."""
        self._account.failures += [failure for one in self._arguments.values() if (failure := one.failure)]
        self._account.failures += [_nothing_in(path) for path in self._paths if path not in self._arguments]
        if self._account.failures:
            raise InputError("; ".join(self._account.failures))


class InputOutcome:
    """What came of one input. A class since it counts."""

    def __init__(self, argument: "_Argument", account: Account, note: Callable[[Unread], None]) -> None:
        self._argument = argument
        self._account = account
        self._note = note
        self._counted = False

    def requests(self, records: Iterator[Request | Unread | Passed]) -> Iterator[Request]:
        """Yield what of `records` are requests, and count them and the others."""
        try:
            for record in records:
                if isinstance(record, Request):
                    self.add(1)
                    yield record
                elif isinstance(record, Passed):
                    self.add(record.number)
                else:
                    self.leave_out(record)
        except InputError as error:
            self.break_off(str(error))

    def add(self, requests: int) -> None:
        """Count so many requests."""
        self._count_file()
        self._account.requests += requests
        self._argument.requests += requests

    def leave_out(self, unread: Unread) -> None:
        """Count and pass on what could not be read."""
        if isinstance(unread, Reject):
            self._count_file()
            self._account.rejects += 1
        else:
            self._account.skipped += 1
        self._argument.first_unread = self._argument.first_unread or unread
        self._note(unread)

    def break_off(self, reason: str) -> None:
        """Note that it could not be read to its end, for the `reason` of an InputError."""
        self._argument.broken.append(reason)

    def _count_file(self) -> None:
        self._account.files += not self._counted
        self._counted = True


@dataclass(slots=True)
class _Argument:
    """One path as the user gave it, and what came of it."""

    path: str
    requests: int = 0
    first_unread: Unread | None = None
    broken: list[str] = field(default_factory=list)

    @property
    def failure(self) -> str | None:
        """Why the path did not give what it holds, if it did not."""
        if self.broken:
            return "; ".join(self.broken)
        if self.requests:
            return None
        if self.first_unread is None:
            return f"{self.path}: there are no requests in it"
        return f"{self.path}: not one request could be read from it; the first reason is {self.first_unread}"
