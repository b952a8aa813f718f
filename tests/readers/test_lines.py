import io
import os
import tracemalloc

import pytest

from reqlog import limits
from reqlog.readers.lines import buffered, lines, starts_array, without_escapes
from reqlog.readers.unpack import Stream


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", []),
        (b"a", [(1, b"a")]),
        (b"a\nb\n", [(1, b"a"), (2, b"b")]),
        (b"a\r\n\r\nb", [(1, b"a"), (2, b""), (3, b"b")]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb", [(1, b"a"), (2, b"\xef\xbb\xbfb")]),
        (b"\xff\n", [(1, b"\xff")]),
    ],
)
def test_lines_are_numbered_without_their_endings(text, expected):
    assert list(lines(io.BytesIO(text))) == expected


@pytest.mark.parametrize(
    ("size", "held"),
    [
        (1024 * 1024 - 1, True),
        (1024 * 1024, True),
        (1024 * 1024 + 1, True),
        (limits.RECORD_BYTES - 1, True),
        (limits.RECORD_BYTES, False),
        (limits.RECORD_BYTES + 5, False),
    ],
)
def test_a_line_is_held_up_to_the_limit(size, held):
    text = b"a\n" + b"x" * size + b"\nb\n"
    assert list(lines(io.BytesIO(text))) == [(1, b"a"), (2, b"x" * size if held else None), (3, b"b")]


class _Endless(io.RawIOBase):
    """A line of 200 MB that is nowhere held."""

    def __init__(self):
        self.left = 200 * 1000 * 1000

    def readable(self):
        return True

    def readinto(self, buffer):
        size = min(len(buffer), self.left)
        buffer[:size] = b"x" * size
        self.left -= size
        return size


def test_an_overlong_line_needs_little_memory():
    tracemalloc.start()
    try:
        found = list(lines(io.BufferedReader(_Endless())))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found, peak < 40 * 1000 * 1000) == ([(1, None)], True)


def test_a_line_is_yielded_as_soon_as_it_is_there():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb", buffering=0) as pipe:
        found = lines(stream)
        pipe.write(b"first\n")
        assert next(found) == (1, b"first")


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b"[1]", True), (b"\xef\xbb\xbf \n\t[", True), (b"{}", False), (b"", False), (b"  ", False)],
)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_an_array_is_told_without_consuming_it_whatever_pieces_it_comes_in(text, expected, size):
    stream = Stream(text[at : at + size] for at in range(0, len(text), size))
    assert (starts_array(stream), stream.read()) == (expected, text)


def test_an_array_is_told_in_any_stream():
    stream = buffered(io.BytesIO(b" [1]"))
    assert (starts_array(stream), stream.read()) == (True, b" [1]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"plain", b"plain"),
        (b"\x1b[1;32m200\x1b[0m ok", b"200 ok"),
        (b"\x1b]8;;https://a.test\x1b\\req_1\x1b]8;;\x1b\\", b"req_1"),
        (b"\x1b]8;;https://a.test\x07req_1\x1b]8;;\x07", b"req_1"),
        (b"\x1b[2K{}", b"{}"),
        (b"\x1b]" + b"x" * 10, b""),
    ],
)
def test_escape_sequences_are_taken_out(text, expected):
    assert without_escapes(text) == expected
