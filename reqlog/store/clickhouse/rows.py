"""A `Request` as a row of the table `requests` of a server, and back.

`moment` is the time in unix milliseconds, or `UNDATED`; with `id` it is the key. Of rows with one key the one with the
highest `version` counts; if that is `deleted`, there is no such request. `arrival` says when it came in, and stays when
it is filled in. `address` and `words` are what is searched in place of the address and of the texts.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, NamedTuple

from reqlog.addresses import address_of
from reqlog.filters import searchable, words_of
from reqlog.request import FIELDS, Request
from reqlog.store.clickhouse.literals import Row
from reqlog.times import unix_ms

UNDATED = -(1 << 62)
"""The moment of a request whose time is not known: before every other."""

LIVE, MOVED, REMOVED = 0, 1, 2
"""What `deleted` says: it is there; it is kept at another moment, for its time is known now; it was removed."""

COLUMNS: tuple[str, ...] = (
    "moment",
    "id",
    "version",
    "deleted",
    "arrival",
    *(name for name in FIELDS if name not in ("id", "time")),
    "address",
    "words",
)
"""The columns that `row_of` fills."""

WHOLE: tuple[str, ...] = COLUMNS[:-2]
"""The columns that `kept_of` reads."""

_CHANCE_BITS = 40

GENERATION = 1 << _CHANCE_BITS
"""What a version of the next generation has more than one of this, with the same chance."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kept(NamedTuple):
    """A row that was read."""

    moment: int
    version: int
    deleted: int
    arrival: int
    request: Request


def generation_of(version: int) -> int:
    """Return the generation of `version`; see `adding`."""
    return version >> _CHANCE_BITS


def chance() -> int:
    """Return a number by which a writer knows its own versions."""
    return secrets.randbelow(GENERATION)


def version_after(version: int | None, chance: int) -> int:
    """Return the version of that chance in the generation after that of `version`, or in the first."""
    generation = 0 if version is None else generation_of(version) + 1
    return generation * GENERATION + chance


def moment_of(request: Request) -> int:
    """Return where `request` stands in time."""
    return UNDATED if request.time is None else unix_ms(request.time)


def time_of(moment: int | None) -> datetime | None:
    """Return the time of `moment`, if it is one."""
    return None if moment is None or moment == UNDATED else _EPOCH + timedelta(milliseconds=moment)


def row_of(request: Request, version: int, arrival: int = 0) -> Row:
    """Return the row that keeps `request`, in the order of `COLUMNS`."""
    fields = (encode(getattr(request, name)) for name, encode in _ENCODERS)
    words = tuple(dict.fromkeys(words_of(searchable(request))))
    place = (moment_of(request), request.id, version, LIVE, arrival)
    return (*place, *fields, sortable_address(request.ip_address), words)


def tombstone_of(moment: int, id: str, version: int, deleted: int) -> Row:
    """Return the row that ends the request of that key."""
    return (moment, id, version, deleted, *row_of(Request(id=id), version)[4:])


def kept_of(row: Row) -> Kept:
    """Return what `row`, in the order of `WHOLE`, keeps."""
    moment, id, version, deleted, arrival, *fields = row
    values = {name: decode(value) for (name, decode), value in zip(_DECODERS, fields, strict=True) if value is not None}
    return Kept(moment, version, deleted, arrival, Request(id=id, time=time_of(moment), **values))


def field_value(name: str, value: Any) -> Any:  # noqa: ANN401  (the values of columns have no common type)
    """Return what the column `name` gave as the value of that field."""
    if value is None:
        return None
    return time_of(value) if name == "time" else _CODECS.get(name, _AS_IT_IS)[1](value)


def sortable_address(text: str | None) -> str | None:
    """Return the address `text` such that those of one network stand side by side in the order of strings."""
    canonical = None if text is None else address_of(text)
    return None if canonical is None else _sortable(ip_address(canonical))


def network_bounds(text: str) -> tuple[str, str]:
    """Return the first and the last of the sortable addresses of a network; the first is above if there are none."""
    try:
        network: IPv4Network | IPv6Network = ip_network(text, strict=False)
    except ValueError:
        return "9", ""
    return _sortable(network.network_address), _sortable(network.broadcast_address)


def _sortable(address: IPv4Address | IPv6Address) -> str:
    return f"{address.version}{address.packed.hex()}"


def _packed_map(headers: Mapping[str, str] | None) -> str | None:
    return None if headers is None else json.dumps(headers, ensure_ascii=False, separators=(",", ":"))


def _unpacked_map(kept: str) -> Mapping[str, str]:
    headers: Mapping[str, str] = json.loads(kept)
    return headers


def _as_it_is(value: Any) -> Any:  # noqa: ANN401  (as in `field_value`)
    return value


def _flag(value: bool | None) -> int | None:  # noqa: FBT001  (the value of a field, not a mode)
    return None if value is None else int(value)


_AS_IT_IS = (_as_it_is, _as_it_is)
_CODECS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    **dict.fromkeys(("livemode", "idempotent_replayed", "should_retry"), (_flag, bool)),
    **dict.fromkeys(("request_headers", "response_headers"), (_packed_map, _unpacked_map)),
    **dict.fromkeys(("truncated", "resources"), (_as_it_is, tuple)),
}
_PLACED = tuple(name for name in FIELDS if name not in ("id", "time"))
_ENCODERS = tuple((name, _CODECS.get(name, _AS_IT_IS)[0]) for name in _PLACED)
_DECODERS = tuple((name, _CODECS.get(name, _AS_IT_IS)[1]) for name in _PLACED)
