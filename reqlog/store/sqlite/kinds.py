"""Kinds of requests: each combination of values that requests have in the fields of few values, and how many have it.

However many requests there are, their kinds are few: some methods, endpoints, statuses, versions and errors. So what is
asked of those fields alone is asked of the table `kinds`; the index of `requests` over `kind` leads from there to the
requests, in the order of time; and `hours` and `days` count the requests of a kind by the time that begins with them.
What a kind tells of paths is in `paths`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

import apsw

from reqlog.store.sqlite import paths, rows
from reqlog.store.sqlite.connection import version_of

FIELDS: tuple[str, ...] = (
    "method",
    "host",
    "endpoint",
    "status",
    "source",
    "livemode",
    "api_version",
    "requested_version",
    "error_type",
    "error_code",
    "decline_code",
    "error_param",
)
"""The fields whose values a kind has."""

PRESENT = "request_headers"
"""The field of which a kind has only whether it is there: 1, else nothing."""

HOUR, DAY = 3_600_000, 86_400_000
"""The spans of time by which requests are counted, in milliseconds."""

_COLUMNS = (*FIELDS, PRESENT)
_VALUES = itemgetter(*(rows.COLUMNS.index(name) for name in _COLUMNS))
_TIME = rows.COLUMNS.index("time")
_MARKS = ", ".join("?" * len(_COLUMNS))
_FIND = f"SELECT kind FROM kinds WHERE {' AND '.join(f'{name} IS ?' for name in _COLUMNS)}"
_MAKE = f"INSERT INTO kinds ({', '.join(_COLUMNS)}, paths, requests) VALUES ({_MARKS}, ?, 0) RETURNING kind"
_FORGET_PATHS = "UPDATE kinds SET paths = NULL WHERE kind = ? AND paths IS NOT NULL"
_PATH, _ENDPOINT = rows.COLUMNS.index("path"), rows.COLUMNS.index("endpoint")
_KNOWN = 100_000
_SPANS = {"hours": ("hour", HOUR), "days": ("day", DAY)}
_COUNTED = "SELECT kind, count(*) AS requests FROM requests GROUP BY kind"
_COUNTED_BY_SPAN = "SELECT kind, time / {}, count(*) FROM requests WHERE time IS NOT NULL GROUP BY 1, 2"

Values: TypeAlias = tuple[Any, ...]


class Kept(NamedTuple):
    """A row of `requests` as it is counted."""

    kind: int
    time: int | None
    """In unix milliseconds."""


class Kinds:
    """The kinds in a store that is written to; each is looked up once, as long as nobody else writes."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._known: dict[Values, int] = {}
        self._of_any_path: set[int] = set()
        self._seen: object = None

    def begin(self) -> None:
        """Look whether somebody else wrote since; to be called first in a transaction.

        Raises StoreError if that was a newer reqlog, which may keep what this one does not know of.
        """
        now = self._connection.pragma("data_version")
        if now != self._seen:
            version_of(self._connection, self._connection.filename)
        if now != self._seen or len(self._known) > _KNOWN:
            self.forget()
        self._seen = now

    @contextmanager
    def trusted(self) -> Iterator[None]:
        """Forget all if the block raises: its transaction, and with it kinds that were made, is taken back."""
        try:
            yield
        except BaseException:
            self.forget()
            raise

    def forget(self) -> None:
        """Know nothing any more."""
        self._known.clear()
        self._of_any_path.clear()

    def of(self, row: rows.Row) -> int:
        """Return the kind of a row, in the order of `rows.COLUMNS`, made if there was none."""
        *values, headers = _VALUES(row)
        key = (*values, None if headers is None else 1)
        kind = self._known.get(key)
        if kind is None:
            found = self._connection.execute(_FIND, key).get or self._made(key, row)
            kind = self._known[key] = int(str(found))
        if kind not in self._of_any_path and not paths.fits(row[_PATH], row[_ENDPOINT]):
            self._connection.execute(_FORGET_PATHS, (kind,))
            self._of_any_path.add(kind)
        return kind

    def _made(self, key: Values, row: rows.Row) -> object:
        return self._connection.execute(_MAKE, (*key, paths.pattern_of(row[_ENDPOINT]))).get


def time_of(row: rows.Row) -> int | None:
    """Return the time of a row, in the order of `rows.COLUMNS`, in unix milliseconds."""
    time: int | None = row[_TIME]
    return time


def count_in(connection: apsw.Connection, kept: Iterable[Kept]) -> None:
    """Count rows that came in."""
    _change(connection, Counter(_hours_of(kept)), 1)


def count_out(connection: apsw.Connection, kept: Iterable[Kept]) -> None:
    """Count rows that went, and leave nothing of a kind that no request has any more."""
    _change(connection, Counter(_hours_of(kept)), -1)
    connection.execute("DELETE FROM kinds WHERE requests = 0")


def _hours_of(kept: Iterable[Kept]) -> Iterator[tuple[int, int | None]]:
    """Yield the kind and the hour of each."""
    return ((kind, None if time is None else time // HOUR) for kind, time in kept)


def _change(connection: apsw.Connection, by_hour: Counter[tuple[int, int | None]], sign: int) -> None:
    in_all: Counter[int] = Counter()
    by_day: Counter[tuple[int, int | None]] = Counter()
    for (kind, hour), requests in by_hour.items():
        in_all[kind] += requests
        by_day[kind, None if hour is None else hour * HOUR // DAY] += requests
    changes = [(sign * requests, kind) for kind, requests in in_all.items()]
    connection.executemany("UPDATE kinds SET requests = requests + ? WHERE kind = ?", changes)
    for table, counts in (("hours", by_hour), ("days", by_day)):
        _change_spans(connection, table, counts, sign)


def _change_spans(connection: apsw.Connection, table: str, counts: Counter[tuple[int, int | None]], sign: int) -> None:
    span, _ = _SPANS[table]
    dated = [(kind, at, sign * requests) for (kind, at), requests in counts.items() if at is not None]
    connection.executemany(
        f"INSERT INTO {table} VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET requests = requests + excluded.requests", dated
    )
    if sign < 0:
        empty = f"DELETE FROM {table} WHERE kind = ? AND {span} = ? AND requests = 0"
        connection.executemany(empty, [(kind, at) for kind, at, _ in dated])


def count_anew(connection: apsw.Connection) -> None:
    """Count all rows that are there."""
    connection.execute("DELETE FROM hours; DELETE FROM days; UPDATE kinds SET requests = 0")
    counted = f"({_COUNTED}) AS counted"
    connection.execute(f"UPDATE kinds SET requests = counted.requests FROM {counted} WHERE kinds.kind = counted.kind")
    for table, (_, length) in _SPANS.items():
        connection.execute(f"INSERT INTO {table} {_COUNTED_BY_SPAN.format(length)}")
    connection.execute("DELETE FROM kinds WHERE requests = 0")


def are_counted_right(connection: apsw.Connection) -> bool:
    """Whether each row has the kind that it should, the kind's paths included, and the counts are those of the rows."""
    same = " AND ".join(f"requests.{name} IS kinds.{name}" for name in FIELDS)
    headers = f"(requests.{PRESENT} IS NULL) = (kinds.{PRESENT} IS NULL)"
    unlike = f"""
        SELECT 1 FROM requests NOT INDEXED LEFT JOIN kinds USING (kind)
        WHERE kinds.kind IS NULL OR NOT ({same} AND {headers} AND {paths.FITS}) LIMIT 1
    """
    counts = [("SELECT kind, requests FROM kinds", _COUNTED)]
    counts += [(f"SELECT * FROM {table}", _COUNTED_BY_SPAN.format(length)) for table, (_, length) in _SPANS.items()]
    return connection.execute(unlike).fetchone() is None and not any(
        connection.execute(f"SELECT * FROM ({one} EXCEPT {other}) LIMIT 1").fetchone()
        for kept, counted in counts
        for one, other in ((kept, counted), (counted, kept))
    )
