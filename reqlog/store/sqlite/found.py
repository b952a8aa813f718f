"""An answer as it is taken: as requests, as plain values, or in parts by other processes, and on from any to any."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from reqlog.request import Request
from reqlog.store.sqlite import rows
from reqlog.store.sqlite.connection import sentences
from reqlog.store.sqlite.order import are_neighbours

if TYPE_CHECKING:
    from reqlog.store.base import Parts

Made = TypeVar("Made")


class Found(Iterator[Request]):
    """An answer as it is taken from the store at `path`: each request once, whichever way it is taken.

    `found` gives its rows in order, and `parts_after` what comes after an instant. Nothing is read before the first of
    them is wanted.
    """

    def __init__(
        self, path: str, found: Iterator[rows.Row], parts_after: "Callable[[int], Parts | None] | None" = None
    ) -> None:
        self._path = path
        self._rows = found
        self._parts_after = parts_after
        self._requests = _each(path, rows.request_of, found)

    def __iter__(self) -> Iterator[Request]:  # noqa: PYI034  (what is returned is shorter than this)
        """Return what yields the requests with nothing between it and who takes them."""
        return self._requests

    def __next__(self) -> Request:
        """Return the next request."""
        return next(self._requests)

    def plain(self) -> Iterator[list[Any]]:
        """Yield those requests that were not taken yet as plain values: see `reqlog.store.base.Plain`."""
        from reqlog.store.sqlite.plain import plain_of  # noqa: PLC0415  (with msgspec, which few requests do not pay)

        return _each(self._path, plain_of, self._rows)

    def instant(self) -> Iterator[list[Any]]:
        """Yield those that were not taken yet and are of the instant of the next, as `plain` does."""
        from reqlog.store.sqlite.plain import plain_of  # noqa: PLC0415  (as in `plain`)

        return _each(self._path, plain_of, self._of_instant())

    def parts(self) -> "Parts | None":
        """Return how other processes can read what comes after the instant of the next; None if they should not."""
        with sentences(self._path):
            row = None if self._parts_after is None else next(self._rows, None)
            if row is None or self._parts_after is None:
                return None
            self._put_back(row)
            return None if row[0] < 0 else self._parts_after(rows.instant_of(row[0]))

    def _of_instant(self) -> Iterator[rows.Row]:
        first: rows.Row | None = None
        for row in self._rows:
            if first is not None and not are_neighbours(first, row):
                self._put_back(row)
                return
            first = first or row
            yield row

    def _put_back(self, row: rows.Row) -> None:
        self._rows = chain((row,), self._rows)
        self._requests = _each(self._path, rows.request_of, self._rows)


def _each(path: str, of_row: Callable[[rows.Row], Made], found: Iterable[rows.Row]) -> Iterator[Made]:
    with sentences(path):
        yield from map(of_row, found)
