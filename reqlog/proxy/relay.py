"""One request after another: passed on as it came, answered as the API answered it, and recorded.

Bodies go through in pieces, at the pace of the slower side; of each only the beginning is kept.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime

from aiohttp import ClientError, ClientResponse, ClientSession, hdrs
from aiohttp.web import BaseRequest, RequestPayloadError, StreamResponse
from multidict import CIMultiDict

from reqlog.exchange import Exchange, Headers
from reqlog.exchange.messages import clean
from reqlog.proxy.bodies import Beginning, Framing
from reqlog.proxy.failures import (
    CLIENT_GONE,
    ENDED,
    TUNNEL,
    WEBSOCKET,
    ClientGoneError,
    Failure,
    broken_off,
    failure_of,
    misdirected,
    unreadable,
)
from reqlog.proxy.headers import as_text, head_of, to_upstream
from reqlog.proxy.upstream import Upstream

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_RESET = struct.pack("ii", 1, 0)
"""Closing then sends a reset, which no client takes for an end, once what was written is gone from here."""

_SMALL = 64 * 1024
_FAILURES = (ClientError, TimeoutError, OSError, ValueError)


class Relay:
    """Answers each request as `upstream` does, and gives each exchange to `record`, which must not wait."""

    def __init__(self, upstream: Upstream, session: ClientSession, record: Callable[[Exchange], object]) -> None:
        self._upstream = upstream
        self._session = session
        self._record = record
        self.is_ending = False
        """Set when no more answers are waited for."""

    async def __call__(self, request: BaseRequest) -> StreamResponse:
        """Answer one request."""
        passing = _Passing(request, self._upstream)
        try:
            return await passing.through(self._session)
        except asyncio.CancelledError:
            passing.failure = ENDED if self.is_ending else CLIENT_GONE
            raise
        finally:
            self._record(passing.exchange())


class _Answered(StreamResponse):
    """What aiohttp's server is told of an answer that has been written already."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._stays = keep_alive

    @property
    def keep_alive(self) -> bool:
        return self._stays

    async def prepare(self, request: BaseRequest) -> None:
        """Write nothing."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Write nothing."""


class _Passing:
    """One request on its way."""

    def __init__(self, request: BaseRequest, upstream: Upstream) -> None:
        self._request = request
        self._upstream = upstream
        self._target = upstream.target_of(request.raw_path)
        self._headers: Headers | None = None
        self._sent, self._received = Beginning(), Beginning()
        self._response: ClientResponse | None = None
        self.failure: str | None = None
        self._client_is_gone = False
        self._time = datetime.now(UTC)
        self._begun = asyncio.get_running_loop().time()

    async def through(self, session: ClientSession) -> StreamResponse:
        """Pass the request on and the answer back."""
        try:
            if refusal := self._refusal():
                return await self._fail(refusal)
            try:
                self._response = await self._asked(session)
            except _FAILURES as error:
                if self._client_is_gone:
                    raise ClientGoneError from error
                return await self._fail(failure_of(error, self._upstream))
            return await self._answer(self._response)
        except ClientGoneError:
            self.failure = CLIENT_GONE
            return _Answered(keep_alive=False)
        finally:
            if self._response is not None:
                self._response.close()

    def exchange(self) -> Exchange:
        """Return what happened."""
        response = self._response
        return Exchange(
            method=self._request.method,
            url=clean(f"{self._upstream}{self._target or ''}"),
            request_headers=as_text(self._request.raw_headers) if self._headers is None else self._headers,
            request_body=bytes(self._sent),
            status=response.status if response else None,
            response_headers=as_text(response.raw_headers) if response else None,
            response_body=bytes(self._received),
            time=self._time,
            duration_ms=round((asyncio.get_running_loop().time() - self._begun) * 1000, 3),
            ip_address=self._request.remote,
            truncated=tuple(self._truncated()),
            failure=self.failure,
        )

    def _truncated(self) -> Iterator[str]:
        if not self._sent.is_whole or not self._request.content.at_eof():
            yield "request_body"
        if not self._received.is_whole or (self._response is not None and self.failure is not None):
            yield "response_body"

    def _refusal(self) -> Failure | None:
        """Return why the request cannot be passed on, if it cannot."""
        if self._request.method == hdrs.METH_CONNECT:
            return TUNNEL
        if self._target is None:
            return misdirected(self._request.raw_path, self._upstream)
        if self._request.headers.get(hdrs.UPGRADE, "").lower() == "websocket":
            return WEBSOCKET
        try:
            self._headers = to_upstream(self._request.raw_headers, self._upstream.authority)
        except UnicodeDecodeError:
            return unreadable("a header is not text in UTF-8")
        return None

    async def _asked(self, session: ClientSession) -> ClientResponse:
        return await session.request(
            self._request.method,
            self._upstream.url_of(self._target or ""),
            headers=CIMultiDict(self._headers or ()),
            data=await self._body(),
            allow_redirects=False,
        )

    async def _body(self) -> bytes | AsyncIterator[bytes] | None:
        """Return the body of the request: whole where it is small, which is faster and sure to be recorded."""
        if not self._request.body_exists:
            return None
        length = self._request.content_length
        if length is None or length > _SMALL or self._awaits_continue:
            return self._uploaded()
        return b"".join([piece async for piece in self._uploaded()])

    async def _uploaded(self) -> AsyncIterator[bytes]:
        """Yield the body of the request, once the API is ready for it."""
        if self._awaits_continue:
            await self._write(_CONTINUE)
        try:
            async for piece in self._request.content.iter_any():
                self._sent.add(piece)
                yield piece
        except (RequestPayloadError, OSError) as error:
            self._client_is_gone = True
            raise ClientGoneError from error

    @property
    def _awaits_continue(self) -> bool:
        return self._request.headers.get(hdrs.EXPECT, "").lower() == "100-continue"

    async def _answer(self, response: ClientResponse) -> StreamResponse:
        """Pass the answer back, and break it off where the API does."""
        framing = Framing(self._request, response)
        keep_alive = self._stays(framing)
        content = response.content
        head = head_of(self._status_line(response.status, response.reason), framing.headers(keep_alive=keep_alive))
        try:
            piece = content.read_nowait()
            while True:
                if piece:
                    self._received.add(piece)
                done = content.at_eof()
                if data := head + framing.framed(piece) + (framing.end if done else b""):
                    await self._write(data)
                if done:
                    return _Answered(keep_alive=self._stays(framing))
                head = b""
                piece = await content.readany()
        except _FAILURES as error:
            self.failure = broken_off(error, self._upstream)
            self._break_off(framing)
            return _Answered(keep_alive=False)

    async def _fail(self, failure: Failure) -> StreamResponse:
        """Answer in the API's place."""
        self.failure = failure.sentence
        keep_alive = self._stays(None)
        body = failure.body
        headers = [
            (b"Content-Type", b"application/json"),
            (b"Content-Length", b"%d" % len(body)),
            (b"Connection", b"keep-alive" if keep_alive else b"close"),
        ]
        head = head_of(self._status_line(failure.status, failure.status.phrase), headers)
        await self._write(head if self._request.method == hdrs.METH_HEAD else head + body)
        return _Answered(keep_alive=keep_alive)

    def _stays(self, framing: Framing | None) -> bool:
        """Whether the client's connection is good for another request."""
        ends_by_closing = framing is not None and framing.ends_by_closing
        return self._request.keep_alive and self._request.content.is_eof() and not ends_by_closing

    def _status_line(self, status: int, reason: str | None) -> str:
        version = self._request.version
        return f"HTTP/{version.major}.{version.minor} {int(status)} {reason or ''}"

    def _break_off(self, framing: Framing) -> None:
        """Close the client's connection in a way that cannot be taken for the end of the answer."""
        transport = self._request.transport
        if transport is not None:
            if framing.ends_by_closing:
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.close()

    async def _write(self, data: bytes) -> None:
        try:
            await self._request.writer.write(data)
        except ConnectionError as error:
            raise ClientGoneError from error
