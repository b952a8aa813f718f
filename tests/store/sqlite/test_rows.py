import json
import re
from typing import Any

import pytest
from dictionary.shapes import Shapes
from hypothesis import given
from hypothesis import strategies as st
from strategies import requests

from reqlog.request import Request
from reqlog.store.sqlite import rows
from reqlog.store.sqlite.packing import packed

LONG = "amount=2000&currency=usd&description=" + "a long one " * 10
WHOLE = Request(
    "req_1",
    request_headers={"a": "1"},
    response_headers={"b": "2"},
    request_body=LONG,
    response_body='{"id":"cus_1"}',
    resources=("cus_1", "pi_2"),
)


def kept(request: Request) -> dict[str, Any]:
    return dict(zip(rows.COLUMNS, rows.row_of(1, request), strict=True))


@given(requests, st.sampled_from(["", LONG, "with a \0 " * 20, "é" * 5000, LONG * 500]))
def test_a_row_gives_the_request_that_it_keeps(request: Request, long: str) -> None:
    request = request._replace(response_body=f"{long}{request.response_body or ''}")
    row = rows.row_of(rows.sequence(request), request)
    assert rows.request_of(row) == request
    assert rows.damaged_columns(row) == []


def test_headers_bodies_and_resources_stand_together() -> None:
    row = kept(WHOLE)
    assert {name: row[name] for name in rows.PARTS} == rows.PARTS
    assert isinstance(row["parts"], bytes)


def test_what_is_missing_has_no_mark() -> None:
    row = kept(WHOLE._replace(request_headers=None, response_body="", resources=()))
    assert (row["request_headers"], row["response_body"], row["resources"]) == (None, 1, None)


@pytest.mark.parametrize(
    ("body", "of_its_own"),
    [("short", "short"), (f"{LONG}\0", packed(f"{LONG}\0")), (LONG * 200, packed(LONG * 200))],
    ids=["short", "with a NUL", "long"],
)
def test_what_saves_nothing_together_or_cannot_be_told_apart_is_on_its_own(body: str, of_its_own: object) -> None:
    row = kept(Request("req_1", response_body=body, resources=("cus_1",)))
    assert (row["response_body"], row["resources"], row["parts"]) == (of_its_own, '["cus_1"]', None)


def test_parts_that_cannot_be_read_are_told_by_the_names_of_what_was_in_them() -> None:
    row = (*rows.row_of(1, WHOLE)[:-1], b"no frame")
    assert rows.damaged_columns(row) == list(rows.PARTS)
    with pytest.raises(rows.DamagedRowError, match="response_body"):
        rows.request_of(row)


@pytest.mark.parametrize(("resource", "is_there"), [("cus_1", True), ("pi_2", True), ("cus_", False), ("us_1", False)])
@pytest.mark.parametrize("body", [LONG, "short"], ids=["in parts", "on its own"])
def test_an_id_is_among_the_resources_as_a_whole(resource: str, is_there: bool, body: str) -> None:
    row = kept(Request("req_1", response_body=body, resources=WHOLE.resources))
    assert rows.touches(f'"{resource}"', row["resources"], row["parts"]) is is_there


def test_parts_take_less_than_four_fifths_of_what_they_take_alone() -> None:
    bodies = [json.dumps(each, indent=2) for each in Shapes(1001).objects()[:8]]
    together = alone = 0
    for number, body in enumerate(bodies):
        ids = tuple(re.findall(r'"(\w+_\w{14,})"', body))
        form = f"customer={ids[0]}&amount={number}&description=Order+{number}&metadata[order_id]={number}"
        headers = {"request-id": f"req_{number:014}", "stripe-version": "2024-06-20"}
        row = kept(
            Request("", None, None, "POST")._replace(
                request_headers=headers, response_headers=headers, request_body=form, response_body=body, resources=ids
            )
        )
        together += len(row["parts"])
        texts = (json.dumps(headers), json.dumps(headers), form, body)
        alone += sum(len(packed(text)) for text in texts) + len(json.dumps(ids))
    assert together < 0.8 * alone


def test_one_text_stands_alone() -> None:
    row = kept(Request("req_1", response_body=LONG))
    assert (row["response_body"], row["parts"]) == (packed(LONG), None)
