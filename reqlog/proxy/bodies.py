"""Bodies on their way through: what of them is recorded, and how the client is told where one ends."""

from http import HTTPStatus

from aiohttp import ClientResponse, hdrs
from aiohttp.http import HttpVersion11
from aiohttp.web import BaseRequest

from reqlog import limits
from reqlog.proxy.headers import passed_on

_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
_LAST_CHUNK = b"0\r\n\r\n"


class Beginning:
    """The first bytes of a body, as many as are recorded."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._room = limits.BODY_CHARACTERS
        self.is_whole = True
        """Whether there was room for all of it."""

    def add(self, piece: bytes) -> None:
        """Keep as much of `piece` as there is room for."""
        if self._room >= len(piece):
            self._pieces.append(piece)
            self._room -= len(piece)
        else:
            self._pieces.append(piece[: self._room])
            self._room = 0
            self.is_whole = False

    def __bytes__(self) -> bytes:
        return b"".join(self._pieces)


class Framing:
    """How the end of an answer is told: as the API does, or as the client can understand."""

    def __init__(self, request: BaseRequest, response: ClientResponse) -> None:
        self._is_old = request.version < HttpVersion11
        self._response = response
        has_body = request.method != hdrs.METH_HEAD and response.status not in _BODILESS
        is_open = has_body and hdrs.CONTENT_LENGTH not in response.headers
        self._is_chunked = is_open and not self._is_old
        self.ends_by_closing = is_open and self._is_old
        self.end = _LAST_CHUNK if self._is_chunked else b""

    def headers(self, *, keep_alive: bool) -> list[tuple[bytes, bytes]]:
        """Return the headers of the answer, for a connection that stays or does not."""
        headers = passed_on(self._response.raw_headers)
        if self._is_old:
            headers = [header for header in headers if header[0].lower() != b"transfer-encoding"]
        elif self._is_chunked and hdrs.TRANSFER_ENCODING not in self._response.headers:
            headers.append((b"Transfer-Encoding", b"chunked"))
        if not keep_alive:
            headers.append((b"Connection", b"close"))
        elif self._is_old:
            headers.append((b"Connection", b"keep-alive"))
        return headers

    def framed(self, piece: bytes) -> bytes:
        """Return a piece of the body as it is sent."""
        return b"%x\r\n%b\r\n" % (len(piece), piece) if self._is_chunked and piece else piece
