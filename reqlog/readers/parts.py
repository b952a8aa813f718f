"""Large files of lines in parts that can be read apart, and are together what the file is.

Only reqlog's own lines are, since those have ids. A record without one gets an id that depends on what was before it:
so a part that meets such a record is read on to the end of the file, and the parts behind it go for nothing.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from reqlog.exceptions import InputError
from reqlog.exchange import Occurrences
from reqlog.readers import Skipped
from reqlog.readers.base import Passed, Reject
from reqlog.readers.inputs import Input, reason_of
from reqlog.readers.lines import starts_array
from reqlog.readers.sniff import sniff
from reqlog.readers.unpack import HEAD_BYTES, Stream, is_plain
from reqlog.request import Request

PART_BYTES: Final = 1024 * 1024
"""About how large a part is."""

_OWN = "reqlog"
_CHUNK_BYTES = 64 * 1024


class Span(NamedTuple):
    """Where in a file a part stands."""

    start: int
    """Offset of its first line."""
    end: int | None
    """Offset behind its last line; missing for the last part, which ends where the file does."""


def spans(input: Input, format: str | None, size: int = PART_BYTES) -> Iterator[Span]:
    """Yield the parts of `input`, to be read as `format` or as what it begins with; none if it has to be read whole."""
    if input.size is None or input.size < 2 * size or format not in (None, _OWN):
        return
    try:
        with Path(input.name).open("rb") as file:
            if _is_in_lines(file.read(HEAD_BYTES), format):
                yield from _between_lines(file, size)
    except OSError:
        return  # whoever reads it whole says so


def _is_in_lines(head: bytes, format: str | None) -> bool:
    if not is_plain(head) or (format or sniff(head)) != _OWN:
        return False
    return bool(head.strip()) and not starts_array(Stream(iter((head,))))


def _between_lines(file: BinaryIO, size: int) -> Iterator[Span]:
    start = 0
    while (end := _line_after(file, start + size)) is not None:
        yield Span(start, end)
        start = end
    yield Span(start, None)


def _line_after(file: BinaryIO, offset: int) -> int | None:
    """Return where the first line behind `offset` begins; None if there is none."""
    file.seek(offset)
    while chunk := file.read(_CHUNK_BYTES):
        if (found := chunk.find(b"\n") + 1) > 0:
            return offset + found
        offset += len(chunk)
    return None


class Part:
    """A part of a file that is being read. A class since it counts, and has to be told from the others when it ends."""

    def __init__(self, input: Input, span: Span, progress: Callable[[int], None] | None = None) -> None:
        self.lines = 0
        """How many lines were read."""
        self.is_last = span.end is None
        """Whether what comes behind it in the file was read, or cannot be."""
        self.occurrences = Occurrences(), Occurrences()
        """What was seen of records without ids: as they were read, and as they are left."""
        self._input = input
        self._span = span
        self._progress = progress

    def records(self, unwanted: Callable[[Any], bool] | None = None) -> Iterator[Request | Reject | Skipped | Passed]:
        """Yield what it holds, the lines counted from its first; raise, skip or pass over as `readers.read` does."""
        from reqlog.readers.reqlog import skim_lines  # noqa: PLC0415 - what plans the parts does not read them

        try:
            with Stream(self._chunks()) as stream:
                is_first = self._span.start == 0
                yield from skim_lines(stream, self._input.name, self.occurrences[0], unwanted, is_first=is_first)
        except InputError as error:
            self.is_last = True
            if self._input.explicit:
                raise
            yield Skipped(self._input.name, str(error).removeprefix(f"{self._input.name}: "))

    def _chunks(self) -> Iterator[bytes]:
        start, end = self._span
        try:
            with Path(self._input.name).open("rb", buffering=0) as file:
                file.seek(start)
                while chunk := file.read(_CHUNK_BYTES if end is None else min(_CHUNK_BYTES, end - start)):
                    start += len(chunk)
                    self.lines += chunk.count(b"\n")
                    if self._progress is not None:
                        self._progress(len(chunk))
                    yield chunk
                    if start == end:  # what was before has been taken, or there would be no asking for more
                        self.is_last = any(seen.is_used for seen in self.occurrences)
                        end = None if self.is_last else end
        except OSError as error:
            raise InputError(f"{self._input.name}: {reason_of(error)}") from error
