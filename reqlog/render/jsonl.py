"""JSON Lines: one record a line, as `reqlog.render.json` writes it; nothing when there are none."""

from collections.abc import Iterable, Sequence
from typing import TextIO

from reqlog.render.base import Column, Row, Style
from reqlog.render.json import Frame, write_records

_LINES = Frame("", "", "\n")


def render(rows: Iterable[Row], columns: Sequence[Column[Row]], stream: TextIO, style: Style) -> None:
    """Write `rows`, a record a line."""
    write_records(rows, columns, stream, style, _LINES)
