"""One request in full: its facts, the reason it failed, what was sent and what came back.

The one renderer that knows `Request`. Bodies are never cut here; what a capture lacks is left out, and what was cut
when it was captured is marked.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

from reqlog.render.base import Style
from reqlog.render.cell import cell, in_zone, number
from reqlog.render.color import BOLD, DIM, RED, painted, status_color
from reqlog.render.payload import FORM, MARK, payload
from reqlog.render.text import visible
from reqlog.render.width import wrapped
from reqlog.request import Request
from reqlog.times import to_rfc3339

_LABEL_WIDTH = 18
_NARROWEST = 20


def detail(
    request: Request, stream: TextIO, style: Style, *, hint: str | None = None, doc_url: str | None = None
) -> None:
    """Write `request`; `hint` and `doc_url` say what is known of its error code and where that is documented."""
    for line in _lines(request, style, hint, doc_url):
        stream.write(line + "\n")


def _lines(request: Request, style: Style, hint: str | None, doc_url: str | None) -> Iterator[str]:
    yield _title(request, style)
    yield ""
    yield from _facts(_known(request, style), style)
    yield from _reason(request, style, hint, doc_url)
    yield from _query(request, style)
    yield from _headers("Request headers", request, "request_headers", style)
    yield from _body("Request body", request, "request_body", style)
    yield from _headers("Response headers", request, "response_headers", style)
    yield from _body("Response body", request, "response_body", style)


def _title(request: Request, style: Style) -> str:
    words = [visible(word) for word in (request.method, request.path or request.endpoint) if word]
    operation = painted(" ".join(words) or visible(request.id), BOLD if style.color else None)
    if request.status is None:
        return operation
    return f"{operation}  {painted(str(request.status), status_color(request.status) if style.color else None)}"


def _known(request: Request, style: Style) -> Iterator[tuple[str, object]]:
    yield "Request", request.id
    yield "Time", _time(request, style)
    yield "Duration", _duration(request.duration_ms)
    yield "Host", request.host
    yield "Endpoint", request.endpoint if request.endpoint != request.path else None
    yield "API version", _version(request)
    yield "Source", request.source
    yield "Mode", None if request.livemode is None else "live" if request.livemode else "test"
    yield "Account", request.account
    yield "API key", request.api_key
    yield "IP address", request.ip_address
    yield "User agent", request.user_agent
    yield "Idempotency key", request.idempotency_key
    yield "Replayed", request.idempotent_replayed
    yield "Original request", request.original_request
    yield "Should retry", request.should_retry
    yield "Resources", " ".join(request.resources) + _cut_mark(request, "resources")


def _reason(request: Request, style: Style, hint: str | None, doc_url: str | None) -> Iterator[str]:
    """Yield why the request failed; nothing for one that did not."""
    error = (
        ("Type", request.error_type),
        ("Code", request.error_code),
        ("Decline code", request.decline_code),
        ("Parameter", request.error_param),
        ("Message", request.error_message),
    )
    is_known = any(value is not None for _, value in error)
    if is_known or (request.status is not None and request.status >= 400):
        yield from _heading("Reason", style)
        yield from _facts((*error, ("Hint", hint), ("Documentation", doc_url)), style)
        if not is_known:
            yield "The capture holds no error object."


def _time(request: Request, style: Style) -> str | None:
    if request.time is None:
        return None
    local = in_zone(request.time, style.zone)
    if local is None:
        return to_rfc3339(request.time)
    precision = "milliseconds" if local.microsecond else "seconds"
    moment = local.replace(tzinfo=None).isoformat(sep=" ", timespec=precision)
    offset = local.isoformat(sep=" ", timespec=precision).removeprefix(moment)
    return f"{moment} {offset if local.utcoffset() else 'UTC'}"


def _duration(duration_ms: float | None) -> str | None:
    if duration_ms is None:
        return None
    return f"{number(duration_ms / 1000)} s" if duration_ms >= 1000 else f"{number(duration_ms)} ms"


def _version(request: Request) -> str | None:
    asked = request.requested_version
    if asked is None or asked == request.api_version:
        return request.api_version
    return f"{request.api_version} (requested {asked})" if request.api_version else f"requested {asked}"


def _facts(facts: Iterable[tuple[str, object]], style: Style) -> Iterator[str]:
    """Yield what is known of `facts`, labels aligned, long values wrapped under themselves where there is a screen."""
    for label, value in facts:
        before = painted(label, DIM if style.color else None) + " " * (_LABEL_WIDTH - len(label))
        for line in _wrapped(cell(value, style.zone), style.width):
            yield before + line
            before = " " * _LABEL_WIDTH


def _wrapped(text: str, screen: int | None) -> list[str]:
    if not text or screen is None:
        return [text] if text else []
    return wrapped(text, max(_NARROWEST, screen - _LABEL_WIDTH))


def _heading(title: str, style: Style, mark: str = "") -> Iterator[str]:
    yield ""
    yield painted(title, BOLD if style.color else None) + mark


def _query(request: Request, style: Style) -> Iterator[str]:
    if request.query:
        yield from _heading("Query", style, _cut_mark(request, "query"))
        yield from _payload(request.query, FORM, request.error_param, style)


def _headers(title: str, request: Request, field: str, style: Style) -> Iterator[str]:
    headers: Mapping[str, str] | None = getattr(request, field)
    if headers:
        yield from _heading(title, style, _cut_mark(request, field))
        yield from (f"{visible(name)}: {visible(value)}" for name, value in headers.items())


def _body(title: str, request: Request, field: str, style: Style) -> Iterator[str]:
    body: str | None = getattr(request, field)
    if body is None:
        if field in request.truncated:
            yield from _heading(title, style, " (not kept)")
        return
    yield from _heading(title, style, _cut_mark(request, field))
    is_sent = field == "request_body"
    headers = request.request_headers if is_sent else request.response_headers
    content_type = (headers or {}).get("content-type")
    yield from _payload(body, content_type, request.error_param if is_sent else None, style)


def _payload(text: str, content_type: str | None, param: str | None, style: Style) -> Iterator[str]:
    for line in payload(text, content_type, param):
        yield painted(line, RED) if style.color and line.endswith(MARK) else line


def _cut_mark(request: Request, field: str) -> str:
    return " (cut)" if field in request.truncated else ""
