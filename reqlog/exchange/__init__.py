"""From an HTTP exchange to a `Request`: what the URL, the headers and the bodies tell.

Every capture that holds whole exchanges (cassettes, HAR, a proxy, a hook) goes through here, so that a field means the
same whatever it was read from. Nothing is redacted here and nothing is guessed.
"""

import math
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import unquote_plus

from reqlog import limits, times
from reqlog.catalog import ids_in, located
from reqlog.exchange.answers import told_by
from reqlog.exchange.local_ids import Occurrences, content_digest, local_id, renamed
from reqlog.exchange.messages import Headers, Message, capped, clean, message_of
from reqlog.request import NO_ANSWER, Request

__all__ = ["NO_ANSWER", "Exchange", "Headers", "Occurrences", "content_digest", "local_id", "renamed", "request_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP request and its response as a capture has it, before anything is derived."""

    method: str | None = None
    """HTTP method in any case."""
    url: str | None = None
    """Absolute URL, or a path with its query."""
    request_headers: Headers | None = None
    """Missing if the capture does not have them."""
    request_body: bytes | str | None = None
    """As captured; bytes are decoded by their headers."""
    status: int | None = None
    """HTTP status code."""
    response_headers: Headers | None = None
    """Missing if the capture does not have them."""
    response_body: bytes | str | None = None
    """As captured; bytes are decompressed and decoded by their headers."""
    time: datetime | None = None
    """The recorder's clock, UTC; the server's `Date` header goes before it, where the two do not agree."""
    duration_ms: float | None = None
    """In milliseconds."""
    ip_address: str | None = None
    """Address of the caller."""
    truncated: tuple[str, ...] = ()
    """Which of `request_body` and `response_body` are only the beginning of what was sent."""
    failure: str | None = None
    """Why the answer, or the rest of it, did not come, in a sentence."""


_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "stripe-signature"})
_STRIPE_API = frozenset({"api.stripe.com", "files.stripe.com", "uploads.stripe.com"})
_TOLERANCE = timedelta(seconds=1)
_LONGEST_MS = 3_600_000
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_URL_CHARACTERS = 3 * limits.TEXT_CHARACTERS
"""As much of a URL as can have a part that is not past its limit."""
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(?:\?([^#]*))?")
_TARGET = re.compile(r"([^?#]*)(?:\?([^#]*))?")
_USER = re.compile(r"(?<=://)[^/?#]*@|#.*", re.DOTALL)
_METHOD = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_PLACEHOLDER = re.compile(r"<[^<>]*>")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{4,255}")
_REDACTED = re.compile(r"[^a-z]*(?:redacted|filtered|removed|masked|hidden|scrubbed|request[^a-z]*id)[^a-z]*")
_RESOURCE = re.compile(r"(?!:)[A-Za-z0-9_.:~-]{1,255}")
_KEY = re.compile(r"[A-Za-z0-9_.~+/=-]{1,4096}")
_KEY_MODE = re.compile(r"[srp]k_(live|test)_")
_BOOLEANS = {"true": True, "false": False}


class _Url(NamedTuple):
    host: str | None = None
    path: str | None = None
    query: str | None = None


def request_of(
    exchange: Exchange, occurrence_of: Callable[[bytes], int] | None = None, *, within: str | None = None
) -> Request:
    """Return the record of `exchange`, every field derived that it tells.

    Without a `Request-Id` its id is a `local_` one, of its content. Records of equal content are kept apart by
    `occurrence_of`, an `Occurrences` for each input, and by `within`, the name of what holds them (a cassette's).
    """
    cut = list(exchange.truncated)
    sent = message_of(exchange.request_headers, exchange.request_body, "request", cut)
    received = message_of(exchange.response_headers, exchange.response_body, "response", cut)
    id = _request_id(received.first.get("request-id")) or _local_id(exchange, occurrence_of, within)
    return _record(exchange, id, sent, received, cut)


def _record(exchange: Exchange, id: str, sent: Message, received: Message, cut: list[str]) -> Request:
    """Return the record, one field a line."""
    url, method, told = _url(exchange.url), _method(exchange.method), told_by(received.body)
    endpoint, parameters = located(method, url.path, url.host) if url.path else (None, ())
    ask, answer = sent.first, received.first
    request_body, response_body = capped(sent.body), capped(received.body)
    api_key = _api_key(ask.get("authorization"))
    requested_version = _stripped(ask.get("stripe-version"))
    return Request(
        id=id,
        time=_time(exchange, answer.get("date")),
        duration_ms=_duration(exchange.duration_ms),
        method=method,
        host=url.host,
        path=url.path,
        query=url.query,
        endpoint=endpoint,
        status=exchange.status,
        source=_source(url.host, api_key),
        livemode=_mode(api_key) if told.livemode is None else told.livemode,
        account=_stripped(ask.get("stripe-account")) or _stripped(answer.get("stripe-account")),
        api_key=api_key,
        ip_address=exchange.ip_address,
        user_agent=_stripped(ask.get("user-agent")),
        api_version=_stripped(answer.get("stripe-version")) or requested_version,
        requested_version=requested_version,
        idempotency_key=_stripped(ask.get("idempotency-key")) or _stripped(answer.get("idempotency-key")),
        idempotent_replayed=_true(answer.get("idempotent-replayed")),
        original_request=_stripped(answer.get("original-request")),
        should_retry=_true(answer.get("stripe-should-retry")),
        error_type=told.type or (NO_ANSWER if exchange.failure else None),
        error_code=told.code,
        decline_code=told.decline_code,
        error_param=told.param,
        error_message=told.message or exchange.failure,
        request_headers=sent.headers,
        response_headers=received.headers,
        request_body=request_body,
        response_body=response_body,
        resources=_resources(_ids(parameters, (url.path, url.query, request_body), told.id, response_body), cut),
        truncated=tuple(dict.fromkeys(cut)),
    )


def _time(exchange: Exchange, date: str | None) -> datetime | None:
    """Return the server's time, which is one of whole seconds, or the recorder's where both clocks agree.

    Then the recorder's is the more exact, and tells the order of what happened within one second.
    """
    server = times.http_date(date or "")
    recorder = times.in_range(exchange.time) if exchange.time else None
    if server is None or recorder is None:
        return server or recorder
    lasted = timedelta(milliseconds=min(_duration(exchange.duration_ms) or 0, _LONGEST_MS))
    return recorder if -_TOLERANCE < server - recorder < lasted + _TOLERANCE else server


def _stripped(value: str | None) -> str | None:
    return None if value is None else value.strip() or None


def _true(value: str | None) -> bool | None:
    return None if value is None else _BOOLEANS.get(value.strip().lower())


def _url(url: str | None) -> _Url:
    """Return host, path and query as sent: nothing is decoded, the fragment and any user name are left out."""
    text = clean((url or "")[:_URL_CHARACTERS]).strip()
    match = _URL.match(text)
    if match is None:
        target = _TARGET.match(text)
        return _Url(None, target[1] or None, target[2] or None) if target else _Url()
    scheme, authority, path, query = match.groups()
    host = authority.rpartition("@")[2].lower()
    host = host.removesuffix(_DEFAULT_PORTS.get(scheme.lower(), ":")).removesuffix(":")
    return _Url(host or None, path or "/", query or None)


def _method(method: str | None) -> str | None:
    return method.upper() if method is not None and _METHOD.fullmatch(method) else None


def _duration(milliseconds: float | None) -> float | None:
    return milliseconds if milliseconds is not None and 0 <= milliseconds < math.inf else None


def _request_id(text: str | None) -> str | None:
    """Return a `Request-Id` that tells one request from others; None for what a sanitiser put in its place."""
    text = (text or "").strip()
    rest = _PLACEHOLDER.sub("", text).removeprefix("req_")
    if not _REQUEST_ID.fullmatch(rest) or len(set(rest)) < 4 or _REDACTED.fullmatch(rest.lower()):
        return None
    return text


def _local_id(exchange: Exchange, occurrence_of: Callable[[bytes], int] | None, within: str | None) -> str:
    parts = (within, *_content(exchange))
    occurrence = occurrence_of(content_digest(*parts)) if occurrence_of else 0
    return local_id(*parts, occurrence=occurrence, within=within)


def _content(exchange: Exchange) -> Iterator[str | bytes | None]:
    """Yield what makes an exchange this one, credentials aside."""
    url = None if exchange.url is None else _USER.sub("", exchange.url)
    yield from (exchange.method, url, exchange.request_body, exchange.response_body, exchange.ip_address)
    yield None if exchange.time is None else exchange.time.isoformat()
    yield from (str(exchange.status), str(exchange.duration_ms))
    for headers in (exchange.request_headers, exchange.response_headers):
        yield None
        for name, value in headers or ():
            if name.lower() not in _CREDENTIALS:
                yield from (name, value)


def _api_key(authorization: str | None) -> str | None:
    scheme, _, credentials = (authorization or "").strip().partition(" ")
    credentials = credentials.strip()
    if scheme.lower() == "basic":
        try:
            credentials = b64decode(credentials, validate=True).decode().partition(":")[0]
        except ValueError:
            return None
    elif scheme.lower() != "bearer":
        return None
    return credentials if _KEY.fullmatch(credentials) else None


def _source(host: str | None, api_key: str | None) -> str | None:
    if host == "dashboard.stripe.com":
        return "dashboard"
    return "api" if host in _STRIPE_API and (api_key or "").startswith(("sk_", "rk_")) else None


def _mode(api_key: str | None) -> bool | None:
    match = _KEY_MODE.match(api_key or "")
    return match[1] == "live" if match else None


def _ids(
    parameters: tuple[str, ...], sent: tuple[str | None, ...], answered: str | None, response_body: str | None
) -> Iterator[str]:
    """Yield the ids of the API's objects in the order in which the exchange names them."""
    yield from filter(_RESOURCE.fullmatch, parameters)
    yield from ids_in("\n".join(_unescaped(text) for text in sent if text))
    if answered is not None and _RESOURCE.fullmatch(answered):
        yield answered
    if response_body:
        yield from ids_in(response_body)


def _unescaped(text: str) -> str:
    return unquote_plus(text) if "%" in text and text[0] not in "{[" else text


def _resources(ids: Iterator[str], cut: list[str]) -> tuple[str, ...]:
    unique = tuple(dict.fromkeys(ids))
    if len(unique) > limits.RESOURCES:
        cut.append("resources")
    return unique[: limits.RESOURCES]
