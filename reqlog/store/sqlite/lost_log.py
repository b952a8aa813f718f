"""A write-ahead log that is gone, and with it what was committed last, known by what lies beside it."""

import os
import sys

from reqlog.exceptions import StoreError

_INDEX_BYTES = 100
_WRITTEN_AT = 16
_MOVED_AT = 96
"""Where the index of a write-ahead log counts the frames written and those moved to the file; SQLite's `walformat`."""


def refuse_lost_log(place: str, path: str) -> None:
    """Raise StoreError if the write-ahead log of the store is gone that, by its index in `-shm`, held commits.

    SQLite would open the file as it was before them, and say nothing. The index is read through a descriptor that is
    never closed: closing it would let go of every lock that this process holds on that file for SQLite.
    """
    if _has_log(place):
        return
    try:
        header = os.read(os.open(f"{place}-shm", os.O_RDONLY | os.O_CLOEXEC), _INDEX_BYTES)
    except OSError:
        return
    if len(header) < _INDEX_BYTES or _has_log(place):
        return
    written, moved = (int.from_bytes(header[at : at + 4], sys.byteorder) for at in (_WRITTEN_AT, _MOVED_AT))
    if written > moved:
        message = (
            f"The store {path} has lost its write-ahead log, {path}-wal, and with it what was imported last; put the "
            "log back, or save what is left with `reqlog store repair` and import again."
        )
        raise StoreError(message)


def _has_log(place: str) -> bool:
    """Whether there is anything in the write-ahead log."""
    try:
        return os.stat(f"{place}-wal").st_size > 0
    except OSError:
        return False
