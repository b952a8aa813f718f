"""Middleware that records what a WSGI application serves."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias
from urllib.parse import quote

from reqlog.capture.recording import Headers, Recording, attempted, recording_into
from reqlog.capture.sent import tapped
from reqlog.capture.served import ID_KEY, REQUEST_ID, Served, is_skipped, new_id

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Callable[[bytes], object]]
Application: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]

_UNPREFIXED = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}


class WSGICapture:
    """The application `app`, whose requests are recorded into `store`.

    It gives each request an id, which the application finds in `environ` under `reqlog.request_id`, and whoever called
    in the header `Request-Id`, unless the application sets that header itself. Requests whose path fits one of the
    globs `skip` are left alone.
    """

    def __init__(self, app: Application, *, store: str | None = None, skip: Sequence[str] = ()) -> None:
        self._app = app
        self._skip = tuple(skip)
        self._recording = recording_into(store)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        served = attempted(lambda: _begun(self._recording, self._skip, environ))
        if served is None:
            return self._app(environ, start_response)
        try:
            answer = self._app(environ, _starting(served, start_response))
        except BaseException as error:
            served.fail(error)
            raise
        return _answer(served, answer, environ)


def _begun(recording: Recording, skip: Sequence[str], environ: Environ) -> Served | None:
    """Return the request of `environ` as one that is recorded, None if it is to be skipped."""
    if is_skipped(skip, environ.get("PATH_INFO", "")):
        return None
    headers = tuple(_headers(environ))
    passing = recording.begin(environ["REQUEST_METHOD"], _url(environ), headers, environ.get("REMOTE_ADDR"))
    if not passing.request_body.is_whole:
        environ["wsgi.input"] = tapped(environ["wsgi.input"], passing.request_body)
    environ[ID_KEY] = new_id()
    return Served(passing, environ[ID_KEY])


def _headers(environ: Environ) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        if key in _UNPREFIXED and value:
            yield _UNPREFIXED[key], value
        elif key.startswith("HTTP_"):
            yield key[5:].replace("_", "-").title(), value


def _url(environ: Environ) -> str:
    """Return the URL that was asked for, as it was sent where the server tells that."""
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    target: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if not target.startswith("/"):
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        query = environ.get("QUERY_STRING")
        target = quote(path.encode("latin-1")) + (f"?{query}" if query else "")
    return f"{environ['wsgi.url_scheme']}://{host}{target}"


def _starting(served: Served, start_response: StartResponse) -> StartResponse:
    """Return `start_response` such that the answer's beginning is known and names the request."""

    def start(status: str, headers: list[tuple[str, str]], *args: Any, **kwargs: Any) -> Callable[[bytes], object]:  # noqa: ANN401  (exc_info)
        named = attempted(lambda: _named(served, status, headers)) or headers
        write = start_response(status, named, *args, **kwargs)

        def keep(data: bytes) -> object:
            served.passing.receive(data, whole=False)
            return write(data)

        return keep

    return start


def _named(served: Served, status: str, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    known: Headers = tuple(headers)
    needs_name = served.begin_answer(int(status.partition(" ")[0]), known)
    return [*headers, (REQUEST_ID, served.id)] if needs_name else headers


def _answer(served: Served, answer: Iterable[bytes], environ: Environ) -> Iterable[bytes]:
    """Return `answer` such that its pieces and its end are seen, and servers take it for what it was."""
    wrapper = environ.get("wsgi.file_wrapper")
    if isinstance(wrapper, type) and isinstance(answer, wrapper):
        answer.close = _closing(served, answer)  # type: ignore[attr-defined]  # servers send such a file by themselves
        return answer
    return _SizedAnswer(served, answer) if hasattr(answer, "__len__") else _Answer(served, answer)


def _closing(served: Served, answer: Iterable[bytes]) -> Callable[[], None]:
    close = getattr(answer, "close", None)

    def closing() -> None:
        try:
            if close is not None:
                close()
        finally:
            served.passing.end()

    return closing


class _Answer:
    """The pieces of an answer, kept as the server takes them."""

    def __init__(self, served: Served, answer: Iterable[bytes]) -> None:
        self._served = served
        self._answer = answer
        self._pieces: Iterator[bytes] | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            if self._pieces is None:
                self._pieces = iter(self._answer)
            piece = next(self._pieces)
        except StopIteration:
            self._served.passing.receive(b"", whole=True)
            raise
        except BaseException as error:
            self._served.fail(error)
            raise
        self._served.passing.receive(piece, whole=False)
        return piece

    def close(self) -> None:
        """Close what the application returned, as servers do when they are done or the client is gone."""
        _closing(self._served, self._answer)()

    def __del__(self) -> None:
        self._served.passing.end()


class _SizedAnswer(_Answer):
    """One of which servers may ask how many pieces there are."""

    def __len__(self) -> int:
        return len(self._answer)  # type: ignore[arg-type]  # it is one that has a length
