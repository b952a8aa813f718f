"""The proxy as a whole: where it listens, how it reaches the API, and how it ends."""

import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.http import HttpProcessingError
from aiohttp.web import Server, ServerRunner, TCPSite

from reqlog.exceptions import UsageError
from reqlog.exchange import Exchange
from reqlog.proxy.listening import Listening
from reqlog.proxy.relay import Relay
from reqlog.proxy.upstream import AsSent, Upstream

_CONNECT_SECONDS = 30.0
_SHUTDOWN_SECONDS = 1.5
"""What is under way gets it twice: before it is cancelled, and after."""

_LONGEST = 1024 * 1024
"""Bytes of a request line or of a header; the API sets the limits, not what stands before it."""

_MOST_HEADERS = 10_000
_PIECE = 256 * 1024
"""Bytes of a body that wait at most on either side."""


class Settings(NamedTuple):
    """How the proxy is to work."""

    upstream: Upstream
    listening: Listening
    trust: ssl.SSLContext
    """The authorities that vouch for the API."""
    timeout: float
    """Seconds for which the API may be silent."""


def trust_of(ca: str | None) -> ssl.SSLContext:
    """Return the system's authorities and those in the file `ca`; raise UsageError if it has none."""
    trust = ssl.create_default_context()
    if ca is None:
        return trust
    try:
        trust.load_verify_locations(cafile=ca)
    except ssl.SSLError as error:
        raise UsageError(f"--ca {ca}: holds no certificate in PEM format.") from error
    except OSError as error:
        raise UsageError(f"--ca {ca}: cannot be read: {error.strerror}.") from error
    return trust


@asynccontextmanager
async def serving(settings: Settings, record: Callable[[Exchange], object]) -> AsyncIterator[str]:
    """Give the URL at which requests are passed on and recorded until the block is left.

    What is under way then has three seconds to come to its end. Raises UsageError if nobody can listen there.
    """
    async with _session(settings) as session:
        relay = Relay(settings.upstream, session, record)
        server = Server(
            relay,
            handler_cancellation=True,
            access_log=None,
            logger=_logger(),
            auto_decompress=False,
            max_line_size=_LONGEST,
            max_field_size=_LONGEST,
            max_headers=_MOST_HEADERS,
            read_bufsize=_PIECE,
        )
        runner = ServerRunner(server, shutdown_timeout=_SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            await _listen(runner, settings.listening)
            yield settings.listening.url(runner.addresses[0][1])
        finally:
            relay.is_ending = True
            await runner.cleanup()


def _session(settings: Settings) -> ClientSession:
    return ClientSession(
        connector=TCPConnector(limit=0, ssl=settings.trust),
        request_class=AsSent,
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=settings.timeout),
        auto_decompress=False,
        max_line_size=_LONGEST,
        max_field_size=_LONGEST,
        max_headers=_MOST_HEADERS,
        read_bufsize=_PIECE,
    )


async def _listen(runner: ServerRunner, listening: Listening) -> None:
    try:
        await TCPSite(runner, listening.host, listening.port, backlog=1024).start()
    except OSError as error:
        reason = (error.strerror or str(error)).rpartition(": ")[2]
        message = f"--listen {listening}: nobody can listen there: {reason}; give another port, or none for a free one."
        raise UsageError(message) from error


def _logger() -> logging.Logger:
    """Return a logger that says nothing of what clients do wrong, since they are told themselves."""
    logger = logging.getLogger("reqlog.proxy")
    logger.addFilter(_is_of_us)
    return logger


def _is_of_us(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
