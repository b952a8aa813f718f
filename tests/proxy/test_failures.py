import errno
import json
import socket
import ssl
from http import HTTPStatus

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from reqlog.proxy.failures import broken_off, failure_of

KEY = ConnectionKey("api", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None)
EXPIRED = ssl.SSLCertVerificationError(1, "certificate verify failed: certificate has expired (_ssl.c:1)")
EXPIRED.verify_message = "certificate has expired"
OLD = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1)")
OLD.reason = "WRONG_VERSION_NUMBER"


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (TimeoutError(), 504, "API did not answer in time."),
        (aiohttp.ConnectionTimeoutError(), 504, "API did not answer in time."),
        (aiohttp.SocketTimeoutError(), 504, "API did not answer in time."),
        (
            aiohttp.ClientConnectorCertificateError(KEY, EXPIRED),
            502,
            "The certificate of API is not valid: certificate has expired; --ca FILE adds an authority to trust.",
        ),
        (aiohttp.ClientConnectorSSLError(KEY, OLD), 502, "API speaks no TLS that could be used: WRONG_VERSION_NUMBER."),
        (
            aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(-2, "Name or service not known")),
            502,
            "There is no address to be found for API: Name or service not known.",
        ),
        (
            aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed")),
            502,
            "API cannot be reached: Connection refused.",
        ),
        (aiohttp.ServerDisconnectedError(), 502, "API closed the connection without an answer."),
        (aiohttp.ClientOSError(errno.ECONNRESET, "reset"), 502, "API closed the connection without an answer."),
        (aiohttp.ClientPayloadError("400, message:\n bad"), 502, "API sent an answer that is not HTTP: 400, message."),
    ],
)
def test_each_way_to_fail_has_its_status_and_its_sentence(error, status, sentence):
    assert failure_of(error, "API") == (HTTPStatus(status), sentence, "api_connection_error")


def test_the_body_has_the_shape_of_the_apis_errors():
    failure = failure_of(TimeoutError(), "API")
    assert json.loads(failure.body) == {
        "error": {"type": "api_connection_error", "message": "reqlog record: API did not answer in time."}
    }


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (aiohttp.SocketTimeoutError(), "API did not send the rest of its answer in time."),
        (aiohttp.ClientPayloadError(), "API closed the connection before its answer was complete."),
    ],
)
def test_an_answer_that_does_not_end_has_its_sentence(error, sentence):
    assert broken_off(error, "API") == sentence
