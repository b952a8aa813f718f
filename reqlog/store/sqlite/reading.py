"""The ways to open a store for reading, the usual one first.

SQLite reads a store by way of two files beside it, `-wal` and `-shm`. Where those cannot be made or cannot grow, as on
a full disk or in a folder that may not be written, it refuses to read at all. What was committed is there all the same,
and is read in another way.
"""

import os
from collections.abc import Callable
from typing import TypeVar

import apsw

from reqlog.exceptions import StoreError

Opened = TypeVar("Opened")

_BARRED = (apsw.CantOpenError, apsw.FullError, apsw.IOError, apsw.ReadOnlyError)


def open_readable(place: str, begin: Callable[[apsw.Connection], Opened]) -> Opened:
    """Return what `begin`, which reads from the connection that it is given, makes of the store at `place`.

    Each way to open it is tried in turn. Raises what SQLite says of the usual one if the store cannot be read in any.
    """
    barred: apsw.Error | None = None
    for connect in (shared, _alone, _as_it_lies):
        try:
            connection = connect(place)
        except _BARRED as error:
            barred = barred or error
            continue
        try:
            return begin(connection)
        except _BARRED as error:
            barred = barred or error
            connection.close()
    raise barred or AssertionError


def shared(place: str) -> apsw.Connection:
    """Connect beside others who read and write."""
    return apsw.Connection(place, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_NOFOLLOW)


def is_shared(connection: apsw.Connection) -> bool:
    """Whether `connection` reads beside others, as `shared` has it."""
    return type(connection) is apsw.Connection and not connection.open_flags & apsw.SQLITE_OPEN_READWRITE


class Watch:
    """Tells whether anything was committed to the store at `place` since this was made."""

    def __init__(self, place: str) -> None:
        self._connection = shared(place)
        self._version = self._connection.pragma("data_version")

    def is_unchanged(self) -> bool:
        """Whether nothing was; it may be false where only the log was moved to the file, or SQLite cannot tell."""
        try:
            return bool(self._connection.pragma("data_version") == self._version)
        except apsw.Error:
            return False


def _alone(place: str) -> apsw.Connection:
    """Connect with a lock that keeps others out, which needs no `-shm`; nothing is written."""
    connection = apsw.Connection(place, flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_NOFOLLOW)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.pragma("query_only", True)  # noqa: FBT003  (SQLite's word for it)
    connection.pragma("locking_mode", "exclusive")
    return connection


def _as_it_lies(place: str) -> apsw.Connection:
    """Connect to the file alone, if its `-wal` has nothing to add; no lock is taken, so nothing has to be made."""
    if not _is_settled(place):
        raise apsw.CantOpenError
    return _Still(place)


class _Still(apsw.Connection):
    """A connection to a file that must not change while it is read; `close` says so if it did."""

    def __init__(self, place: str) -> None:
        name = place.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_NOFOLLOW | apsw.SQLITE_OPEN_URI
        super().__init__(f"file:{name}?immutable=1", flags=flags)
        self._place = place
        self._before = _signs_of_change(place)

    def close(self, force: bool = False) -> None:  # noqa: FBT001, FBT002  (apsw's signature)
        """Close the file; raises StoreError if it was written to since it was opened."""
        super().close(force)
        before, self._before = self._before, None
        if before is not None and (_signs_of_change(self._place) != before or not _is_settled(self._place)):
            message = (
                f"The store {self._place} was written to while it was read without a lock, which its folder does not "
                "let you have; the answer may be wrong, so ask again."
            )
            raise StoreError(message)


def _signs_of_change(place: str) -> tuple[int, ...] | None:
    status = os.stat(place)
    return status.st_ino, status.st_size, status.st_mtime_ns


def _is_settled(place: str) -> bool:
    """Whether all that was committed is in the file itself."""
    return not any(_size_of(place + suffix) for suffix in ("-wal", "-journal"))


def _size_of(name: str) -> int:
    try:
        return os.stat(name).st_size
    except FileNotFoundError:
        return 0
