"""What reqlog itself writes: `list -o jsonl`, one record a line, and `-o json`, one array of them.

Reading gives back the record that was written. Keys that are no fields of a request are passed over, so that a newer
reqlog's output can be read; `created` serves where `time` is missing.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, BinaryIO, Final, get_type_hints

import msgspec
from msgspec.structs import astuple

from reqlog import limits
from reqlog.bounds import bounded
from reqlog.exceptions import InputError
from reqlog.exchange import Occurrences, content_digest, local_id
from reqlog.readers.base import Passed, Reject, Sample
from reqlog.readers.json_records import NotDecoded, Place, json_lines, json_records, reason
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

_LEAST_STATUS: Final = 100
_GREATEST_STATUS: Final = 999
_TYPES: Final[dict[str, Any]] = get_type_hints(Request)
_STRICT: Final[dict[Any, Any]] = {
    str: Annotated[str, msgspec.Meta(min_length=1)],
    str | None: Annotated[str, msgspec.Meta(min_length=1)] | None,
    int | None: Annotated[int, msgspec.Meta(ge=_LEAST_STATUS, le=_GREATEST_STATUS)] | None,
    datetime | None: Annotated[datetime, msgspec.Meta(tz=True)],
}
"""Types of fields to what they are in a record that wants nothing done to it."""


def _decoder(types: Mapping[str, Any]) -> Callable[[bytes], msgspec.Struct]:
    fields = [(name, annotation, Request._field_defaults.get(name)) for name, annotation in types.items()]
    record = msgspec.defstruct("_Record", [*fields, ("created", float | None, None)], gc=False)
    return msgspec.json.Decoder(record).decode


_decode = _decoder({name: annotation | None for name, annotation in _TYPES.items()})
"""Returns a record as it may stand in a file: anything may be missing."""

_decode_whole = _decoder({name: _STRICT.get(annotation, annotation) for name, annotation in _TYPES.items()})
"""Returns a record of which nothing that is there is null or empty where that means that it is missing."""


def read(stream: BinaryIO, name: str) -> Iterator[Request | Reject]:
    """Yield the records of `stream`, one a line or the elements of an array, in their order.

    A record without an id gets one that its text gives.
    """
    for record in skim(stream, name, None):
        if not isinstance(record, Passed):
            yield record


def skim(stream: BinaryIO, name: str, unwanted: Callable[[Any], bool] | None) -> Iterator[Request | Reject | Passed]:
    """Yield what `read` does, but for records of which `unwanted` says so before they are made requests."""
    return _told_together(_requests(json_records(stream, name), name, Occurrences(), unwanted))


def skim_lines(
    stream: BinaryIO,
    name: str,
    occurrences: Occurrences,
    unwanted: Callable[[Any], bool] | None = None,
    *,
    is_first: bool,
) -> Iterator[Request | Reject | Passed]:
    """Yield what `skim` does of lines of a file that may have others before them, unless the first `is_first`.

    Those that have no id are counted by `occurrences`.
    """
    return _told_together(_requests(json_lines(stream, name, is_first=is_first), name, occurrences, unwanted))


def _told_together(records: Iterator[Request | Reject | None]) -> Iterator[Request | Reject | Passed]:
    """Yield `records`, and at the end, however that comes, how many were passed over."""
    passed = 0
    try:
        for record in records:
            if record is None:
                passed += 1
            else:
                yield record
    except InputError:
        if passed:
            yield Passed(passed)
        raise
    if passed:
        yield Passed(passed)


def _requests(
    places: Iterator[Place | Reject],
    name: str,
    occurrences: Occurrences,
    unwanted: Callable[[Any], bool] | None,
) -> Iterator[Request | Reject | None]:
    """Yield what becomes of each record; None for one that is passed over."""
    for place in places:
        if isinstance(place, Reject):
            yield place
            continue
        number, text = place
        try:
            record = _whole(text)
            if record is not None and unwanted is not None and _is_settled(record.time) and unwanted(record):
                yield None
            else:
                request = _request(record, text, occurrences)
                yield bounded(request, _size_beside_bodies(request, len(text)))
        except _NotARecordError as error:
            yield Reject(name, number, str(error))
        except NotDecoded as error:
            yield Reject(name, number, reason(error))


def _size_beside_bodies(request: Request, size: int) -> int:
    """Return how many of the `size` bytes of a record are not of its bodies, if those are not too long themselves."""
    if size > limits.BODY_CHARACTERS or request.truncated:
        return size
    return size - len(request.request_body or "") - len(request.response_body or "")


class _NotARecordError(Exception):
    """It is JSON, but no record; the message is the reason."""


def _whole(text: bytes) -> Any:  # noqa: ANN401  (its fields are made of those of `Request`)
    """Return the record of `text`; None if something that is always written is missing, or null, or empty, or wrong."""
    try:
        record: Any = _decode_whole(text)
    except msgspec.ValidationError:
        return None
    return None if record.id is None or record.time is None else record


def _is_settled(time: datetime) -> bool:
    """Whether `_in_utc` would leave a time as it is."""
    return time.tzinfo is UTC and in_range(time) is time


def _request(record: Any, text: bytes, occurrences: Occurrences) -> Request:  # noqa: ANN401  (as in `_whole`)
    request = _completed(text, occurrences) if record is None else Request._make(astuple(record)[:-1])
    return request if request.time is None else _in_utc(request, request.time)


def _in_utc(request: Request, time: datetime) -> Request:
    """Return `request`, whose time is `time`, with it in UTC and whole milliseconds."""
    if time.tzinfo is None:
        raise _NotARecordError("time: has no offset from UTC")
    utc = in_range(time)
    if utc is None:
        raise _NotARecordError("time: not in the years 1970 to 2100")
    return request if utc == time and time.tzinfo is UTC else request._replace(time=utc)


def _completed(text: bytes, occurrences: Occurrences) -> Request:
    """Return the record of `text` where something that is always written is missing, null or empty."""
    *values, created = astuple(_decode(text))
    known: dict[str, Any] = {
        name: value for name, value in zip(FIELDS, values, strict=True) if value not in (None, "", ())
    }
    if "time" not in known and created is not None:
        known["time"] = from_unix(created)
    if "id" not in known:
        if len(known) < 2:
            raise _NotARecordError("no id, and too little to tell one record from another")
        known["id"] = local_id(text, occurrence=occurrences(content_digest(text)))
    request = Request(**known)
    if request.status is not None and not _LEAST_STATUS <= request.status <= _GREATEST_STATUS:
        raise _NotARecordError("status: not an HTTP status")
    return request
