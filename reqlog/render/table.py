"""A table for eyes: headings in upper case, columns aligned, cut to the screen, free to change.

tabulate aligns; what it is given is made here: text that no terminal can be led astray by, cut in the columns that may
be cut, and coloured after that.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import TextIO

from tabulate import tabulate

from reqlog.render.base import Column, Row, Style
from reqlog.render.cell import cell
from reqlog.render.color import BOLD, painted, status_color
from reqlog.render.width import cut, display_width

_GAP = "  "
_COLORS = {"status": status_color}
_FLOOR = 8


def render(rows: Iterable[Row], columns: Sequence[Column[Row]], stream: TextIO, style: Style) -> None:
    """Write a heading and `rows`, numbers to the right; nothing at all when there are none.

    Each line fits in `style.width`, if that is at least three times the number of columns: flexible columns are cut
    first, the widest most, and other columns only when that is not enough.
    """
    values = [[column.value(row) for column in columns] for row in rows]
    if values:
        stream.writelines(_lines(values, columns, style))


def is_number_column(values: Sequence[Sequence[object]], index: int) -> bool:
    """Whether the column holds numbers only, and at least one."""
    known = [row[index] for row in values if row[index] is not None]
    return bool(known) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)


def _lines(values: Sequence[Sequence[object]], columns: Sequence[Column[Row]], style: Style) -> Iterator[str]:
    headings = [column.name.upper() for column in columns]
    texts = [[cell(value, style.zone) for value in row] for row in values]
    wanted = [max(map(display_width, column)) for column in zip(headings, *texts, strict=True)]
    widths = _fitted(wanted, [column.flexible for column in columns], style.width)
    shown = [[cut(text, width) for text, width in zip(line, widths, strict=True)] for line in (headings, *texts)]
    if style.color:
        shown = [[painted(heading, BOLD) for heading in shown[0]], *map(_colored, repeat(columns), values, shown[1:])]
    table = tabulate(
        shown,
        tablefmt="plain",
        disable_numparse=True,
        preserve_whitespace=True,
        colalign=["right" if is_number_column(values, index) else "left" for index in range(len(columns))],
    )
    return (line.rstrip(" ") + "\n" for line in table.split("\n"))


def _colored(columns: Sequence[Column[Row]], row: Sequence[object], line: Sequence[str]) -> list[str]:
    return [
        painted(text, _COLORS[column.name](value)) if column.name in _COLORS else text
        for column, value, text in zip(columns, row, line, strict=True)
    ]


def _fitted(widths: Sequence[int], flexible: Sequence[bool], screen: int | None) -> list[int]:
    """Return `widths` made narrower until their sum and the gaps fit in `screen`, flexible columns first."""
    fitted = list(widths)
    if screen is None:
        return fitted
    room = screen - len(_GAP) * (len(widths) - 1)
    everything = [True] * len(widths)
    for may_cut, floor in ((flexible, _FLOOR), (everything, _FLOOR), (everything, 1)):
        fitted = _narrowed(fitted, may_cut, floor, room)
    return fitted


def _narrowed(widths: Sequence[int], may_cut: Sequence[bool], floor: int, room: int) -> list[int]:
    """Return `widths` with one bound, not under `floor`, put to those that may be cut so that all fit in `room`."""
    kept = sum(width for width, is_cut in zip(widths, may_cut, strict=True) if not is_cut)
    bound = max(floor, _bound([width for width, is_cut in zip(widths, may_cut, strict=True) if is_cut], room - kept))
    return [min(width, bound) if is_cut else width for width, is_cut in zip(widths, may_cut, strict=True)]


def _bound(widths: Sequence[int], room: int) -> int:
    """Return the largest number that, put as a bound to each of `widths`, makes them sum to at most `room`."""
    for index, width in enumerate(sorted(widths)):
        share = room // (len(widths) - index)
        if width > share:
            return share
        room -= width
    return max(widths, default=0)
