"""An interaction of a cassette, as plain data, to an `Exchange`.

Ruby's VCR (1.x to 6.x), vcrpy, Betamax, go-vcr (v1 to v3), exvcr and PHP-VCR each name a few things differently; every
name is understood wherever it stands. Where the data comes from, YAML or JSON, is not known here.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from reqlog import limits, times
from reqlog.exchange import Exchange, Headers
from reqlog.readers.yaml_stream import from_base64

_STATUS = re.compile(r"\s*([1-9][0-9]{2})(?![0-9])")
_GO_DURATION = re.compile(r"(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,19}(?:\.[0-9]{1,19})?)(s|ms|µs|μs|us|ns))?")
_NANOSECONDS = re.compile(r"[0-9]{1,19}")
_MS_PER_UNIT: Final = {"s": 1e3, "ms": 1.0, "µs": 1e-3, "μs": 1e-3, "us": 1e-3, "ns": 1e-6}
_BINARY_ENCODINGS: Final = frozenset({"ascii-8bit", "binary"})
_GZIP: Final = b"\x1f\x8b"
_ERLANG_BINARY: Final = b"\x83m"
"""How Erlang's external term format begins for a binary; four bytes of length follow, then the binary."""

_Mapping = dict[object, object]


class UnreadableError(Exception):
    """The interaction cannot be read; the message is the reason."""


def exchange_of(interaction: object) -> Exchange:
    """Return what an interaction records; raise UnreadableError if it is none, or lacks what a request must have."""
    if not isinstance(interaction, dict) or not isinstance(request := interaction.get("request"), dict):
        raise UnreadableError("not an interaction")
    response = interaction.get("response")
    if not isinstance(response, dict) or (status := _status(response)) is None:
        raise UnreadableError("no response")
    return Exchange(
        method=_method(request),
        url=_url(request),
        request_headers=_headers(request.get("headers")),
        request_body=_sent_body(request),
        status=status,
        response_headers=_headers(response.get("headers")),
        response_body=_received_body(response),
        time=_recorded_at(interaction.get("recorded_at")),
        duration_ms=_duration_ms(response.get("duration")),
    )


def _method(request: _Mapping) -> str:
    """Return the method; VCR 1.x wrote Ruby symbols."""
    method = (_text(request.get("method")) or "").removeprefix(":").strip()
    if not method:
        raise UnreadableError("no method")
    return method


def _url(request: _Mapping) -> str:
    """Return the URL; vcrpy wrote it in pieces before version 1."""
    url = _text(request.get("uri")) or _text(request.get("url"))
    if url:
        return url
    protocol, host, port, path = (_text(request.get(key)) for key in ("protocol", "host", "port", "path"))
    if not path:
        raise UnreadableError("no URI")
    return f"{protocol}://{host}{':' if port else ''}{port or ''}{path}" if protocol and host else path


def _status(response: _Mapping) -> int | None:
    """Return the status code; `status` is a mapping, a number or a line such as `200 OK`."""
    status = response.get("status")
    code = status.get("code") if isinstance(status, dict) else status
    for candidate in (code, response.get("status_code"), response.get("code")):
        if found := _STATUS.match(_text(candidate) or ""):
            return int(found[1])
    return None


def _headers(headers: object) -> Headers | None:
    """Return the headers of a mapping, or of a list of pairs or lines; past the limit one more is enough to tell."""
    if isinstance(headers, dict):
        pairs: Iterable[tuple[object, object]] = headers.items()
    elif isinstance(headers, list):
        pairs = _listed(headers)
    else:
        return None
    found: list[tuple[str, str]] = []
    for key, values in pairs:
        name = key if isinstance(key, str) else _text(key)
        if name is None:
            continue
        for value in values if isinstance(values, list) else (values,):
            text = value if isinstance(value, str) else _text(value)
            if text is not None:
                found.append((name, text))
        if len(found) > limits.HEADER_COUNT:
            break
    return tuple(found[: limits.HEADER_COUNT + 1])


def _listed(headers: list[object]) -> Iterator[tuple[object, object]]:
    """Yield the headers of a list; that of a set that Python wrote holds one list, of the pairs."""
    if len(headers) == 1 and isinstance(inner := headers[0], list) and inner and isinstance(inner[0], list):
        headers = inner
    for header in headers:
        if isinstance(header, list) and len(header) == 2:
            yield header[0], header[1]
        elif isinstance(header, str) and ":" in header:
            name, _, value = header.partition(":")
            yield name, value.strip()


def _sent_body(request: _Mapping) -> bytes | str | None:
    """Return the body sent; go-vcr and PHP-VCR may have only the fields of a form."""
    body = _body(request.get("body")) or _body(request.get("request_body"))
    form = request.get("form") or request.get("post_fields")
    return body or (_encoded_form(form) if isinstance(form, dict) else body)


def _encoded_form(form: _Mapping) -> str | None:
    fields = [
        (key, value)
        for key, values in form.items()
        for value in (values if isinstance(values, list) else (values,))
        if isinstance(key, str) and isinstance(value, str)
    ]
    return urlencode(fields) or None


def _received_body(response: _Mapping) -> bytes | str | None:
    """Return the body received; vcrpy wrote that of httpx as `content`, exvcr bytes as an Erlang term."""
    body = _body(response["body"] if "body" in response else response.get("content"))
    if response.get("binary") is True and isinstance(body, str):
        term = from_base64(body)
        return term[6:] if isinstance(term, bytes) and term.startswith(_ERLANG_BINARY) else body
    return body


def _body(body: object) -> bytes | str | None:
    if isinstance(body, str | bytes):
        return body
    if not isinstance(body, dict):
        return None
    if isinstance(base64 := body.get("base64_string"), str):
        return from_base64(base64)
    string = body.get("string")
    if isinstance(string, str):
        return string if string.isascii() else _without_encoding(string, body.get("encoding"))
    return string if isinstance(string, bytes) else None


def _without_encoding(string: str, encoding: object) -> bytes | str:
    """Return the bytes that Ruby called binary, one in each character, if they are UTF-8 or gzip; else `string`."""
    if not isinstance(encoding, str) or encoding.lower() not in _BINARY_ENCODINGS:
        return string
    try:
        content = string.encode("latin-1")
        if not content.startswith(_GZIP):
            content.decode()
    except UnicodeError:
        return string
    return content


def _recorded_at(value: object) -> datetime | None:
    """Return when it was recorded; Betamax writes UTC without saying so."""
    if not isinstance(value, str) or not value:
        return None
    return times.http_date(value) or times.from_iso(value.replace(" Z", "Z").replace(" +", "+"), UTC)


def _duration_ms(value: object) -> float | None:
    """Return the milliseconds of a duration of Go, `1m1.5s` or a number of nanoseconds; zero was not measured."""
    text = _text(value)
    if not text:
        return None
    if _NANOSECONDS.fullmatch(text):
        return int(text) / 1e6 or None
    if (found := _GO_DURATION.fullmatch(text)) is None:
        return None
    hours, minutes, number, unit = found.groups()
    last = float(number) * _MS_PER_UNIT[unit] if number else 0.0
    return int(hours or 0) * 3.6e6 + int(minutes or 0) * 6e4 + last or None


def _text(value: object) -> str | None:
    """Return a scalar as text; bytes are UTF-8, else Latin-1, as headers are."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.decode("latin-1")
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
