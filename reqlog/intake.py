"""From paths to redacted requests: every input read in turn, and an account kept of what could not be read.

Whatever reads captures, to import them or to ask them directly, reads them through here, so that nothing gets past
redaction.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from reqlog.exceptions import InputError, UsageError
from reqlog.pseudonym_key import pseudonym_key
from reqlog.readers import Progress, Skipped, check_format, followable, own_mappings, read
from reqlog.readers.base import Reject
from reqlog.readers.inputs import expand
from reqlog.redact import Redact, redact, redactor
from reqlog.request import Request
from reqlog.rules import OwnRules

Unread: TypeAlias = Reject | Skipped


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

    def check(self) -> None:
        """Raise UsageError if there is no such format, InputError if a path does not exist or all hold nothing."""
        check_format(self.format, own_mappings(self.formats))
        if next(expand(self.paths), None) is None:
            raise InputError("; ".join(map(_nothing_in, self.paths)))

    def growing(self, idle: Callable[[], None]) -> Iterator[tuple[bool, Iterator[Request | Unread]]]:
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
            yield live is not input, self._redacted(records)

    def _redacted(self, records: Iterator[Request | Unread]) -> Iterator[Request | Unread]:
        from reqlog.exchange import Occurrences, renamed  # noqa: PLC0415 - it brings msgspec, which help does not need

        occurrences = Occurrences()
        for record in records:
            yield renamed(self.redact(record), record, occurrences) if isinstance(record, Request) else record

    def read(
        self, account: Account, note: Callable[[Unread], None], progress: Progress | None = None
    ) -> Iterator[Request]:
        """Yield the requests, redacted, keeping `account` and passing on what could not be read to `note`.

        Raises InputError after the last one if a path gave not one request, or could not be read to its end.
        """
        mappings = own_mappings(self.formats)
        arguments: dict[str, _Argument] = {}
        for input in expand(self.paths):
            argument = arguments.setdefault(input.argument, _Argument(input.argument, self.redact))
            yield from argument.requests(read(input, self.format, mappings, progress), account, note)
        account.failures += [failure for argument in arguments.values() if (failure := argument.failure)]
        account.failures += [_nothing_in(path) for path in self.paths if path not in arguments]
        if account.failures:
            raise InputError("; ".join(account.failures))


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


class _Argument:
    """One path as the user gave it, and what came of it."""

    def __init__(self, path: str, redact: Redact) -> None:
        self._path = path
        self._redact = redact
        self._requests = 0
        self._first_unread: Unread | None = None
        self._broken: list[str] = []

    def requests(
        self, records: Iterator[Request | Unread], account: Account, note: Callable[[Unread], None]
    ) -> Iterator[Request]:
        from reqlog.exchange import Occurrences, renamed  # noqa: PLC0415 - it brings msgspec, which help does not need

        counted, occurrences = False, Occurrences()
        try:
            for record in records:
                if isinstance(record, Skipped):
                    account.skipped += 1
                elif not counted:
                    account.files += 1
                    counted = True
                if isinstance(record, Request):
                    account.requests += 1
                    self._requests += 1
                    yield renamed(self._redact(record), record, occurrences)
                else:
                    account.rejects += isinstance(record, Reject)
                    self._first_unread = self._first_unread or record
                    note(record)
        except InputError as error:
            self._broken.append(str(error))

    @property
    def failure(self) -> str | None:
        """Why the path did not give what it holds, if it did not."""
        if self._broken:
            return "; ".join(self._broken)
        if self._requests:
            return None
        if self._first_unread is None:
            return f"{self._path}: there are no requests in it"
        return f"{self._path}: not one request could be read from it; the first reason is {self._first_unread}"
