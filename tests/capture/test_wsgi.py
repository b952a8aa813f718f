"""WSGI applications served with the middleware and without, by a server that holds both sides to PEP 3333."""

import io
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.handlers import SimpleHandler
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer, make_server
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import pytest
import requests
from loopback import LONG

from reqlog.capture import WSGICapture

TEXT = [("Content-Type", "text/plain")]


def plain(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", list(TEXT))
    return [b"plain"]


def pieces(environ: Any, start_response: Any) -> Iterator[bytes]:
    start_response("201 Created", list(TEXT))
    yield b"one "
    yield b"two"


def late(environ: Any, start_response: Any) -> Iterator[bytes]:
    yield from pieces(environ, start_response)


def written(environ: Any, start_response: Any) -> list[bytes]:
    write = start_response("200 OK", list(TEXT))
    write(b"written ")
    return [b"and returned"]


def echoed(environ: Any, start_response: Any) -> list[bytes]:
    size = int(environ["CONTENT_LENGTH"])
    stream = environ["wsgi.input"]
    body = stream.read(1) + stream.readline(size - 1)
    body += stream.read(size - len(body))
    start_response("200 OK", list(TEXT))
    return [body]


def unread(environ: Any, start_response: Any) -> list[bytes]:
    start_response("413 Content Too Large", list(TEXT))
    return [b"too large"]


def empty(environ: Any, start_response: Any) -> list[bytes]:
    start_response("204 No Content", [])
    return []


def mended(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", list(TEXT))
    try:
        int("mended")
    except ValueError:
        start_response("500 Mended", list(TEXT), sys.exc_info())
    return [b"mended"]


def named(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [*TEXT, ("request-id", "req_OfTheApp12")])
    return [environ.get("reqlog.request_id", "req_")[:4].encode()]


def filed(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [*TEXT, ("Content-Length", "8")])
    return environ["wsgi.file_wrapper"](io.BytesIO(b"the file"))


def long(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", list(TEXT))
    return [LONG]


def broken(environ: Any, start_response: Any) -> list[bytes]:
    raise ValueError("broken before")


def broken_later(environ: Any, start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [*TEXT, ("Content-Length", "10")])
    yield b"some"
    raise ValueError("broken later")


class QuietHandler(ServerHandler):
    def log_exception(self, exc_info: Any) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Log nothing of the request."""
        SimpleHandler.close(self)


class Quiet(WSGIRequestHandler):
    def handle(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if self.parse_request():
            environ = self.get_environ()
            handler: Any = QuietHandler(self.rfile, self.wfile, io.StringIO(), environ, multithread=False)  # type: ignore[arg-type]
            server: Any = self.server
            handler.run(server.get_app())


@contextmanager
def served(app: Any) -> Iterator[str]:
    with make_server("127.0.0.1", 0, app, WSGIServer, Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def asked(app: Any, method: str = "GET", path: str = "/v1/things", **more: Any) -> tuple[Any, ...]:
    with served(app) as base:
        try:
            answer = requests.request(method, base + path, timeout=60, **more)
        except requests.RequestException as error:
            return (type(error).__name__,)
        headers = {name: value for name, value in answer.headers.items() if name not in ("Date", "Request-Id")}
        return answer.status_code, answer.reason, headers, answer.content


APPS: dict[str, tuple[Any, dict[str, Any], tuple[Any, ...]]] = {
    "plain": (plain, {}, (200, None, "plain", None, ())),
    "pieces": (pieces, {}, (201, None, "one two", None, ())),
    "late": (late, {}, (201, None, "one two", None, ())),
    "written": (written, {}, (200, None, "written and returned", None, ())),
    "echoed": (echoed, {"method": "POST", "data": b"ab\ncdefgh"}, (200, "ab\ncdefgh", "ab\ncdefgh", None, ())),
    "unread": (unread, {"method": "POST", "data": b"abc"}, (413, None, "too large", None, ("request_body",))),
    "empty": (empty, {"method": "DELETE"}, (204, None, None, None, ())),
    "mended": (mended, {}, (500, None, "mended", None, ())),
    "named": (named, {}, (200, None, "req_", None, ())),
    "filed": (filed, {}, (200, None, None, None, ("response_body",))),
    "long": (long, {}, (200, None, LONG[: 1024 * 1024].decode(), None, ("response_body",))),
    "broken": (broken, {}, (500, None, None, "ValueError: broken before", ())),
    "broken later": (broken_later, {}, (200, None, "some", "ValueError: broken later", ("response_body",))),
}


@pytest.mark.parametrize(("app", "how", "expected"), APPS.values(), ids=APPS)
def test_the_client_sees_the_same_and_it_is_recorded(store, recorded, app, how, expected) -> None:
    checks = validator if app not in (filed, empty) else lambda app: app
    without = asked(checks(app), **how)
    assert asked(checks(WSGICapture(checks(app), store=store)), **how) == without
    (request,) = recorded()
    told = (request.status, request.request_body, request.response_body, request.error_message, request.truncated)
    assert told == expected


def test_the_record_tells_who_called_and_what_for(store, recorded) -> None:
    with served(WSGICapture(echoed, store=store)) as base:
        answer = requests.post(f"{base}/v1/th%C3%ADngs/a%20b?x=%20&y", data={"a": "1"}, timeout=60)
    (request,) = recorded()
    assert request.id == answer.headers["Request-Id"]
    assert request.id.startswith("req_")
    assert (request.host, request.path, request.query) == (base[7:], "/v1/th%C3%ADngs/a%20b", "x=%20&y")
    assert (request.method, request.ip_address) == ("POST", "127.0.0.1")
    assert request.user_agent == answer.request.headers["User-Agent"]
    assert request.request_headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.request_headers["content-length"] == "3"
    assert request.response_headers == {"content-type": "text/plain", "request-id": request.id}
    assert request.duration_ms > 0


def test_the_id_of_the_application_is_kept(store, recorded) -> None:
    assert asked(WSGICapture(named, store=store))[0] == 200
    assert [request.id for request in recorded()] == ["req_OfTheApp12"]


def test_paths_can_be_skipped(store, recorded) -> None:
    with served(WSGICapture(plain, store=store, skip=["/health*"])) as base:
        skipped = requests.get(f"{base}/healthz", timeout=60)
        requests.get(f"{base}/v1/things", timeout=60)
    assert "Request-Id" not in skipped.headers
    assert [request.path for request in recorded()] == ["/v1/things"]


class Closed:
    """An answer that can be closed, and that has a length."""

    def __init__(self) -> None:
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"one", b"two"])

    def __len__(self) -> int:
        return 2

    def close(self) -> None:
        self.closed += 1


def environ(**more: Any) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/v1/things",
        "SERVER_NAME": "shop.example",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        **more,
    }


def start(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], object]:
    return lambda data: None


def test_an_answer_keeps_its_length_and_is_closed_once(store, recorded) -> None:
    inner = Closed()

    def app(environ: Any, start_response: Any) -> Closed:
        start_response("200 OK", [])
        return inner

    answer: Any = WSGICapture(app, store=store)(environ(), start)
    assert (len(answer), list(answer), inner.closed) == (2, [b"one", b"two"], 0)
    answer.close()
    assert inner.closed == 1
    assert [(request.host, request.response_body) for request in recorded()] == [("shop.example", "onetwo")]


def test_a_client_that_goes_away_leaves_what_it_got(store, recorded) -> None:
    answer: Any = WSGICapture(pieces, store=store)(environ(), start)
    assert next(answer) == b"one "
    answer.close()
    (request,) = recorded()
    assert (request.status, request.response_body, request.truncated) == (201, "one ", ("response_body",))


def test_an_answer_that_servers_send_by_themselves_stays_what_it_is(store, recorded) -> None:
    file = io.BytesIO(b"the file")
    answer: Any = WSGICapture(filed, store=store)(environ(**{"wsgi.file_wrapper": FileWrapper}), start)
    assert type(answer) is FileWrapper
    assert recorded() == []
    answer.close()
    assert [request.truncated for request in recorded()] == [("response_body",)]
    assert not file.closed


def test_what_servers_tell_of_the_target_goes_before_what_they_made_of_it(store, recorded) -> None:
    app = WSGICapture(plain, store=store)
    list(app(environ(RAW_URI="/v1/a%2Fb?c"), start))
    list(app(environ(REQUEST_URI="/v1/a%2Fc"), start))
    list(app(environ(SCRIPT_NAME="/v1", PATH_INFO="/a b", QUERY_STRING="d"), start))
    assert [(each.path, each.query) for each in recorded()] == [
        ("/v1/a%2Fb", "c"),
        ("/v1/a%2Fc", None),
        ("/v1/a%20b", "d"),
    ]


def test_what_no_application_should_be_called_with_is_left_to_it(store, recorded) -> None:
    assert list(WSGICapture(plain, store=store)({}, start)) == [b"plain"]
    assert recorded() == []
