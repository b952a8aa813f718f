"""Where requests are kept: `open_store` gives the store that a path or a URL names.

Only the engine that is asked for is imported.
"""

import os
from typing import TYPE_CHECKING

from reqlog import places
from reqlog.exceptions import StoreError, UsageError

if TYPE_CHECKING:
    from reqlog.store.base import Saved, Store
    from reqlog.store.sqlite import SqliteStore

_SQLITE = "sqlite:///"
_SERVERS = ("clickhouse", "clickhouses")


def open_store(where: str | None, *, write: bool = False) -> "Store":
    """Open the store that `where`, a path or a URL, names; None is the user's own.

    Raises UsageError if the URL is of no known kind, StoreError if the store cannot be opened; one that is opened for
    reading must exist.
    """
    if _is_on_server(where):
        return _on_server(str(where), write=write, cluster=None)
    from reqlog.store.sqlite import SqliteStore

    return SqliteStore(_path(where), write=write)


def create_store(where: str | None, cluster: str | None) -> "Store":
    """Make the store that `where` names if it is not there yet, and open it; `cluster` is where a server spreads it."""
    if _is_on_server(where):
        return _on_server(str(where), write=True, cluster=cluster)
    if cluster is not None:
        raise UsageError(f"--cluster {cluster}: a store in a file has none; give the URL of a ClickHouse server.")
    return open_store(where, write=True)


def mending(where: str | None) -> str:
    """Return what to do about a store that is not sound."""
    if _is_on_server(where):
        return "import the captures of those requests again, or have the server restore a backup"
    return "restore a backup of it, or save what can be saved with `reqlog store repair`"


def has_password(where: str | None) -> bool:
    """Whether `where` is a URL with a password in it."""
    if not _is_on_server(where):
        return False
    from reqlog.store.clickhouse import address

    return address.has_password(str(where))


def backup_store(where: str | None, into: str) -> None:
    """Write the store that `where` names, as it is at this instant, to the new file `into`."""
    _refuse_server(where, "have the server back itself up, or write a copy with `reqlog store copy`")
    from reqlog.store.sqlite.copies import backup

    backup(_path(where), into)


def repair_store(where: str | None, into: str | None) -> tuple[str, "Saved"]:
    """Save what can be saved of the store that `where` names in a new one; return its path, and what was saved.

    The new file is `into` or, if that is None, beside the store, under its name with `.repaired` after it.
    """
    _refuse_server(where, "have the server restore a backup, or import the captures again")
    from reqlog.store.sqlite.copies import repair

    path = _path(where)
    into = into or f"{path}.repaired"
    return into, repair(path, into)


def is_missing(where: str | None) -> str | None:
    """Return the path of the store that `where` names if there is nothing at it; None if it is on a server."""
    if _is_on_server(where):
        return None
    path = _path(where)
    return None if os.path.exists(path) else path


def open_temporary() -> "SqliteStore":
    """Open an empty store that no other process can open, and that is gone when it is closed."""
    from reqlog.store.sqlite import TEMPORARY, SqliteStore

    return SqliteStore(TEMPORARY, write=True)


def _is_on_server(where: str | None) -> bool:
    return where is not None and where.partition("://")[0] in _SERVERS and "://" in where


def _on_server(url: str, *, write: bool, cluster: str | None) -> "Store":
    from reqlog.store.clickhouse import ClickHouseStore
    from reqlog.store.clickhouse.address import address_of

    address = address_of(url, os.environ)
    try:
        from reqlog.store.clickhouse.driver import DrivenServer, asked_password
    except ImportError as error:
        message = (
            f"The store {address.shown} needs the package clickhouse-driver; install it with "
            "`pip install 'reqlog-cli[clickhouse]'`."
        )
        raise StoreError(message) from error
    server = DrivenServer(address, asked_password)
    try:
        return ClickHouseStore(server, write=write, cluster=cluster)
    except BaseException:
        server.close()
        raise


def _refuse_server(where: str | None, instead: str) -> None:
    if _is_on_server(where):
        raise UsageError(f"That is for stores in a file, and this one is on a ClickHouse server; {instead}.")


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
        message = f"--store {scheme}://…: no such kind of store; give a path, or a URL that starts with {_SQLITE} or clickhouse://."
        raise UsageError(message)
    return os.path.expanduser(where)
