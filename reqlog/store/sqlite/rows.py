"""A `Request` as a row of the table `requests`, and back.

Times are unix milliseconds, booleans 0 and 1, `truncated` and `resources` JSON arrays, header maps JSON objects.
`seq` is the row's place in time: see `sequence`. What `PARTS` names stands together in one frame in the column `parts`,
since the ids and words in one of them are those of the others, and each of their columns then has a mark; where that
saves nothing, each is in its own column, bodies and headers as `packing` keeps them.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias

from reqlog.request import FIELDS, Request
from reqlog.store.sqlite.packing import UnreadableError, packed, packed_together, unpacked, unpacked_together
from reqlog.times import unix_ms

Row: TypeAlias = tuple[Any, ...]

COLUMNS: tuple[str, ...] = ("seq", *FIELDS, "parts")
"""The columns that `row_of` fills and `request_of` reads, in their order."""

SELECT = f"SELECT {', '.join(COLUMNS)} FROM requests"
"""What reads whole rows."""

NEIGHBOURS = 64
"""How many rows more than were asked for are likely to be enough to find the end of an instant."""

UNDATED_NEIGHBOURS = 1 << 20
"""Undated rows whose `seq` are at least this far apart stand in the order of their ids, unless a million of them begin
with the same ten characters."""

PARTS: dict[str, int | str] = {
    "request_headers": 1,
    "response_headers": 1,
    "request_body": 1,
    "response_body": 1,
    "resources": "1",
}
"""What may stand in `parts`, in the order in which it does, and the mark of each, which none of its own texts is."""

_PARTS_PLACES = tuple(COLUMNS.index(name) for name in PARTS)
_MARKS = tuple(PARTS.values())
_RESOURCES = COLUMNS.index("resources")

TIE_BITS = 21
_RANK_BITS = 6
END_OF_TIME = (1 << 63 - TIE_BITS) - 1
"""Times that are kept, in unix milliseconds, are below it."""
_UNDATED = -(1 << 63)


def sequence(request: Request) -> int:
    """Return where `request` stands among all: later ones above earlier ones, ties by id, undated ones below zero.

    The number is the time in milliseconds above 21 bits that keep the order of ids as far as 21 bits can; requests that
    come to the same number stand at the next free ones. So the rows lie in the order in which they are asked for, but
    for those of one instant, which may have to be put in that of their ids.
    """
    if request.time is None:
        return _UNDATED + _rank(request.id, 10)
    return (unix_ms(request.time) << TIE_BITS) + _rank(request.id, 3)


def since(milliseconds: int) -> int:
    """Return the lowest `seq` that a request of that unix time can have."""
    return milliseconds << TIE_BITS


def instant_of(seq: int) -> int:
    """Return the time, in unix milliseconds, of what stands at `seq`, which is dated."""
    return seq >> TIE_BITS


def _rank(id: str, characters: int) -> int:
    """Return a number of 3 + 6 * `characters` bits that never falls when `id` rises in the order of strings."""
    rank, rest = 0, id
    for prefix in ("local_", "req_"):
        if id.startswith(prefix):
            rank, rest = rank + 1, id[len(prefix) :]
            break
        rank += 2 * (id > prefix)
    known = _RANKS.get
    for place in range(characters):
        character = rest[place : place + 1]
        if (number := known(character)) is None:
            return _without_rank(rank, character, characters - place)
        rank = (rank << _RANK_BITS) + number
    return rank


_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANKS = {character: rank for rank, character in enumerate(("", *_ALPHABET))}
"""The ranks of letters and digits, and of the end of the text below them."""


def _without_rank(rank: int, character: str, places: int) -> int:
    """Return `rank` with `places` more, when the next character has no rank: next to that of its neighbour below."""
    below = max((known for known in _RANKS if known < character), key=_RANKS.__getitem__)
    above = 0 if not below else (1 << (_RANK_BITS * (places - 1))) - 1
    return (((rank << _RANK_BITS) + _RANKS[below]) << (_RANK_BITS * (places - 1))) + above


def row_of(seq: int, request: Request) -> Row:
    """Return the row that keeps `request` at `seq`, in the order of `COLUMNS`."""
    row: list[Any] = [seq, *request, None]
    for place, encode in _ENCODED:
        if row[place] is not None:
            row[place] = encode(row[place])
    texts = [row[place] for place in _PARTS_PLACES]
    if frame := packed_together(texts):
        row[-1] = frame
    for place, mark, text in zip(_PARTS_PLACES, _MARKS, texts, strict=True):
        if text is not None:
            row[place] = mark if frame else _alone(place, text)
    return tuple(row)


def _alone(place: int, text: str) -> str | bytes:
    return text if place == _RESOURCES else packed(text)


def spread(row: Row) -> Row:
    """Return `row` with what is in its `parts` in the columns of their names; raise what decoding does."""
    if row[-1] is None:
        return row
    values = list(row)
    for place, mark, text in zip(_PARTS_PLACES, _MARKS, unpacked_together(row[-1]), strict=True):
        if values[place] == mark:
            values[place] = text
    values[-1] = None
    return tuple(values)


def spread_as_far_as_readable(row: Row) -> Row:
    """Return `row` spread or, where its `parts` cannot be read, with the marks of what was in there."""
    try:
        return spread(row)
    except UNDECODED:
        return (*row[:-1], None)


class DamagedRowError(Exception):
    """What a column keeps is not what `row_of` wrote; the message names the row and the column."""


def request_of(row: Row) -> Request:
    """Return the request that `row`, in the order of `COLUMNS`, keeps; raise DamagedRowError if it cannot be read."""
    try:
        values = list(spread(row)[1:-1])
        for place, decode, missing in _DECODED:
            value = values[place]
            values[place] = missing if value is None else decode(value)
    except UNDECODED as error:
        message = f"request {row[1]}: {' and '.join(damaged_columns(row))} cannot be read"
        raise DamagedRowError(message) from error
    return Request._make(values)


def damaged_columns(row: Row) -> list[str]:
    """Return the names of the columns of `row`, in the order of `COLUMNS`, that cannot be read."""
    values = spread_as_far_as_readable(row)[1:-1]
    return [name for (name, decode), value in zip(_DECODERS, values, strict=True) if not _is_readable(decode, value)]


def _is_readable(decode: Callable[[Any], Any] | None, value: object) -> bool:
    try:
        if decode and value is not None:
            decode(value)
    except UNDECODED:
        return False
    return True


def field_value(name: str, value: Any) -> Any:  # noqa: ANN401  (SQLite's values have no common type)
    """Return what the column `name` keeps as the value of that field; raise DamagedRowError if it is none."""
    decode = _CODECS[name][1] if name in _CODECS else None
    try:
        return decode(value) if decode and value is not None else value
    except UNDECODED as error:
        raise DamagedRowError(f"the {name} of one of its requests is something else") from error


def touches(*values: Any) -> bool:  # noqa: ANN401  (SQLite's values have no common type)
    """Whether an id, as JSON, is in `resources` of the request with the other two as columns, for SQL to call."""
    resource, resources, parts = values
    try:
        if resources == PARTS["resources"]:
            resources = unpacked_together(parts)[-1]
    except UNDECODED as error:
        raise DamagedRowError("the resources of one of its requests cannot be read") from error
    return resources is not None and resource in resources


def _instant(milliseconds: int) -> datetime:
    if not 0 <= milliseconds < END_OF_TIME:
        raise ValueError(milliseconds)
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


@cache
def _encoder() -> Callable[[object], bytes]:
    from msgspec.json import Encoder  # noqa: PLC0415  (who writes has it already, and who reads does not need it)

    return Encoder().encode


def _as_json(value: object) -> str:
    return _encoder()(value).decode()


def _same(text: str) -> str:
    return text


def _unpacked_map(kept: str | bytes) -> Mapping[str, str]:
    headers: dict[str, str] = _decoded(unpacked(kept))
    "".join(headers.values())  # raises if they are no texts
    return headers


def _packed_names(names: tuple[str, ...]) -> str | None:
    return _as_json(names) if names else None


def _unpacked_names(kept: str) -> tuple[str, ...]:
    names: tuple[str, ...] = tuple(_decoded(kept))
    "".join(names)  # raises if they are no texts
    return names


def _decoded(text: str) -> Any:  # noqa: ANN401  (JSON has no one type)
    """Return what `json.loads` does, in half of the time where nothing stands around it."""
    try:
        value, end = _raw_decode(text)
    except json.JSONDecodeError:
        end = -1
    return value if end == len(text) else json.loads(text)


_raw_decode = json.JSONDecoder().raw_decode
UNDECODED = (ValueError, TypeError, AttributeError, OverflowError, RecursionError, UnreadableError)
"""What decoding raises of a value that something else than `row_of` wrote."""

_CODECS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "id": (str, str),  # one that was derived knows that it was, which is not kept
    "time": (unix_ms, _instant),
    "livemode": (int, bool),
    "idempotent_replayed": (int, bool),
    "should_retry": (int, bool),
    "truncated": (_packed_names, _unpacked_names),
    "resources": (_packed_names, _unpacked_names),
    "request_headers": (_as_json, _unpacked_map),
    "response_headers": (_as_json, _unpacked_map),
    "request_body": (_same, unpacked),
    "response_body": (_same, unpacked),
}
_ENCODED = tuple((place, _CODECS[name][0]) for place, name in enumerate(COLUMNS) if name in _CODECS)
_DECODERS = tuple((name, _CODECS[name][1] if name in _CODECS else None) for name in FIELDS)
_DECODED = tuple(
    (place, decode, Request._field_defaults.get(name)) for place, (name, decode) in enumerate(_DECODERS) if decode
)
