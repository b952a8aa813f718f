"""What reqlog itself writes: `list -o jsonl`, one record a line, and `-o json`, one array of them.

Reading gives back the record that was written. Keys that are no fields of a request are passed over, so that a newer
reqlog's output can be read; `created` serves where `time` is missing.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final, cast, get_type_hints

import msgspec
from msgspec.structs import astuple

from reqlog.bounds import bounded
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

_Record = msgspec.defstruct(
    "_Record",
    [
        *(
            (name, cast("type", annotation) | None, Request._field_defaults.get(name))
            for name, annotation in get_type_hints(Request).items()
        ),
        ("created", float | None, None),
    ],
)
"""A record as it may stand in a file: anything may be missing."""

_decode = msgspec.json.Decoder(_Record).decode


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
            yield bounded(_request(text, occurrences), len(text))
        except _NotARecordError as error:
            yield Reject(name, number, str(error))
        except NotDecoded as error:
            yield Reject(name, number, reason(error))


class _NotARecordError(Exception):
    """It is JSON, but no record; the message is the reason."""


def _request(text: bytes, occurrences: Occurrences) -> Request:
    *values, created = astuple(_decode(text))
    id, time, *_, truncated, resources = values
    if id is None or time is None or truncated is None or resources is None or b'""' in text:
        request = _completed(values, created, text, occurrences)
    else:
        request = Request._make(values)
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
    return request if utc == time and time.tzinfo is UTC else request._replace(time=utc)


def _completed(values: Sequence[object], created: float | None, text: bytes, occurrences: Occurrences) -> Request:
    """Return the record of `text` where something that is always written is missing, null or empty."""
    known: dict[str, Any] = {
        name: value for name, value in zip(FIELDS, values, strict=True) if value not in (None, "", ())
    }
    if "time" not in known and created is not None:
        known["time"] = from_unix(created)
    if "id" not in known:
        if len(known) < 2:
            raise _NotARecordError("no id, and too little to tell one record from another")
        known["id"] = local_id(text, occurrence=occurrences(content_digest(text)))
    return Request(**known)
