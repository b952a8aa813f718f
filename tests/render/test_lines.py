import io
from datetime import UTC, datetime
from typing import Any

import pytest

from reqlog.render.base import Column, Style
from reqlog.render.lines import render

COLUMNS: tuple[Column[Any], ...] = (
    Column("time", lambda row: row.get("time"), usual=19),
    Column("status", lambda row: row.get("status"), usual=6),
    Column("endpoint", lambda row: row.get("endpoint"), flexible=True, usual=20),
    Column("version", lambda row: row.get("version"), usual=10, spared=1),
    Column("id", lambda row: row.get("id"), usual=5),
)
ROW = {
    "time": datetime(2025, 6, 1, 12, tzinfo=UTC),
    "status": 402,
    "endpoint": "/v1/payment_intents/{intent}",
    "version": "2024-06-20",
    "id": "req_1",
}


def lines(*rows: dict[str, object], width: int | None = None, color: bool = False) -> list[str]:
    stream = io.StringIO()
    render(rows, COLUMNS, stream, Style(zone=UTC, width=width, color=color))
    return stream.getvalue().splitlines()


def test_each_column_has_its_place_whatever_comes() -> None:
    assert lines({"id": "req_0"}, {**ROW, "endpoint": "/v1/charges"}) == [
        "TIME                 STATUS  ENDPOINT              VERSION     ID",
        "                                                               req_0",
        "2025-06-01 12:00:00     402  /v1/charges           2024-06-20  req_1",
    ]


def test_what_is_too_long_moves_the_rest_of_its_line_where_nothing_is_cut() -> None:
    assert lines(ROW)[1] == "2025-06-01 12:00:00     402  /v1/payment_intents/{intent}  2024-06-20  req_1"


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (80, "2025-06-01 12:00:00     402  /v1/payment_intents/{intent}      2024-06-20  req_1"),
        (68, "2025-06-01 12:00:00     402  /v1/payment_intents…  2024-06-20  req_1"),
        (60, "2025-06-01 12:00:00     402  /v1/payment_intents/{in…  req_1"),
        (50, "06-01 12:00:00     402  /v1/payment_intent…  req_1"),
    ],
)
def test_a_screen_is_kept_to(width, expected) -> None:
    assert lines(ROW, width=width)[1] == expected


def test_no_line_is_wider_than_the_screen() -> None:
    for width in range(20, 120):
        assert max(len(line) for line in lines(ROW, {**ROW, "id": "req_" + "x" * 50}, width=width)) <= width


def test_the_heading_and_the_status_are_coloured() -> None:
    heading, line = lines({"status": 402}, color=True)
    assert heading.startswith("\x1b[1mTIME               \x1b[0m  \x1b[1mSTATUS\x1b[0m  ")
    assert line == "                     \x1b[33m   402\x1b[0m"


def test_a_heading_comes_before_there_is_any_row() -> None:
    stream = io.StringIO()

    def rows():
        assert stream.getvalue().startswith("TIME")
        yield ROW
        assert stream.getvalue().count("\n") == 2

    render(rows(), COLUMNS, stream, Style(zone=UTC))


def test_control_characters_are_text() -> None:
    assert lines({"id": "\x1b[31m"})[1].strip() == "\\x1b[31m"
