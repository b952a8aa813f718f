"""Open and create SQLite files as stores, and turn what SQLite says into sentences.

A store is created 0600 in a folder 0700, is in write-ahead mode so that readers never wait, and carries its schema
version, by which it is migrated when it is older and refused when it is newer.
"""

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import apsw

from reqlog.addresses import in_network
from reqlog.exceptions import StoreError
from reqlog.store.sqlite import rows, words
from reqlog.store.sqlite.access import create, for_owner_only, is_there, place_of, private_folder, warn_of_others
from reqlog.store.sqlite.lost_log import refuse_lost_log
from reqlog.store.sqlite.reading import open_readable, shared
from reqlog.store.sqlite.schema import APPLICATION_ID, MIGRATIONS
from reqlog.store.sqlite.turns import PATIENCE, begin

_MAKING_SECONDS = 5
"""How long a file without a schema may lie before it is taken that nobody is making a store of it."""

_LOG_PAGES = 10_000
"""So many pages may stand in the write-ahead log before they are moved to the file: many change again and again."""

_LONG_LOG_PAGES = 40_000
"""The same where much is written that can be written again: what is in the log can be lost when the power fails."""

_CACHE_KIB = 32 * 1024
"""So much of the file a writer holds in memory: ids come in no order, and each changes a page somewhere in their index.

With SQLite's 2 MB a batch of some thousand writes pages to the log before it is done, and reads them again.
"""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_UNWRITTEN = (apsw.SQLITE_IOERR_WRITE, apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_TRUNCATE)

MEND = "restore a backup of it, or save what can be saved with `reqlog store repair`"
"""What to do about a store that is damaged."""

TEMPORARY = ""
"""The path of a store that no other process can open, and that is gone when it is closed."""


def open_to_read(path: str) -> apsw.Connection:
    """Open the store at `path`, which must exist; a store of an older reqlog is migrated first."""
    _refuse_others(path)
    place = place_of(path)
    with sentences(path), for_owner_only():
        if not is_there(place):
            message = f"There is no store at {path}; fill one with `reqlog import PATH`, or name another with --store."
            raise StoreError(message)
        refuse_lost_log(place, path)
        connection, version = _readable(place, path)
        while version == 0:
            connection.close()
            _await_its_making(place, path)
            connection, version = _readable(place, path)
    if version < len(MIGRATIONS):
        connection.close()
        open_to_write(path).close()
        return open_to_read(path)
    warn_of_others(path, place)
    return connection


def open_again(place: str) -> apsw.Connection:
    """Open the store at `place`, which this user has open to read beside others."""
    return equipped(shared(place))


def open_to_write(path: str) -> apsw.Connection:
    """Open the store at `path`, created where there is none; at `TEMPORARY` it is new, and gone when it is closed."""
    if path == TEMPORARY:
        return _temporary()
    _refuse_others(path)
    place = place_of(path)
    with sentences(path), for_owner_only():
        create(place)
        refuse_lost_log(place, path)
        connection = _connected(place, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_NOFOLLOW)
        version = version_of(connection, path)
        _patiently(lambda: connection.pragma("journal_mode", "wal"))
        connection.pragma("synchronous", "normal")
        connection.pragma("wal_autocheckpoint", _LOG_PAGES)
        connection.pragma("cache_size", -_CACHE_KIB)
        if version < len(MIGRATIONS):
            from reqlog.store.sqlite.temporary_files import temporary_files_beside  # noqa: PLC0415  (once in a store's life)

            with temporary_files_beside(connection):
                _migrate(connection)
    warn_of_others(path, place)
    return connection


def let_log_grow(connection: apsw.Connection) -> None:
    """Move pages from the log to the file less often, for a writer of many batches that could be imported again."""
    connection.pragma("wal_autocheckpoint", _LONG_LOG_PAGES)


def identity(path: str) -> tuple[int, int] | None:
    """Return what tells the file at `path` from one that is put in its place; None while there is none."""
    try:
        facts = os.stat(path)
    except (OSError, ValueError):  # the latter of a name that no file can have
        return None
    return facts.st_dev, facts.st_ino


@contextmanager
def sentences(path: str) -> Iterator[None]:
    """Turn what goes wrong in SQLite or the file system inside the block into a `StoreError` about `path`."""
    try:
        yield
    except (apsw.Error, OSError, rows.DamagedRowError, UnicodeDecodeError) as error:
        raise StoreError(_sentence(error, path)) from error


@contextmanager
def transaction(connection: apsw.Connection) -> Iterator[None]:
    """Do all of the block or, if it raises, none; another process that writes is waited for at its beginning."""
    begin(connection)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def number(connection: apsw.Connection, sql: str, values: tuple[Any, ...] = ()) -> int:
    """Return the whole number that `sql` gives."""
    return int(str(connection.execute(sql, values).get))


def _sentence(error: Exception, path: str) -> str:
    match error:
        case apsw.NotADBError():
            return (
                f"{path} is not a reqlog store but some other file, or its beginning is damaged; name another place "
                f"with --store, or save what can be saved with `reqlog store repair`."
            )
        case apsw.CorruptError() | rows.DamagedRowError() | UnicodeDecodeError():
            return f"The store {path} is damaged ({error}); {MEND}."
        case apsw.FullError():
            return f"There is no room left on the disk for the store {path}; make room and run the command again."
        case OSError() if error.errno in _NO_ROOM:
            return _sentence(apsw.FullError(), path)
        case apsw.IOError() if getattr(error, "extendedresult", None) in _UNWRITTEN:  # the stubs do not know it
            return (
                f"The store {path} could not be written ({error}): a quota or a limit on the size of files is reached, "
                "or the disk fails; mend that and run the command again."
            )
        case apsw.BusyError():
            return f"The store {path} was held by another process for a minute; try again when that has ended."
        case apsw.ReadOnlyError() | apsw.CantOpenError() | PermissionError():
            return f"The store {path} cannot be opened or written here; check its rights and those of its folder."
        case OSError():
            return f"The store {path} cannot be used: {error.strerror or error}."
        case _:
            return f"The store {path} cannot be used: {error}."


def _temporary() -> apsw.Connection:
    """Open a store whose file is in a folder that nobody else may enter, and has lost its name already."""
    if os.name == "nt":  # where an open file keeps its name, and the folder for such files is the user's own
        connection = _connected(TEMPORARY, apsw.SQLITE_OPEN_READWRITE)
        _migrate(connection)
        return connection
    place = os.path.join(private_folder(), "requests.db")
    with sentences(place):
        create(place)
        connection = _connected(place, apsw.SQLITE_OPEN_READWRITE)
        connection.pragma("journal_mode", "memory")
        connection.pragma("synchronous", "off")
        _migrate(connection)
        os.unlink(place)
        os.rmdir(os.path.dirname(place))
    return connection


def _readable(place: str, path: str) -> tuple[apsw.Connection, int]:
    return open_readable(place, lambda connection: (equipped(connection), version_of(connection, path)))


def _await_its_making(place: str, path: str) -> None:
    """Wait a moment for the process that makes the store; raise StoreError if it would be ready by now."""
    if not 0 <= time.time() - os.stat(place).st_mtime < _MAKING_SECONDS:
        message = (
            f"The store {path} is empty, since what was making it was broken off; fill it with `reqlog import PATH`, "
            "or name another with --store."
        )
        raise StoreError(message)
    time.sleep(0.01)


def _refuse_others(path: str) -> None:
    """Raise StoreError if `path` cannot name a store: it is no text, or names something that is not a file."""
    try:
        path.encode()
    except UnicodeEncodeError as error:
        message = f"--store {path!a}: not text in UTF-8, as the name of a store must be; name another file."
        raise StoreError(message) from error
    if "\0" in path:
        message = f"--store {path!a}: no file can have that name; name another."
        raise StoreError(message)
    if os.path.exists(path) and not os.path.isfile(path):
        what = "a folder" if os.path.isdir(path) else "no file"
        message = f"{path} is {what}, not a store; name a file with --store."
        raise StoreError(message)


_INNOCUOUS = apsw.SQLITE_DETERMINISTIC | apsw.SQLITE_INNOCUOUS


def _connected(path: str, flags: int) -> apsw.Connection:
    return equipped(apsw.Connection(path, flags=flags))


def equipped(connection: apsw.Connection) -> apsw.Connection:
    """Return `connection`, ready for what is asked of it and for the steps of the schema.

    Nothing that it sorts is written to a shared folder.
    """
    connection.set_busy_timeout(int(PATIENCE * 1000))
    connection.pragma("temp_store", "memory")
    connection.pragma("trusted_schema", value=False)
    connection.create_scalar_function("in_network", _in_network, 2, deterministic=True)
    connection.create_scalar_function("touches", rows.touches, 3, deterministic=True)
    connection.create_scalar_function("tally", _tally, 1, flags=_INNOCUOUS)
    connection.create_scalar_function("searchable", words.text_of_columns, len(words.SEARCHED), flags=_INNOCUOUS)
    connection.create_scalar_function("text_if_readable", words.text_if_readable, len(words.SEARCHED))
    return connection


def _in_network(*arguments: object) -> bool:
    address, network = arguments
    return address is not None and in_network(str(address), str(network))


def _tally(*values: Any) -> Any:  # noqa: ANN401  (SQLite's values have no common type)
    from reqlog.store.sqlite.tallies import tally  # noqa: PLC0415  (for steps of the schema and what counts anew)

    (value,) = values
    return tally(value)


def version_of(connection: apsw.Connection, path: str) -> int:
    """Return the number of the schema of the file at `path`, 0 if it is empty; raise StoreError for others' files."""
    version = number(connection, "PRAGMA user_version")
    if version == 0 and not number(connection, "SELECT count(*) FROM sqlite_schema"):
        return 0
    if connection.pragma("application_id") != APPLICATION_ID:
        message = f"{path} is an SQLite file, but not a reqlog store; name another place with --store."
        raise StoreError(message)
    if version > len(MIGRATIONS):
        message = (
            f"The store {path} was written by a newer reqlog (schema {version}, this one knows {len(MIGRATIONS)}); "
            "update reqlog to read it."
        )
        raise StoreError(message)
    return version


def _migrate(connection: apsw.Connection) -> None:
    """Take the file through the steps that it has not seen, whoever else is doing the same."""
    for step, sql in enumerate(MIGRATIONS, start=1):
        with transaction(connection):
            if number(connection, "PRAGMA user_version") < step:
                connection.execute(sql)
                connection.pragma("application_id", APPLICATION_ID)
                connection.pragma("user_version", step)


def _patiently(action: Callable[[], object]) -> None:
    """Try `action` again for as long as another process is in its way; SQLite itself does not wait for this one."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            action()
        except apsw.BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
