"""What a renderer is: rows and columns in, text out.

Renderers know nothing of requests: a row is whatever the columns can take a value from.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from datetime import tzinfo
from typing import Generic, NamedTuple, Protocol, TextIO, TypeVar, runtime_checkable

Row = TypeVar("Row")

TIME_WIDTH = len("2025-02-24 10:00:00")
"""How wide a time is that people are shown."""


class Column(NamedTuple, Generic[Row]):
    """One column: its name and how a row gives its value."""

    name: str
    """The JSON key, and the heading of a table in upper case."""
    value: Callable[[Row], object]
    """Take the value from a row: a str, int, float, bool, datetime, mapping, tuple or None."""
    flexible: bool = False
    """Whether a table may cut this column to fit the width of a screen."""
    usual: int = 16
    """How wide its values mostly are, for a table that begins before they are known."""
    spared: int = 0
    """When a table may leave this column out on a narrow screen: those of the highest number first, 0 never."""


class Record(tuple[Column[Row], ...], Generic[Row]):
    """The columns of a whole record, whose values a row can give all at once, so that many rows cost less."""

    values: Callable[[Row], list[object]]
    """Take all values from a row, in the order of the columns."""
    times: tuple[int, ...]
    """Places of the columns whose values are times."""
    fractions: tuple[int, ...]
    """Places of those whose values are numbers with a fraction."""

    def __new__(
        cls,
        columns: Iterable[Column[Row]],
        values: Callable[[Row], list[object]],
        *,
        times: Iterable[str],
        fractions: Iterable[str],
    ) -> "Record[Row]":
        """Return `columns` as a record; `times` and `fractions` are names of some of them."""
        record = super().__new__(cls, columns)
        places = {column.name: place for place, column in enumerate(record)}
        record.values = values
        record.times = tuple(places[name] for name in times)
        record.fractions = tuple(places[name] for name in fractions)
        return record


@runtime_checkable
class Encodable(Protocol):
    """Rows that may know a shorter way to JSON than by way of a renderer."""

    def encoded(self, style: "Style", between: bytes) -> Generator[bytes] | None:
        """Yield those rows that were not taken yet as the JSON renderer writes them; None if there is no shorter way.

        They come in UTF-8, one at a time or several with `between` between them. The iterator is to be closed.
        """


class Style(NamedTuple):
    """How text is to look; of this, renderers for machines heed `ascii` only."""

    color: bool = False
    """Whether escape sequences for colours may be written."""
    width: int | None = None
    """Width of the screen in characters to cut a table to; None does not cut."""
    zone: tzinfo | None = None
    """Zone to show times in; None is the local zone of the machine."""
    ascii: bool = False
    """Whether JSON is to be written in ASCII alone."""


class Render(Protocol):
    """The function that each renderer module has under the name `render`."""

    def __call__(self, rows: Iterable[Row], columns: Sequence[Column[Row]], stream: TextIO, style: Style) -> None:
        """Write `rows` to `stream`; an empty `rows` too gives a valid document."""
