from datetime import UTC, datetime
from io import StringIO
from operator import itemgetter
from typing import Any

import pytest

from reqlog.render import markdown
from reqlog.render.base import Column, Style


def rendered(rows, *names):
    stream = StringIO()
    columns: list[Column[Any]] = [Column(name, itemgetter(index)) for index, name in enumerate(names)]
    markdown.render(rows, columns, stream, Style(zone=UTC, color=True, width=3))
    return stream.getvalue()


def test_numbers_stand_to_the_right_and_times_in_the_zone():
    rows = [(datetime(2025, 2, 24, 10, tzinfo=UTC), 402, "card_declined"), (None, None, None)]
    expected = (
        "| time | status | error_code |\n"
        "| --- | ---: | --- |\n"
        "| 2025-02-24 10:00:00 | 402 | card_declined |\n"
        "|  |  |  |\n"
    )
    assert rendered(rows, "time", "status", "error_code") == expected


def test_without_rows_it_is_the_heading():
    assert rendered([], "id", "status") == "| id | status |\n| --- | --- |\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b", r"a\|b"),
        ("a\\|b", r"a\\\|b"),
        ("<img src=x>", r"\<img src=x>"),
        ("`code`", r"\`code\`"),
        ("two\nlines", r"two\\nlines"),
        ("\x1b[1m", r"\\x1b\[1m"),
        ("[x](http://e)", r"\[x\](http://e)"),
        ("**x** ~y~ &lt;", r"\*\*x\*\* \~y\~ \&lt;"),
        ("_x_ card_error", r"\_x\_ card_error"),
    ],
)
def test_markup_is_text(text, expected):
    assert rendered([(text,)], "message").splitlines()[2] == f"| {expected} |"
