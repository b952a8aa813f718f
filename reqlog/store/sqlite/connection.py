"""Open and create SQLite files as stores, and turn what SQLite says into sentences.

A store is created 0600 in a folder 0700, is in write-ahead mode so that readers never wait, and carries its schema
version, by which it is migrated when it is older and refused when it is newer.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import apsw

from reqlog.addresses import in_network
from reqlog.exceptions import StoreError
from reqlog.store.sqlite.schema import APPLICATION_ID, MIGRATIONS

_BUSY_MILLISECONDS = 60_000
TEMPORARY = ""
"""The path by which SQLite opens a file without a name, held in memory while it is small."""


def open_to_read(path: str) -> apsw.Connection:
    """Open the store at `path`, which must exist; a store of an older reqlog is migrated first."""
    _refuse_others(path)
    if not os.path.exists(path):
        message = f"There is no store at {path}; fill one with `reqlog import PATH`, or name another with --store."
        raise StoreError(message)
    with sentences(path):
        connection = _connected(path, apsw.SQLITE_OPEN_READONLY)
        version = _version(connection, path)
    if version < len(MIGRATIONS):
        connection.close()
        open_to_write(path).close()
        return open_to_read(path)
    return connection


def open_to_write(path: str) -> apsw.Connection:
    """Open the store at `path`, created where there is none; at `TEMPORARY` it is new, and gone when it is closed."""
    _refuse_others(path)
    with sentences(path):
        if path != TEMPORARY:
            _create(path)
        connection = _connected(path, apsw.SQLITE_OPEN_READWRITE)
        version = _version(connection, path)
        _patiently(lambda: connection.pragma("journal_mode", "wal"))
        connection.pragma("synchronous", "normal")
        if version < len(MIGRATIONS):
            _migrate(connection)
    return connection


@contextmanager
def sentences(path: str) -> Iterator[None]:
    """Turn what goes wrong in SQLite or the file system inside the block into a `StoreError` about `path`."""
    try:
        yield
    except (apsw.Error, OSError) as error:
        raise StoreError(_sentence(error, path)) from error


def _sentence(error: Exception, path: str) -> str:
    match error:
        case apsw.NotADBError():
            return f"{path} is not a reqlog store but some other file; name another place with --store."
        case apsw.CorruptError():
            return (
                f"The store {path} is damaged ({error}); restore a copy of it, or import the captures into a new one."
            )
        case apsw.FullError():
            return f"There is no room left on the disk for the store {path}; make room and run the command again."
        case apsw.BusyError():
            return f"The store {path} was held by another process for a minute; try again when that has ended."
        case apsw.ReadOnlyError() | apsw.CantOpenError() | PermissionError():
            return f"The store {path} cannot be opened or written here; check its rights and those of its folder."
        case OSError():
            return f"The store {path} cannot be used: {error.strerror or error}."
        case _:
            return f"The store {path} cannot be used: {error}."


def _create(path: str) -> None:
    """Create the file, and the folders that it lacks, for its owner only, whatever the umask says."""
    _create_folder(os.path.dirname(os.path.abspath(path)))
    try:
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    try:
        os.fchmod(file, 0o600)
    finally:
        os.close(file)


def _create_folder(folder: str) -> None:
    if os.path.isdir(folder):
        return
    _create_folder(os.path.dirname(folder))
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        return
    os.chmod(folder, 0o700)


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


def _connected(path: str, flags: int) -> apsw.Connection:
    connection = apsw.Connection(path if path == TEMPORARY else os.path.abspath(path), flags=flags)
    connection.set_busy_timeout(_BUSY_MILLISECONDS)
    connection.pragma("temp_store", "memory")  # or what it sorts would lie in a folder that all users share
    connection.pragma("trusted_schema", False)  # noqa: FBT003  (the file may be somebody else's)
    connection.create_scalar_function("in_network", _in_network, 2, deterministic=True)
    return connection


def _in_network(*arguments: object) -> bool:
    address, network = arguments
    return address is not None and in_network(str(address), str(network))


def _version(connection: apsw.Connection, path: str) -> int:
    version = int(str(connection.pragma("user_version")))
    if version == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").get == 0:
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
    for number in range(1, len(MIGRATIONS) + 1):
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            if int(str(connection.pragma("user_version"))) < number:
                connection.execute(MIGRATIONS[number - 1])
                connection.pragma("application_id", APPLICATION_ID)
                connection.pragma("user_version", number)
        connection.execute("COMMIT")


def _patiently(action: Callable[[], object]) -> None:
    """Try `action` again for as long as another process is in its way; SQLite itself does not wait for this one."""
    deadline = time.monotonic() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            action()
        except apsw.BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
