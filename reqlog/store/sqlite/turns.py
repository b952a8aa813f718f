"""Waiting for one's turn to write: SQLite lets one process write at a time, and keeps no queue of the others.

Left to itself it sleeps longer and longer between two looks at the lock, so that a process that writes batch after
batch gets it again before any other has looked: eight imports at once made each other wait for a quarter of a minute.
Here everyone looks often, and gives up only on one who does not get ahead: for as long as others write, one waits.
"""

import time

import apsw

PATIENCE = 60.0
"""Seconds after which one gives up on a process that holds the store and writes nothing."""

_GLANCE = 0.002


def begin(connection: apsw.Connection, patience: float = PATIENCE) -> None:
    """Begin a transaction that writes, when it is this connection's turn.

    Raises apsw.BusyError if nothing has been written for `patience` seconds, and somebody holds the store all the same.
    """
    written, deadline = None, 0.0
    connection.set_busy_timeout(0)
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except apsw.BusyError:
                now = _written(connection)
                if now != written:
                    written, deadline = now, time.monotonic() + patience
                elif time.monotonic() > deadline:
                    raise
            else:
                return
            time.sleep(_GLANCE)
    finally:
        connection.set_busy_timeout(int(PATIENCE * 1000))


def _written(connection: apsw.Connection) -> object:
    """Return a number that is another one after each commit of somebody else."""
    try:
        return connection.pragma("data_version")
    except apsw.BusyError:
        return None
