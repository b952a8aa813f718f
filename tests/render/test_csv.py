import csv
import json
import re
from datetime import UTC, datetime
from io import StringIO
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reqlog.render import csv as csv_renderer
from reqlog.render.base import Column, Style
from reqlog.render.text import visible_block


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
        ("\x00nul \x1b[31m\x9b\u202e\ud800", r'"""\u0000nul \u001b[31m\u009b\u202e' + '\ufffd"""'),
        ("👩\u200d💻", "👩\u200d💻"),
        ("'a", "''a"),
        ('"a"', '"\'""a"""'),
        (" =1", "' =1"),
        ("\u3000\uff1d1", "'\u3000\uff1d1"),
        ("'=1", "''=1"),
        ('"=1', '"\'""=1"'),
        ("“+1", "'“+1"),
        ("\u22121", "'\u22121"),
        ("-1", "'-1"),
        (' "-\x1b', r'"""\u0020\u0022\u002d\u001b"""'),
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\n=1", '"\'\n=1"'),
        ("\r\n=1", '"\'\r\n=1"'),
        ("\r=1", r'"""\u000d\u003d1"""'),
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


def text_of(cell: str) -> str:
    """Return what was written into `cell`, by the rule that the docs state."""
    if cell.startswith("'"):
        return cell[1:]
    return str(json.loads(cell)) if cell.startswith('"') else cell


hostile = st.text(
    st.sampled_from("a1 =+-@'\"\t\r\n,;\\\x00\x1b\x9b\u200b\u202e\u200d\uff1d\uff0b\u2028\U000e0041"), max_size=8
)


@given(st.lists(st.tuples(hostile | st.text(), hostile), min_size=1, max_size=4))
@example([(" \n", "")])
def test_the_text_of_a_cell_comes_back_and_begins_no_formula(rows) -> None:
    _, *cells = csv.reader(StringIO(rendered(rows), newline=""))
    assert [[text_of(cell) for cell in row] for row in cells] == [list(row) for row in rows]
    assert [cell for row in cells for cell in row if re.match(r"[\s\"]*[=+\-@\t\r\n＝＋－＠]", cell)] == []
    assert [cell for row in cells for cell in row if visible_block(cell) != cell] == []


def test_a_single_empty_field_is_still_a_row():
    assert list(csv.reader(StringIO(rendered([(None,)], ["id"]), newline=""))) == [["id"], [""]]
