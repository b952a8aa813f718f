from datetime import UTC, datetime

import pytest

from reqlog import limits
from reqlog.exchange import Exchange
from reqlog.readers.interaction import UnreadableError, exchange_of

REQUEST = {"method": "GET", "uri": "https://example.com/"}
RESPONSE = {"status": {"code": 200}}


def exchange(request=None, response=None, **others):
    """Return the exchange of an interaction that differs so from a plain one."""
    return exchange_of({"request": REQUEST | (request or {}), "response": RESPONSE | (response or {}), **others})


def test_a_whole_interaction_gives_an_exchange():
    interaction = {
        "request": {
            "method": "post",
            "uri": "https://example.com/a?b=c",
            "body": {"encoding": "UTF-8", "string": "d=e"},
            "headers": {"Accept": ["*/*"]},
        },
        "response": {
            "status": {"code": "201", "message": "Created"},
            "headers": {"Vary": ["a", "b"]},
            "body": {"encoding": "UTF-8", "string": "{}"},
        },
        "recorded_at": "Mon, 10 Nov 2025 18:26:24 GMT",
    }
    assert exchange_of(interaction) == Exchange(
        method="post",
        url="https://example.com/a?b=c",
        request_headers=(("Accept", "*/*"),),
        request_body="d=e",
        status=201,
        response_headers=(("Vary", "a"), ("Vary", "b")),
        response_body="{}",
        time=datetime(2025, 11, 10, 18, 26, 24, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("interaction", "reason"),
    [
        (None, "not an interaction"),
        ("text", "not an interaction"),
        ([], "not an interaction"),
        ({}, "not an interaction"),
        ({"request": None, "response": RESPONSE}, "not an interaction"),
        ({"request": REQUEST}, "no response"),
        ({"request": REQUEST, "response": None}, "no response"),
        ({"request": REQUEST, "response": {}}, "no response"),
        ({"request": REQUEST, "response": {"status": {"code": 0}}}, "no response"),
        ({"request": REQUEST, "response": {"status": {"code": None}}}, "no response"),
        ({"request": REQUEST, "response": {"status_code": -2}}, "no response"),
        ({"request": REQUEST, "response": {"status": "2000"}}, "no response"),
        ({"request": REQUEST, "response": {"status": True}}, "no response"),
        ({"request": {"uri": "https://example.com/"}, "response": RESPONSE}, "no method"),
        ({"request": {"method": ":", "uri": "https://example.com/"}, "response": RESPONSE}, "no method"),
        ({"request": {"method": "GET"}, "response": RESPONSE}, "no URI"),
        ({"request": {"method": "GET", "uri": []}, "response": RESPONSE}, "no URI"),
    ],
)
def test_what_lacks_the_least_is_refused(interaction, reason):
    with pytest.raises(UnreadableError) as raised:
        exchange_of(interaction)
    assert str(raised.value) == reason


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"status": {"code": 200, "message": "OK"}}, 200),
        ({"status": {"code": "404"}}, 404),
        ({"status": 204}, 204),
        ({"status": "200 OK"}, 200),
        ({"status": "200 OK", "code": "200"}, 200),
        ({"status": "OK", "code": 402}, 402),
        ({"status": None, "status_code": 302}, 302),
    ],
)
def test_the_status_is_found(response, expected):
    assert exchange_of({"request": REQUEST, "response": response}).status == expected


@pytest.mark.parametrize(
    ("request_part", "expected"),
    [
        ({"uri": "https://a.example/x"}, "https://a.example/x"),
        ({"uri": None, "url": "https://a.example/x"}, "https://a.example/x"),
        ({"uri": None, "protocol": "http", "host": "a.example", "port": 80, "path": "/x"}, "http://a.example:80/x"),
        ({"uri": None, "protocol": "http", "host": "a.example", "path": "/x"}, "http://a.example/x"),
        ({"uri": None, "path": "/x"}, "/x"),
    ],
)
def test_the_url_is_found_or_put_together(request_part, expected):
    assert exchange(request_part).url == expected


def test_a_symbol_is_a_method():
    assert exchange({"method": ":delete"}).method == "delete"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (None, None),
        ("text", None),
        ({}, ()),
        ({"A": "b"}, (("A", "b"),)),
        ({"A": ["b", "c"], "D": "e"}, (("A", "b"), ("A", "c"), ("D", "e"))),
        ({"A": None, "B": [None, {}], "C": 5, "D": []}, (("C", "5"),)),
        ({b"A": b"\xc3\xa4", "B": [b"\xe4"]}, (("A", "ä"), ("B", "ä"))),
        ([["A", "b"], ["C", ["d", "e"]]], (("A", "b"), ("C", "d"), ("C", "e"))),
        (["a: b\r\n", "c:d:e", "f"], (("a", "b"), ("c", "d:e"))),
        ([[["a", "b"], ["c", "d"]]], (("a", "b"), ("c", "d"))),
        ([[], ["a"], None, ["b", "c", "d"]], ()),
    ],
)
def test_headers_of_every_form_are_pairs(headers, expected):
    assert exchange({"headers": headers}).request_headers == expected


def test_headers_past_the_limit_are_not_held():
    headers = exchange({"headers": {"A": ["b"] * 5 * limits.HEADER_COUNT}}).request_headers
    assert headers is not None
    assert len(headers) == limits.HEADER_COUNT + 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (None, None),
        ("", ""),
        ("text", "text"),
        (b"\x1f\x8b", b"\x1f\x8b"),
        ({"encoding": "UTF-8", "string": "ä"}, "ä"),
        ({"encoding": "US-ASCII", "string": ""}, ""),
        ({"string": b"hi"}, b"hi"),
        ({"string": None}, None),
        ({"encoding": "ASCII-8BIT", "string": "a"}, "a"),
        ({"encoding": "ASCII-8BIT", "string": "Ã¤"}, "ä".encode()),
        ({"encoding": "ASCII-8BIT", "string": "ä"}, "ä"),
        ({"encoding": "ASCII-8BIT", "string": "\u2013"}, "\u2013"),
        ({"encoding": "BINARY", "string": "\x1f\x8b\x08\xff"}, b"\x1f\x8b\x08\xff"),
        ({"encoding": None, "base64_string": "aGk="}, b"hi"),
        ({"encoding": "UTF-8", "string": "", "base64_string": "aGk="}, b"hi"),
        ({"base64_string": "no base64!"}, "no base64!"),
        ({}, None),
        ([], None),
        (5, None),
    ],
)
def test_bodies_of_every_form_are_text_or_bytes(body, expected):
    assert exchange(response={"body": body}).response_body == expected


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"content": "a"}, "a"),
        ({"content": b"a"}, b"a"),
        ({"body": None, "content": "a"}, None),
        ({"body": "g20AAAACaGk=", "binary": True}, b"hi"),
        ({"body": "g20AAAACaGk=", "binary": False}, "g20AAAACaGk="),
        ({"body": "aGk=", "binary": True}, "aGk="),
    ],
)
def test_received_bodies_elsewhere_are_found(response, expected):
    assert exchange(response=response).response_body == expected


@pytest.mark.parametrize(
    ("request_part", "expected"),
    [
        ({"request_body": "a"}, "a"),
        ({"body": "", "form": {"a": ["b c", "d"], "e": "&"}}, "a=b+c&a=d&e=%26"),
        ({"body": "x", "form": {"a": ["b"]}}, "x"),
        ({"body": "", "form": {}}, None),
        ({"body": "", "form": {"a": [["b"]], "c": None}}, None),
        ({"post_fields": {"a": "b"}}, "a=b"),
    ],
)
def test_sent_bodies_elsewhere_are_found(request_part, expected):
    assert exchange(request_part).request_body == expected


@pytest.mark.parametrize(
    ("recorded_at", "expected"),
    [
        ("Tue, 01 Nov 2011 04:49:54 GMT", datetime(2011, 11, 1, 4, 49, 54, tzinfo=UTC)),
        ("2015-06-21T19:22:54", datetime(2015, 6, 21, 19, 22, 54, tzinfo=UTC)),
        ("2015-06-21T21:22:54+02:00", datetime(2015, 6, 21, 19, 22, 54, tzinfo=UTC)),
        ("2011-11-01 04:49:54.123456789 Z", datetime(2011, 11, 1, 4, 49, 54, 123000, tzinfo=UTC)),
        ("2011-11-01 06:49:54 +02:00", datetime(2011, 11, 1, 4, 49, 54, tzinfo=UTC)),
        ("Mon, <ID>0 Nov 2025 <ID>8:26:24 GMT", None),
        ("", None),
        (None, None),
        (1447180000, None),
    ],
)
def test_the_recorders_clock_is_read(recorded_at, expected):
    assert exchange(recorded_at=recorded_at).time == expected


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("1.5s", 1500.0),
        ("12.5ms", 12.5),
        ("250µs", 0.25),
        ("1m2s", 62000.0),
        ("1h", 3600000.0),
        ("1500000", 1.5),
        (1500000, 1.5),
        ("0s", None),
        (0, None),
        ("", None),
        (None, None),
        ("soon", None),
        ("1.2.3s", None),
        ("9" * 5000 + "h", None),
    ],
)
def test_durations_of_go_are_milliseconds(duration, expected):
    assert exchange(response={"duration": duration}).duration_ms == expected
