"""HTTP Archive, version 1.2: what browsers, proxies, Polly.js and REST clients export.

The entries are read one at a time out of a document of any size. What an exporter adds under names that begin with `_`
is ignored, except for Polly.js's mark of a body that it wrote in pieces. `serverIPAddress` is the address of the
server, so that no caller's address is known.
"""

import binascii
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO, Final
from urllib.parse import urlencode

import msgspec

from reqlog import limits, times
from reqlog.bounds import bounded
from reqlog.exchange import Exchange, Headers, Occurrences, request_of
from reqlog.readers.base import Reject, Sample
from reqlog.readers.json_records import CROWDED, NotDecoded, is_crowded, reason
from reqlog.readers.json_stream import BrokenJsonError, array_items
from reqlog.request import Request

SAMPLES: Final = (
    Sample(
        b'{"log": {"version": "1.2", "entries": [\n'
        b'{"startedDateTime": "2025-02-24T12:00:00.250+02:00", "time": 81.5, "serverIPAddress": "203.0.113.9",\n'
        b' "request": {"method": "POST", "url": "https://api.stripe.com/v1/charges?expand[]=customer", "headers": [],\n'
        b'  "postData": {"mimeType": "application/x-www-form-urlencoded",\n'
        b'   "params": [{"name": "card[exp]", "value": "1 2"}, {"name": "a"}]}},\n'
        b' "response": {"status": 402, "headers": [{"name": "Request-Id", "value": "req_Ab12Cd34Ef"}],\n'
        b'  "content": {"encoding": "base64", "text": "eyJlcnJvciI6eyJ0eXBlIjoiY2FyZF9lcnJvciJ9fQ=="}}},\n'
        b'{"request": {"method": "GET", "url": "https://a.example/"}, "response": {"status": 0, "headers": []}},\n'
        b'{"request": {"method": "GET", "url": 5}, "response": {"status": 200}}]}}\n',
        (
            {
                "id": "req_Ab12Cd34Ef",
                "time": datetime(2025, 2, 24, 10, 0, 0, 250_000, UTC),
                "duration_ms": 81.5,
                "method": "POST",
                "host": "api.stripe.com",
                "path": "/v1/charges",
                "query": "expand[]=customer",
                "status": 402,
                "ip_address": None,
                "error_type": "card_error",
                "request_headers": None,
                "response_headers": {"request-id": "req_Ab12Cd34Ef"},
                "request_body": "card%5Bexp%5D=1+2&a=",
                "response_body": '{"error":{"type":"card_error"}}',
            },
            "SAMPLE:2: no response",
            "SAMPLE:3: not a HAR entry: request: expected str but is int",
        ),
    ),
    Sample(b'{"log": {}}', ("SAMPLE: not HAR: no log.entries",)),
)


class _Header(msgspec.Struct):
    name: str
    value: str | list[str] | None = None


class _Param(msgspec.Struct):
    name: str
    value: str | None = None


class _PostData(msgspec.Struct):
    text: str | None = None
    params: list[_Param] | None = None


class _Sent(msgspec.Struct, rename={"post_data": "postData"}):
    method: str
    url: str
    headers: list[_Header] | None = None
    post_data: _PostData | None = None


class _Content(msgspec.Struct, rename={"is_binary": "_isBinary"}):
    text: str | None = None
    encoding: str | None = None
    is_binary: bool | None = None


class _Received(msgspec.Struct):
    status: int | None = None
    headers: list[_Header] | None = None
    content: _Content | None = None


class _Entry(msgspec.Struct, rename={"started": "startedDateTime", "sent": "request", "received": "response"}):
    sent: _Sent
    received: _Received | None = None
    started: str | None = None
    time: float | None = None


_decode_entry: Final = msgspec.json.Decoder(_Entry).decode
_decode_pieces: Final = msgspec.json.Decoder(list[str]).decode


def read(stream: BinaryIO, name: str) -> Iterator[Request | Reject]:
    """Yield the requests of an HTTP Archive."""
    occurrences = Occurrences()
    index = 0
    try:
        for element in array_items(stream, ("log", "entries")):
            index += 1
            found = _exchange_of(element)
            if isinstance(found, str):
                yield Reject(name, index, found)
            else:
                yield bounded(request_of(found, occurrence_of=occurrences))
    except BrokenJsonError as broken:
        yield Reject(name, None, f"breaks off after entry {index}: {broken}" if index else f"not HAR: {broken}")


def _exchange_of(element: bytes) -> Exchange | str:
    """Return what an entry records, or the reason to reject it."""
    if not element:
        return f"entry is longer than {limits.RECORD_BYTES // 1024**2} MiB"
    if is_crowded(element):
        return CROWDED
    try:
        entry = _decode_entry(element)
    except NotDecoded as error:
        return f"not a HAR entry: {reason(error)}"
    sent, received = entry.sent, entry.received
    if received is None or received.status is None or received.status <= 0:
        return "no response"
    if not 100 <= received.status <= 999:
        return "status is not one of HTTP"
    return Exchange(
        method=sent.method,
        url=sent.url,
        request_headers=_headers(sent.headers),
        request_body=_sent_body(sent.post_data),
        status=received.status,
        response_headers=_headers(received.headers),
        response_body=_received_body(received.content),
        time=times.from_iso(entry.started) if entry.started else None,
        duration_ms=entry.time if entry.time is not None and entry.time >= 0 else None,
    )


def _headers(listed: list[_Header] | None) -> Headers | None:
    """Return the headers without HTTP/2's pseudo-headers, which repeat the method and the URL."""
    if listed is None:
        return None
    return tuple(
        (header.name, value)
        for header in listed
        if header.name[:1] != ":"
        for value in (header.value if isinstance(header.value, list) else [header.value or ""])
    )


def _sent_body(data: _PostData | None) -> str | None:
    """Return the text sent; an exporter that took a form apart gives its parameters instead."""
    if data is None:
        return None
    if data.text or not data.params:
        return data.text or None
    return urlencode([(param.name, param.value or "") for param in data.params])


def _received_body(content: _Content | None) -> bytes | str | None:
    """Return what was received, decoded from what the exporter says it is in, or as written if it is not in that."""
    if content is None or not content.text:
        return None
    try:
        if content.is_binary and content.text[0] == "[" and not is_crowded(content.text.encode()):
            decode = binascii.a2b_base64 if content.encoding == "base64" else bytes.fromhex
            return b"".join(map(decode, _decode_pieces(content.text)))
        if content.encoding is not None and content.encoding.lower() == "base64":
            return binascii.a2b_base64(content.text)
    except ValueError:
        return content.text
    return content.text
