"""What a store says of itself, and which of its requests are too many for a size."""

import os
from collections.abc import Mapping

import apsw

from reqlog.filters import Compare, Filter, Not, Or, Present
from reqlog.store.base import Info
from reqlog.store.sqlite import rows
from reqlog.store.sqlite.connection import number
from reqlog.store.sqlite.removal import is_purged
from reqlog.store.sqlite.schema import MIGRATIONS

_UNDATED = Not(Present("time"))
_WEIGHT = " + ".join(f"coalesce(length({name}), 0)" for name in rows.COLUMNS)
_OLDEST_AND_NEWEST = """
    SELECT
        (SELECT time FROM requests WHERE seq >= 0 ORDER BY seq LIMIT 1),
        (SELECT time FROM requests ORDER BY seq DESC LIMIT 1)
"""
_WORDS = "name GLOB 'requests_text_*'"
"""Which tables the text index keeps itself in."""
_SIZE = """
    SELECT coalesce(sum((SELECT pgsize FROM dbstat WHERE dbstat.name = part.name AND aggregate = 1)), 0)
    FROM sqlite_schema AS part WHERE rootpage > 0 AND name != 'requests' AND {part}
"""


def info(connection: apsw.Connection, path: str) -> Info:
    """Return what the store at `path` says of itself."""
    (oldest, newest) = connection.execute(_OLDEST_AND_NEWEST).fetchall()[0]
    return Info(
        place=os.path.abspath(path),
        bytes=sum(os.path.getsize(file) for file in (path, f"{path}-wal") if os.path.exists(file)),
        requests=number(connection, "SELECT coalesce(sum(requests), 0) FROM kinds"),
        oldest=rows.field_value("time", oldest),
        newest=rows.field_value("time", newest),
        schema_version=len(MIGRATIONS),
        room=_room(connection),
        is_purged=is_purged(connection),
    )


def _room(connection: apsw.Connection) -> Mapping[str, int]:
    """Return how many bytes each part of the file takes, largest first; the requests are what all others leave."""
    page = number(connection, "PRAGMA page_size")
    room = {
        "words": number(connection, _SIZE.format(part=_WORDS)),
        "indexes": number(connection, _SIZE.format(part=f"NOT {_WORDS}")),
        "free": number(connection, "PRAGMA freelist_count") * page,
    }
    room["requests"] = number(connection, "PRAGMA page_count") * page - sum(room.values())
    return dict(sorted(room.items(), key=lambda part: -part[1]))


def excess(connection: apsw.Connection, size: int) -> Filter:
    """Return the filter of the oldest requests without which the file takes about `size` bytes."""
    pages = number(connection, "PRAGMA page_count") - number(connection, "PRAGMA freelist_count")
    now = pages * number(connection, "PRAGMA page_size")
    if now <= size:
        return Or()
    room = number(connection, f"SELECT coalesce(sum({_WEIGHT}), 0) FROM requests") * size // now
    for time, weight in connection.execute(f"SELECT time, {_WEIGHT} FROM requests ORDER BY seq DESC"):
        room -= weight
        if room < 0:
            return _UNDATED if time is None else Or((_UNDATED, Compare("time", "<=", rows.field_value("time", time))))
    return Or()
