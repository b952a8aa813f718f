"""Requests as rows that are finished but for the place that they get in a store: what can be done before, anywhere.

To make rows takes as long as to write them, and other processes can do it while this one writes.
"""

import marshal
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from reqlog.request import Request, merge
from reqlog.store.sqlite import rows, words

_WITHOUT_REFERENCES = 2
"""The version of `marshal` that does not look for values that it has written before: there are hardly any."""


class Prepared:
    """A request as a row, with the `seq` that it wants, and the text by which it is found."""

    def __init__(self, row: rows.Row, text: str | None = None) -> None:
        self.row = row
        self.id: str = row[1]
        if text is not None:
            self.text = text

    @cached_property
    def text(self) -> str:
        """What the text index is given; made of the row where it did not come with it."""
        return words.text_of(rows.request_of(self.row))


def prepared(request: Request) -> Prepared:
    """Return `request` as a row."""
    return Prepared(rows.row_of(rows.sequence(request), request), words.text_of(request))


def packed(requests: Sequence[Request]) -> bytes:
    """Return `requests` as rows, for another process of the same Python."""
    made = [(rows.row_of(rows.sequence(each), each), words.text_of(each)) for each in requests]
    return marshal.dumps(made, _WITHOUT_REFERENCES)


def unpacked(content: bytes) -> list[Prepared]:
    """Return the rows that `packed` made."""
    made: list[tuple[Any, ...]] = marshal.loads(content)  # noqa: S302  (a process of our own wrote it)
    return [Prepared(row, text) for row, text in made]


def merged(known: Prepared, other: Prepared) -> Prepared:
    """Return `known` with what it lacks filled in from `other`: the same object if it lacks nothing."""
    if known.row[1:] == other.row[1:]:
        return known
    one = rows.request_of(known.row)
    both = merge(one, rows.request_of(other.row))
    return known if both is one else prepared(both)
