"""Elements of an array out of a stream, whatever the chunks."""

import io
import json
from collections.abc import Iterable, Iterator
from itertools import cycle

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog.limits import RECORD_BYTES
from reqlog.readers.json_stream import CHUNK_BYTES, BrokenJsonError, array_items

KEYS = st.sampled_from(["a", "log", "entries", 'x"y', "\\", "é"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)
MEMBERS = st.dictionaries(KEYS, VALUES, max_size=4)


class Chunked(io.BytesIO):
    """A stream that gives a few bytes at a time, whatever it is asked for."""

    def __init__(self, data: bytes, sizes: Iterable[int]) -> None:
        super().__init__(data)
        self._sizes = cycle(sizes)

    def read(self, size: int | None = -1) -> bytes:
        return super().read(next(self._sizes))


class Repeated(io.BytesIO):
    """A stream of a head, a part many times over, and a tail, never held at once."""

    def __init__(self, head: bytes, part: bytes, times: int, tail: bytes) -> None:
        super().__init__()
        self._parts = self._generated(head, part, times, tail)

    @staticmethod
    def _generated(head: bytes, part: bytes, times: int, tail: bytes) -> Iterator[bytes]:
        yield head
        for _ in range(times):
            yield part
        yield tail

    def read(self, size: int | None = -1) -> bytes:
        return next(self._parts, b"")


def outcome(data: bytes, *keys: str) -> tuple[list[bytes], str | None]:
    """Return the elements, and the reason if it ended with one."""
    elements = []
    try:
        for element in array_items(io.BytesIO(data), keys):
            elements.append(element)  # noqa: PERF402 - what came before the exception is to be kept
    except BrokenJsonError as broken:
        return elements, str(broken)
    return elements, None


@given(
    elements=st.lists(VALUES, max_size=6),
    keys=st.lists(KEYS, max_size=3),
    members=MEMBERS,
    indent=st.sampled_from([None, 0, 2, "\t"]),
    ascii_only=st.booleans(),
    mark=st.booleans(),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
)
def test_the_elements_are_those_that_json_finds(elements, keys, members, indent, ascii_only, mark, sizes):
    document: object = elements
    for key in reversed(keys):
        before = {name: value for name, value in members.items() if name < key}
        after = {name: value for name, value in members.items() if name > key}
        document = before | {key: document} | after
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    data = (b"\xef\xbb\xbf" if mark else b"") + text.encode() + b"\n"
    found = list(array_items(Chunked(data, sizes), tuple(keys)))
    assert [json.loads(element) for element in found] == elements


@given(data=st.binary(max_size=60) | st.text('[]{}",:\\ 1a', max_size=60).map(str.encode))
def test_anything_else_is_broken_json_and_nothing_worse(data):
    for keys in ((), ("a",), ("a", "")):
        outcome(data, *keys)


@given(
    elements=st.lists(VALUES, max_size=4),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    share=st.floats(0, 1, exclude_max=True),
)
def test_a_document_cut_anywhere_gives_the_elements_before_the_cut(elements, sizes, share):
    whole = json.dumps({"log": {"entries": elements}}).encode()
    found = []
    broken = False
    try:
        for element in array_items(Chunked(whole[: int(len(whole) * share)], sizes), ("log", "entries")):
            found.append(json.loads(element))  # noqa: PERF401 - what came before the exception is to be kept
    except BrokenJsonError:
        broken = True
    assert (found, broken) == (elements[: len(found)], True)


@pytest.mark.parametrize(
    ("data", "keys", "expected"),
    [
        (b"[]", (), ([], None)),
        (b' [ 1 , "a]" , {"b": [2]} ] ', (), ([b"1", b'"a]"', b'{"b": [2]}'], None)),
        (b'{"log": {"entries": [1], "version": "1.2"}, "x": {}}', ("log", "entries"), ([b"1"], None)),
        (b'{"\\u006cog": {"entries": [1]}}', ("log", "entries"), ([b"1"], None)),
        (b'{"log": [1], "log": [2]}', ("log",), ([b"1"], None)),
        (b'\xef\xbb\xbfonInput.data ({"a": [1, 2]}) ;\n', ("a",), ([b"1", b"2"], None)),
        (b'f({"a": [1]}', ("a",), ([b"1"], "something follows the JSON document")),
        (b"[[[[[[[1]]]]]], 2]", (), ([b"[[[[[[1]]]]]]", b"2"], None)),
        (b'{"log": {}}', ("log", "entries"), ([], "no log.entries")),
        (b'{"log": 1}', ("log", "entries"), ([], "no log.entries")),
        (b"[1]", ("log", "entries"), ([], "no log.entries")),
        (b"plain text", ("log", "entries"), ([], "no log.entries")),
        (b'{"log": {"entries": {}}}', ("log", "entries"), ([], "log.entries is not an array")),
        (b"1", (), ([], "not a JSON array")),
        (b"", (), ([], "ends early")),
        (b"\xef\xbb\xbf", (), ([], "ends early")),
        (b"[1, 2", (), ([b"1"], "ends early")),
        (b'{"a": [1, 2], "b": ', ("a",), ([b"1", b"2"], "ends early")),
        (b'["\\', (), ([], "ends early")),
        (b"[1, ]", (), ([b"1"], "not JSON")),
        (b"[1 2]", (), ([b"1"], "not JSON")),
        (b'{"a" [1]}', ("a",), ([], "not JSON")),
        (b'{"b": 1 "a": [1]}', ("a",), ([], "not JSON")),
        (b"[1] [2]", (), ([b"1"], "something follows the JSON document")),
        (b"\x0b[1]", (), ([], "not a JSON array")),
        (b" " * 200 + b"f([1])", (), ([b"1"], None)),
    ],
)
def test_what_becomes_of_a_document(data, keys, expected):
    assert outcome(data, *keys) == expected


@pytest.mark.parametrize("share", [0.5, 1.0, 2.5])
def test_an_element_over_the_limit_is_left_out_and_the_rest_goes_on(share):
    part = b"\\n" * (CHUNK_BYTES // 2)
    stream = Repeated(b'[1, "', part, int(RECORD_BYTES * share / len(part)), b'", 2]')
    lengths = [len(element) for element in array_items(stream, ())]
    kept = int(RECORD_BYTES * share / len(part)) * len(part) + 2
    assert lengths == [1, kept if kept <= RECORD_BYTES else 0, 1]


def test_an_element_is_what_msgspec_decodes():
    (element,) = array_items(io.BytesIO('[{"é": "\\ud83d\\ude00"}]'.encode()), ())
    assert msgspec.json.decode(element) == {"é": "😀"}
