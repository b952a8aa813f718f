import re
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog.render import table
from reqlog.render.base import Column, Style
from reqlog.render.width import display_width

ROWS = [
    (datetime(2025, 2, 24, 10, tzinfo=UTC), 402, "/v1/payment_intents", "card_declined", 812.0, "req_1"),
    (datetime(2025, 2, 24, 9, tzinfo=UTC), 200, "/v1/customers/{customer}", None, 95.25, "req_22"),
]
NAMES = ("time", "status", "endpoint", "error_code", "duration_ms", "id")


def rendered(rows, names=NAMES, flexible=("endpoint", "error_code"), **style):
    stream = StringIO()
    columns: list[Column[Any]] = [Column(name, itemgetter(index), name in flexible) for index, name in enumerate(names)]
    table.render(rows, columns, stream, Style(zone=UTC, **style))
    return stream.getvalue()


def test_columns_are_aligned_and_numbers_stand_to_the_right():
    assert rendered(ROWS) == (
        "TIME                 STATUS  ENDPOINT                  ERROR_CODE     DURATION_MS  ID\n"
        "2025-02-24 10:00:00     402  /v1/payment_intents       card_declined          812  req_1\n"
        "2025-02-24 09:00:00     200  /v1/customers/{customer}                       95.25  req_22\n"
    )


def test_without_rows_nothing_is_written():
    assert rendered([]) == ""


def test_times_lose_the_year_that_they_share_when_there_is_little_room():
    assert rendered(ROWS, width=75) == (
        "TIME 2025       STATUS  ENDPOINT         ERROR_CODE     DURATION_MS  ID\n"
        "02-24 10:00:00     402  /v1/payment_in…  card_declined          812  req_1\n"
        "02-24 09:00:00     200  /v1/customers/…                       95.25  req_22\n"
    )


def test_times_of_several_years_keep_them():
    rows = [*ROWS, (datetime(2024, 2, 24, tzinfo=UTC), 200, "/v1/balance", None, 1.0, "req_3")]
    assert rendered(rows, width=75).splitlines()[3].startswith("2024-02-24 00:00:00")


def test_flexible_columns_are_cut_to_the_screen():
    assert rendered(ROWS, width=68) == (
        "TIME 2025       STATUS  ENDPOINT    ERROR_CODE  DURATION_MS  ID\n"
        "02-24 10:00:00     402  /v1/payme…  card_decl…          812  req_1\n"
        "02-24 09:00:00     200  /v1/custo…                    95.25  req_22\n"
    )


def test_columns_that_can_be_spared_are_left_out_before_others_are_cut():
    rows = [("req_1234567890", "x" * 10, "y" * 10)]
    columns: list[Column[Any]] = [
        Column("id", itemgetter(0)),
        Column("some", itemgetter(1), spared=1),
        Column("more", itemgetter(2), spared=2),
    ]
    widths = (40, 30, 20)
    streams = [StringIO() for _ in widths]
    for stream, width in zip(streams, widths, strict=True):
        table.render(rows, columns, stream, Style(width=width))
    assert [stream.getvalue().splitlines()[0].split() for stream in streams] == [
        ["ID", "SOME", "MORE"],
        ["ID", "SOME"],
        ["ID"],
    ]


def test_only_the_widest_column_is_cut_when_that_is_enough():
    assert rendered(ROWS, width=84).splitlines()[2] == (
        "2025-02-24 09:00:00     200  /v1/customers/{cus…                       95.25  req_22"
    )


@pytest.mark.parametrize("width", [18, 20, 25, 40, 60, 80, 88, 89, 200])
def test_every_line_fits_in_the_screen(width):
    lines = rendered([*ROWS, (None, None, "日本語" * 9, "\x1b" * 20, None, "é" * 50)], width=width).splitlines()
    assert [line for line in lines if display_width(line) > width] == []


def test_without_a_width_nothing_is_cut():
    assert "x" * 5000 in rendered([("x" * 5000,)], ["endpoint"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1e5", "1e5"),
        ("  x", "  x"),
        ("007", "007"),
        (True, "yes"),
        ("a\nb", r"a\nb"),
        ("\x1b]0;pwned\x07\x9b2J", r"\x1b]0;pwned\x07\x9b2J"),
        ("\u202ecus_1", r"\u202ecus_1"),
    ],
)
def test_text_is_shown_as_it_was_sent(value, expected):
    assert rendered([(value, 1)], ["text", "n"]).splitlines()[1].startswith(expected + " ")


def test_wide_characters_keep_the_columns_aligned():
    assert rendered([("日本", "a"), ("e\u0301te\u0301", "b"), ("abcdef", "c")], ["name", "id"]) == (
        "NAME    ID\n日本    a\ne\u0301te\u0301     b\nabcdef  c\n"
    )


def test_colors_are_by_class_of_status_and_take_no_room():
    rows = [(200, "req_1"), (404, "\x1b[31m"), (None, "x")]
    plain, colored = (rendered(rows, ["status", "id"], color=color) for color in (False, True))
    assert colored == (
        "\x1b[1mSTATUS\x1b[0m  \x1b[1mID\x1b[0m\n"
        "   \x1b[32m200\x1b[0m  req_1\n"
        "   \x1b[33m404\x1b[0m  \\x1b[31m\n"
        "        x\n"
    )
    assert re.sub("\x1b\\[[0-9]+m", "", colored) == plain


PLAIN = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), max_size=12)


@given(st.lists(st.tuples(PLAIN, st.none() | st.integers(), PLAIN), min_size=1, max_size=5), st.booleans())
def test_what_is_padded_stands_as_tabulate_would_have_it(rows, color) -> None:
    """The row below, which tabulate has to align, takes as many columns as one above it."""
    one = (*rows[0][:2], rows[0][2] + "XX")
    padded, tabulated = (
        rendered([one, *rows, (*one[:2], rows[0][2] + last)], ("a", "status", "b"), (), color=color).splitlines()
        for last in ("XX", "\u8449")
    )
    assert padded[:-1] == tabulated[:-1]
    assert padded[-1].removesuffix("XX") + "\u8449" == tabulated[-1]


def test_a_plain_table_imports_no_tabulate() -> None:
    code = (
        "import sys; from io import StringIO; from reqlog.render import table; from reqlog.render.base import Column, "
        "Style; table.render([('a', 1)], [Column('b', lambda row: row[0])], StringIO(), Style()); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert not {"tabulate", "wcwidth"} & set(done.stdout.split())
