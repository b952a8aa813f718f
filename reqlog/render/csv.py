"""CSV as RFC 4180 has it: a header, lines that end in CRLF, quotes where they are needed.

A spreadsheet takes text that starts with `=`, `+`, `-`, `@` or a tab as a formula; such text is given an apostrophe in
front, numbers are not. Tabs and line ends within a text stay, other control characters are shown as text: CSV is data,
but spreadsheets and terminals stumble over them. What must come back exactly goes out as JSON.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import isnan
from typing import TextIO

from reqlog.render.base import Column, Row, Style
from reqlog.render.json import compact
from reqlog.render.text import visible_block
from reqlog.times import to_rfc3339

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def render(rows: Iterable[Row], columns: Sequence[Column[Row]], stream: TextIO, style: Style) -> None:  # noqa: ARG001 - the signature of every renderer
    """Write a header and `rows`: None empty, times in RFC 3339, ids joined by a space, maps as JSON."""
    getters = tuple(column.value for column in columns)
    writer = csv.writer(stream)
    writer.writerow([column.name for column in columns])
    writer.writerows([_field(getter(row)) for getter in getters] for row in rows)


def _field(value: object) -> str | int:
    match value:
        case None:
            return ""
        case str():
            return _guarded(value)
        case bool():
            return "true" if value else "false"
        case int():
            return value
        case float():
            return "" if isnan(value) else repr(value).removesuffix(".0")
        case datetime():
            return to_rfc3339(value)
        case tuple() | list():
            return _guarded(" ".join(map(str, value)))
        case Mapping():
            return compact(value)
        case _:
            return _guarded(str(value))


def _guarded(text: str) -> str:
    shown = visible_block(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
