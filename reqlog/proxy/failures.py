"""Why there is no answer from the API, in a status and a sentence, and as a body in the shape of the API's errors."""

import json
import os
import ssl
from http import HTTPStatus
from typing import NamedTuple

import aiohttp

from reqlog.exchange import NO_ANSWER


class Failure(NamedTuple):
    """What the client gets where the API gave no answer."""

    status: HTTPStatus
    sentence: str
    type: str = NO_ANSWER

    @property
    def body(self) -> bytes:
        """The sentence in the shape of the API's errors."""
        return json.dumps(
            {"error": {"type": self.type, "message": f"reqlog record: {self.sentence}"}}, indent=2
        ).encode()


class ClientGoneError(Exception):
    """The client closed its connection."""


CLIENT_GONE = "The client closed the connection before the answer was complete."
ENDED = "reqlog record ended before the answer was complete."

WEBSOCKET = Failure(
    HTTPStatus.NOT_IMPLEMENTED,
    "WebSocket connections are not passed on, only HTTP requests; let the client connect to the API itself.",
    "invalid_request_error",
)
TUNNEL = Failure(
    HTTPStatus.NOT_IMPLEMENTED,
    "This is no forward proxy and opens no tunnels; set the base URL of the client to it, not its proxy.",
    "invalid_request_error",
)


def misdirected(path: str, upstream: object) -> Failure:
    """Return what to say to a request for another host than the API's."""
    sentence = (
        f"{path} is not passed on, since everything here goes to {upstream}; set the base URL of the client to it."
    )
    return Failure(HTTPStatus.MISDIRECTED_REQUEST, sentence, "invalid_request_error")


def unreadable(what: object) -> Failure:
    """Return what to say to a request that is broken itself."""
    return Failure(HTTPStatus.BAD_REQUEST, f"The request could not be passed on: {what}.", "invalid_request_error")


def failure_of(error: Exception, upstream: object) -> Failure:
    """Return what `error`, raised by aiohttp's client, means to who waits for an answer of `upstream`."""
    match error:
        case TimeoutError():
            return Failure(HTTPStatus.GATEWAY_TIMEOUT, f"{upstream} did not answer in time.")
        case aiohttp.ClientConnectorCertificateError():
            return Failure(HTTPStatus.BAD_GATEWAY, _certificate(error.certificate_error, upstream))
        case aiohttp.ClientConnectorSSLError():
            return Failure(HTTPStatus.BAD_GATEWAY, f"{upstream} speaks no TLS that could be used: {_reason(error)}.")
        case aiohttp.ClientConnectorDNSError():
            return Failure(HTTPStatus.BAD_GATEWAY, f"There is no address to be found for {upstream}: {_reason(error)}.")
        case aiohttp.ClientConnectorError():
            return Failure(HTTPStatus.BAD_GATEWAY, f"{upstream} cannot be reached: {_reason(error)}.")
        case aiohttp.ServerDisconnectedError() | OSError():
            return Failure(HTTPStatus.BAD_GATEWAY, f"{upstream} closed the connection without an answer.")
        case _:
            return Failure(HTTPStatus.BAD_GATEWAY, f"{upstream} sent an answer that is not HTTP: {_first_line(error)}.")


def broken_off(error: Exception, upstream: object) -> str:
    """Return why the rest of an answer that had begun did not come."""
    if isinstance(error, TimeoutError):
        return f"{upstream} did not send the rest of its answer in time."
    return f"{upstream} closed the connection before its answer was complete."


def _certificate(error: Exception, upstream: object) -> str:
    reason = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error)
    return f"The certificate of {upstream} is not valid: {reason}; --ca FILE adds an authority to trust."


def _reason(error: aiohttp.ClientConnectorError) -> str:
    inner = error.os_error
    if isinstance(inner, ssl.SSLError):
        return inner.reason or str(inner)
    if isinstance(error, aiohttp.ClientConnectorDNSError) or inner.errno is None or inner.errno < 0:
        return (inner.strerror or str(inner)).strip()
    return os.strerror(inner.errno)


def _first_line(error: Exception) -> str:
    text = getattr(error, "message", "") or str(error) or type(error).__name__
    return text.strip().partition("\n")[0].rstrip(":. ")
