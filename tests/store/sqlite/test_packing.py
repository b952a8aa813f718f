import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import zstandard
from dictionary.shapes import Shapes
from hypothesis import given
from hypothesis import strategies as st

from reqlog import limits
from reqlog.store.sqlite.packing import DICTIONARY, UnreadableError, packed, unpacked

BODIES = [json.dumps(each, indent=2) for seed in (1001, 1002) for each in Shapes(seed).objects()]
BODY = BODIES[1]


def frame(text: str) -> bytes:
    """Return what is kept of a text that is long enough to be compressed."""
    kept = packed(text)
    assert isinstance(kept, bytes)
    return kept


@given(st.text() | st.text(alphabet="ab", min_size=100, max_size=10_000))
def test_what_is_packed_is_unpacked(text) -> None:
    assert unpacked(packed(text)) == text


@pytest.mark.parametrize("text", ["", "amount=2000", "%$#" * 20])
def test_what_is_short_stays_text(text) -> None:
    assert packed(text) == text


def test_what_does_not_get_shorter_stays_text() -> None:
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 200)))
    assert packed(text) in (text, packed(text))
    assert len(packed(text)) <= len(text.encode())


def test_bodies_take_less_than_half_of_what_they_take_without_the_dictionary() -> None:
    with_dictionary = sum(len(packed(body)) for body in BODIES)
    without = sum(len(zstandard.compress(body.encode())) for body in BODIES)
    assert with_dictionary < without / 2


def test_frames_of_before_there_was_a_dictionary_are_read() -> None:
    assert unpacked(zstandard.compress(BODY.encode())) == BODY


@pytest.mark.parametrize(
    "kept",
    [
        b"no zstd",
        frame(BODY)[:-5],
        frame(BODY) + b"more",
        zstandard.compress(b"a" * (limits.RECORD_BYTES + 1)),
        zstandard.compress(b"\xff\xfe"),
    ],
    ids=["none", "cut", "with more", "bomb", "no text"],
)
def test_what_nothing_packed_is_refused(kept) -> None:
    with pytest.raises((ValueError, UnreadableError)):
        unpacked(kept)


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_a_changed_byte_is_noticed(place) -> None:
    kept = bytearray(frame(BODY))
    kept[int(len(kept) * place)] ^= 1
    with pytest.raises((ValueError, UnreadableError)):
        unpacked(bytes(kept))


def test_threads_pack_side_by_side() -> None:
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda body: unpacked(packed(body)), BODIES * 20)) == BODIES * 20


def test_the_dictionary_holds_none_of_the_recordings(data) -> None:
    """None of the ids in it was recorded: they are those that the shapes make up."""
    words = set(re.findall(rb"\b(?:req|cus|pi|ch|pm)_\w{14,}", Path(DICTIONARY).read_bytes()))
    recorded = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert not [word for word in words if word in recorded]
