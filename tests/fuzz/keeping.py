"""What must hold of requests that are kept: each well typed, and given back by a store as it was put in."""

import math
import struct
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import Any, get_type_hints

import apsw

from reqlog.exceptions import StoreError
from reqlog.filters import EVERYTHING, Filter, Mentions, Touches, searchable, words_of
from reqlog.request import FIELDS, Request, merge
from reqlog.store import open_temporary
from reqlog.store.sqlite import rows

_HINTS = get_type_hints(Request)
_TEXTS = tuple(name for name, hint in _HINTS.items() if hint in (str, str | None))
_MAPS = ("request_headers", "response_headers")
_NAMES = ("truncated", "resources")


def check_well_typed(request: Request) -> None:
    """Hold that every field is what it is declared to be, and within its bounds."""
    for name in _TEXTS:
        value = getattr(request, name)
        assert value is None or (isinstance(value, str) and value), (name, value)
        assert value is None or value.encode(), (name, "is no text")
    for name in _MAPS:
        _check_headers(getattr(request, name))
    for name in _NAMES:
        values = getattr(request, name)
        assert type(values) is tuple
        assert all(type(value) is str and value.encode() for value in values)
        assert len(set(values)) == len(values), (name, values)
    assert set(request.truncated) <= set(FIELDS)
    assert all(type(getattr(request, name)) in (bool, type(None)) for name in ("livemode", "idempotent_replayed"))
    _check_numbers(request)


def _check_headers(headers: object) -> None:
    assert headers is None or type(headers) is dict
    for name, value in (headers or {}).items():
        assert type(name) is type(value) is str
        assert name == name.lower()
        assert (name + value).encode() is not None


def _check_numbers(request: Request) -> None:
    status, time, duration = request.status, request.time, request.duration_ms
    assert status is None or (type(status) is int and 100 <= status <= 999), status
    assert duration is None or (type(duration) in (float, int) and math.isfinite(duration) and duration >= 0), duration
    if time is not None:
        assert type(time) is datetime
        assert time.tzinfo is UTC
        assert time.microsecond % 1000 == 0
        assert 1970 <= time.year <= 2100


def check_kept(requests: list[Request]) -> None:
    """Hold that a store gives `requests` back, each under its id, and finds them by what they mention and touch."""
    if not requests:
        return
    expected: dict[str, Request] = {}
    for request in requests:
        known = expected.get(request.id)
        expected[request.id] = merge(known, request) if known else request
    with closing(open_temporary()) as store:
        added = store.add(requests)
        assert sum(added) == len(requests)
        assert {request.id: request for request in store.find(EVERYTHING)} == expected
        first = next(iter(expected.values()))
        assert store.get(first.id) == first
        told: tuple[Filter, ...] = (
            *map(Touches, first.resources[:3]),
            Mentions(tuple(words_of(searchable(first))[:40])),
        )
        for filter in told:
            assert first in store.find(filter)
        assert sum(store.add(requests)) == len(requests)
        assert {request.id: request for request in store.find(EVERYTHING)} == expected


def check_row(content: bytes) -> None:
    """Hold that a row which something else wrote is a request or a damaged store, and nothing worse."""
    row = _row(content)
    places = ", ".join("CAST(? AS TEXT)" if isinstance(value, bytearray) else "?" for value in row)
    insert = f"INSERT INTO requests ({', '.join(rows.COLUMNS)}) VALUES ({places})"
    with closing(open_temporary()) as store:
        try:
            store._connection.execute(insert, row)
        except (apsw.Error, OverflowError):
            return  # what SQLite refuses cannot be there to be read
        with suppress(StoreError):
            for request in store.find(EVERYTHING):
                _check_readable(request)
        with suppress(StoreError):
            store.count_by(EVERYTHING, ["status", "livemode", "time"], samples=1)


def _check_readable(request: Request) -> None:
    for name, hint in _HINTS.items():
        value = getattr(request, name)
        if name in _MAPS:
            assert value is None or type(value) is dict, (name, value)
            assert all(type(part) is str for pair in (value or {}).items() for part in pair), (name, value)
        elif name in _NAMES:
            assert type(value) is tuple, (name, value)
            assert all(type(part) is str for part in value), (name, value)
        else:
            assert isinstance(value, hint), (name, value)


def _row(content: bytes) -> list[Any]:
    """Return a row of what `content` says: for each column a byte for its kind, one for its length, and the value.

    A bytearray stands for text, which may not be UTF-8.
    """
    taken = 0

    def take(size: int) -> bytes:
        nonlocal taken
        taken += size
        return content[taken - size : taken].ljust(size, b"\0")

    values: list[Any] = []
    for _ in rows.COLUMNS:
        kind, size = take(2)
        match kind % 6:
            case 0:
                values.append(None)
            case 1:
                values.append(int.from_bytes(take(size % 9), "big", signed=True))
            case 2:
                values.append(struct.unpack(">d", take(8))[0])
            case 3:
                values.append(take(size))
            case 4:
                values.append(bytearray(take(size)))
            case _:
                values.append(take(size).decode("utf-8", "replace"))
    values[0] = values[0] if type(values[0]) is int else 1
    values[1] = values[1] if type(values[1]) is str else "req_1"
    return values


def bytes_of(row: list[Any]) -> bytes:
    """Return what `check_row` takes for `row`."""
    pieces = []
    for value in row:
        match value:
            case None:
                pieces.append(b"\0\0")
            case int():
                pieces.append(b"\x01\x08" + value.to_bytes(8, "big", signed=True))
            case float():
                pieces.append(b"\x02\0" + struct.pack(">d", value))
            case bytes():
                pieces.append(bytes((3, len(value[:255]))) + value[:255])
            case _:
                text = value.encode()[:255]
                pieces.append(bytes((5, len(text))) + text)
    return b"".join(pieces)
