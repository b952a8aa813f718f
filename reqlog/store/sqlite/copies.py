"""Copies of a store into a new file: a backup of a sound one, and what can be saved of a damaged one.

The new file is written beside its place and put there when it is whole, so that it is never half a store.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import islice

import apsw

from reqlog.exceptions import StoreError, UsageError
from reqlog.request import FIELDS, Request
from reqlog.store.base import Saved
from reqlog.store.sqlite import SqliteStore, rows, salvage
from reqlog.store.sqlite.access import create
from reqlog.store.sqlite.connection import TEMPORARY, open_to_read, open_to_write, sentences

_BATCH = 1000
_KINDS: dict[str, tuple[type, ...]] = {
    "TEXT": (str,),
    "INTEGER": (int,),
    "REAL": (float, int),
    "ANY": (str, bytes, int),
    "BLOB": (bytes,),
}
_INDEXES = {
    "id": "sqlite_autoindex_requests_1",
    "kind": "requests_kind",
    "status": "requests_status",
    "endpoint": "requests_endpoint",
    "api_version": "requests_api_version",
}
"""The indexes that hold every request, or did in an earlier schema, by their column; they tell how many there were."""


def backup(path: str, into: str) -> None:
    """Write the store at `path` as it is at this instant to the new file `into`, while others go on writing."""
    with closing(open_to_read(path)) as connection, _new_file(into) as partial, sentences(into):
        connection.execute("VACUUM INTO ?", (partial,))


def repair(path: str, into: str) -> Saved:
    """Write what can be read of the damaged store at `path` to the new store `into`; `path` stays as it is.

    SQLite is asked first, from both ends up to what it cannot read; what lies between is read off the pages.
    """
    if not os.path.isfile(path):
        open_to_read(path).close()  # which says what is there instead
    incomplete: set[str] = set()
    with _new_file(into) as partial, closing(SqliteStore(partial, write=True)) as store:
        saved = sum(_added(store, found, incomplete) for found in _readings(path))
        if not saved:
            raise StoreError(f"There is nothing of a reqlog store in {path} that could be saved.")
    expected, is_exact = _expected(path)
    return Saved(saved, len(incomplete), max(0, expected - saved), is_exact)


def _readings(path: str) -> Iterator[Iterator[rows.Row]]:
    """Yield the rows of the file at `path` in one reading or, if that breaks off, in two more."""
    ended: list[str] = []
    for order in ("ASC", "DESC"):
        yield _by_sqlite(path, order, ended)
        if ended:
            return
    yield _off_the_pages(path)


def _by_sqlite(path: str, order: str, ended: list[str]) -> Iterator[rows.Row]:
    """Yield the rows in the `order` of time as far as they can be read; `ended` is told if that is all of them."""
    with suppress(apsw.Error, UnicodeDecodeError), closing(_opened(path)) as connection:
        names = _there(connection)
        yield from connection.execute(f"SELECT {names} FROM requests NOT INDEXED ORDER BY seq {order}")
        ended.append(order)


def _there(connection: apsw.Connection) -> str:
    """Return the names of `rows.COLUMNS`, with nothing for those that a file of an earlier schema lacks."""
    there = {row[1] for row in connection.execute("PRAGMA table_info(requests)")}
    return ", ".join(name if name in there else "NULL" for name in rows.COLUMNS)


def _off_the_pages(path: str) -> Iterator[rows.Row]:
    """Yield the rows that stand on the pages of the file, with nothing in the columns whose kind is not theirs."""
    columns = _columns()
    kinds = [_KINDS[kind] for kind in columns.values()]
    with sentences(path), open(path, "rb") as file:
        for seq, kept in salvage.records(file, range(1 + len(FIELDS), len(columns) + 1)):
            fitting = (value if isinstance(value, kind) else None for value, kind in zip(kept, kinds, strict=False))
            row = {**dict(zip(columns, fitting, strict=False)), "seq": seq}
            yield tuple(map(row.get, rows.COLUMNS))


def _columns() -> dict[str, str]:
    """Return the columns of the table `requests` with their types, in the order in which the file has them.

    Rows that were written before a column was added end before it.
    """
    with closing(open_to_write(TEMPORARY)) as fresh:
        return {str(row[1]): str(row[2]) for row in fresh.execute("PRAGMA table_info(requests)")}


def _added(store: SqliteStore, found: Iterator[rows.Row], incomplete: set[str]) -> int:
    """Add what the rows keep and return how many were new; `incomplete` takes the ids of those that lack a part."""
    requests = _mended(found, incomplete)
    saved = 0
    while batch := list(islice(requests, _BATCH)):
        saved += store.add(batch).imported
    return saved


def _mended(found: Iterable[rows.Row], incomplete: set[str]) -> Iterator[Request]:
    for row in found:
        if not isinstance(row[1], str) or not row[1]:
            continue
        damaged = rows.damaged_columns(row)
        if not damaged:
            yield rows.request_of(row)
            continue
        incomplete.add(row[1])
        kept = zip(rows.COLUMNS, rows.spread_as_far_as_readable(row), strict=True)
        blank = tuple(None if name in damaged else value for name, value in kept)
        request = rows.request_of(blank)
        yield request._replace(truncated=tuple(dict.fromkeys((*request.truncated, *damaged))))


def _expected(path: str) -> tuple[int, bool]:
    """Return how many requests the indexes of the file say there were, and whether one can be read to its end."""
    counts = [_counted(path, column, index) for column, index in _INDEXES.items()]
    return max(count for count, _ in counts), any(is_whole for _, is_whole in counts)


def _counted(path: str, column: str, index: str) -> tuple[int, bool]:
    """Count the requests in an index, from both ends up to what cannot be read; the second is whether that is all."""
    counted = 0
    for order in ("ASC", "DESC"):
        sql = f"SELECT seq FROM requests INDEXED BY {index} ORDER BY {column} {order}, seq {order}"
        with suppress(apsw.Error), closing(_opened(path)) as connection:
            for _ in connection.execute(sql):
                counted += 1
            return counted, True
    return counted, False


def _opened(path: str) -> apsw.Connection:
    return apsw.Connection(os.path.abspath(path), apsw.SQLITE_OPEN_READONLY)


@contextmanager
def _new_file(path: str) -> Iterator[str]:
    """Give the name of an empty file that only its owner can read, which becomes `path` if the block ends well."""
    if os.path.lexists(path):
        raise UsageError(f"{path} is there already; name a file that is not, or remove it.")
    partial = f"{path}.partial"
    with sentences(path):
        _remove(partial)
        create(os.path.abspath(partial))
    try:
        yield partial
        with sentences(path):
            _put(partial, path)
    finally:
        _remove(partial)


def _put(partial: str, path: str) -> None:
    """Give the file `partial`, written to the disk, the name `path`, which nothing may have taken meanwhile."""
    with open(partial, "rb") as file:
        os.fsync(file.fileno())
    os.link(partial, path)


def _remove(path: str) -> None:
    for file in (path, f"{path}-wal", f"{path}-shm", f"{path}-journal"):
        with suppress(FileNotFoundError):
            os.remove(file)
