"""Middleware that records what an ASGI application serves."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import quote

from reqlog.capture.recording import Recording, attempted, quietly, recording_into, text_headers
from reqlog.capture.served import ID_KEY, REQUEST_ID, Served, is_skipped, new_id

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

_GONE = "The client went away before the answer was complete."
_SILENT = "The application gave no answer."
_UNFINISHED = "The application did not finish its answer."


class ASGICapture:
    """The application `app`, whose requests are recorded into `store`.

    It gives each request an id, which the application finds in the scope under `reqlog.request_id`, and whoever called
    in the header `Request-Id`, unless the application sets that header itself. Requests whose path fits one of the
    globs `skip` are left alone, and so is all that is not HTTP.
    """

    def __init__(self, app: Application, *, store: str | None = None, skip: Sequence[str] = ()) -> None:
        self._app = app
        self._skip = tuple(skip)
        self._recording = recording_into(store)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request, or whatever else the server asks for."""
        serving = None
        if scope["type"] == "http":
            serving = attempted(lambda: _begun(self._recording, self._skip, scope, receive, send))
        if serving is None:
            await self._app(scope, receive, send)
            return
        scope[ID_KEY] = serving.served.id
        try:
            await self._app(scope, serving.receive, serving.send)
        except BaseException as error:
            serving.fail(error)
            raise
        serving.finish()


def _begun(
    recording: Recording, skip: Sequence[str], scope: Message, receive: Receive, send: Send
) -> "_Serving | None":
    """Return the request of `scope` as one that is recorded, None if it is to be skipped."""
    if is_skipped(skip, scope["path"]):
        return None
    headers = text_headers(scope["headers"])
    client = scope.get("client")
    passing = recording.begin(scope["method"], _url(scope, dict(headers)), headers, client[0] if client else None)
    return _Serving(Served(passing, new_id()), receive, send)


def _url(scope: Message, headers: dict[str, str]) -> str:
    server = scope.get("server")
    host = headers.get("host") or (":".join(map(str, filter(None, server))) if server else "")
    raw: bytes | None = scope.get("raw_path")
    path = raw.partition(b"?")[0].decode("latin-1") if raw else quote(scope["path"])
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{scope.get('scheme', 'http')}://{host}{path}{'?' if query else ''}{query}"


class _Serving:
    """What passes between the server and the application for one request."""

    def __init__(self, served: Served, receive: Receive, send: Send) -> None:
        self.served = served
        self._receive = receive
        self._send = send
        self._has_trailers = False
        self._is_gone = False

    async def receive(self) -> Message:
        """Give the application the next message of the server."""
        message = await self._receive()
        self._note_received(message)
        return message

    async def send(self, message: Message) -> None:
        """Give the server the next message of the application."""
        if message["type"] == "http.response.start":
            message = attempted(lambda: self._named(message)) or message
        else:
            self._note_sent(message)
        await self._send(message)
        if self._is_last(message):
            self.served.passing.end()

    def fail(self, error: BaseException) -> None:
        """Take note of what the application raised, which nobody but the server is to be told."""
        if self._is_gone:
            self.served.passing.end(_GONE)
        else:
            self.served.fail(error)

    def finish(self) -> None:
        """Take note that the application is done; if it has not answered, so is the server, with 500."""
        passing = self.served.passing
        if self._is_gone:
            passing.end(_GONE)
        elif self.served.has_begun:
            passing.end(_UNFINISHED)
        else:
            passing.answer(500, None)
            passing.end(_SILENT)

    @quietly
    def _note_received(self, message: Message) -> None:
        if message["type"] == "http.disconnect":
            self._is_gone = True
        elif message["type"] == "http.request":
            self.served.passing.request_body.add(message.get("body", b""))
            self.served.passing.request_body.is_whole = not message.get("more_body", False)

    def _named(self, message: Message) -> Message:
        """Return the beginning of the answer with the id of the request."""
        self._has_trailers = bool(message.get("trailers"))
        headers = list(message.get("headers", ()))
        if not self.served.begin_answer(message["status"], text_headers(headers)):
            return message
        return {**message, "headers": [*headers, (REQUEST_ID.lower().encode(), self.served.id.encode())]}

    @quietly
    def _note_sent(self, message: Message) -> None:
        body = self.served.passing.response_body
        if message["type"] == "http.response.body":
            body.add(message.get("body", b""))
            body.is_whole = not message.get("more_body", False)

    def _is_last(self, message: Message) -> bool:
        match message["type"]:
            case "http.response.body":
                return not message.get("more_body", False) and not self._has_trailers
            case "http.response.trailers":
                return not message.get("more_trailers", False)
            case "http.response.pathsend":
                return not self._has_trailers
            case _:
                return False
