"""An API whose every byte the test decides, the proxy in front of it, and a client that reads every byte."""

import asyncio
import queue
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress

from reqlog.exchange import Exchange
from reqlog.proxy.listening import Listening
from reqlog.proxy.server import Settings, serving
from reqlog.proxy.upstream import parse_upstream

LONG = 60.0
"""Seconds that no test waits for."""

Answer = Callable[[socket.socket, bytes], None]
"""Take a connection and the request that came on it, and answer."""


def received(connection: socket.socket, *, reads_bodies: bool = True) -> bytes:
    """Return one request or answer whose end its headers tell, as it came; of one that expects 100, the head."""
    data = b""
    while b"\r\n\r\n" not in data and (piece := connection.recv(65536)):
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while reads_bodies and not _is_whole(headers, body) and (piece := connection.recv(65536)):
        body += piece
    return head + b"\r\n\r\n" + body if head else b""


def _is_whole(headers: dict[bytes, bytes], body: bytes) -> bool:
    if b"expect" in headers:
        return True
    if b"transfer-encoding" in headers:
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= int(headers.get(b"content-length", 0))


class Api:
    """A server that keeps what came, and answers it with `answer`: bytes, or what writes them."""

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self.answer: bytes | Answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        self.requests: queue.Queue[bytes] = queue.Queue()
        self.reads_bodies = True
        """Whether the body of a request is read before it is answered."""
        self.connections = 0
        self.gone: queue.Queue[bool] = queue.Queue()
        self._trust = trust
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.authority = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _secured(self, connection: socket.socket) -> socket.socket:
        return connection if self._trust is None else self._trust.wrap_socket(connection, server_side=True)

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), self._secured(connection) as connection:
            while request := received(connection, reads_bodies=self.reads_bodies):
                self.requests.put(request)
                if callable(self.answer):
                    self.answer(connection, request)
                    break
                connection.sendall(self.answer)
        self.gone.put(True)


class Proxied:
    """The proxy in front of an API, in a thread."""

    def __init__(self, upstream: str, *, timeout: float = LONG, trust: ssl.SSLContext | None = None) -> None:
        self.exchanges: queue.Queue[Exchange] = queue.Queue()
        self.port = 0
        self._started = threading.Event()
        trust = trust or ssl.create_default_context()
        self._settings = Settings(parse_upstream(upstream), Listening("127.0.0.1", 0), trust, timeout)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._started.wait(LONG)

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        async with serving(self._settings, self.exchanges.put) as url:
            self.port = int(url.rpartition(":")[2])
            self._started.set()
            await self._ended.wait()

    def close(self) -> None:
        with suppress(RuntimeError):  # it was closed before
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(LONG)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=LONG)

    def ask(self, request: bytes) -> bytes:
        """Send `request`, which asks for the connection to be closed, and return all that comes back."""
        with self.connect() as connection:
            connection.sendall(request)
            return rest(connection)

    def exchange(self) -> Exchange:
        return self.exchanges.get(timeout=LONG)


def rest(connection: socket.socket) -> bytes:
    """Return all that comes until the connection is closed."""
    data = b""
    with suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            data += piece
    return data
