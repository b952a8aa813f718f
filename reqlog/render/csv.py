r"""CSV as RFC 4180 has it: a header, lines that end in CRLF, quotes where they are needed.

A spreadsheet takes text that starts with `=`, `+`, `-` or `@` for a formula, perhaps behind blanks and quotes, and in
some scripts full-width signs too; such text is given an apostrophe in front. So is text that starts with a tab or a
line end, perhaps behind blanks, and, that there be no doubt, with an apostrophe or a quote. Text that has control
characters, or others that are not seen, is written as a JSON string: between quotes, those characters escaped. Tabs and
line ends within a text stay.

So the text of a cell is got back: one that starts with an apostrophe, without it; one that starts with a quote, read as
JSON; any other, as it stands. Numbers are numbers, negative ones too; text that looks like one is text.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import isnan
from typing import TextIO

from reqlog.render.base import Column, Row, Style
from reqlog.render.json import compact
from reqlog.render.text import visible_block
from reqlog.times import to_rfc3339

_BEFORE = "\\s\"'`\u2018\u2019\u201c\u201d"
_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212"
_FORMULA = rf"[{_BEFORE}]*[{_SIGNS}]"
_GUARDED = rf"\s*[\t\r\n]|['\"]|{_FORMULA}"


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
            return _text(value)
        case bool():
            return "true" if value else "false"
        case int():
            return value
        case float():
            return "" if isnan(value) else repr(value).removesuffix(".0")
        case datetime():
            return to_rfc3339(value)
        case tuple() | list():
            return _text(" ".join(map(str, value)))
        case Mapping():
            return compact(value)
        case _:
            return _text(str(value))


def _text(text: str) -> str:
    if visible_block(text) != text:
        return _as_json(text)
    return f"'{text}" if re.match(_GUARDED, text) else text


def _as_json(text: str) -> str:
    """Return `text` as a JSON string, in which not even behind the quote a formula begins."""
    formula = re.match(_FORMULA, text)
    start = formula.end() if formula else 0
    return '"' + "".join(f"\\u{ord(character):04x}" for character in text[:start]) + compact(text[start:])[1:]
