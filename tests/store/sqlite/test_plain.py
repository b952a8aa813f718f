import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import requests

from reqlog.columns import PLAIN, RECORD, of_plain
from reqlog.render.base import Style
from reqlog.render.json import lines, records
from reqlog.request import FIELDS, Request
from reqlog.store.sqlite.packing import packed
from reqlog.store.sqlite.plain import plain_of
from reqlog.store.sqlite.rows import COLUMNS, DamagedRowError, request_of, row_of

WHOLE = Request(
    id="req_1",
    time=datetime(2025, 2, 24, 10, 0, 0, 250_000, UTC),
    livemode=False,
    should_retry=True,
    request_headers={"a": "1", "b": "é\u200b"},
    response_headers={},
    request_body="x" * 500,
    response_body='{"a": "\\u0000"}',
    truncated=("request_body",),
    resources=("cus_1", "ch_2"),
)
TEXTS = ["", "[]", "{}", "null", "1", '"ab"', '{"a": 1}', '{"a": "1", "a": "2"}', '{"a":"\\ud800"}', ' {"a":"b"} ']
TEXTS += ['["a", 1]', '["\\ud83d\\ude00"]', '{"a":"\x01"}', '{"a":"b"}x', '{"a":NaN}', "é", '{"é":"\\/"}', '[["a"]]']
VALUES: list[Any] = [*TEXTS, 0, 1, -1, 2.5, 1 << 62, b"", b"abc", b"\x28\xb5\x2f\xfd\xff", packed("x" * 200)]


def written(row: tuple[Any, ...]) -> list[Any]:
    """Return what is written of `row` by way of plain values, and of a request; or what is said of it."""
    return [said(lambda: [*lines([of_plain(plain_of(row))], PLAIN, Style())]), said(lambda: [*encoded(row)])]


def encoded(row: tuple[Any, ...]):
    return lines([request_of(row)], RECORD, Style())


def said(make) -> Any:
    try:
        return make()
    except (DamagedRowError, TypeError) as error:
        return str(error)


@given(requests)
def test_a_row_gives_what_its_request_gives(request) -> None:
    row = row_of(1, request)
    kept = request_of(row)
    assert of_plain(plain_of(row)) == [
        column.value(kept) if column.name != "time" else json.loads(next(records([kept], RECORD, Style())))["time"]
        for column in RECORD
    ]


def test_the_line_of_a_row_is_that_of_its_request() -> None:
    one, other = written(row_of(1, WHOLE))
    assert one == other
    (text,) = records([WHOLE], RECORD, Style())
    assert one == [text.encode()]


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("name", FIELDS)
def test_what_else_is_found_in_a_column_is_taken_as_it_always_was(name, value) -> None:
    row = list(row_of(1, WHOLE))
    row[COLUMNS.index(name)] = value
    one, other = written(tuple(row))
    assert one == other


@given(st.text(), st.sampled_from(["request_headers", "response_headers", "truncated", "resources"]))
def test_any_text_in_the_place_of_json_is_taken_as_it_always_was(text, name) -> None:
    row = list(row_of(1, WHOLE))
    row[COLUMNS.index(name)] = text
    one, other = written(tuple(row))
    assert one == other
