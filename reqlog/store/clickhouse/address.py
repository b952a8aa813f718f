"""Where a server is, as a URL says it: `clickhouse://user:password@host:9000/database`, `clickhouses://` with TLS.

A password is never part of what is shown.
"""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from reqlog.exceptions import UsageError

SCHEMES = ("clickhouse", "clickhouses")
PASSWORD_VARIABLE = "REQLOG_CLICKHOUSE_PASSWORD"  # noqa: S105  (a name, not a password)

_PORTS = {"clickhouse": 9000, "clickhouses": 9440}
_SECONDS = ("connect_timeout", "timeout")
_OPTIONS = (*_SECONDS, "ca_certs", "verify")


class Address(NamedTuple):
    """A server, whom to be there, and how long to wait for it."""

    host: str
    port: int
    database: str
    user: str
    password: str | None
    """Missing if neither the URL nor the environment says it."""
    is_secure: bool
    connect_timeout: float = 10
    """Seconds to wait for a connection."""
    timeout: float = 300
    """Seconds to wait for the server to say something."""
    ca_certs: str | None = None
    """File of the certificates to trust, instead of the system's."""
    verify: bool = True
    """Whether to verify the server's certificate."""

    @property
    def shown(self) -> str:
        """The URL without password and options."""
        scheme = "clickhouses" if self.is_secure else "clickhouse"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{quote(self.user, safe='')}@{host}:{self.port}/{quote(self.database, safe='')}"


def address_of(url: str, environ: Mapping[str, str]) -> Address:
    """Return the server that `url` names; a password that it lacks is taken from REQLOG_CLICKHOUSE_PASSWORD.

    Raises UsageError, which does not repeat the URL, if something is wrong with it.
    """
    parts, port = _parts(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := [name for name in options if name not in _OPTIONS]:
        raise UsageError(f"--store {parts.scheme}://…: no such option {unknown[0]!r}; there are {', '.join(_OPTIONS)}.")
    password = unquote(parts.password) if parts.password is not None else environ.get(PASSWORD_VARIABLE)
    return Address(
        host=parts.hostname or "",
        port=port or _PORTS[parts.scheme],
        database=unquote(parts.path.strip("/")) or "default",
        user=unquote(parts.username or "") or "default",
        password=password,
        is_secure=parts.scheme == "clickhouses",
        **{name: _seconds(name, options[name]) for name in _SECONDS if name in options},
        ca_certs=options.get("ca_certs"),
        verify=options.get("verify", "1") not in ("0", "false"),
    )


def has_password(url: str) -> bool:
    """Whether `url` is one of a server, with a password in it."""
    return url.partition("://")[0] in SCHEMES and ":" in url.partition("://")[2].rpartition("@")[0]


def _parts(url: str) -> tuple[SplitResult, int | None]:
    """Return the parts of `url` and the port that it names."""
    scheme = url.partition("://")[0]
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"--store {scheme}://…: not a URL that can be read; give {_FORM}.") from error
    if not parts.hostname or parts.fragment or "/" in parts.path.strip("/"):
        raise UsageError(f"--store {scheme}://…: names no server and database; give {_FORM}.")
    return parts, port


_FORM = "clickhouse://user@host:9000/database, with %23, %2F, %3A and %40 for #, /, : and @ in names and passwords"


def _seconds(name: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < 1e6:
        raise UsageError(f"--store clickhouse://…: {name} must be a number of seconds, not {text!r}.")
    return seconds
