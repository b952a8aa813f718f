"""Forgetting requests: out of the table and of every index, and their text out of the file.

The first is done in one transaction. The second writes the file anew, since SQLite leaves what was deleted on the pages
that it was on; until that is done `purge` stands in the table `upkeep`.
"""

import json
from array import array
from collections.abc import Iterator
from typing import Any

import apsw

from reqlog.filters import Filter
from reqlog.store.sqlite import kinds, rows, tallies, words
from reqlog.store.sqlite.arrivals import keep_last_arrival
from reqlog.store.sqlite.connection import number, transaction
from reqlog.store.sqlite.questions import asked
from reqlog.store.sqlite.temporary_files import temporary_files_beside

INDEX = "INSERT INTO requests_text (rowid, text) VALUES (?, ?)"
"""What puts the text of a request into the text index."""

_UNINDEX = "INSERT INTO requests_text (requests_text, rowid, text) VALUES ('delete', ?, ?)"
_DELETE = f"DELETE FROM requests WHERE seq = ? RETURNING kind, time, {', '.join(tallies.FIELDS)}"
_BATCH = 1000
_AT = f"{rows.SELECT} WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq"


def remove(connection: apsw.Connection, filter: Filter) -> int:
    """Take the requests that match out of the table and its indexes, and return how many they were.

    To be purged are the pages on which they were, and those that are free.
    """
    with temporary_files_beside(connection), transaction(connection):
        condition, values = asked(connection, filter).whole
        removed = number(connection, f"SELECT count(*) FROM requests WHERE {condition}", values)
        if removed or number(connection, "PRAGMA freelist_count"):
            connection.execute("INSERT OR IGNORE INTO upkeep VALUES ('purge', 1)")
        keep_last_arrival(connection)
        if 2 * removed > number(connection, "SELECT count(*) FROM requests"):
            connection.execute(f"DELETE FROM requests WHERE {condition}", values)
            _index_anew(connection)
            kinds.count_anew(connection)
            tallies.count_anew(connection)
        else:
            for batch in _batches(connection, condition, values):
                take_out(connection, [(row[0], words.text_of(rows.request_of(row))) for row in batch])
    return removed


def take_out(connection: apsw.Connection, kept: list[tuple[int, str]]) -> None:
    """Delete the requests at these `seq` from the table and its indexes; of each its text was put there."""
    connection.executemany(_UNINDEX, kept)
    gone: list[rows.Row] = connection.executemany(_DELETE, [(seq,) for seq, _ in kept]).fetchall()
    kinds.count_out(connection, [kinds.Kept(kind, time) for kind, time, *_ in gone])
    tallies.count_out(connection, [tuple(values) for _, _, *values in gone])


def _index_anew(connection: apsw.Connection) -> None:
    """Build the text index from the rows that are there."""
    connection.execute("INSERT INTO requests_text (requests_text) VALUES ('delete-all')")
    for batch in _batches(connection, "1", ()):
        connection.executemany(INDEX, [(row[0], words.text_of(rows.request_of(row))) for row in batch])


def _batches(connection: apsw.Connection, condition: str, values: tuple[Any, ...]) -> Iterator[list[rows.Row]]:
    """Yield the rows of `condition`, oldest first; those that were yielded may be deleted before the next are.

    Their places are held, eight bytes each: asked for again with each batch, a condition may read as much each time.
    """
    found = connection.execute(f"SELECT seq FROM requests WHERE {condition} ORDER BY seq", values)
    places = array("q", (row[0] for row in found))
    for start in range(0, len(places), _BATCH):
        yield connection.execute(_AT, (json.dumps(list(places[start : start + _BATCH])),)).fetchall()


def is_purged(connection: apsw.Connection) -> bool:
    """Whether nothing of what was removed is left in the file."""
    return not number(connection, "SELECT count(*) FROM upkeep WHERE name = 'purge'")


def purge(connection: apsw.Connection) -> None:
    """Write the file anew without what was removed, if that is still to be done, and empty its log.

    Raises apsw.BusyError if a reader held on to the old pages all the while.
    """
    if is_purged(connection):
        return
    connection.execute("INSERT INTO requests_text (requests_text) VALUES ('optimize')")
    with temporary_files_beside(connection):
        connection.execute("VACUUM")
    _empty_log(connection)
    connection.execute("DELETE FROM upkeep WHERE name = 'purge'")


def _empty_log(connection: apsw.Connection) -> None:
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0]
    if busy:
        raise apsw.BusyError
