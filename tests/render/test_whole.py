import json
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO, StringIO, TextIOWrapper
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import requests

from reqlog.columns import RECORD
from reqlog.exchange.local_ids import LocalId
from reqlog.render import json as json_renderer
from reqlog.render import jsonl
from reqlog.render.base import Style
from reqlog.render.json import records
from reqlog.request import Request

TIME = datetime(2025, 2, 24, 10, 0, 0, 250_000, UTC)
ONE = Request(id="req_1", time=TIME, duration_ms=12.0, status=402, livemode=False, request_headers={"b": "1", "a": "2"})
MANY = 300
"""So many are written as few are; those that come after them are not."""

texts = st.text(
    st.one_of(st.characters(), st.sampled_from("\x00\x1f\x7f\x80\xad\u200b\u2028\ud800\udfff\ufe0f\U000e0041"))
)
whole = st.builds(
    Request._replace,
    requests,
    path=texts,
    response_body=texts,
    duration_ms=st.none() | st.floats(),
    status=st.none() | st.integers(),
    time=st.none() | st.datetimes(datetime(1900, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))])),  # noqa: DTZ001  (zones are drawn)
    request_headers=st.none() | st.dictionaries(texts, texts, max_size=3).map(MappingProxyType),
    resources=st.lists(texts, max_size=3).map(tuple),
)
"""Requests with texts and numbers that JSON writers differ on."""


def written(module: Any, rows: list[Request], style: Style) -> tuple[str, str]:
    """Return what is written to a stream of text, and to one of bytes."""
    text, binary = StringIO(), BytesIO()
    encoding = TextIOWrapper(binary, encoding="utf-8", newline="\n")
    encoding.write("before\n")
    module.render(rows, RECORD, text, style)
    module.render(rows, RECORD, encoding, style)
    encoding.flush()
    return text.getvalue(), binary.getvalue().decode().removeprefix("before\n")


@given(st.lists(whole, min_size=1, max_size=3), st.booleans())
def test_many_records_are_written_as_few_are(some, ascii):
    style = Style(ascii=ascii)
    rows = [ONE] * MANY + some
    lines = list(records(rows, RECORD, style))
    assert written(jsonl, rows, style) == ("".join(f"{line}\n" for line in lines),) * 2
    assert written(json_renderer, rows, style) == ("[\n" + ",\n".join(lines) + "\n]\n",) * 2


@pytest.mark.parametrize("more", [0, 1, 2])
def test_an_array_is_whole_wherever_it_ends(more):
    text, _ = written(json_renderer, [ONE] * (MANY + more), Style())
    assert [record["id"] for record in json.loads(text)] == ["req_1"] * (MANY + more)


def test_an_id_that_was_derived_is_written_as_any_other():
    rows = [ONE] * MANY + [ONE._replace(id=LocalId("local_1"))]
    lines = list(records(rows, RECORD, Style()))
    assert written(jsonl, rows, Style()) == ("".join(f"{line}\n" for line in lines),) * 2


def test_what_was_there_before_a_failure_is_written():
    def rows():
        yield from [ONE] * (MANY + 5)
        raise InterruptedError

    stream = StringIO()
    with pytest.raises(InterruptedError):
        jsonl.render(rows(), RECORD, stream, Style())
    assert stream.getvalue().count("\n") == MANY + 5


def test_pieces_are_large_and_not_larger():
    class Counting(BytesIO):
        sizes: list[int]

        def write(self, piece) -> int:
            self.sizes.append(len(piece))
            return super().write(piece)

    stream = Counting()
    stream.sizes = []
    row = ONE._replace(response_body="x" * 1000)
    jsonl.render([row] * 2000, RECORD, TextIOWrapper(stream, encoding="utf-8", newline="\n"), Style())
    pieces = stream.sizes[-12:-1]
    assert min(pieces) > 100_000
    assert max(pieces) < 150_000
