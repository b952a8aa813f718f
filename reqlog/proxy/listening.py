"""Where the proxy listens: on this machine alone, unless it is told to let others in."""

import re
import socket
from ipaddress import ip_address
from typing import NamedTuple

from reqlog.exceptions import UsageError

_LISTEN = re.compile(r"(?:(?P<host>\[[0-9A-Fa-f:.%a-z]+\]|[^\[\]:/\s]*):)?(?P<port>\d{1,5})")
_LOOPBACK = "127.0.0.1"
OPEN = "--open-to-network"
"""The flag that lets others in."""


class Listening(NamedTuple):
    """An address to listen on."""

    host: str
    port: int
    """0 for any that is free."""

    def __str__(self) -> str:
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def url(self, port: int) -> str:
        """Return the URL for clients on this machine, once the port is known."""
        host = {"0.0.0.0": _LOOPBACK, "::": "::1"}.get(self.host, self.host)  # noqa: S104  (read, not bound)
        return f"http://{Listening(host, port)}"


def parse_listening(text: str, *, is_open: bool) -> Listening:
    """Return the address that `text`, HOST:PORT or PORT, names; raise UsageError if it names none.

    One that other machines can reach is refused unless `is_open`.
    """
    found = _LISTEN.fullmatch(text)
    if found is None or int(found["port"]) > 65535:
        raise UsageError(f"--listen {text}: not an address; give HOST:PORT such as 127.0.0.1:12111, or a port.")
    host = (found["host"] or _LOOPBACK).strip("[]")
    if not is_open and not _is_loopback(host):
        message = (
            f"--listen {text}: other machines could reach that address and send requests through this one; "
            f"listen on {_LOOPBACK}, or allow it with {OPEN}."
        )
        raise UsageError(message)
    return Listening(host, int(found["port"]))


def _is_loopback(host: str) -> bool:
    """Whether every address of `host` is of this machine alone."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UsageError(f"--listen: there is no address to be found for {host}.") from error
    return all(ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in found)
