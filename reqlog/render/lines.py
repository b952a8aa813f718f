"""A table without an end: a heading at once, and each row as soon as it is there, in columns of fixed widths.

A column is as wide as its values mostly are. On a screen that is too narrow for that, columns that can be spared are
left out, times lose their year, flexible columns are made narrower, and what does not fit is cut; elsewhere nothing is
cut, and a long value moves the rest of its line.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TextIO

from reqlog.render.base import TIME_WIDTH, Column, Row, Style
from reqlog.render.cell import cell
from reqlog.render.color import BOLD, painted, status_color
from reqlog.render.width import GAP, cut, display_width, fitted

_YEAR = len("2025-")


def render(rows: Iterable[Row], columns: Sequence[Column[Row]], stream: TextIO, style: Style) -> None:
    """Write a heading and `rows`, a line each; flushing is left to whoever gives the rows."""
    places = _placed(columns, style.width)
    headings = ((_fit(column.name.upper(), width, style), BOLD) for column, width in places)
    stream.write(_line([painted(text, color if style.color else None) for text, color in headings]))
    for row in rows:
        stream.write(_line([_cell(column, row, width, style) for column, width in places]))


def _placed(columns: Sequence[Column[Row]], screen: int | None) -> list[tuple[Column[Row], int]]:
    """Return the columns that have room on the screen, with their widths."""
    kept = list(columns)
    for column in sorted(columns, key=lambda column: -column.spared):
        if column.spared and screen is not None and _total(kept) > screen:
            kept.remove(column)
    widths = [_usual(column) for column in kept]
    if screen is not None:
        if _total(kept) > screen:
            widths = [width - _YEAR if width == TIME_WIDTH else width for width in widths]
        more = max(0, screen - _total(kept)) // max(1, sum(column.flexible for column in kept))
        widths = [width + more * column.flexible for column, width in zip(kept, widths, strict=True)]
        widths = fitted(widths, [column.flexible for column in kept], screen)
    return list(zip(kept, widths, strict=True))


def _usual(column: Column[Any]) -> int:
    return max(column.usual, len(column.name))


def _total(columns: Sequence[Column[Any]]) -> int:
    return sum(_usual(column) + GAP for column in columns) - GAP


def _cell(column: Column[Row], row: Row, width: int, style: Style) -> str:
    value = column.value(row)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    shown = cell(value, style.zone)
    if isinstance(value, datetime) and len(shown) > width == TIME_WIDTH - _YEAR:
        shown = shown[_YEAR:]
    text = _fit(shown, width, style, to_the_right=is_number)
    color = status_color(value) if style.color and column.name == "status" else None
    return painted(text, color)


def _fit(text: str, width: int, style: Style, *, to_the_right: bool = False) -> str:
    """Return `text` filled up with spaces to `width`, and on a screen cut to it."""
    shown = text if style.width is None else cut(text, width)
    spaces = " " * (width - display_width(shown))
    return spaces + shown if to_the_right else shown + spaces


def _line(cells: Sequence[str]) -> str:
    return (" " * GAP).join(cells).rstrip(" ") + "\n"
