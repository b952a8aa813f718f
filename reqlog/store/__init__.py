"""Where requests are kept: `open_store` gives the store that a path or a URL names.

Only the engine that is asked for is imported.
"""

import os
from typing import TYPE_CHECKING

from reqlog import places
from reqlog.exceptions import UsageError

if TYPE_CHECKING:
    from reqlog.store.sqlite import SqliteStore

_SQLITE = "sqlite:///"


def open_store(where: str | None, *, write: bool = False) -> "SqliteStore":
    """Open the store that `where`, a path or a URL, names; None is the user's own.

    Raises UsageError if the URL is of no known kind, StoreError if the store cannot be opened; one that is opened for
    reading must exist.
    """
    from reqlog.store.sqlite import SqliteStore

    return SqliteStore(_path(where), write=write)


def open_temporary() -> "SqliteStore":
    """Open an empty store that no other process can open, and that is gone when it is closed."""
    from reqlog.store.sqlite import TEMPORARY, SqliteStore

    return SqliteStore(TEMPORARY, write=True)


def _path(where: str | None) -> str:
    if where in ("", _SQLITE):
        message = f"--store {where!r} names no file; give a path, or leave it out for your own store."
        raise UsageError(message)
    if where is None:
        return os.path.join(places.data_folder(), "requests.db")
    if where.startswith(_SQLITE):
        return os.path.expanduser(where.removeprefix(_SQLITE))
    if "://" in where:
        scheme = where.partition("://")[0]
        message = f"--store {scheme}://…: no such kind of store; give a path, or a URL that starts with {_SQLITE}."
        raise UsageError(message)
    return os.path.expanduser(where)
