"""Equal values have equal pseudonyms wherever they stand, of their own kind, and no other ones."""

import re
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog.catalog import ids_in
from reqlog.redact.pseudonyms import DOMAIN, NETWORKS, Pseudonyms, pseudonyms
from reqlog.rules import PSEUDONYMIZED

KEY = b"a key for tests!"
PIECES = (
    *("jane", "@", "%40", "\\u0040", "example.com", ".", "-", "+", "%2B", "'", "\\n", "\\u003c", "%3C", "é", "%C3%A9"),
    *("203.0.113.7", "10.1", "2001:db8::7", ":", "::", "%3A", "fe80", "ffff", "127.0.0.1", ":80", "//", "http://"),
    *("cus_", "123", "abcA1", "_", "/", " ", '"', "=", "&", "png", "%2E", "%5F", "\\", "%25", "[", "]", f"@{DOMAIN}"),
)


def given_by(key: bytes = KEY, kinds: tuple[str, ...] = PSEUDONYMIZED) -> Pseudonyms:
    made = pseudonyms(key, kinds)
    assert made is not None
    return made


def test_the_same_key_gives_the_same_always_and_another_key_another():
    texts = ("jane@example.com", "203.0.113.7", "cus_H8Oool8DklZDOC")
    assert [*map(given_by().in_text, texts)] == [
        "5dfpnbnx47skufmy@reqlog.invalid",
        "2001:db8:4:6c94:a1be:f3c8:ec07:8f6b",
        "cus_PseudofTGFh9xas3gImL",
    ]
    others = [*map(given_by(b"another key of it").in_text, texts)]
    assert not {*others} & {*map(given_by().in_text, texts)}


@pytest.mark.parametrize(
    "spelled",
    [
        "{}",
        "<{}>, x",
        "'{}'",
        "a {}.",
        '"{}"',
        "to {}?subject=x",
        "\\n{}\\n",
        "%3C{}%3E",
        "\\u003c{}\\u003e",
        "email={}&x=1",
        "/customers/{}/x",
    ],
)
@pytest.mark.parametrize(
    ("value", "as_sent"),
    [
        ("jane+a@example.com", "jane+a@example.com"),
        ("jane+a@example.com", "Jane+A@Example.com"),
        ("jane+a@example.com", "jane%2Ba%40example.com"),
        ("jane+a@example.com", "jane%2Ba%2540example.com"),
        ("jane+a@example.com", "jane\\u002ba\\u0040example.com"),
        ("jörg@exämple.de", "j%C3%B6rg%40ex%C3%A4mple.de"),
        ("o'brien@example.co.uk", "o'brien@example.co.uk"),
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("2001:db8::7", "2001:DB8:0:0:0:0:0:7"),
        ("2001:db8::7", "2001%3Adb8%3A%3A7"),
        ("cus_H8Oool8DklZDOC", "cus_H8Oool8DklZDOC"),
        ("cus_123", "cus_123"),
    ],
)
def test_equal_values_have_equal_pseudonyms_however_they_are_sent(value, as_sent, spelled):
    in_text = given_by().in_text
    expected = in_text(value)
    assert expected != value
    found = in_text(spelled.format(as_sent)).replace("%2540", "@").replace("%40", "@").replace("\\u0040", "@")
    assert found == spelled.format(expected)


def test_an_address_to_write_to_is_one():
    in_text = given_by().in_text
    assert in_text("mailto:jane@example.com?subject=x") == f"mailto:{in_text('jane@example.com')}?subject=x"


@pytest.mark.parametrize(
    "text",
    [
        *("logo@2x.png", "pkg@1.2.3", "jane@localhost", "@scope/pkg", "ssh://git@github.com/x", "a@b"),
        *("1.2.3", "1.2.3.4.5", "999.1.1.1", "127.0.0.1", "0.0.0.0", "255.255.255.0", "Chrome/120.0.0.0", "v1.2.3.4x"),
        *("::1", "::", "12:34:56", "aa:bb:cc:dd:ee:ff", "std::string", "Foo::Bar", "dead::beef"),
        *("cus_id", "cus_", "xcus_123", "customer", "cus_name"),
    ],
)
def test_what_is_none_of_them_stays(text):
    assert given_by().in_text(text) == text


def test_pseudonyms_are_of_the_kind_of_what_they_stand_for():
    in_text = given_by().in_text
    assert re.fullmatch(rf"[a-z2-7]{{16}}@{re.escape(DOMAIN)}", in_text("jane@example.com"))
    assert ip_address(in_text("203.0.113.7")) in NETWORKS[4]
    assert ip_address(in_text("2606:4700::1111")) in NETWORKS[6]
    assert ids_in(in_text("cus_H8Oool8DklZDOC")) == [in_text("cus_H8Oool8DklZDOC")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://203.0.113.7/x", "http://[{}]/x"),
        ("203.0.113.7:80", "[{}]:80"),
        ("for:203.0.113.7", "for:[{}]"),
        ("203.0.113.7, a", "{}, a"),
    ],
)
def test_an_address_with_colons_stands_in_brackets_where_a_port_may_follow(text, expected):
    in_text = given_by().in_text
    assert in_text(text) == expected.format(in_text("203.0.113.7"))


def test_only_what_was_asked_for_is_given_one():
    text = "jane@example.com 203.0.113.7 cus_123"
    assert given_by(kinds=("email",)).in_text(text).endswith(f"@{DOMAIN} 203.0.113.7 cus_123")
    assert given_by(kinds=("customer",)).in_text(text).startswith("jane@example.com 203.0.113.7 cus_Pseudo")
    assert pseudonyms(KEY, ()) is None


def test_the_version_of_a_program_is_no_address_where_programs_are_named():
    made = given_by()
    assert made.in_software_names("Tool/1.2.3.4 jane@example.com").startswith("Tool/1.2.3.4 ")
    assert "jane" not in made.in_software_names("Tool/1.2.3.4 jane@example.com")


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_giving_pseudonyms_twice_is_giving_them_once(text):
    in_text = given_by().in_text
    once = in_text(text)
    assert in_text(once) == once
    assert given_by(b"another key of it").in_text(once) == once


@pytest.mark.parametrize(
    "unit",
    [
        *("a", "a.", "a'", "a@", "a@b.", "@", "%", "%25", "%2540", "a%2540b.cc ", "\\", "\\u0040", "é", "a+", "//a@"),
        *("1", "1.", "1.1.1.1", "1.1.1.1 ", ":", "a:", "::", "%3A", "1:1", "cus_", "cus_1", "ccus_", "-", "_"),
    ],
)
def test_a_third_of_a_megabyte_of_anything_comes_to_an_end(unit):
    in_text = given_by().in_text
    once = in_text("a@b.cc 1.1.1.1 " + unit * (300_000 // len(unit)))
    assert in_text(once) == once
