import gzip
import io
import sys
import zlib

import pytest

from reqlog import limits
from reqlog.exceptions import InputError
from reqlog.readers.unpack import HEAD_BYTES, Stream, unpacked

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = b"".join(b"line %d of some text\n" % number for number in range(20_000))


def pieces(data, size):
    return (data[start : start + size] for start in range(0, len(data), size))


PACKED = {
    "plain": TEXT,
    "gzip": gzip.compress(TEXT),
    "gzip, two members": gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:]),
    "gzip, padded": gzip.compress(TEXT) + b"\0" * 512,
    "zlib": zlib.compress(TEXT),
    "zstd": zstd.compress(TEXT),
    "zstd, two frames": zstd.compress(TEXT[:1000]) + zstd.compress(TEXT[1000:]),
    "UTF-16": TEXT.decode().encode("utf-16"),
    "UTF-16, gzip": gzip.compress(TEXT.decode().encode("utf-16")),
}


@pytest.mark.parametrize("size", [1, 7, 64 * 1024])
@pytest.mark.parametrize("packing", PACKED)
def test_what_is_packed_comes_out_plain(packing, size):
    assert b"".join(unpacked(pieces(PACKED[packing], size), "f")) == TEXT


def test_a_highly_packed_input_comes_in_bounded_pieces():
    packed = gzip.compress(b"\0" * 50_000_000)
    sizes = [len(piece) for piece in unpacked(pieces(packed, 64 * 1024), "f")]
    assert (sum(sizes), max(sizes)) == (50_000_000, 256 * 1024)


def test_a_highly_packed_frame_comes_in_bounded_pieces():
    packed = zstd.compress(b"\0" * 50_000_000)
    sizes = [len(piece) for piece in unpacked(pieces(packed, 64 * 1024), "f")]
    assert (sum(sizes), max(sizes) <= 256 * 1024) == (50_000_000, True)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress(TEXT)[:-20], "f: compressed data ends early after {} bytes; what was before that has been read"),
        (zstd.compress(TEXT)[:-20], "f: compressed data ends early after {} bytes; what was before that has been read"),
        (gzip.compress(TEXT) + b"junk", "f: compressed data is broken within its first {} bytes"),
        (zstd.compress(TEXT) + b"junk", "f: compressed data is broken within its first {} bytes"),
    ],
)
def test_packed_data_that_is_not_whole_gives_what_is_there_and_then_says_so(data, message):
    found: list[bytes] = []
    with pytest.raises(InputError) as raised:
        found.extend(unpacked(pieces(data, 1000), "f"))
    assert str(raised.value) == message.format(len(data))
    assert TEXT.startswith(b"".join(found))
    assert sum(map(len, found)) > len(TEXT) // 2


@pytest.mark.parametrize("data", [b"\x1f\x8bno gzip", b"\x28\xb5\x2f\xfdno zstd"])
def test_what_only_begins_like_packed_data_is_refused(data):
    with pytest.raises(InputError, match=r"^f: compressed data is broken"):
        list(unpacked(iter([data]), "f"))


def test_a_stream_shows_its_beginning_and_then_gives_all():
    with Stream(iter([b"ab", b"cd\nef", b"gh"])) as stream:
        looks = [stream.head(), stream.look_further(), stream.head(), stream.look_further(), stream.head()]
        assert looks == [b"", True, b"ab", True, b"abcd\nef"]
        assert stream.read() == b"abcd\nefgh"


def test_a_stream_looks_no_further_than_its_bound():
    with Stream(iter([b"a" * HEAD_BYTES, b"b"])) as stream:
        assert (stream.look_further(), stream.look_further(), len(stream.head())) == (True, False, HEAD_BYTES)


def test_a_line_needs_only_the_pieces_it_is_in():
    def chunks():
        yield b"first\nsec"
        raise AssertionError("asked for more than a line")

    with Stream(chunks()) as stream:
        assert stream.readline() == b"first\n"


def test_an_empty_stream_is_empty():
    with Stream(unpacked(iter(()), "f")) as stream:
        assert (stream.look_further(), stream.read()) == (False, b"")


def test_bytes_before_a_failure_are_given():
    def chunks():
        yield b"one\ntwo\n"
        raise InputError("f: it is broken")

    with Stream(chunks()) as stream:
        assert [stream.readline(), stream.readline()] == [b"one\n", b"two\n"]
        with pytest.raises(InputError):
            stream.readline()


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_packed_data_gives_all_before_the_byte_that_breaks_it_whatever_pieces_it_comes_in(size):
    packed = gzip.compress(TEXT)
    found: list[bytes] = []
    with pytest.raises(InputError, match="broken"):
        found.extend(unpacked(pieces(packed[:-8] + b"junkjunk", size), "f"))
    assert b"".join(found) == TEXT


def test_a_read_gives_what_is_there_before_it_fails():
    def chunks():
        yield b"one"
        raise InputError("f: it is broken")

    with Stream(chunks()) as stream:
        assert stream.read(100) == b"one"
        with pytest.raises(InputError):
            stream.read(100)


def test_a_stream_is_a_buffered_reader():
    with Stream(iter([b"x"])) as stream:
        assert isinstance(stream, io.BufferedReader)


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress, zlib.compress])
def test_what_unpacks_to_far_more_than_it_is_ends(compress):
    bomb = compress(b"\0" * (2 * limits.UNPACKED_BYTES))
    given: list[int] = []
    with pytest.raises(InputError, match="f: compressed data gives more than 250 times its size"):
        given.extend(map(len, unpacked(pieces(bomb, 64 * 1024), "f")))
    assert limits.UNPACKED_BYTES - 256 * 1024 <= sum(given) <= limits.UNPACKED_BYTES


def test_what_unpacks_to_many_times_its_size_is_read():
    text = b"".join(b"%d some line that is in a log again and again\n" % (number // 5) for number in range(2_000_000))
    packed = gzip.compress(text)
    assert len(text) > limits.UNPACKED_BYTES
    assert sum(map(len, unpacked(pieces(packed, 64 * 1024), "f"))) == len(text)
