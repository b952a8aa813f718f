"""What `httpx` sends, recorded where a transport sends it: one attempt at a time, with whatever became of it."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias, cast

import httpx

from reqlog.capture.bodies import Body
from reqlog.capture.hooks import Hook, is_one_of, method_of
from reqlog.capture.recording import Headers, Passing, Recording, attempted, quietly, recording_into, text_headers
from reqlog.capture.sent import kept_of, tapped

Wanted: TypeAlias = Callable[[httpx.Request], bool]
Client: TypeAlias = httpx.Client | httpx.AsyncClient

_SYNC, _ASYNC = "handle_request", "handle_async_request"
_KNOWN_TO_ALL = frozenset({"gzip", "deflate", "identity"})


def install(client: Client | None, store: str | None, hosts: Sequence[str]) -> Hook:
    """Have what `client`, or every client, sends to `hosts` recorded into `store`."""
    hook = Hook()
    place(hook, client, recording_into(store), lambda request: is_one_of(hosts, str(request.url)))
    return hook


def place(hook: Hook, client: Client | None, recording: Recording, wanted: Wanted) -> None:
    """Place in `hook` what records the `wanted` requests of `client`, or of every one."""
    begin = partial(_begun, hook, recording, wanted)
    if client is None:
        hook.place(httpx.HTTPTransport, _SYNC, _of_all(begin, httpx.HTTPTransport.handle_request))
        hook.place(
            httpx.AsyncHTTPTransport, _ASYNC, _of_all_async(begin, httpx.AsyncHTTPTransport.handle_async_request)
        )
        return
    name, around = (_ASYNC, _sent_async) if isinstance(client, httpx.AsyncClient) else (_SYNC, _sent)
    for transport in _transports(client):
        hook.place(transport, name, partial(around, begin, method_of(transport, name)))


def _transports(client: Client) -> Iterator[object]:
    """Yield the transports that `client` has, each once; httpx has no public name for them."""
    mounted: Any = (client._transport, *client._mounts.values())  # noqa: SLF001  (as above)
    yield from {id(transport): transport for transport in mounted if transport is not None}.values()


Begin: TypeAlias = Callable[[httpx.Request], Passing | None]


def _of_all(begin: Begin, send: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
    def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        return _sent(begin, partial(send, self), request)

    return handle_request


def _of_all_async(begin: Begin, send: Callable[..., Any]) -> Callable[..., Any]:
    async def handle_async_request(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        return await _sent_async(begin, partial(send, self), request)

    return handle_async_request


def _sent(begin: Begin, send: Callable[[httpx.Request], httpx.Response], request: httpx.Request) -> httpx.Response:
    """Send `request` and have it recorded, if it is wanted and nobody else does that."""
    passing = begin(request)
    if passing is None:
        return send(request)
    with passing.being_sent(), _seen(request, passing.request_body):
        try:
            response = send(request)
        except BaseException as error:
            passing.end(error)
            raise
    _answered(passing, response)
    return response


async def _sent_async(begin: Begin, send: Callable[[httpx.Request], Any], request: httpx.Request) -> httpx.Response:
    """Send `request` as `_sent` does."""
    passing = begin(request)
    if passing is None:
        return cast(httpx.Response, await send(request))
    with passing.being_sent(), _seen(request, passing.request_body):
        try:
            response: httpx.Response = await send(request)
        except BaseException as error:
            passing.end(error)
            raise
    _answered(passing, response)
    return response


def _begun(hook: Hook, recording: Recording, wanted: Wanted, request: httpx.Request) -> Passing | None:
    if not hook.is_active or recording.is_busy:
        return None
    return attempted(lambda: _passing(recording, request) if request.url.host and wanted(request) else None)


def _passing(recording: Recording, request: httpx.Request) -> Passing:
    return recording.begin(request.method, str(request.url), text_headers(request.headers.raw))


@contextmanager
def _seen(request: httpx.Request, kept: Body) -> Iterator[None]:
    """Have the body of `request` kept as it is sent in this block."""
    content, stream = attempted(lambda: _content(request)), request.stream
    if content is None:
        request.stream = _Sent(stream, kept)
    else:
        tapped(content, kept)
    try:
        yield
    finally:
        request.stream = stream


def _content(request: httpx.Request) -> bytes | None:
    """Return the body of `request`, None if it is made while it is sent."""
    try:
        return request.content
    except httpx.RequestNotRead:
        return None


@quietly
def _answered(passing: Passing, response: httpx.Response) -> None:
    headers = text_headers(response.headers.raw)
    try:
        content = response.content
    except httpx.ResponseNotRead:
        passing.answer(response.status_code, headers, _decoded)
        response.stream = _Received(response.stream, passing)
    else:
        passing.answer(response.status_code, headers)
        passing.receive(content, whole=True)


def _decoded(headers: Headers, body: bytes) -> bytes:
    """Return `body` with encodings undone that httpx knows here, as it asked for them."""
    encodings = {value.strip().lower() for name, value in headers if name.lower() == "content-encoding"}
    if encodings <= _KNOWN_TO_ALL:
        return body
    decoded: bytes = httpx.Response(200, headers=list(headers), content=body).content
    return decoded


class _Sent(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of a request, kept as it is sent."""

    def __init__(self, stream: Any, kept: Body) -> None:  # noqa: ANN401  (either kind)
        self._stream = stream
        self._kept = kept

    def __iter__(self) -> Iterator[bytes]:
        return kept_of(self._stream, self._kept)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._kept.start_over()
        async for piece in self._stream:
            self._kept.add(piece)
            yield piece
        self._kept.is_whole = True

    def close(self) -> None:
        self._stream.close()

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Received(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of a response, kept as it is received; it ends when it is read to its end, closed, or let go of."""

    def __init__(self, stream: Any, passing: Passing) -> None:  # noqa: ANN401  (either kind)
        self._stream = stream
        self._passing = passing

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._stream:
                self._passing.receive(piece, whole=False)
                yield piece
        except GeneratorExit:
            raise
        except BaseException as error:
            self._passing.end(error)
            raise
        self._passing.receive(b"", whole=True)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._stream:
                self._passing.receive(piece, whole=False)
                yield piece
        except GeneratorExit:
            raise
        except BaseException as error:
            self._passing.end(error)
            raise
        self._passing.receive(b"", whole=True)

    def close(self) -> None:
        try:
            self._stream.close()
        finally:
            self._passing.end()

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            self._passing.end()

    def __del__(self) -> None:
        self._passing.end()
