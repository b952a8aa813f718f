import ast
import inspect
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from strategies import requests

from reqlog import request as module
from reqlog.request import FIELDS, Request, merge, newest_first

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


def test_a_request_needs_an_id_and_knows_nothing_else_by_itself() -> None:
    unknown = dict.fromkeys(FIELDS) | {"id": "req_1", "truncated": (), "resources": ()}
    assert {name: getattr(Request(id="req_1"), name) for name in FIELDS} == unknown


def test_every_field_says_what_it_means() -> None:
    _, *body = next(node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.ClassDef)).body
    names = tuple(ast.unparse(node.target) for node in body[::2] if isinstance(node, ast.AnnAssign))
    texts = [ast.literal_eval(node.value) for node in body[1::2] if isinstance(node, ast.Expr)]
    assert names == FIELDS
    assert [len(text) > 10 for text in texts] == [True for _ in FIELDS]


@pytest.mark.parametrize(
    ("known", "other", "expected"),
    [
        ({}, {}, {}),
        ({"status": 402}, {"status": 200, "livemode": True, "resources": ("cus_1",)}, {"status": 402}),
        ({"method": "GET"}, {"method": "POST", "livemode": True}, {"method": "GET"}),
        ({"path": "/a"}, {"path": "/b", "livemode": True}, {"path": "/a"}),
        ({"path": "/a", "query": "b=1"}, {"path": "/a", "livemode": True}, {"path": "/a", "query": "b=1"}),
        ({"path": "/a"}, {"path": "/a", "livemode": True}, {"path": "/a", "livemode": True}),
        ({"request_headers": {}}, {"requested_version": "2024-06-20"}, {"request_headers": {}}),
        ({"response_body": "{}"}, {"error_code": "x", "livemode": True}, {"response_body": "{}", "livemode": True}),
        ({"livemode": False}, {"livemode": True}, {"livemode": False}),
        ({"duration_ms": 0.0}, {"duration_ms": 5.0}, {"duration_ms": 0.0}),
        ({}, {"status": 402, "livemode": False}, {"status": 402, "livemode": False}),
        ({"resources": ("cus_1",)}, {"resources": ("pi_1", "cus_1")}, {"resources": ("cus_1", "pi_1")}),
        (
            {},
            {"response_body": "a", "truncated": ("response_body",)},
            {"response_body": "a", "truncated": ("response_body",)},
        ),
        (
            {"response_body": "whole"},
            {"response_body": "who", "truncated": ("response_body",)},
            {"response_body": "whole"},
        ),
        ({"truncated": ("response_body",)}, {"response_body": "whole"}, {"response_body": "whole"}),
        (
            {"truncated": ("response_body",)},
            {"response_body": "a", "truncated": ("response_body",)},
            {"response_body": "a", "truncated": ("response_body",)},
        ),
        (
            {"response_body": "a", "truncated": ("response_body",)},
            {"response_body": "ab", "status": 200},
            {"response_body": "a", "truncated": ("response_body",), "status": 200},
        ),
        (
            {"resources": ("cus_1",), "truncated": ("resources",)},
            {"resources": ("cus_2",)},
            {"resources": ("cus_1", "cus_2"), "truncated": ("resources",)},
        ),
    ],
)
def test_a_second_capture_fills_in_what_the_first_lacks(known, other, expected) -> None:
    assert merge(Request(id="req_1", **known), Request(id="req_1", **other)) == Request(id="req_1", **expected)


@given(known=requests, other=requests)
def test_merging_the_same_again_gives_the_very_same(known: Request, other: Request) -> None:
    merged = merge(known, other)
    assert merge(merged, other) is merged
    assert merge(known, known) is known


@given(known=requests, other=requests)
def test_merging_loses_nothing_that_was_known(known: Request, other: Request) -> None:
    merged = merge(known, other)
    lost = [
        name
        for name in FIELDS
        if name != "truncated" and getattr(known, name) not in (None, ()) and getattr(merged, name) in (None, ())
    ]
    assert lost == []
    assert set(known.resources) <= set(merged.resources) <= {*known.resources, *other.resources}


def test_newest_come_first_ties_by_id_and_undated_ones_last() -> None:
    expected = [
        Request(id="req_1", time=NOON.replace(hour=13)),
        Request(id="req_3", time=NOON),
        Request(id="req_2", time=NOON),
        Request(id="req_9"),
        Request(id="req_8"),
    ]
    for shuffled in permutations(expected):
        assert sorted(shuffled, key=newest_first, reverse=True) == expected


GET = Request(id="req_1", method="GET", path="/v1/customers/cus_1", query="expand[]=tax", status=200)


@pytest.mark.parametrize(
    "other",
    [
        GET._replace(method="POST", request_body="name=Ada"),
        GET._replace(path="/v1/customers", error_code="resource_missing"),
        GET._replace(status=402, error_type="card_error"),
        GET._replace(query=None, request_body="name=Ada"),
    ],
)
def test_of_two_requests_under_one_id_the_first_stays_as_it_is(other) -> None:
    assert merge(GET, other) is GET


@pytest.mark.parametrize(
    ("known", "other"),
    [
        (GET._replace(request_headers={"accept": "*/*"}), GET._replace(requested_version="2024-06-20")),
        (GET._replace(response_body="{}"), GET._replace(error_type="card_error")),
    ],
)
def test_what_a_capture_shows_to_be_missing_is_not_filled_in(known, other) -> None:
    assert merge(known, other) is known
