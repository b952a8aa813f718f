import io

import pytest

from reqlog import limits
from reqlog.readers.yaml_stream import OVERSIZED, BrokenYamlError, Unreadable, from_base64, sequence_items

KEYS = ("items",)


def items(text):
    return list(sequence_items(io.BytesIO(text), KEYS))


def items_and_reason(text):
    """Return the elements and the reason why there are no more."""
    found = []
    try:
        for item in sequence_items(io.BytesIO(text), KEYS):
            found.append(item)  # noqa: PERF402  those before the error count
    except BrokenYamlError as error:
        return found, str(error)
    return found, None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", []),
        (b"# nothing\n", []),
        (b"---\n", []),
        (b"items:\n", []),
        (b"items: []\n", []),
        (b"- 1\n- two\n", ["1", "two"]),
        (b"items:\n- a: 1\nother: 2\n", [{"a": "1"}]),
        (b"other: {b: [c]}\nitems: [a]\n", ["a"]),
        (b"[a]\n---\nitems: [b]\n", ["a", "b"]),
        (b"\xef\xbb\xbf- a\n", ["a"]),
        ("- ä\n".encode("utf-16"), ["ä"]),
    ],
)
def test_elements_are_found(text, expected):
    assert items(text) == expected


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [
        (b"200", "200"),
        (b"true", "true"),
        (b"2025-11-10 10:00:00", "2025-11-10 10:00:00"),
        (b":get", ":get"),
        (b"", None),
        (b"~", None),
        (b"null", None),
        (b"'null'", "null"),
        (b"''", ""),
        (b"!!null ''", None),
        (b"!!str null", "null"),
        (b"! 'a'", "a"),
        (b"|\n  a\n  b\n", "a\nb\n"),
        (b"!binary aGk=", b"hi"),
        (b"!!binary |\n  aG\n  k=\n", b"hi"),
        (b"!binary a!", "a!"),
        (b"!!python/unicode 'a'", "a"),
        (b"!!python/name:os.system ''", ""),
        (b"!ruby/object:Gem::Installer {i: x}", {"i": "x"}),
        (b"!!python/object/apply:os.system ['echo']", ["echo"]),
        (b"!!python/tuple [a, b]", ["a", "b"]),
        (b"!<tag:example.com,2000:x> a", "a"),
        (b"{? [a, b] : c, d: e}", {"d": "e"}),
        (b"{!binary aGk=: !binary aGk=}", {b"hi": b"hi"}),
    ],
)
def test_every_tag_gives_plain_data(scalar, expected):
    assert items(b"- " + scalar) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"- {a: &x [1], b: *x}\n", [{"a": ["1"], "b": ["1"]}]),
        (b"- &x a\n- [*x]\n", ["a", ["a"]]),
        (b"defaults: &x {a: b}\nitems:\n- *x\n", [{"a": "b"}]),
        (b"- [a, *x, {b: c}]\n- d\n", [Unreadable("an alias of what is not there"), "d"]),
        (b"- &x [*x]\n- d\n", [Unreadable("an alias of what is not there"), "d"]),
        (b"- &x a\n---\n- *x\n", ["a", Unreadable("an alias of what is not there")]),
    ],
)
def test_aliases_stand_for_what_was_there_before(text, expected):
    assert items(text) == expected


def test_laughs_do_not_multiply():
    levels = b"".join(b"  a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 30))
    assert items(b"- a0: &a0 lol\n" + levels + b"- b\n") == [Unreadable(OVERSIZED), "b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"- a\n- b: c: d\n", (["a"], "broken YAML in line 2: mapping values are not allowed in this context")),
        (b"- a\n- [b\n", (["a"], "broken YAML in line 3: did not find expected ',' or ']'")),
        (b"text", ([], "neither a list nor a mapping")),
        (b"a: b\n", ([], "no items")),
        (b"items: a\n", ([], "items is not a list")),
        (b"items: {a: b}\n", ([], "items is not a list")),
        (b"- \x01\n", ([], "broken YAML at byte 2: control characters are not allowed")),
        (b"- \xff\n", ([], "broken YAML at byte 2: invalid leading UTF-8 octet")),
        (b"- " + b"[" * 100_000, ([], f"nested deeper than {limits.DEPTH}")),
        (b"- " + b"{a: " * 100_000, ([], f"nested deeper than {limits.DEPTH}")),
        (b"- " * 100_000, ([], f"nested deeper than {limits.DEPTH}")),
        (b"- [*x, " + b"[" * 100_000, ([], f"nested deeper than {limits.DEPTH}")),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_broken_ends_with_a_reason(text, expected):
    assert items_and_reason(text) == expected


def test_a_bad_byte_takes_few_elements_with_it():
    found, reason = items_and_reason(b"- a\n" * 1000 + b"- \x01\n")
    assert reason == "broken YAML at byte 4002: control characters are not allowed"
    assert len(found) > 800


def test_depth_up_to_the_limit_is_read():
    depth = limits.DEPTH - 1
    (found,) = items(b"- " + b"[" * depth + b"]" * depth)
    for _ in range(depth - 1):
        (found,) = found
    assert found == []


@pytest.mark.parametrize(
    "element",
    [
        b"[" + b"'" + b"x" * (limits.RECORD_BYTES + 1) + b"', [{a: b}]]",
        b"[" + b"[]," * 300_000 + b"]",
        b"[" + b"a," * 300_000 + b"]",
        b"[&a '" + b"x" * 1_000_000 + b"'" + b", *a" * 20 + b"]",
    ],
    ids=["long text", "many lists", "many scalars", "many aliases"],
)
def test_an_oversized_element_leaves_those_after_it(element):
    assert items(b"- " + element + b"\n- b\n") == [Unreadable(OVERSIZED), "b"]


def test_a_scalar_without_end_is_not_held():
    class Endless(io.BytesIO):
        def read(self, size=-1):
            return b"x" * size

    with pytest.raises(BrokenYamlError, match=f"^{OVERSIZED}$"):
        list(sequence_items(Endless(), KEYS))


def test_elements_come_before_the_rest_is_read():
    stream = io.BytesIO(b"- a\n" * 100_000)
    next(sequence_items(stream, KEYS))
    assert stream.tell() < 20_000


@pytest.mark.parametrize(
    ("text", "expected"), [("aGk=", b"hi"), (" aG\nk= ", b"hi"), ("", b""), ("aGk", "aGk"), ("ä", "ä")]
)
def test_base64_is_decoded_or_left(text, expected):
    assert from_base64(text) == expected
