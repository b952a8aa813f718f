"""A request within the limits, whatever reader it came from; what was cut is named in its field `truncated`."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from reqlog import limits
from reqlog.exchange import local_id
from reqlog.request import FIELDS, TEXTS, Request

_BODIES = ("request_body", "response_body")
_HEADERS = ("request_headers", "response_headers")
_TEXTS = tuple(name for name in TEXTS if name != "id")
_MOST_TRUNCATED = len(FIELDS)
_texts_of = itemgetter(*map(FIELDS.index, _TEXTS))
_TOO_SMALL = 1024
"""No record of so few bytes has anything in it past a limit."""
_SMALL = limits.TEXT_CHARACTERS
"""A record of so few bytes may have too many of something, but no text that is too long, ids and names aside."""


def bounded(request: Request, size: int = limits.RECORD_BYTES) -> Request:
    """Return `request`, made of a record of `size` bytes, within the limits: the same object if it is so already."""
    if size <= _TOO_SMALL or (_are_few(request) and (size <= _SMALL or _are_short(request))):
        return request
    changes: dict[str, Any] = {}
    for name in _TEXTS:
        if (text := getattr(request, name)) and len(text) > limits.TEXT_CHARACTERS:
            changes[name] = text[: limits.TEXT_CHARACTERS]
    for name in _BODIES:
        if (body := getattr(request, name)) and len(body) > limits.BODY_CHARACTERS:
            changes[name] = body[: limits.BODY_CHARACTERS]
    for name in _HEADERS:
        if (headers := getattr(request, name)) and (few := _few(headers)) != headers:
            changes[name] = few
    resources = tuple(id for id in request.resources if len(id) <= limits.ID_CHARACTERS)[: limits.RESOURCES]
    if resources != request.resources:
        changes["resources"] = resources
    if len(request.id) > limits.ID_CHARACTERS:
        changes["id"] = local_id(request.id)
    truncated = tuple(dict.fromkeys(name for name in (*request.truncated, *changes) if name in FIELDS))
    return request._replace(**changes, truncated=truncated) if changes or truncated != request.truncated else request


def _are_few(request: Request) -> bool:
    """Whether there is not too much of anything; asked of every request, so that it takes what is quickest."""
    resources = request.resources
    return (
        len(request.id) <= limits.ID_CHARACTERS
        and (not resources or (len(resources) <= limits.RESOURCES and len("".join(resources)) <= limits.ID_CHARACTERS))
        and len(request.truncated) <= _MOST_TRUNCATED
        and _are_few_headers(request.request_headers)
        and _are_few_headers(request.response_headers)
    )


def _are_few_headers(headers: Mapping[str, str] | None) -> bool:
    return not headers or (
        len(headers) <= limits.HEADER_COUNT and len("".join(headers)) <= limits.HEADER_NAME_CHARACTERS
    )


def _are_short(request: Request) -> bool:
    """Whether no text is too long, in a request of which there is not too much of anything."""
    sent, received = request.request_body, request.response_body
    return (
        len("".join(filter(None, _texts_of(request)))) <= limits.TEXT_CHARACTERS
        and (sent is None or len(sent) <= limits.BODY_CHARACTERS)
        and (received is None or len(received) <= limits.BODY_CHARACTERS)
        and all(
            len("".join(headers.values())) <= limits.HEADER_CHARACTERS - limits.HEADER_NAME_CHARACTERS
            for headers in (request.request_headers, request.response_headers)
            if headers
        )
    )


def _few(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers without those past a limit."""
    kept: dict[str, str] = {}
    room = limits.HEADER_CHARACTERS
    for name, value in headers.items():
        room -= len(name) + len(value)
        if room < 0 or len(kept) == limits.HEADER_COUNT:
            break
        if len(name) <= limits.HEADER_NAME_CHARACTERS:
            kept[name] = value
    return kept
