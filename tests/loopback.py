"""A server on loopback that does all that servers do, well or badly."""

import gzip
import hashlib
import json
import re
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LONG = b"0123456789abcdef" * 200_000
"""More than is kept of a body."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ending = threading.Event()
        self.seen: list[str] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that go away: some here are to."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        pieces = []
        while size := int(self.rfile.readline().strip(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def do(self) -> None:
        url = urlsplit(self.path)
        try:
            body = self.body()
        except ValueError:
            self.close_connection = True  # the client left off
            return
        self.server.seen.append(self.command + " " + self.path)
        name, _, argument = url.path.strip("/").partition("/")
        with suppress(BrokenPipeError, ConnectionResetError):
            getattr(self, f"serve_{name}")(argument, parse_qs(url.query), body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do  # noqa: N815  (the library's names)

    def serve_echo(self, _argument: str, _query: object, body: bytes) -> None:
        told = {"method": self.command, "size": len(body), "sha": hashlib.sha256(body).hexdigest()[:8]}
        self.answer(
            200, json.dumps(told).encode(), ("Content-Type", "application/json"), ("Request-Id", "req_Echo1234")
        )

    def serve_status(self, argument: str, _query: object, _body: bytes) -> None:
        self.answer(int(argument), b"" if argument in ("204", "304") else f"status {argument}".encode())

    def serve_cookies(self, _argument: str, _query: object, _body: bytes) -> None:
        self.answer(200, b"{}", ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))

    def serve_redirect(self, argument: str, _query: object, _body: bytes) -> None:
        self.answer(307, b"over there", ("Location", f"/{argument}"))

    def serve_gzip(self, _argument: str, _query: object, _body: bytes) -> None:
        self.answer(200, gzip.compress(b'{"packed": true}'), ("Content-Encoding", "gzip"))

    def serve_long(self, _argument: str, _query: object, _body: bytes) -> None:
        self.answer(200, LONG)

    def serve_chunks(self, argument: str, _query: object, _body: bytes) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(int(argument)):
            self.wfile.write(b"8\r\npiece %02d\r\n" % number)
        self.wfile.write(b"0\r\n\r\n")

    def serve_v1(self, argument: str, _query: object, body: bytes) -> None:
        """Answer as an API does that is overloaded the first time, and takes files."""
        if argument == "files":
            self.answer(200, b'{"id": "file_A1b2C3d4E5f6G7", "object": "file"}', ("Request-Id", "req_File1234"))
        elif argument == "files/contents":
            self.answer(200, b"what is in it")
        elif self.server.seen.count(f"{self.command} {self.path}") == 1:
            self.answer(503, b"{}", ("Request-Id", "req_First123"), ("Stripe-Should-Retry", "true"))
        else:
            self.answer(200, b'{"id": "cus_A1b2C3d4E5f6G7", "object": "customer"}', ("Request-Id", "req_Second12"))

    def serve_silence(self, _argument: str, _query: object, _body: bytes) -> None:
        self.server.ending.wait()

    def serve_stall(self, _argument: str, _query: object, _body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"begun")
        self.server.ending.wait()

    def serve_drop(self, _argument: str, _query: object, _body: bytes) -> None:
        self.close_connection = True

    def serve_half(self, _argument: str, _query: object, _body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True


def failure_of(error: BaseException) -> tuple[str, str]:
    """Return what tells one failure from another, without addresses in memory."""
    return type(error).__name__, re.sub(r"0x[0-9a-f]+|port=\d+|Caused by.*", "", str(error))


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
