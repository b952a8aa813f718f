"""A table as GitHub's Markdown has it, to paste into an issue or a job summary.

Everything that Markdown or HTML would take for markup is escaped, so that a cell shows the text that was captured.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from reqlog.render.base import Column, Row, Style
from reqlog.render.cell import are_numbers, cell

_MARKUP = re.compile(r"[\\|<`*~&\[\]]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")


def render(rows: Iterable[Row], columns: Sequence[Column[Row]], stream: TextIO, style: Style) -> None:
    """Write a heading and `rows`, numbers to the right, times in `style.zone`; the heading alone without rows."""
    values = [[column.value(row) for column in columns] for row in rows]
    stream.write(_line([_escaped(column.name) for column in columns]))
    stream.write(
        _line(["---:" if are_numbers(row[index] for row in values) else "---" for index in range(len(columns))])
    )
    for row in values:
        stream.write(_line([_escaped(cell(value, style.zone)) for value in row]))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)
