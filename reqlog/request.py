"""The record: one API call with its response.

The fields of `Request` are the only list of fields in the project: the store's columns, the JSON keys, the names that
`--fields` takes and the filter flags derive from it or are tested against it. What is missing is `None`, or an empty
tuple. Nothing here reads, redacts or prints.
"""

from collections.abc import Mapping
from datetime import datetime
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple


class Request(NamedTuple):
    """One API call with its response.

    A named tuple: made in 1.8 us where a frozen, slotted dataclass takes 5.3, in 0.4 us from a whole row,
    and defined in a quarter of a millisecond, where a dataclass takes 2 of the 20 that a start may take.
    """

    id: str
    """The API's request id, `req_…` (the `Request-Id` header); `local_…`, derived from the content, if it had none."""
    time: datetime | None = None
    """When the API received it, UTC, in milliseconds: the server's `Date`, or the recorder's clock if it agrees."""
    duration_ms: float | None = None
    """From sending the request to the end of the response, in milliseconds."""
    method: str | None = None
    """HTTP method, upper case."""
    host: str | None = None
    """Host name the request went to, lower case, with its port where that is not the scheme's own."""
    path: str | None = None
    """Path as sent, without the query: `/v1/customers/cus_1`."""
    query: str | None = None
    """Query string as sent, without the question mark."""
    endpoint: str | None = None
    """Path template, from the catalog, else by rule: `/v1/customers/{customer}`."""
    status: int | None = None
    """HTTP status code of the response."""
    source: str | None = None
    """Who made the call: `api` or `dashboard`."""
    livemode: bool | None = None
    """True for live mode, false for test mode."""
    account: str | None = None
    """Connected account the call was made for (`Stripe-Account`)."""
    api_key: str | None = None
    """What redaction leaves of the key that signed the call: `sk_test_…4242`."""
    ip_address: str | None = None
    """Address the call came from."""
    user_agent: str | None = None
    """`User-Agent` of the caller."""
    api_version: str | None = None
    """API version that served the call: the response's `Stripe-Version`, else the request's."""
    requested_version: str | None = None
    """API version the caller asked for in `Stripe-Version`; missing if it relied on the account's default."""
    idempotency_key: str | None = None
    """`Idempotency-Key` of the call."""
    idempotent_replayed: bool | None = None
    """True if the response was replayed from an earlier call with the same idempotency key."""
    original_request: str | None = None
    """Id of the request whose response was replayed (`Original-Request`)."""
    should_retry: bool | None = None
    """The API's advice whether to try again (`Stripe-Should-Retry`)."""
    error_type: str | None = None
    """Type of the error the API answered: `card_error`; `api_connection_error` if it gave no answer, or half of one."""
    error_code: str | None = None
    """Code of the error: `card_declined`; OAuth's `error` where that is a plain word."""
    decline_code: str | None = None
    """The card issuer's reason for a decline: `insufficient_funds`."""
    error_param: str | None = None
    """Parameter the error is about: `items[0][price]`."""
    error_message: str | None = None
    """What the API said about the error, for people."""
    request_headers: Mapping[str, str] | None = None
    """Headers sent, names in lower case, repeated ones joined by a comma; missing if not captured."""
    response_headers: Mapping[str, str] | None = None
    """Headers received, as `request_headers`."""
    request_body: str | None = None
    """Body sent, as text."""
    response_body: str | None = None
    """Body received, as text."""
    truncated: tuple[str, ...] = ()
    """Names of the fields that were cut, or left out because they are not text."""
    resources: tuple[str, ...] = ()
    """Ids of the API's objects seen in the path, the query and the bodies, whole ids only, in order of appearance."""


NO_ANSWER = "api_connection_error"
"""The error type of a request to which the API gave no answer, or not all of one; the API itself never says it."""

FIELDS: tuple[str, ...] = Request._fields
"""Names of the fields of a request, in order."""

TEXTS: tuple[str, ...] = tuple(
    name
    for name, annotation in Request.__annotations__.items()
    if annotation in (str, str | None) and not name.endswith("_body")
)
"""Names of those that are short texts: all texts but the bodies."""


def merge(known: Request, other: Request) -> Request:
    """Return `known` with what it lacks filled in from `other`, a second capture of the same request.

    Nothing that is known is overwritten: what `other` tells of headers or of a body serves only where `known` does not
    have those itself. `resources` are united, and `truncated` names what is still cut. Two captures that contradict
    each other are of two requests, whatever their id says, and nothing is filled in.
    """
    if _contradict(known, other):
        return known
    settled = {name for whole, parts in _TOLD_BY.items() if getattr(known, whole) is not None for name in parts}
    filled: dict[str, Any] = {
        name: value
        for name in FIELDS
        if getattr(known, name) is None and name not in settled and (value := getattr(other, name)) is not None
    }
    missing = tuple(resource for resource in other.resources if resource not in known.resources)
    if missing:
        filled["resources"] = known.resources + missing
    if not filled:
        return known
    still_cut = (name for name in known.truncated if name not in filled or getattr(known, name) is not None)
    cut = (name for name in other.truncated if name in filled)
    return known._replace(**filled, truncated=tuple(dict.fromkeys((*still_cut, *cut))))


_IDENTIFYING = ("method", "path", "status")
_TOLD_BY = {
    "path": ("query",),
    "request_headers": ("requested_version",),
    "response_body": ("error_type", "error_code", "decline_code", "error_param", "error_message"),
}
"""What of a capture tells which fields: where it is there and they are not, they are known to be missing."""


def _contradict(known: Request, other: Request) -> bool:
    pairs = ((getattr(known, name), getattr(other, name)) for name in _IDENTIFYING)
    if any(one is not None and another is not None and one != another for one, another in pairs):
        return True
    return known.path is not None and other.path is not None and known.query != other.query


_texts_of = itemgetter(*map(FIELDS.index, TEXTS))
_OVERHEAD = 1000
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def weight(request: Request) -> int:
    """Return about how many characters `request` takes up, what any request does included."""
    sent, received = request.request_headers or _NO_HEADERS, request.response_headers or _NO_HEADERS
    texts = filter(None, _texts_of(request))
    short = "".join((*texts, *sent, *sent.values(), *received, *received.values(), *request.resources))
    return _OVERHEAD + len(short) + len(request.request_body or "") + len(request.response_body or "")


def newest_first(request: Request) -> tuple[bool, datetime | None, str]:
    """Return the key that sorts requests; sorted in reverse by it they come newest first, ties by id, undated last."""
    return (request.time is not None, request.time, request.id)
