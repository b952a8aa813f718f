"""ASGI applications served with the middleware and without, by uvicorn and by hand."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from loopback import LONG
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from reqlog.capture import ASGICapture

DONE = threading.Event()


async def plain(request: Request) -> Response:
    return PlainTextResponse("plain", headers={"x-one": "1"})


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body())


async def unread(request: Request) -> Response:
    return PlainTextResponse("too large", 413)


async def streamed(request: Request) -> Response:
    async def pieces() -> Any:
        for number in range(3):
            yield f"piece {number} "

    return StreamingResponse(pieces(), 201)


async def long(request: Request) -> Response:
    return Response(LONG)


async def empty(request: Request) -> Response:
    return Response(status_code=204)


async def background(request: Request) -> Response:
    return PlainTextResponse("answered", background=BackgroundTask(DONE.set))


async def broken(request: Request) -> Response:
    raise ValueError("broken before")


async def broken_later(request: Request) -> Response:
    async def pieces() -> Any:
        yield "some"
        raise ValueError("broken later")

    return StreamingResponse(pieces())


async def named(request: Request) -> Response:
    return PlainTextResponse("named", headers={"Request-Id": "req_OfTheApp12"})


async def told(request: Request) -> Response:
    return JSONResponse({"id": request.scope.get("reqlog.request_id")})


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


ROUTES = [
    *(
        Route(f"/{handler.__name__}", handler, methods=["GET", "POST", "DELETE"])
        for handler in (
            plain,
            echo,
            unread,
            streamed,
            long,
            empty,
            background,
            broken,
            broken_later,
            named,
            told,
        )
    ),
    WebSocketRoute("/socket", socket),
]


@contextmanager
def served(app: Any) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def asked(app: Any, method: str, path: str, body: bytes | None) -> tuple[Any, ...]:
    with served(app) as base:
        try:
            answer = httpx.request(method, base + path, content=body)
        except httpx.HTTPError as error:
            return (type(error).__name__,)
        headers = [(name, value) for name, value in answer.headers.items() if name not in ("date", "request-id")]
        return answer.status_code, headers, answer.content


STORIES = [
    ("GET", "/plain", None, (200, None, "plain", None, ())),
    ("POST", "/echo", b"a=1", (200, "a=1", "a=1", None, ())),
    ("POST", "/unread", b"a=1", (413, None, "too large", None, ("request_body",))),
    ("GET", "/streamed", None, (201, None, "piece 0 piece 1 piece 2 ", None, ())),
    ("GET", "/long", None, (200, None, LONG[: 1024 * 1024].decode(), None, ("response_body",))),
    ("DELETE", "/empty", None, (204, None, None, None, ())),
    ("GET", "/background", None, (200, None, "answered", None, ())),
    ("GET", "/nosuch", None, (404, None, "Not Found", None, ())),
    ("GET", "/named", None, (200, None, "named", None, ())),
    ("GET", "/broken", None, (500, None, "Internal Server Error", None, ())),
    ("GET", "/broken_later", None, (200, None, "some", "ValueError: broken later", ("response_body",))),
]


@pytest.mark.parametrize(("method", "path", "body", "expected"), STORIES)
def test_the_client_sees_the_same_and_it_is_recorded(store, recorded, method, path, body, expected) -> None:
    without = asked(Starlette(routes=ROUTES), method, path, body)
    app = ASGICapture(Starlette(routes=ROUTES), store=store)
    assert asked(app, method, path, body) == without
    (request,) = recorded()
    found = (request.status, request.request_body, request.response_body, request.error_message, request.truncated)
    assert found == expected


def test_as_a_frameworks_middleware_it_sees_what_the_framework_catches_outside_of_it(store, recorded) -> None:
    app = Starlette(routes=ROUTES, middleware=[Middleware(ASGICapture, store=store)])
    assert asked(app, "GET", "/broken", None)[0] == 500
    (request,) = recorded()
    assert (request.status, request.response_body, request.response_headers) == (500, None, None)
    assert (request.error_type, request.error_message) == ("api_connection_error", "ValueError: broken before")


def test_the_record_tells_who_called_and_what_for(store, recorded) -> None:
    with served(ASGICapture(Starlette(routes=ROUTES), store=store)) as base:
        answer = httpx.post(f"{base}/told?x=%20&y", content=b"a=1", headers={"Idempotency-Key": "key-1"})
    (request,) = recorded()
    assert request.id == answer.headers["Request-Id"] == answer.json()["id"]
    assert (request.host, request.path, request.query) == (base[7:], "/told", "x=%20&y")
    assert (request.method, request.ip_address, request.idempotency_key) == ("POST", "127.0.0.1", "key-1")
    assert request.user_agent == answer.request.headers["User-Agent"]
    assert request.duration_ms > 0


def test_the_id_of_the_application_is_kept(store, recorded) -> None:
    with served(ASGICapture(Starlette(routes=ROUTES), store=store)) as base:
        assert httpx.get(f"{base}/named").headers.get_list("request-id") == ["req_OfTheApp12"]
    assert [request.id for request in recorded()] == ["req_OfTheApp12"]


def test_paths_can_be_skipped(store, recorded) -> None:
    with served(ASGICapture(Starlette(routes=ROUTES), store=store, skip=["/pl*"])) as base:
        assert "Request-Id" not in httpx.get(f"{base}/plain").headers
        httpx.get(f"{base}/named")
    assert [request.path for request in recorded()] == ["/named"]


def scope(**more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": "/v1/a b",
        "query_string": b"",
        "headers": [(b"host", b"shop.example")],
        "client": ("203.0.113.7", 50_000),
        **more,
    }


BODY = {"type": "http.response.body", "body": b"some", "more_body": True}
START = {"type": "http.response.start", "status": 200, "headers": []}


def played(
    app: Callable[..., Awaitable[None]], *messages: dict[str, Any], store: str, **more: Any
) -> tuple[list[Any], BaseException | None]:
    """Call `app` within the middleware, with `messages` to receive; give what it sent and raised."""
    sent: list[Any] = []
    left = list(messages)

    async def receive() -> Any:
        return left.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    async def play() -> None:
        await ASGICapture(app, store=store)(scope(**more), receive, send)

    try:
        asyncio.run(play())
    except BaseException as error:  # noqa: BLE001  (whatever it is, it is the story's)
        return sent, error
    return sent, None


def test_a_client_that_goes_away_is_told_of(store, recorded) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(BODY)
        assert (await receive())["type"] == "http.disconnect"

    assert played(app, {"type": "http.disconnect"}, store=store)[1] is None
    (request,) = recorded()
    assert (request.status, request.response_body, request.truncated) == (200, "some", ("response_body",))
    assert request.error_message == "The client went away before the answer was complete."


def test_what_is_cancelled_has_no_answer(store, recorded) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise asyncio.CancelledError

    assert isinstance(played(app, store=store)[1], asyncio.CancelledError)
    assert [(each.status, each.error_message) for each in recorded()] == [(None, "CancelledError")]


def test_what_is_never_answered_is_a_500_as_servers_make_it(store, recorded) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        return

    assert played(app, store=store) == ([], None)
    assert [(each.status, each.error_message) for each in recorded()] == [(500, "The application gave no answer.")]


def test_what_comes_after_the_answer_is_not_waited_for(store, recorded) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send({**BODY, "more_body": False})
        assert [request.response_body for request in recorded()] == ["some"]
        raise ValueError("in the background")

    sent, error = played(app, store=store)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert str(error) == "in the background"
    assert len(recorded()) == 1


def test_an_answer_with_trailers_ends_with_them(store, recorded) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({**START, "trailers": True})
        await send({**BODY, "more_body": False})
        assert recorded() == []
        await send({"type": "http.response.trailers", "headers": []})

    assert played(app, store=store)[1] is None
    assert [request.response_body for request in recorded()] == ["some"]


def test_a_file_that_the_server_sends_by_itself_is_not_seen(store, recorded) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send({"type": "http.response.pathsend", "path": "/tmp/file"})

    assert played(app, store=store)[1] is None
    assert [(each.response_body, each.truncated) for each in recorded()] == [(None, ("response_body",))]


@pytest.mark.parametrize("type", ["lifespan", "websocket", "of-the-future"])
def test_what_is_not_http_is_passed_on_untouched(store, recorded, type) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["type"], await receive()))
        await send({"type": "anything"})

    assert played(app, {"type": "something"}, store=store, type=type) == ([{"type": "anything"}], None)
    assert seen == [(type, {"type": "something"})]
    assert recorded() == []


@pytest.mark.parametrize(
    ("more", "url"),
    [
        ({}, ("shop.example", "/v1/a%20b", None)),
        ({"raw_path": b"/v1/a%20b", "query_string": b"x=%20"}, ("shop.example", "/v1/a%20b", "x=%20")),
        ({"headers": [], "server": ("127.0.0.1", 8000)}, ("127.0.0.1:8000", "/v1/a%20b", None)),
        ({"scheme": "https", "headers": [(b"host", b"shop.example:443")]}, ("shop.example", "/v1/a%20b", None)),
    ],
)
def test_the_url_is_as_it_was_sent(store, recorded, more, url) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send({**BODY, "more_body": False})

    assert played(app, store=store, **more)[1] is None
    assert [(each.host, each.path, each.query) for each in recorded()] == [url]


def test_what_the_application_sends_is_not_changed_in_place(store, recorded) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": [(b"x-one", b"1")]}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start)
        await send({**BODY, "more_body": False})

    sent, _ = played(app, store=store)
    assert start == {"type": "http.response.start", "status": 200, "headers": [(b"x-one", b"1")]}
    assert [name for name, _ in sent[0]["headers"]] == [b"x-one", b"request-id"]
    assert [request.response_headers["x-one"] for request in recorded()] == ["1"]
