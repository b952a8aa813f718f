"""What a server is to the store, and what can go wrong with one; `driver` has the one that is used."""

from collections.abc import Sequence
from typing import Protocol

from reqlog.exceptions import StoreError
from reqlog.store.clickhouse.literals import Row


class Server(Protocol):
    """What a store needs of a server."""

    shown: str
    """The server and its database, as users name them, without a password."""
    database: str
    """The database that the store is in."""

    def rows(self, sql: str) -> list[Row]:
        """Return what `sql` gives, none for what is no question."""

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert `rows` into `table`, and return when the server has them."""

    def write(self, sql: str) -> None:
        """Do `sql`, which inserts what it asks for, and return when the server has it."""

    def at(self, host: str, port: int) -> "Server":
        """Give another connection, of the same user, to another server of the cluster."""

    def close(self) -> None:
        """Let go of the connection."""


class RefusedError(StoreError):
    """The server was reached, and refused."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code
        """ClickHouse's number of the reason."""


class LostError(StoreError):
    """The server could not be reached, or went away: what it was doing may be done or not."""
