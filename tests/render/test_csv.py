import csv
from datetime import UTC, datetime
from io import StringIO
from operator import itemgetter
from typing import Any

import pytest

from reqlog.render import csv as csv_renderer
from reqlog.render.base import Column, Style


def rendered(rows, names=("id", "value")):
    stream = StringIO()
    columns: list[Column[Any]] = [Column(name, itemgetter(index)) for index, name in enumerate(names)]
    csv_renderer.render(rows, columns, stream, Style(color=True, width=4))
    return stream.getvalue()


def test_without_rows_it_is_the_header():
    assert rendered([]) == "id,value\r\n"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("", ""),
        ("plain", "plain"),
        ('a,"b"', '"a,""b"""'),
        ("two\nlines", '"two\nlines"'),
        ("two\r\nlines", '"two\r\nlines"'),
        ("tab\tinside", "tab\tinside"),
        ("\x00nul \x1b[31m\x9b\u202e\ud800", r"\x00nul \x1b[31m\x9b\u202e\ud800"),
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\n=1", '"\'\n=1"'),
        ("\r\n=1", '"\'\r\n=1"'),
        ("\r=1", r"\r=1"),
        ("a=1", "a=1"),
        (-1, "-1"),
        (-0.5, "-0.5"),
        (812.0, "812"),
        (1e300, "1e+300"),
        (float("nan"), ""),
        (True, "true"),
        (False, "false"),
        (datetime(2025, 2, 24, 10, tzinfo=UTC), "2025-02-24T10:00:00.000Z"),
        (("cus_1", "pi_2"), "cus_1 pi_2"),
        ((), ""),
        (("=1",), "'=1"),
        ({"a": "=1"}, '"{""a"":""=1""}"'),
    ],
)
def test_a_value_is_data_that_no_spreadsheet_runs(value, expected):
    assert rendered([("req_1", value)]) == f"id,value\r\nreq_1,{expected}\r\n"


def test_a_csv_reader_gives_the_rows_back():
    rows = [['say "hi"', "a,b"], ["two\nlines", "Müller 日本"], ["", " x "]]
    assert list(csv.reader(StringIO(rendered(rows), newline=""))) == [["id", "value"], *rows]


def test_a_single_empty_field_is_still_a_row():
    assert list(csv.reader(StringIO(rendered([(None,)], ["id"]), newline=""))) == [["id"], [""]]
