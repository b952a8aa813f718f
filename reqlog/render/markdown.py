"""A table as GitHub's Markdown has it, to paste into an issue or a job summary.

A cell that Markdown, HTML or GitHub would take for more than text (emphasis, a link, a mention, an emoji, a formula) is
written as code, where nothing is. Pipes stand between code and code, as character references, which end no cell.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from reqlog.render.base import Column, Row, Style
from reqlog.render.cell import are_numbers, cell

_PLAIN = (
    r"(?!.*(?:www\.|\bgh-\d))"
    r"(?:[^\x00-\x7f]++|[0-9A-Za-z .,/{}()?=%'\"+;-]++|(?<=[0-9A-Za-z_])_|:(?!//|(?!\d\d:)[\w+-]+:))*+"
)
"""Text in which no sign means anything: no underscore before a word, no colon that begins a link or an emoji."""

_PIPE = "&#124;"


def render(rows: Iterable[Row], columns: Sequence[Column[Row]], stream: TextIO, style: Style) -> None:
    """Write a heading and `rows`, numbers to the right, times in `style.zone`; the heading alone without rows."""
    values = [[column.value(row) for column in columns] for row in rows]
    stream.write(_line([_safe(column.name) for column in columns]))
    stream.write(
        _line(["---:" if are_numbers(row[index] for row in values) else "---" for index in range(len(columns))])
    )
    for row in values:
        stream.write(_line([_safe(cell(value, style.zone)) for value in row]))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _safe(text: str) -> str:
    """Return `text` such that it is shown as it stands."""
    if re.fullmatch(_PLAIN, text, re.IGNORECASE | re.DOTALL):
        return text
    return _PIPE.join(_as_code(part) if part else "" for part in text.split("|"))


def _as_code(text: str) -> str:
    """Return `text` between more backticks than it has in a row; blanks keep its own, at its ends, apart from them."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    is_apart = text[0] == "`" or text[-1] == "`" or (text[0] == text[-1] == " " and text.strip(" "))
    return f"{fence} {text} {fence}" if is_apart else f"{fence}{text}{fence}"
