"""The store in one SQLite file; nothing outside this package knows SQLite.

One table of plain columns whose rows lie in the order of time (`rows.sequence`), indexes over the selective fields, and
a text index of every word and id.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

import apsw

from reqlog.filters import Compare, Filter
from reqlog.request import Request
from reqlog.store.sqlite import rows
from reqlog.store.sqlite.connection import (
    TEMPORARY,
    identity,
    let_log_grow,
    open_to_read,
    open_to_write,
    sentences,
)
from reqlog.store.sqlite.dialect import DIALECT
from reqlog.store.sqlite.found import Found
from reqlog.store.sqlite.order import in_order
from reqlog.store.sqlite.questions import asked
from reqlog.store.sqlite.reading import Watch, is_shared

if TYPE_CHECKING:
    from reqlog.store.base import Added, Group, Info, Packing, Parts
    from reqlog.store.sqlite.adding import Adding
    from reqlog.store.sqlite.prepared import Prepared

_LARGE_BYTES = 8 * 1024 * 1024
"""Stores of so much may have answers that it pays to start processes for."""

__all__ = ["DIALECT", "TEMPORARY", "SqliteStore"]


class SqliteStore:
    """The store in the file at `path`; opened for reading it must exist, for writing it is created."""

    def __init__(self, path: "str | os.PathLike[str]", *, write: bool) -> None:
        name = os.fspath(path)
        self._identity = None if write else identity(name)
        self._connection = open_to_write(name) if write else open_to_read(name)
        self._path = name or self._connection.filename

    def close(self) -> None:
        """Close the file."""
        with sentences(self._path):
            self._connection.close()

    def find(self, filter: Filter, *, limit: int | None = None, reverse: bool = False) -> Found:
        """Yield the requests that match, newest first, ties by id; `reverse` gives the oldest first."""
        watch = self._watch() if limit is None else None
        parts_after = None if watch is None else partial(self._parts, watch, filter, reverse)
        return Found(self._path, self._rows(filter, limit, reverse=reverse), parts_after)

    def get(self, id: str) -> Request | None:
        """Return the request of that id."""
        return next(self.find(Compare("id", "=", id), limit=1), None)

    def count_by(self, filter: Filter, fields: Sequence[str], *, samples: int = 0, times: bool = True) -> "list[Group]":
        """Count the requests that match by the values of `fields`, most frequent first, then by `last_seen`."""
        from reqlog.store.sqlite import counting  # noqa: PLC0415  (listings do without it)

        with sentences(self._path), self._connection:
            chosen = asked(self._connection, filter)
            groups = counting.count_by(self._connection, chosen, fields, samples, times=times)
        return groups  # noqa: RET504  (mypy takes it that leaving the transaction may swallow what was raised)

    def follow(
        self, filter: Filter, *, page: int, wait: Callable[[], None], reverse: bool = False
    ) -> Iterator[Request]:
        """Yield the newest `page` requests that match, then without end those that come in, as they come."""
        from reqlog.store.sqlite.arrivals import arriving, last_arrival  # noqa: PLC0415  (as above)

        with sentences(self._path), self._connection:
            last = last_arrival(self._connection)
            newest = list(self.find(filter, limit=page))
        yield from reversed(newest) if reverse else newest
        yield from arriving(self._path, filter, last, wait)

    @property
    def packing(self) -> "Packing[Prepared]":
        """How requests come here from other processes: as rows that are finished but for their places."""
        from reqlog.store.base import Packing  # noqa: PLC0415  (as in `add`)
        from reqlog.store.sqlite import prepared  # noqa: PLC0415  (as above)

        return Packing(prepared.packed, prepared.unpacked)

    def add(self, requests: Iterable[Request]) -> "Added":
        """Keep `requests`, all of them or, if it raises, none."""
        from reqlog.store.sqlite.prepared import prepared  # noqa: PLC0415  (questions do without it)

        items = [prepared(request) for request in requests]
        with sentences(self._path):
            return self._adding.add(items)

    def add_unpacked(self, items: "Sequence[Prepared]") -> "Added":
        """Keep the requests of which `packing` made `items`, all of them or, if it raises, none."""
        with sentences(self._path):
            let_log_grow(self._connection)
            return self._adding.add(items)

    def remove(self, filter: Filter) -> int:
        """Forget the requests that match and return how many they were; their text is out of the file, too."""
        from reqlog.store.sqlite import removal  # noqa: PLC0415  (as above)

        with sentences(self._path):
            removed = removal.remove(self._connection, filter)
            self._adding.forget()
            removal.purge(self._connection)
        return removed

    def excess(self, size: int) -> Filter:
        """Return the filter of the oldest requests without which the file takes about `size` bytes."""
        from reqlog.store.sqlite import upkeep  # noqa: PLC0415  (as in `add`)

        with sentences(self._path):
            return upkeep.excess(self._connection, size)

    def info(self) -> "Info":
        """Return what the store says of itself."""
        from reqlog.store.sqlite import upkeep  # noqa: PLC0415  (as above)

        with sentences(self._path), self._connection:
            info = upkeep.info(self._connection, self._path)
        return info  # noqa: RET504  (as in `count_by`)

    def check(self) -> Iterator[str]:
        """Yield what is wrong with the store, a sentence each."""
        from reqlog.store.sqlite import checks  # noqa: PLC0415  (as above)

        with sentences(self._path):
            yield from checks.problems(self._connection)

    @cached_property
    def _adding(self) -> "Adding":
        from reqlog.store.sqlite.adding import Adding  # noqa: PLC0415  (as in `add`)

        return Adding(self._connection)

    def _rows(self, filter: Filter, limit: int | None, *, reverse: bool) -> Iterator[rows.Row]:
        with self._connection:
            found = in_order(self._connection, asked(self._connection, filter), limit=limit, reverse=reverse)
        yield from found

    def _watch(self) -> Watch | None:
        """Return what watches the store if it is large enough for several processes to read it, and they can."""
        try:
            if is_shared(self._connection) and os.stat(self._connection.filename).st_size >= _LARGE_BYTES:
                return Watch(self._connection.filename)
        except (apsw.Error, OSError):
            """It is read in the usual way, which may still be possible."""
        return None

    def _parts(self, watch: Watch, filter: Filter, reverse: bool, instant: int) -> "Parts | None":  # noqa: FBT001  (bound in `find`)
        from reqlog.store.sqlite.parts import opening, parts_after  # noqa: PLC0415  (few answers are so large)

        open = opening(self._connection.filename, self._identity, filter, reverse=reverse)
        question = asked(self._connection, filter)
        return parts_after(self._connection, open, watch, question, instant, reverse=reverse)
