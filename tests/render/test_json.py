import json
from datetime import UTC, datetime
from io import StringIO
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import pytest

from reqlog.render import json as json_renderer
from reqlog.render.base import Column, Style
from reqlog.render.json import document

TEN = datetime(2025, 2, 24, 10, 0, tzinfo=UTC)
COLUMN: Column[Any] = Column("value", lambda row: row)


def rendered(rows, columns=(COLUMN,), style=Style()):  # noqa: B008  (a value)
    stream = StringIO()
    json_renderer.render(rows, columns, stream, style)
    return stream.getvalue()


def test_without_rows_it_is_an_empty_array():
    assert rendered([]) == "[]\n"


def test_each_record_has_its_line_and_keys_the_order_of_the_columns():
    columns: list[Column[Any]] = [Column("status", itemgetter(1)), Column("id", itemgetter(0))]
    expected = '[\n{"status":402,"id":"req_2"},\n{"status":null,"id":"req_1"}\n]\n'
    assert rendered(iter([("req_2", 402), ("req_1", None)]), columns) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (812.5, "812.5"),
        (float("nan"), "null"),
        (float("inf"), "null"),
        (10**30, "1" + "0" * 30),
        (TEN, '"2025-02-24T10:00:00.000Z"'),
        (("cus_1", "pi_2"), '["cus_1","pi_2"]'),
        ((), "[]"),
        ({"b": "1", "a": "2"}, '{"b":"1","a":"2"}'),
        (MappingProxyType({"a": "2"}), '{"a":"2"}'),
        ("Müller 日本", '"Müller 日本"'),
        ("\x00\x1b\n", r'"\u0000\u001b\n"'),
        ("\x7f\x9b\u202e", r'"\u007f\u009b\u202e"'),
        ("\u200b\xad\U000e0041", r'"\u200b\u00ad\udb40\udc41"'),
        ("half \ud800 pair", '"half \ufffd pair"'),
        ({"a\udfff": "\udfff"}, '{"a\ufffd":"\ufffd"}'),
    ],
)
def test_values_keep_their_kind(value, expected):
    assert rendered([value]) == f'[\n{{"value":{expected}}}\n]\n'


@pytest.mark.parametrize("text", ["\x00\x1b[31m\x7f\x80\x9b\u202e\u2028\ufeff", '"\\\n\t', "Ünïcödé 🎉 \U0010ffff"])
def test_text_comes_back_as_it_was(text):
    assert json.loads(rendered([text])) == [{"value": text}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Müller \x7f", r"M\u00fcller \u007f"),
        ("🎉\u200d", r"\ud83c\udf89\u200d"),
        ("\ud800", r"\ufffd"),
        ("C:\\ü\n", r"C:\\\u00fc\n"),
    ],
)
def test_in_ascii_all_other_characters_are_escaped(text, expected):
    assert rendered([text], style=Style(ascii=True)) == f'[\n{{"value":"{expected}"}}\n]\n'


def test_every_character_comes_back_in_ascii_and_without():
    record = {chr(start): "".join(map(chr, range(start, start + 0x100))) for start in _STARTS}
    written = [rendered([record], style=Style(ascii=ascii)) for ascii in (False, True)]
    assert [json.loads(text) == [{"value": record}] for text in written] == [True, True]
    assert [text.isascii() for text in written] == [False, True]


_STARTS = [start for start in range(0, 0x110000, 0x100) if not 0xD800 <= start < 0xE000]


def test_a_time_beside_half_a_pair_is_still_rfc_3339():
    columns: list[Column[Any]] = [Column("time", lambda _: TEN), Column("path", lambda row: row)]
    assert json.loads(rendered(["\ud800"], columns)) == [{"time": "2025-02-24T10:00:00.000Z", "path": "\ufffd"}]


def test_rows_are_written_as_they_come():
    stream = StringIO()
    seen = []

    def rows():
        for row in (1, 2, 3):
            seen.append(stream.getvalue())
            yield row

    json_renderer.render(rows(), [COLUMN], stream, Style())
    assert seen == ["", '[\n{"value":1}', '[\n{"value":1},\n{"value":2}']


def test_a_document_is_indented():
    stream = StringIO()
    document({"latest": "2025-01-27.acacia", "since": TEN, "versions": ({"share": 0.5, "labels": ()},)}, stream)
    expected = """{
  "latest": "2025-01-27.acacia",
  "since": "2025-02-24T10:00:00.000Z",
  "versions": [
    {
      "share": 0.5,
      "labels": []
    }
  ]
}
"""
    assert stream.getvalue() == expected
