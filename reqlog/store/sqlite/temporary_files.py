"""Where SQLite puts what is temporary, and may be as large as the store: the requests of others are in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import apsw


@contextmanager
def temporary_files_beside(connection: apsw.Connection) -> Iterator[None]:
    """Have SQLite write what is temporary to the folder of the file, or to memory, not to a folder that is shared.

    To be called outside of transactions.
    """
    folder = os.path.dirname(connection.filename)
    may_write = bool(folder) and os.access(folder, os.R_OK | os.W_OK)
    connection.pragma("temp_store", "file" if may_write else "memory")
    connection.pragma("temp_store_directory", folder if may_write else "")
    try:
        yield
    finally:
        connection.pragma("temp_store_directory", "")
        connection.pragma("temp_store", "memory")
