import re
from datetime import UTC, datetime
from io import StringIO
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reqlog.render import markdown
from reqlog.render.base import Column, Style
from reqlog.render.cell import cell


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
        ("card_error", "card_error"),
        ("/v1/customers/{customer}", "/v1/customers/{customer}"),
        ("No such customer: 'cus_1'; is it \"gone\"?", "No such customer: 'cus_1'; is it \"gone\"?"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (X11; Linux x86_64)"),
        ("sk_test_…4242 Müller 日本", "sk_test_…4242 Müller 日本"),
        ("12.5%", "12.5%"),
        ("items[0][price]", "`items[0][price]`"),
        ("a|b", "`a`&#124;`b`"),
        ("|", "&#124;"),
        ("a\\|b", "`a\\`&#124;`b`"),
        ("<img src=x>", "`<img src=x>`"),
        ("`code`", "`` `code` ``"),
        ("``a`", "``` ``a` ```"),
        ("two\nlines", r"`two\nlines`"),
        ("\x1b[1m", r"`\x1b[1m`"),
        ("[x](http://e)", "`[x](http://e)`"),
        ("http://e", "`http://e`"),
        ("see WWW.e", "`see WWW.e`"),
        ("a@b.example", "`a@b.example`"),
        ("ask @octocat", "`ask @octocat`"),
        ("#1", "`#1`"),
        ("GH-1", "`GH-1`"),
        (":tada:", "`:tada:`"),
        ("$x$", "`$x$`"),
        ("**x** ~y~ &lt;", "`**x** ~y~ &lt;`"),
        ("_x_ card_error", "`_x_ card_error`"),
        ("__init__", "`__init__`"),
        (" *x* ", "`  *x*  `"),
    ],
)
def test_markup_is_text(text, expected):
    assert rendered([(text,)], "message").splitlines()[2] == f"| {expected} |"


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
LINKED = re.compile(r"://|www\.|@|#\d|\bGH-\d|:[a-z_+-]+:|\$", re.IGNORECASE)
"""What GitHub would make a link, a mention, an emoji or a formula of, unless it is code."""

cells = st.text(
    st.sampled_from("abGH1 _*`|\\[]()<>!@#:/.w&;~$=-+\"'{}\n\t\x1b\u200b日"), max_size=30
) | st.sampled_from(
    [
        "[x](javascript:alert(1))",
        "![x](https://e.example/p.png)",
        "<script>alert(1)</script>",
        "<https://e.example>",
        "https://e.example/?a=b",
        "&#x3c;b&#x3e; &copy;",
        "[x][1]",
        "a\\",
        "\\`*x*\\`",
        "| --- | --- |",
        "mailto:a@b.example",
        "<!-- x -->",
        "`a|b`",
        "x `|` *y*",
        "[^1]",
        "~~x~~",
    ]
)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=4))
def test_a_markdown_reader_sees_the_text_of_each_cell_and_nothing_else(rows) -> None:
    tokens = MARKDOWN.parse(rendered(rows, "one", "two"))
    inside = [token for token in tokens if token.type == "inline"][2:]
    parts = [part for token in inside for part in token.children or ()]
    assert {part.type for part in parts} <= {"text", "code_inline"}
    assert ["".join(part.content for part in token.children or ()).strip() for token in inside] == [
        cell(text, UTC).strip() for row in rows for text in row
    ]
    assert [part.content for part in parts if part.type == "text" and LINKED.search(part.content)] == []
