"""What `stripe logs tail` prints: JSON, one object a line or pretty-printed on a terminal, and its default text lines.

The text lines carry the local time of the machine that printed them, without saying which zone that is; they are read
in the zone of this machine. Paths are printed as templates (`/v1/customers/:id`), so the path as sent is known only
where it has no parameter. What the tool says of itself between the records, such as "Ready!", is passed over.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import msgspec

from reqlog import limits
from reqlog.bounds import bounded
from reqlog.exchange import Exchange, Occurrences, request_of
from reqlog.readers.base import Reject, Sample
from reqlog.readers.json_records import NotDecoded, json_records, reason
from reqlog.readers.lines import OVERLONG, buffered, lines, starts_array, without_escapes
from reqlog.request import Request
from reqlog.times import LOCAL, from_iso, from_unix

SAMPLES: Final = (
    Sample(
        b"> Ready! You're now waiting to receive API request logs (^C to quit)\n"
        b'{"livemode":false,"method":"POST","url":"/v1/payment_intents","status":402,"request_id":"req_A1b2C3d4",'
        b'"created_at":1740391200,"error":{"type":"card_error","charge":"ch_1A2b3C4d5E","code":"card_declined",'
        b'"decline_code":"insufficient_funds","message":"Declined.","param":"","error_insight":null}}\n'
        b"what is this\n"
        b'{"livemode":true,"method":"GET","url":"/v1/customers/:id?expand[]=sources","status":200,'
        b'"request_id":"req_E5f6G7h8","created_at":1740391201,"error":null}\n',
        (
            {
                "id": "req_A1b2C3d4",
                "time": datetime(2025, 2, 24, 10, tzinfo=UTC),
                "method": "POST",
                "path": "/v1/payment_intents",
                "endpoint": "/v1/payment_intents",
                "status": 402,
                "livemode": False,
                "error_type": "card_error",
                "error_code": "card_declined",
                "decline_code": "insufficient_funds",
                "error_message": "Declined.",
                "error_param": None,
                "resources": ("ch_1A2b3C4d5E",),
            },
            "SAMPLE:3: not a record of `stripe logs tail`",
            {
                "id": "req_E5f6G7h8",
                "livemode": True,
                "path": None,
                "query": "expand[]=sources",
                "endpoint": "/v1/customers/{customer}",
                "error_type": None,
                "source": None,
            },
        ),
    ),
    Sample(
        b'{\n  "livemode": false,\n  "method": "GET",\n  "url": "/v1/balance",\n  "status": 200,\n'
        b'  "request_id": "req_A1b2C3d4",\n  "created_at": 1740391200,\n  "error": null\n}\n',
        ({"id": "req_A1b2C3d4", "path": "/v1/balance", "status": 200},),
    ),
    Sample(
        b"2025-02-24 10:00:00 [\x1b[32m200\x1b[0m] GET /v1/customers/:id [req_A1b2C3d4]\n"
        b"2025-02-30 10:00:00 [200] GET /v1/plans [req_E5f6G7h8]\n",
        (
            {"id": "req_A1b2C3d4", "method": "GET", "status": 200, "endpoint": "/v1/customers/{customer}"},
            "SAMPLE:2: not a time",
        ),
    ),
)


class _Error(msgspec.Struct, gc=False):
    """The `error` of a line."""

    type: str | None = None
    charge: str | None = None
    code: str | None = None
    decline_code: str | None = None
    message: str | None = None
    param: str | None = None


class _Line(msgspec.Struct, gc=False):
    """One object as it is printed."""

    created_at: float | None = None
    livemode: bool | None = None
    method: str | None = None
    request_id: str | None = None
    source: str | None = None
    status: int | None = None
    url: str | None = None
    error: _Error | str | None = None


_decode = msgspec.json.Decoder(_Line).decode
_STARTS = (b"{", b"20")
_UNFINISHED = "ends early"
_SOURCES = ("api", "dashboard")
_PARAMETER = re.compile(r"/:[A-Za-z_]")
_ERROR_WORD = re.compile(r"[a-z_]+")
_TEXT_LINE = re.compile(rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) \[(\d{3})\] ([A-Z]+) (\S+) \[([^\]\s]*)\]\s*")
_OWN_WORDS = re.compile(
    rb"[^\w\s{]*\s*(?:$|C$|Ready!|Getting ready|Waiting|Checking|Connecting|Reconnecting|Session expired|"
    rb"A newer version of the Stripe CLI|(?:Done|Cleaning up)\b)",
)


def read(stream: BinaryIO, name: str) -> Iterator[Request | Reject]:
    """Yield the records of `stream` in their order; one printed over several lines has the place of its first.

    A record without a plausible id gets one that its text gives.
    """
    occurrences = Occurrences()
    ahead = buffered(stream)
    texts = json_records(ahead, name) if starts_array(ahead) else _texts(ahead, name)
    for place in texts:
        if isinstance(place, Reject):
            yield place
            continue
        number, text = place
        try:
            yield bounded(_request(text, occurrences), len(text))
        except _NotARecordError as error:
            yield Reject(name, number, str(error))
        except NotDecoded as error:
            yield Reject(name, number, reason(error))


class _NotARecordError(Exception):
    """It can be read, but is no record; the message is the reason."""


class _Open:
    """A pretty-printed object whose end has not come yet; a class since it grows."""

    __slots__ = ("number", "text")

    def __init__(self, number: int, first: bytes) -> None:
        self.number = number
        self.text = bytearray(first)

    def ends_with(self, line: bytes) -> bool:
        """Take `line` in; whether it closes the object."""
        self.text += b"\n" + line
        return line.startswith(b"}")


def _texts(stream: BinaryIO, name: str) -> Iterator[tuple[int, bytes] | Reject]:
    """Yield the lines of `stream` that are records, those of a pretty-printed object as one."""
    pending: _Open | None = None
    for number, line in lines(stream):
        if line is None:
            yield Reject(name, number, OVERLONG)
            continue
        text = _shown(line)
        if pending is not None and not text.startswith(_STARTS):
            if pending.ends_with(text):
                yield pending.number, bytes(pending.text)
                pending = None
            elif len(pending.text) > limits.RECORD_BYTES:
                yield Reject(name, pending.number, OVERLONG.replace("line", "record"))
                pending = None
            continue
        if pending is not None:
            yield Reject(name, pending.number, _UNFINISHED)
            pending = None
        if text.startswith(b"{") and not text.endswith(b"}"):
            pending = _Open(number, text)
        elif b"{" in text or not _OWN_WORDS.match(text):
            yield number, text
    if pending is not None:
        yield Reject(name, pending.number, _UNFINISHED)


def _shown(line: bytes) -> bytes:
    """Return what a terminal shows of `line` at its end: nothing that was written over, no colours."""
    text = without_escapes(line)
    return text.rpartition(b"\r")[2].rstrip() if b"\r" in text else text.rstrip()


def _request(text: bytes, occurrences: Occurrences) -> Request:
    line = _decode(text) if text.startswith(b"{") else _line_of_text(text)
    if line.url is None or line.method is None:
        raise _NotARecordError("no method" if line.url else "no url")
    if line.status is not None and not 100 <= line.status <= 999:
        raise _NotARecordError("status: not an HTTP status")
    time = None if line.created_at is None else from_unix(line.created_at)
    headers = (("Request-Id", line.request_id or ""),)
    exchange = Exchange(method=line.method, url=line.url, status=line.status, response_headers=headers, time=time)
    request = request_of(exchange, occurrences)
    return request._replace(
        response_headers=None,
        path=None if _PARAMETER.search(request.path or "") else request.path,
        livemode=line.livemode,
        source=line.source if line.source in _SOURCES else request.source,
        **_error_fields(line.error, request.resources),
    )


def _error_fields(error: _Error | str | None, resources: tuple[str, ...]) -> dict[str, Any]:
    """Return what `error` tells, by the names of the fields; `resources` are the ids that are known without it."""
    if isinstance(error, str):
        return {"error_code": error if _ERROR_WORD.fullmatch(error) else None}
    if error is None:
        return {}
    charge = (error.charge,) if error.charge and error.charge not in resources else ()
    return {
        "error_type": error.type or None,
        "error_code": error.code or None,
        "decline_code": error.decline_code or None,
        "error_message": error.message or None,
        "error_param": error.param or None,
        "resources": (*resources, *charge),
    }


def _line_of_text(text: bytes) -> _Line:
    """Return what a line of the default text format says; its time is local."""
    found = _TEXT_LINE.fullmatch(text)
    if found is None:
        raise _NotARecordError("not a record of `stripe logs tail`")
    time, status, method, url, request_id = (part.decode() for part in found.groups())
    moment = from_iso(time, LOCAL)
    if moment is None:
        raise _NotARecordError("not a time")
    return _Line(moment.timestamp(), method=method, request_id=request_id, status=int(status), url=url)
