"""What must hold of bytes that are read, whatever they are: in any format, packed anyhow, in pieces of any size."""

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from reqlog.columns import RECORD
from reqlog.exceptions import InputError
from reqlog.readers import FORMATS, Skipped, own_mappings, read
from reqlog.readers.base import Passed, Reject
from reqlog.readers.inputs import Input
from reqlog.readers.sniff import sniff
from reqlog.readers.unpack import Stream, unpacked
from reqlog.redact import redact
from reqlog.render import jsonl
from reqlog.render.base import Style
from reqlog.request import Request

from .comparing import PACKED, records_in
from .keeping import check_kept, check_well_typed

Record = Request | Reject | Skipped

OWN = own_mappings(
    {
        "own": (
            "config.toml:1",
            {
                "fields": {
                    "id": "id",
                    "time": ["t", "when"],
                    "duration_ms": "took",
                    "request_line": "line",
                    "method": "m",
                    "url": ["u", '"a.b".c'],
                    "query": "q",
                    "status": "s",
                    "ip_address": "ip",
                    "livemode": "live",
                    "error_message": "e",
                    "request_headers": "h",
                    "response_headers": "h_*",
                    "request_body": "in",
                    "response_body": "out",
                },
                "prefix": "[A-Z]+: ",
            },
        )
    }
)
"""A format of a user's own, which has a field of every kind."""

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class _Bytes:
    """An input that is held in memory, and of which a reader gets no more than `sizes` say at a time."""

    content: bytes
    sizes: tuple[int, ...]
    name: str = "INPUT"
    explicit: bool = True

    @contextmanager
    def open(self, progress: object = None) -> Iterator[Stream]:
        with _Dribble(unpacked(self._chunks(), self.name), self.sizes) as stream:
            yield stream

    def _chunks(self) -> Iterator[bytes]:
        at = turn = 0
        while at < len(self.content):
            size = self.sizes[turn % len(self.sizes)]
            yield self.content[at : at + size]
            at, turn = at + size, turn + 1


class _Dribble(Stream):
    """A stream whose `read` gives less than it is asked for, as one of a pipe may."""

    def __init__(self, chunks: Iterator[bytes], sizes: tuple[int, ...]) -> None:
        super().__init__(chunks)
        self._most = max(sizes)

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._most if size is None or size < 0 else min(size, self._most))


def records_of(format: str | None, content: bytes, *sizes: int) -> list[Record | str]:
    """Return what `content` holds, cut in pieces of `sizes` in turn, and last the sentence if it is refused."""
    found: list[Record | str] = []
    try:
        records = read(cast("Input", _Bytes(content, sizes or (1 << 20,))), format, OWN)
        found.extend(record for record in records if not isinstance(record, Passed))
    except InputError as error:
        found.append(_without_place(error))
    return found


def _without_place(error: InputError) -> str:
    """Return what `error` says, but not after how many bytes it was noticed: that depends on the pieces."""
    return str(error).partition(" within its first ")[0].partition(" after ")[0]


def check_reading(format: str | None, content: bytes) -> None:
    """Hold that `content`, read as `format`, gives requests that are well typed and can be kept, and clear rejects."""
    found = records_of(format, content)
    requests = [redact(record) for record in found if isinstance(record, Request)]
    for record in found:
        if isinstance(record, Request):
            check_well_typed(record)
        elif isinstance(record, Reject):
            check_reason(record)
    for request in requests:
        assert redact(request) == request
    check_kept(requests)
    check_output(requests)
    _check_alike(found, records_of(format, content, *_sizes(content)))
    if (count := records_in(format, content)) is not None:
        assert len(found) == count


def _check_alike(whole: list[Record | str], in_pieces: list[Record | str]) -> None:
    """Hold that both are the same, except that broken YAML may be noticed at another byte of some 500."""
    if any(found and "broken YAML" in str(found[-1]) for found in (whole, in_pieces)):
        shared = min(len(whole), len(in_pieces)) - 1
        whole, in_pieces = whole[:shared], in_pieces[:shared]
    assert in_pieces == whole


def check_reason(reject: Reject) -> None:
    """Hold that a reject says where and why in a few words that are fit to be shown."""
    assert reject.file == "INPUT"
    assert reject.place is None or reject.place >= 1
    assert reject.reason
    assert reject.reason.isprintable()
    assert len(reject.reason) <= LONGEST_REASON


def check_output(requests: list[Request]) -> None:
    """Hold that `list -o jsonl` of `requests`, read again, gives them again."""
    written = io.StringIO()
    jsonl.render(requests, RECORD, written, Style())
    assert records_of("reqlog", written.getvalue().encode()) == cast("list[Any]", requests)


def check_sniffing(content: bytes) -> None:
    """Hold that an unnamed input is read as what it is taken for, and that no beginning is too strange to tell."""
    for end in (len(content), len(content) // 2, len(content) // 3):
        assert sniff(content[:end]) in {None, *FORMATS}
    if (format := sniff(content)) is not None and not content.startswith(PACKED):
        assert records_of(None, content) == records_of(format, content)
    for record in records_of(None, content, *_sizes(content)):
        if isinstance(record, Request):
            check_well_typed(record)


def check_unpacking(content: bytes) -> None:
    """Hold that packed bytes give the same whatever pieces they come in, and all of them if they are whole."""
    _unpacked_alike(content)
    for wbits in (zlib.MAX_WBITS, zlib.MAX_WBITS | 16):
        packer = zlib.compressobj(wbits=wbits)
        packed = packer.compress(b"{" + content) + packer.flush()
        assert _unpacked_alike(packed) == (b"{" + content, "")
        cut = packed[: len(packed) - 1 - len(content) % 7]
        assert _unpacked_alike(cut)[1]


def _unpacked_alike(content: bytes) -> tuple[bytes, str]:
    whole = _unpacked(_Bytes(content, (1 << 20,)))
    assert _unpacked(_Bytes(content, _sizes(content))) == whole
    return whole


def _unpacked(input: _Bytes) -> tuple[bytes, str]:
    """Return the plain bytes of `input`, and what is wrong with the rest."""
    pieces = []
    with input.open() as stream:
        try:
            while piece := stream.read1():
                pieces.append(piece)
        except InputError as error:
            return b"".join(pieces), _without_place(error)
    return b"".join(pieces), ""


def _sizes(content: bytes) -> tuple[int, ...]:
    """Return sizes of pieces that depend on nothing but `content`."""
    digest = zlib.crc32(content)
    return tuple(1 + len(content) // 40 + (digest >> shift) % 61 for shift in (0, 8, 16))
