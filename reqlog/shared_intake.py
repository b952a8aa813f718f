"""Captures read and redacted by several processes: the same requests, in the same order, with the same account.

What is left for this process is to put together what they give, and whatever is no file: a pipe is read here, as it
comes. Inputs are shared out whole, small ones several at a time, and large ones in parts where that can be done.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Generic, NamedTuple, cast

from reqlog.batches import Item, Piece
from reqlog.exceptions import InputError
from reqlog.intake import Account, Captures, InputOutcome, Outcome, Reading, Unread
from reqlog.readers import Progress, own_mappings, read
from reqlog.readers.base import Passed, Reject
from reqlog.readers.inputs import Input, expand
from reqlog.readers.parts import PART_BYTES, Part, Span, spans
from reqlog.request import Request, weight
from reqlog.store.base import Packing
from reqlog.workers import WorkerEndedError, Workers

if TYPE_CHECKING:
    from reqlog.readers.json_map import Mapping as JsonMapping

_MOST_WORKERS = 3
"""More would wait for the store, and take 40 MB of memory each."""
_JOB_INPUTS = 50
_PIECE_REQUESTS = 500
_PIECE_CHARACTERS = 512 * 1024


class _Share(NamedTuple):
    """An input, or a part of one, to be read by one worker."""

    number: int
    """Of the input, in order."""
    input: Input
    span: Span | None = None


class _Taken(NamedTuple):
    """Some of what came of a share; its last has `is_end`."""

    place: int
    """Of the share in its job."""
    requests: bytes
    """Packed."""
    number: int
    weight: int
    passed: int
    """How many others were passed over."""
    unread: tuple[Unread, ...]
    read: int
    """How many bytes, as they are stored, were read for it."""
    is_end: bool = False
    lines: int = 0
    """Of a part, how many lines it had."""
    is_last: bool = True
    """Whether nothing comes of the parts behind it."""
    failure: str | None = None
    """Why the input could not be read to its end."""


class SharedCaptures(Generic[Item]):
    """The captures at `paths`, to be read once, by at most `count` processes, and what `packing` makes of them."""

    def __init__(
        self,
        paths: Sequence[str],
        reading: Reading,
        packing: Packing[Item],
        count: int,
        part_bytes: int = PART_BYTES,
    ) -> None:
        self._captures = reading.of(paths)
        self._packing = packing
        self._workers = Workers(min(count, _MOST_WORKERS), partial(_begin, _plain(reading), packing.pack))
        self._part_bytes = part_bytes
        self._over: set[int] = set()
        self._at: tuple[int, InputOutcome] | None = None
        self._lines = 0

    def close(self) -> None:
        """End the processes."""
        self._workers.close()

    def read(
        self, account: Account, note: Callable[[Unread], None], progress: Progress | None = None
    ) -> Iterator[Piece[Item]]:
        """Yield the requests as `Captures.read` does, packed and unpacked, in pieces.

        Raises InputError too, at once, if a process ended before its time.
        """
        outcome = Outcome(self._captures.paths, account, note)
        mappings = own_mappings(self._captures.formats)
        inputs = enumerate(expand(self._captures.paths))
        for is_file, some in groupby(inputs, lambda one: one[1].size is not None):
            if is_file:
                yield from self._shared(some, outcome, progress)
                continue
            for _, input in some:
                unread = read(input, self._captures.format, mappings, progress, self._captures.unwanted)
                records = self._captures.redacted(unread)
                for request in outcome.of_input(input.argument).requests(records):
                    yield Piece(self._packing.unpack(self._packing.pack([request])), weight(request))
        outcome.settle()

    def _shared(
        self, inputs: Iterable[tuple[int, Input]], outcome: Outcome, progress: Progress | None
    ) -> Iterator[Piece[Item]]:
        for job, content in self._results(inputs):
            some: list[_Taken] = pickle.loads(content)  # noqa: S301  (a process of our own wrote it)
            for share, taken in ((job[taken.place], taken) for taken in some):
                if share.number in self._over:
                    continue
                if progress is not None:
                    progress(taken.read)
                yield from self._accounted(share, taken, outcome)

    def _results(self, inputs: Iterable[tuple[int, Input]]) -> Iterator[tuple[tuple[_Share, ...], bytes]]:
        try:
            yield from self._workers.results(self._jobs(inputs))
        except WorkerEndedError as error:
            job = cast("tuple[_Share, ...]", error.job)
            first, *others = dict.fromkeys(share.input.name for share in job)
            which = f"it or one of the {len(others)} after it" if others else "it"
            message = f"{first}: the process that read {which} was ended by {error}; import it again"
            raise InputError(message) from error

    def _accounted(self, share: _Share, taken: _Taken, outcome: Outcome) -> Iterator[Piece[Item]]:
        if self._at is None or self._at[0] != share.number:
            self._at, self._lines = (share.number, outcome.of_input(share.input.argument)), 0
        one = self._at[1]
        if taken.number + taken.passed:
            one.add(taken.number + taken.passed)
        if taken.number:
            yield Piece(self._packing.unpack(taken.requests), taken.weight)
        for unread in taken.unread:
            one.leave_out(_moved(unread, self._lines))
        if taken.failure is not None:
            one.break_off(taken.failure)
        if taken.is_end:
            self._lines += taken.lines
        if taken.is_end and taken.is_last and share.span is not None:
            self._over.add(share.number)

    def _jobs(self, inputs: Iterable[tuple[int, Input]]) -> Iterator[tuple[_Share, ...]]:
        """Yield the shares in order, as many at a time as make up a part."""
        few: list[_Share] = []
        try:
            for share in self._shares(inputs):
                few.append(share)
                size = sum(one.input.size or 0 for one in few)
                if share.span or len(few) == _JOB_INPUTS or size >= self._part_bytes:
                    yield tuple(few)
                    few = []
        except InputError:  # of a folder; what was found before is read before it is told
            yield tuple(few)
            raise
        if few:
            yield tuple(few)

    def _shares(self, inputs: Iterable[tuple[int, Input]]) -> Iterator[_Share]:
        for number, input in inputs:
            is_whole = True
            for span in spans(input, self._captures.format, self._part_bytes):
                is_whole = False
                if number in self._over:
                    break
                yield _Share(number, input, span)
            if is_whole:
                yield _Share(number, input)


def _moved(unread: Unread, lines: int) -> Unread:
    """Return what could not be read of a part with its place in the whole file, `lines` before which were others."""
    if not isinstance(unread, Reject) or unread.place is None:
        return unread
    return unread._replace(place=unread.place + lines)


def _plain(reading: Reading) -> Reading:
    """Return `reading` with what can be sent for what only shows it."""
    return replace(reading, formats={name: (place, dict(table)) for name, (place, table) in reading.formats.items()})


def _begin(
    reading: Reading, pack: Callable[[Sequence[Request]], bytes]
) -> Callable[[Sequence[_Share]], Iterator[bytes]]:
    """Return, in a worker, what reads shares."""
    return _Reader(reading.of(()), own_mappings(reading.formats), pack).read


class _Reader(NamedTuple):
    """What reads shares in a worker, as much at a time as makes up a piece."""

    captures: Captures
    mappings: "Mapping[str, JsonMapping]"
    pack: Callable[[Sequence[Request]], bytes]

    def read(self, shares: Sequence[_Share]) -> Iterator[bytes]:
        """Yield what comes of `shares`: lists of `_Taken`."""
        some: list[_Taken] = []
        for place, share in enumerate(shares):
            for taken in self._of_share(share):
                some.append(taken._replace(place=place))
                if sum(one.weight for one in some) >= _PIECE_CHARACTERS:
                    yield pickle.dumps(some)
                    some = []
        yield pickle.dumps(some)

    def _of_share(self, share: _Share) -> Iterator[_Taken]:
        read_bytes = _Sum()
        if share.span is None:
            records = read(share.input, self.captures.format, self.mappings, read_bytes.add, self.captures.unwanted)
            yield from self._taken(self.captures.redacted(records), read_bytes)
            return
        part = Part(share.input, share.span, read_bytes.add)
        records = self.captures.redacted(part.records(self.captures.unwanted), part.occurrences[1])
        for taken in self._taken(records, read_bytes):
            yield taken._replace(lines=part.lines, is_last=part.is_last) if taken.is_end else taken

    def _taken(self, records: Iterator[Request | Unread | Passed], read_bytes: "_Sum") -> Iterator[_Taken]:
        requests: list[Request] = []
        unread: list[Unread] = []
        size, passed, failure = 0, 0, None
        try:
            for record in records:
                if isinstance(record, Request):
                    requests.append(record)
                    size += weight(record)
                elif isinstance(record, Passed):
                    passed += record.number
                else:
                    unread.append(record)
                if size >= _PIECE_CHARACTERS or len(requests) + len(unread) >= _PIECE_REQUESTS:
                    yield self._of(requests, size, passed, unread, read_bytes.taken())
                    requests, unread, size, passed = [], [], 0, 0
        except InputError as error:
            failure = str(error)
        last = self._of(requests, size, passed, unread, read_bytes.taken())
        yield last._replace(is_end=True, failure=failure)

    def _of(self, requests: Sequence[Request], size: int, passed: int, unread: Sequence[Unread], read: int) -> _Taken:
        return _Taken(0, self.pack(requests), len(requests), size, passed, tuple(unread), read)


@dataclass(slots=True)
class _Sum:
    """A sum that is taken away from time to time."""

    number: int = 0

    def add(self, number: int) -> None:
        self.number += number

    def taken(self) -> int:
        """Return the sum, which is then zero."""
        taken, self.number = self.number, 0
        return taken
