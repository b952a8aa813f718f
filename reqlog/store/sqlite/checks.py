"""Whether a store is sound: the file, its schema, its rows, and its indexes against the rows."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice

import apsw

from reqlog.store.sqlite import kinds, rows, tallies, words
from reqlog.store.sqlite.connection import TEMPORARY, open_to_write
from reqlog.store.sqlite.temporary_files import temporary_files_beside

_MOST_OF_A_KIND = 100
_TIME = rows.COLUMNS.index("time")
_SCHEMA = "SELECT name, sql FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'"
_TEXTS = f"CREATE TEMP VIEW texts (seq, text) AS SELECT seq, searchable({', '.join(words.SEARCHED)}) FROM main.requests"


def problems(connection: apsw.Connection) -> Iterator[str]:
    """Yield what is wrong with the store, a sentence each, at most a hundred of a kind."""
    expected = _expected_schema()
    try:
        yield from islice(_of_file(connection), _MOST_OF_A_KIND)
        yield from _of_schema(connection, expected)
        yield from islice(_of_rows(connection), _MOST_OF_A_KIND)
        with temporary_files_beside(connection):
            if not (kinds.are_counted_right(connection) and tallies.are_counted_right(connection)):
                yield "The counts of requests do not fit the requests."
            yield from _of_text_index(connection, expected["requests_text"])
    except (apsw.CorruptError, UnicodeDecodeError) as error:
        yield f"It cannot be read any further: {error}."


def _of_file(connection: apsw.Connection) -> Iterator[str]:
    for (said,) in connection.execute("PRAGMA integrity_check"):
        if said != "ok":
            yield f"SQLite says: {str(said).removeprefix('*** in database main ***').strip()}."


def _expected_schema() -> dict[str, str]:
    with closing(open_to_write(TEMPORARY)) as fresh:
        return _schema(fresh)


def _schema(connection: apsw.Connection) -> dict[str, str]:
    return {str(name): str(sql) for name, sql in connection.execute(_SCHEMA)}


def _of_schema(connection: apsw.Connection, expected: dict[str, str]) -> Iterator[str]:
    there = _schema(connection)
    for name in sorted(expected.keys() | there.keys()):
        if name not in there:
            yield f"The schema lacks {name}."
        elif expected.get(name) != there[name]:
            yield f"The schema has a {name} that is not reqlog's."


def _of_rows(connection: apsw.Connection) -> Iterator[str]:
    for row in connection.execute(f"{rows.SELECT} NOT INDEXED ORDER BY seq"):
        for column in rows.damaged_columns(row):
            yield f"Of the request {row[1]} the {column} cannot be read."
        if row[_TIME] is not None and (row[0] < 0 or rows.instant_of(row[0]) != row[_TIME]):
            yield f"The request {row[1]} is not in the place of its time."


def _of_text_index(connection: apsw.Connection, definition: str) -> Iterator[str]:
    """Compare the index with the rows as SQLite does it for an index that can look its text up: in a copy that can.

    The copy is temporary, so that no writer has to wait and the store need not be writable.
    """
    connection.execute(_TEXTS)
    named = definition.replace("requests_text", "temp.words", 1)
    connection.execute(named.replace("content = ''", "content = 'texts', content_rowid = 'seq'", 1))
    try:
        with connection:
            for part in ("data", "idx"):
                connection.execute(f"DELETE FROM temp.words_{part}")
                connection.execute(f"INSERT INTO temp.words_{part} SELECT * FROM main.requests_text_{part}")
            connection.execute("INSERT INTO temp.words (words, rank) VALUES ('integrity-check', 1)")
    except apsw.CorruptError:
        yield "The index of words does not fit the requests."
    except rows.DamagedRowError:
        return  # which has been named
    finally:
        connection.execute("DROP TABLE temp.words; DROP VIEW temp.texts")
