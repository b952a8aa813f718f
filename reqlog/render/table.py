"""A table for eyes: headings in upper case, columns aligned, fitted to the screen, free to change.

What is aligned is made here: text that no terminal can be led astray by, fitted to the width of the screen, and
coloured after that. tabulate aligns it, but where each character takes one column, which needs no more than padding:
its import takes as long as the rest of the command.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TextIO

from reqlog import limits
from reqlog.render.base import Column, Row, Style
from reqlog.render.cell import are_numbers, cell
from reqlog.render.color import BOLD, painted, status_color
from reqlog.render.text import ELLIPSIS
from reqlog.render.width import GAP, cut, display_width, fitted, is_plain

_COLORS = {"status": status_color}
_COMFORT = 16
_YEAR = len("2026-")


class _Shown(NamedTuple):
    """One column with all its cells."""

    column: Column[Any]
    heading: str
    values: Sequence[object]
    texts: Sequence[str]

    @property
    def width(self) -> int:
        return max(map(display_width, (self.heading, *self.texts)))

    @property
    def comfort(self) -> int:
        """The width in which it reads well."""
        return min(self.width, _COMFORT) if self.column.flexible else self.width


def render(rows: Iterable[Row], columns: Sequence[Column[Row]], stream: TextIO, style: Style) -> None:
    """Write a heading and `rows`, numbers to the right; nothing at all when there are none.

    On a screen too narrow for all of it times lose a year that they share, columns that can be spared are left out, and
    the rest is cut: flexible columns first, the widest most, others only when that is not enough. Each line then fits,
    if the screen has at least three times as many characters as there are columns.
    """
    held = list(rows)
    if not held:
        return
    shown = [_shown(column, held, style) for column in columns]
    if style.width is not None:
        shown = _fitting(shown, style.width)
    align = _padded if all(is_plain(text) for each in shown for text in (each.heading, *each.texts)) else _tabulated
    stream.writelines(line.rstrip(" ") + "\n" for line in align(shown, style))


def _padded(shown: Sequence[_Shown], style: Style) -> Iterable[str]:
    """Return the lines of a table of which each character takes one column."""
    columns = []
    for each in shown:
        width = each.width
        paddings = (" " * (width - len(text)) for text in (each.heading, *each.texts))
        painted = zip(_painted(each, style), paddings, strict=True)
        right = are_numbers(each.values)
        columns.append([padding + text if right else text + padding for text, padding in painted])
    return map((" " * GAP).join, zip(*columns, strict=True))


def _tabulated(shown: Sequence[_Shown], style: Style) -> Iterable[str]:
    """Return the lines of any table."""
    from tabulate import tabulate  # noqa: PLC0415  (see above)

    table = tabulate(
        list(zip(*(_painted(each, style) for each in shown), strict=True)),
        tablefmt="plain",
        disable_numparse=True,
        preserve_whitespace=True,
        colalign=["right" if are_numbers(each.values) else "left" for each in shown],
    )
    return table.split("\n")


def _shown(column: Column[Row], rows: Sequence[Row], style: Style) -> _Shown:
    values = [column.value(row) for row in rows]
    texts = [_bounded(cell(value, style.zone)) for value in values]
    return _Shown(column, column.name.upper(), values, texts)


def _bounded(text: str) -> str:
    return text if len(text) <= limits.CELL_CHARACTERS else text[: limits.CELL_CHARACTERS - 1] + ELLIPSIS


def _painted(shown: _Shown, style: Style) -> list[str]:
    """Return the heading and the texts of a column, in colours if there are to be any."""
    if not style.color:
        return [shown.heading, *shown.texts]
    heading = painted(shown.heading, BOLD)
    color_of: Callable[[object], str | None] | None = _COLORS.get(shown.column.name)
    if color_of is None:
        return [heading, *shown.texts]
    return [heading, *(painted(text, color_of(value)) for text, value in zip(shown.texts, shown.values, strict=True))]


def _fitting(shown: Sequence[_Shown], screen: int) -> list[_Shown]:
    kept = list(shown)
    if not _has_room(kept, screen):
        kept = [_without_year(each) for each in kept]
    for each in sorted(kept, key=lambda each: -each.column.spared):
        if each.column.spared and not _has_room(kept, screen):
            kept.remove(each)
    widths = fitted([each.width for each in kept], [each.column.flexible for each in kept], screen)
    return [_cut(each, width) for each, width in zip(kept, widths, strict=True)]


def _has_room(shown: Sequence[_Shown], screen: int) -> bool:
    return sum(each.comfort + GAP for each in shown) - GAP <= screen


def _without_year(shown: _Shown) -> _Shown:
    """Return a column of times without the year, if all have the same, which then stands in the heading."""
    years = {text[:_YEAR] for text in shown.texts if text}
    if len(years) != 1 or not all(value is None or isinstance(value, datetime) for value in shown.values):
        return shown
    heading = f"{shown.heading} {years.pop().rstrip('-')}"
    return shown._replace(heading=heading, texts=[text[_YEAR:] for text in shown.texts])


def _cut(shown: _Shown, width: int) -> _Shown:
    return shown._replace(heading=cut(shown.heading, width), texts=[cut(text, width) for text in shown.texts])
