"""What reqlog itself writes: `list -o jsonl`, one record a line, and `-o json`, one array of them.

Reading gives back the record that was written. Keys that are no fields of a request are passed over, so that a newer
reqlog's output can be read; `created` serves where `time` is missing.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import BinaryIO, Final, cast

import msgspec

from reqlog.exchange import Occurrences, content_digest, local_id
from reqlog.readers.base import Reject, Sample
from reqlog.readers.json_records import NotDecoded, json_records, reason
from reqlog.request import FIELDS, Request
from reqlog.times import from_unix, in_range

SAMPLES: Final = (
    Sample(
        b'{"id":"req_Ab1","time":"2025-02-24T10:00:00.250Z","created":1740391200,"method":"POST","status":402}\n'
        b'{"id":"req_Ab2","time":"2025-02-24T12:00:00+02:00","endpoint":"/v1/customers/{customer}","of_a_later_reqlog":1}\n',
        (
            {
                "id": "req_Ab1",
                "time": datetime(2025, 2, 24, 10, 0, 0, 250_000, UTC),
                "method": "POST",
                "status": 402,
                "duration_ms": None,
            },
            {"id": "req_Ab2", "time": datetime(2025, 2, 24, 10, tzinfo=UTC), "endpoint": "/v1/customers/{customer}"},
        ),
    ),
    Sample(
        b'[\n{"id":"req_Ab1","created":1740391200,"livemode":false,"resources":["cus_1"]},\n'
        b'{"id":"req_Ab2","status":"402"},\n{"id":"req_Ab3","status":null}\n]\n',
        (
            {
                "id": "req_Ab1",
                "time": datetime(2025, 2, 24, 10, tzinfo=UTC),
                "livemode": False,
                "resources": ("cus_1",),
            },
            "SAMPLE:2: status: expected int but is str",
            {"id": "req_Ab3", "time": None, "status": None},
        ),
    ),
)

_decode = msgspec.json.Decoder(Request).decode
_Partial = msgspec.defstruct(
    "_Partial",
    [
        *((field.name, cast("type", field.type) | None, None) for field in fields(Request)),
        ("created", float | None, None),
    ],
)
_decode_partial = msgspec.json.Decoder(_Partial).decode


def read(stream: BinaryIO, name: str) -> Iterator[Request | Reject]:
    """Yield the records of `stream`, one a line or the elements of an array, in their order.

    A record without an id gets one that its text gives.
    """
    occurrences = Occurrences()
    for place in json_records(stream, name):
        if isinstance(place, Reject):
            yield place
            continue
        number, text = place
        try:
            yield _request(text, occurrences)
        except _NotARecordError as error:
            yield Reject(name, number, str(error))
        except NotDecoded as error:
            yield Reject(name, number, reason(error))


class _NotARecordError(Exception):
    """It is JSON, but no record; the message is the reason."""


def _request(text: bytes, occurrences: Occurrences) -> Request:
    try:
        request = _decode(text)
    except msgspec.ValidationError:
        request = _from_partial(text, occurrences)
    else:
        if request.time is None or b'""' in text:
            request = _from_partial(text, occurrences)
    if request.status is not None and not 100 <= request.status <= 999:
        raise _NotARecordError("status: not an HTTP status")
    return request if request.time is None else _in_utc(request, request.time)


def _in_utc(request: Request, time: datetime) -> Request:
    """Return `request`, whose time is `time`, with it in UTC and whole milliseconds."""
    if time.tzinfo is None:
        raise _NotARecordError("time: has no offset from UTC")
    utc = in_range(time)
    if utc is None:
        raise _NotARecordError("time: not in the years 1970 to 2100")
    return request if utc == time and time.tzinfo is UTC else replace(request, time=utc)


def _from_partial(text: bytes, occurrences: Occurrences) -> Request:
    """Return the record of `text` where something that is always written is missing, null or empty."""
    partial = _decode_partial(text)
    known = {name: value for name in FIELDS if (value := getattr(partial, name)) not in (None, "")}
    created = getattr(partial, "created", None)
    if "time" not in known and created is not None:
        known["time"] = from_unix(created)
    if "id" not in known:
        if len(known) < 2:
            raise _NotARecordError("no id, and too little to tell one record from another")
        known["id"] = local_id(text, occurrence=occurrences(content_digest(text)))
    return Request(**known)
