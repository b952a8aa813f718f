"""The order in which requests came into the store, whatever their times are: what tells the new ones from the old.

`arrival` counts from 1 and stays with a request when it is enriched. No number is used twice, whatever is removed: the
table `upkeep` keeps the last of those. What was in a store before it kept arrivals has none.
"""

from collections.abc import Callable, Iterator

import apsw

from reqlog.filters import Filter, matches
from reqlog.request import Request
from reqlog.store.sqlite import rows
from reqlog.store.sqlite.connection import identity, number, open_to_read, sentences

_LAST = """
    SELECT max(
        coalesce((SELECT arrival FROM requests WHERE arrival IS NOT NULL ORDER BY arrival DESC LIMIT 1), 0),
        coalesce((SELECT value FROM upkeep WHERE name = 'last_arrival'), 0)
    )
"""
_AT_ONCE = 500
_ARRIVED = f"""
    SELECT {", ".join(rows.COLUMNS)}, arrival FROM requests INDEXED BY requests_arrival
    WHERE arrival > ? ORDER BY arrival LIMIT {_AT_ONCE}
"""


def last_arrival(connection: apsw.Connection) -> int:
    """Return the number of the request that came in last, though it was removed; it takes some microseconds."""
    return number(connection, _LAST)


def keep_last_arrival(connection: apsw.Connection) -> None:
    """Remember the number of the request that came in last, before requests are removed."""
    connection.execute("INSERT OR REPLACE INTO upkeep VALUES ('last_arrival', ?)", (last_arrival(connection),))


def arriving(path: str, filter: Filter, after: int, wait: Callable[[], None]) -> Iterator[Request]:
    """Yield without end the requests that come into the store at `path` `after` that arrival and match.

    `wait` is called each time that there are no more. A store that is put in the place of this one is gone on with: all
    that comes into it is new. What is new is held against the filter here, and not by the engine, whose way to answer
    may grow with the store.
    """
    file, connection = identity(path), open_to_read(path)
    try:
        while True:
            wait()
            if (now := identity(path)) not in (file, None):
                connection.close()
                file, connection, after = now, open_to_read(path), 0
            while new := _arrived(connection, path, after):
                yield from (request for _, request in new if matches(filter, request))
                after = new[-1][0]
    finally:
        connection.close()


def _arrived(connection: apsw.Connection, path: str, after: int) -> list[tuple[int, Request]]:
    """Return the next of the requests that came in `after` that arrival, a few hundred at most, with their arrivals."""
    with sentences(path):
        found: list[rows.Row] = connection.execute(_ARRIVED, (after,)).fetchall()
    return [(row[-1], rows.request_of(row[:-1])) for row in found]
