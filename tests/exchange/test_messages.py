import gzip
import zlib

import pytest

from reqlog import limits
from reqlog.exchange.messages import capped, message_of

MOST = limits.BODY_CHARACTERS


def test_names_are_in_lower_case_and_repeated_ones_are_joined():
    message = message_of((("Via", "a"), ("X-Id", "1"), ("via", "b")), None, "response", [])
    assert (message.headers, message.first) == ({"via": "a, b", "x-id": "1"}, {"via": "a", "x-id": "1"})


def test_no_headers_at_all_are_headers_that_were_not_captured():
    assert (message_of(None, None, "request", []).headers, message_of((), None, "request", []).headers) == (None, None)


def test_headers_past_the_limit_are_left_out_and_named():
    cut: list[str] = []
    headers = tuple((f"x-{number}", "") for number in range(limits.HEADER_COUNT + 1))
    message = message_of(headers, None, "request", cut)
    assert (message.headers, cut) == ({f"x-{number}": "" for number in range(limits.HEADER_COUNT)}, ["request_headers"])


def test_lone_surrogates_do_not_survive_in_headers():
    assert message_of((("x-\ud800", "\udfff"),), None, "request", []).headers == {"x-\ufffd": "\ufffd"}


def raw_deflate(content):
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(content) + deflate.flush()


@pytest.mark.parametrize(
    ("body", "encoding", "content_type", "text"),
    [
        (None, "", "", None),
        ("", "", "", None),
        (b"", "gzip", "", None),
        ("as it is", "gzip", "", "as it is"),
        ("\ud800x", "", "", "\ufffdx"),
        ("café".encode(), "", "application/json", "café"),
        (b"caf\xe9", "", "text/html; charset=ISO-8859-1", "café"),
        ("café".encode("utf-16"), "", 'text/plain; charset="utf-16"', "café"),
        ("café".encode(), "", "text/plain; charset=punycode", "café"),
        ("café".encode(), "", "text/plain; charset=iso-8859-99", "café"),
        ("café".encode(), "", "text/plain; charset=cp1259", "café"),
        (gzip.compress(b"small"), "gzip", "", "small"),
        (gzip.compress(b"small"), "GZIP ", "", "small"),
        (zlib.compress(b"small"), "deflate", "", "small"),
        (b'{"undone": "by the recorder"}', "gzip", "", '{"undone": "by the recorder"}'),
        (b'{"undone": "by the recorder"}', "deflate", "", '{"undone": "by the recorder"}'),
        (b"{}", "br", "", "{}"),
        (b"a" * MOST, "", "", "a" * MOST),
    ],
)
def test_a_body_becomes_text_and_nothing_is_cut(body, encoding, content_type, text):
    cut: list[str] = []
    headers = (("Content-Encoding", encoding), ("Content-Type", content_type))
    assert (message_of(headers, body, "response", cut).body, cut) == (text, [])


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"\xff\xd8\xff", ""),
        (b"nul\0", ""),
        (gzip.compress(b"small")[:-9], "gzip"),
        (b"\x1f\x8b broken", "gzip"),
        (b"\x78\x9c broken", "deflate"),
        (gzip.compress(b"small"), ""),
        (b"\x8b\x02\x80br", "br"),
    ],
)
def test_what_is_no_text_is_left_out_and_named(body, encoding):
    cut: list[str] = []
    assert message_of((("content-encoding", encoding),), body, "response", cut).body is None
    assert cut == ["response_body"]


@pytest.mark.parametrize("body", ["a" * (MOST + 1), b"a" * (MOST + 1)])
def test_a_long_body_is_named_as_cut(body):
    cut: list[str] = []
    text = message_of(None, body, "request", cut).body
    assert (len(capped(text) or ""), cut) == (MOST, ["request_body"])


def test_a_bomb_is_not_blown_up():
    cut: list[str] = []
    body = gzip.compress("é".encode() * 8 * MOST)
    text = message_of((("content-encoding", "gzip"),), body, "response", cut).body
    assert (text, cut) == ("é" * 2 * MOST, ["response_body"])


@pytest.mark.parametrize(
    ("body", "encoding", "text"),
    [
        (b"a" * 10, "", "a" * 10),
        ("a" * 10, "", "a" * 10),
        ("aé".encode()[:-1], "", "a"),
        (gzip.compress(b"small" * 10, mtime=0)[:-9], "gzip", "small" * 10),
        (b"", "", None),
    ],
)
def test_the_beginning_of_a_body_is_kept_where_the_rest_was_not_captured(body, encoding, text):
    cut = ["response_body"]
    assert message_of((("content-encoding", encoding),), body, "response", cut).body == text
    assert set(cut) == {"response_body"}
