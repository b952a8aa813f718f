"""Escapes that no encoder needs are undone, and others are not."""

import json
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog.redact.escapes import has_escapes, without_escapes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sk%5Flive%5Fa", "sk_live_a"),
        ("%70%61ss%2dword", "pass-word"),
        ("sk%255Flive", "sk_live"),
        ("%2522a%2522", "%22a%22"),
        ("4242%C2%A04242", "4242\xa04242"),
        ("4242%E2%80%AF4242", "4242\u202f4242"),
        (r"s\u006b_live", "sk_live"),
        (r"\\u0070assword", "password"),
        (r"{\u0022a\u0022:1}", r"{\"a\":1}"),
        (r"{\\u0022a\\u0022:1}", r"{\\\"a\\\":1}"),
        (r"4242\u00a04242\u20094242", "4242\xa04242\u20094242"),
    ],
)
def test_needless_escapes_are_undone(text, expected):
    assert has_escapes(text)
    assert without_escapes(text) == expected


@pytest.mark.parametrize("text", ["a%20b%26c%3Dd%5Be%5D", "100%", r"a\u005cb", r"a\nb", r"caf\u00e9", "plain", "%zz"])
def test_other_escapes_stay(text):
    assert without_escapes(text) == text


@given(st.text(st.sampled_from("abk_-.%25 %5F\\u006b0{}é"), max_size=20))
def test_undoing_twice_is_undoing_once_and_without_escapes_nothing_is_undone(text):
    once = without_escapes(text)
    assert without_escapes(once) == once
    assert has_escapes(text) or once == text


@given(st.text(st.characters(exclude_characters="%"), max_size=20))
def test_a_text_still_means_the_same(text):
    """Unless it has a percent sign, which may be one that was encoded twice."""
    escaped = "".join(f"\\u{ord(character):04x}" if ord(character) < 0x10000 else character for character in text)
    assert json.loads(f'"{without_escapes(escaped)}"') == text
    encoded = "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "replace"))
    assert unquote(without_escapes(encoded)) == unquote(encoded)
