from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from typing import Any

import pytest

from reqlog import limits
from reqlog.bounds import bounded
from reqlog.readers import FORMATS
from reqlog.readers.json_map import PRESETS, reader
from reqlog.request import FIELDS, TEXTS, Request, weight

LONG = "x" * (limits.TEXT_CHARACTERS + 1)
SHORT_TEXTS = [name for name in TEXTS if name != "id"]


def cut(**fields: Any) -> dict[str, Any]:
    """Return what `bounded` changes in a request of these fields."""
    before = Request(**{"id": "req_1", **fields})
    after = bounded(before)
    return {name: getattr(after, name) for name in FIELDS if getattr(after, name) != getattr(before, name)}


def test_what_is_within_the_limits_stays_the_same_object() -> None:
    request = Request("req_1", path="/v1/charges", request_headers={"a": "b"}, response_body="{}", resources=("cus_1",))
    assert bounded(request) is request
    crowded = request._replace(request_headers={f"a{number}": "b" for number in range(limits.HEADER_COUNT)})
    assert bounded(crowded) is crowded


def test_a_small_record_is_not_looked_at() -> None:
    request = Request("req_1", path=LONG)
    assert bounded(request, limits.TEXT_CHARACTERS) is request
    assert bounded(request, limits.TEXT_CHARACTERS + 1) is not request
    named = Request("x" * (limits.ID_CHARACTERS + 1))
    assert bounded(named, 1024) is named
    assert bounded(named, 1025) is not named


@pytest.mark.parametrize("name", SHORT_TEXTS)
def test_a_short_text_is_cut(name) -> None:
    assert cut(**{name: LONG}) == {name: LONG[:-1], "truncated": (name,)}
    assert cut(**{name: LONG[:-1]}) == {}


@pytest.mark.parametrize("name", ["request_body", "response_body"])
def test_a_body_is_cut(name) -> None:
    body = "x" * (limits.BODY_CHARACTERS + 1)
    assert cut(**{name: body, "truncated": (name,)}) == {name: body[:-1]}


@pytest.mark.parametrize("name", ["request_headers", "response_headers"])
@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({f"a{number}": "" for number in range(limits.HEADER_COUNT + 1)}, limits.HEADER_COUNT),
        ({f"a{number}": "x" * 50_000 for number in range(6)}, 5),
        ({"x" * 1025: "b", "a": "b"}, 1),
        ({"a": "x" * limits.HEADER_CHARACTERS}, 0),
    ],
    ids=["many", "large", "a long name", "one that is too large"],
)
def test_headers_past_a_limit_are_left_out(name, headers, kept) -> None:
    few = {key: value for key, value in list(headers.items()) if len(key) <= 1024}
    assert cut(**{name: headers}) == {name: dict(list(few.items())[:kept]), "truncated": (name,)}


def test_resources_past_a_limit_are_left_out() -> None:
    many = tuple(f"cus_{number}" for number in range(limits.RESOURCES + 1))
    assert cut(resources=many) == {"resources": many[:-1], "truncated": ("resources",)}
    assert cut(resources=("x" * 1025, "cus_1")) == {"resources": ("cus_1",), "truncated": ("resources",)}


def test_a_long_id_is_replaced_by_one_that_is_the_same_for_the_same() -> None:
    one, same, other = (bounded(Request(id)).id for id in ("x" * 1025, "x" * 1025, "x" * 1026))
    assert (one, one.startswith("local_"), len(one)) == (same, True, 22)
    assert other != one


def test_only_fields_are_said_to_be_cut() -> None:
    assert cut(truncated=("path", "nosuch", "path") * 100) == {"truncated": ("path",)}


@dataclass
class Large:
    """A record of a format, with more in it than is taken."""

    text: bytes
    cut: set[str]


HEADERS = b",".join(b'"%d":"v"' % number for number in range(1500))
LISTED = b",".join(b'{"name":"%d","value":"v"}' % number for number in range(1500))
LONG_PATH = b"/" + b"x" * 70_000
LARGE = {
    "reqlog": Large(
        b'{"id":"%s","endpoint":"/v1","path":"%s","request_headers":{%s},"response_body":"%s"}'
        % (b"i" * 2000, LONG_PATH, HEADERS, b"x" * 2_000_000),
        {"id", "path", "request_headers", "response_body"},
    ),
    "stripe-cli": Large(
        b'{"method":"GET","url":"%s","status":402,"error":{"message":"%s"}}' % (LONG_PATH, b"x" * 70_000),
        {"path", "endpoint", "error_message"},
    ),
    "har": Large(
        b'{"log":{"entries":[{"request":{"method":"GET","url":"%s?%s","headers":[%s]},"response":{"status":200,'
        b'"content":{"text":"%s"}}}]}}' % (LONG_PATH, b"q" * 300_000, LISTED, b"x" * 2_000_000),
        {"path", "query", "endpoint", "request_headers", "response_body"},
    ),
    "vcr": Large(
        b"- request: {method: GET, uri: '%s', headers: {%s}}\n  response: {status: 200, body: '%s'}\n"
        % (LONG_PATH, HEADERS.replace(b'":"', b'": "'), b"x" * 2_000_000),
        {"path", "endpoint", "request_headers", "response_body"},
    ),
    "access-log": Large(
        b'203.0.113.7 - - [24/Feb/2025:10:00:03 +0000] "GET %s?%s HTTP/1.1" 400 0 "%s" "%s"'
        % (LONG_PATH, b"q" * 70_000, b"r" * 300_000, b"u" * 70_000),
        {"path", "query", "endpoint", "user_agent", "request_headers"},
    ),
    "json-map": Large(
        b'{"ts":1,"request":{"method":"GET","uri":"%s","headers":{%s}},"status":200,"duration":1}'
        % (LONG_PATH, HEADERS),
        {"path", "endpoint", "request_headers"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "format", [format for format in FORMATS.values() if not format.preset], ids=lambda row: row.name
)
def test_no_reader_gives_more_than_the_limits(format) -> None:
    large = LARGE[format.name]
    read = reader(PRESETS["caddy"]) if format.name == "json-map" else import_module(format.module).read
    (request,) = read(BytesIO(large.text), "f")
    assert isinstance(request, Request)
    assert set(request.truncated) == large.cut
    assert bounded(request) is request


def test_weight_is_about_what_is_held() -> None:
    headers = {"a": "b" * 100}
    request = Request("req_1", path="x" * 1000, response_headers=headers, request_body="x" * 5000, resources=("cus_1",))
    assert weight(request) == 1000 + 5 + 1000 + 101 + 5000 + 5
    assert weight(Request("")) == 1000
