"""JSON Lines that may never end: what `reqlog.render.jsonl` writes, each line as soon as its record is there."""

from collections.abc import Iterable, Sequence
from typing import TextIO

from reqlog.render.base import Column, Row, Style
from reqlog.render.json import records


def render(rows: Iterable[Row], columns: Sequence[Column[Row]], stream: TextIO, style: Style) -> None:
    """Write `rows`, a record a line, each as soon as it is there; flushing is left to `stream`."""
    for line in records(rows, columns, style):
        stream.write(line + "\n")
