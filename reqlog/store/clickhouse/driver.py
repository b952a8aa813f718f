"""A connection to a server by `clickhouse-driver`, in the native protocol; nothing outside this file knows the driver.

What goes wrong becomes one sentence that names the server and never the password.
"""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from getpass import getpass
from typing import Any, TypeVar

from clickhouse_driver import Client, errors

from reqlog.exceptions import StoreError
from reqlog.store.clickhouse.address import PASSWORD_VARIABLE, Address
from reqlog.store.clickhouse.literals import Row
from reqlog.store.clickhouse.server import LostError, RefusedError

Result = TypeVar("Result")

logging.getLogger("clickhouse_driver").addHandler(logging.NullHandler())  # it logs what it raises, with a traceback


class DrivenServer:
    """A server by `clickhouse-driver`; connected when it is first asked."""

    def __init__(self, address: Address, ask: Callable[[str], str | None] | None = None) -> None:
        self._address = address
        self._ask = ask
        self._client = _client(address)
        self.shown = address.shown
        self.database = address.database
        self._settings: dict[str, object] | None = None

    def rows(self, sql: str) -> list[Row]:
        """Return what `sql` gives, none for what is no question."""
        found = self._done(lambda client: client.execute(sql))
        return found if isinstance(found, list) else []

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert `rows` into `table`, and return when the server has them, all its shards included."""
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES"
        settings = self._inserting()
        self._done(lambda client: client.execute(sql, rows, settings=settings))

    def write(self, sql: str) -> None:
        """Do `sql`, which inserts what it asks for, and return when the server has it, all its shards included."""
        settings = self._inserting()
        self._done(lambda client: client.execute(sql, settings=settings))

    def at(self, host: str, port: int) -> "DrivenServer":
        """Give another connection, of the same user, to another server of the cluster."""
        return DrivenServer(self._address._replace(host=host, port=port))

    def close(self) -> None:
        """Let go of the connection."""
        self._client.disconnect()

    def _inserting(self) -> dict[str, object]:
        """Return those of the settings of `_INSERTING` that the server knows."""
        if self._settings is None:
            names = ", ".join(f"'{name}'" for name in _INSERTING)
            known = {row[0] for row in self.rows(f"SELECT name FROM system.settings WHERE name IN ({names})")}
            self._settings = {name: value for name, value in _INSERTING.items() if name in known}
        return self._settings

    def _done(self, action: Callable[[Any], Result]) -> Result:
        """Return what `action` gives of the client; ask for the password once if the server wants another."""
        try:
            with sentences(self._address):
                return action(self._client)
        except RefusedError as refusal:
            may_ask = refusal.code in _NOT_LET_IN and self._address.password is None and self._ask is not None
            password = self._ask(self.shown) if may_ask and self._ask else None
            if password is None:
                raise
        self._address = self._address._replace(password=password)
        self._client = _client(self._address)
        return self._done(action)


_INSERTING: Mapping[str, object] = {
    "insert_distributed_sync": 1,
    "async_insert": 0,
    "max_partitions_per_insert_block": 0,
}
"""What is asked of servers that know it when something is inserted: to answer when it is in, on every shard."""

_NOT_LET_IN = frozenset({192, 193, 194, 516})
_REASONS: Mapping[int, str] = {
    81: "it has no database {database}; create it there, or name another in the URL",
    60: "it has no such table ({said}); make it with `reqlog store init`",
    164: "{user} may only read there ({said}); use a user who may write",
    497: "{user} lacks the rights for that ({said}); ask its administrators for them",
    291: "{user} may not use the database {database}; ask its administrators, or name another",
    159: "it took longer than the server allows ({said}); ask for less, for instance with --since",
    160: "it would take longer than the server allows ({said}); ask for less, for instance with --since",
    241: "the server has no memory left for that ({said}); ask for less, for instance with --since",
    243: "there is no room left on its disk ({said}); make room and run the command again",
    252: "it cannot merge as fast as it is written to ({said}); run the command again later",
    170: "it knows no such cluster ({said}); `SELECT cluster FROM system.clusters` there lists those it knows",
    701: "it knows no such cluster ({said}); `SELECT cluster FROM system.clusters` there lists those it knows",
    279: "it could not reach one of its own shards ({said}); run the command again when that is up",
    210: "it could not reach one of its own shards ({said}); run the command again when that is up",
    209: "one of its own shards did not answer in time ({said}); run the command again",
}


@contextmanager
def sentences(address: Address) -> Iterator[None]:
    """Turn what goes wrong in the driver inside the block into an exception of here."""
    try:
        yield
    except errors.ServerException as error:
        raise _refusal(error.code, error.message, address) from error
    except (errors.SocketTimeoutError, TimeoutError) as error:
        message = (
            f"The server {address.shown} did not answer in time; see whether it runs, or give it longer with "
            f"?timeout={address.timeout * 10:g} after the URL."
        )
        raise StoreError(message) from error
    except (errors.NetworkError, errors.UnexpectedPacketFromServerError, EOFError, OSError) as error:
        raise LostError(_unreachable(error, address)) from error
    except errors.Error as error:
        raise StoreError(f"The server {address.shown} said what cannot be read: {_first_line(str(error))}.") from error


def _refusal(code: int, said: str, address: Address) -> RefusedError:
    said = _first_line(said)
    if code in _NOT_LET_IN:
        how = "is wrong" if address.password else "is missing"
        message = (
            f"The server {address.shown} did not let {address.user} in, for the password {how} or there is no such "
            f"user; give the password with {PASSWORD_VARIABLE}, or name another user in the URL."
        )
        return RefusedError(message, code)
    reason = _REASONS.get(code, "{said} (its code {code})")
    filled = reason.format(database=address.database, user=address.user, said=said, code=code)
    return RefusedError(f"The server {address.shown} refused: {filled}.", code)


def _unreachable(error: BaseException, address: Address) -> str:
    said = str(error).lower()
    if "name or service not known" in said or "name resolution" in said or "nodename nor servname" in said:
        return f"The host {address.host} of {address.shown} is not known; see how its name is written."
    if "refused" in said:
        return (
            f"Nothing listens at {address.host} port {address.port}, where {address.shown} should be; see whether the "
            "server runs, and give the port of its native protocol."
        )
    if isinstance(error, EOFError) or "reset" in said or "broken pipe" in said or "unexpected" in said:
        return (
            f"The server {address.shown} went away; see whether it runs, listens there with the native protocol and "
            f"lets {address.user} use {address.database}, and run the command again."
        )
    return f"The server {address.shown} cannot be reached: {_first_line(str(error))}."


def _first_line(said: str) -> str:
    line = said.strip().partition("Stack trace:")[0].partition("\n")[0]
    return line.removeprefix("DB::Exception: ").strip().rstrip(".")[:500]


def asked_password(shown: str) -> str | None:
    """Ask for the password of the user of a server, where there is a terminal to ask on."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    return getpass(f"Password for {shown}: ", stream=sys.stderr)


def _client(address: Address) -> Any:  # noqa: ANN401  (the driver has no types)
    return Client(
        host=address.host,
        port=address.port,
        database=address.database,
        user=address.user,
        password=address.password or "",
        client_name="reqlog",
        connect_timeout=address.connect_timeout,
        send_receive_timeout=address.timeout,
        secure=address.is_secure,
        verify=address.verify,
        ca_certs=address.ca_certs,
    )
