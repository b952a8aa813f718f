"""Where a logger's JSON objects have what a request is made of: a mapping, and the table that declares one.

Fields are found by paths: keys joined by dots, a key that has a dot in it in quotes: `request."user.agent"`. A path of
headers whose last key ends in `*` means the keys that begin so, and what follows is the header's name with `_` for `-`.
"""

import re
from collections import abc
from dataclasses import dataclass
from typing import Any, Final

from reqlog.exceptions import UsageError
from reqlog.request import FIELDS

Path = tuple[str, ...]
"""Keys from the outermost object inwards."""

PER_SECOND: Final = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
"""The units of times and durations."""

UNIX: Final = "unix"
"""The unit of times in any of those, told apart by their size."""

MAPPED: Final = (
    *(name for name in FIELDS if name not in {"endpoint", "truncated", "resources"}),
    "url",
    "request_line",
    "scheme",
    "referer",
)
"""What a mapping may say where to find: fields that do not follow from others, and what some follow from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Where the JSON objects of one logger have what a request is made of."""

    name: str
    """As it is named with `--format`."""
    requires: tuple[Path, ...]
    """What an object must have to be a request."""
    fields: abc.Mapping[str, tuple[Path, ...]]
    """Names of `MAPPED` and where each is found; of several paths the first that leads to something."""
    time_unit: str
    """Of times that are numbers; RFC 3339 and the times of access logs are understood besides."""
    duration_unit: str
    """Of durations that are numbers; `1.5ms` and `1m2s` are understood besides."""
    prefix: re.Pattern[bytes] | None
    """What a line has before the JSON, if not what Docker Compose and Kubernetes put there."""


def mapping_from(name: str, table: abc.Mapping[str, Any]) -> Mapping:
    """Return the mapping that a table of the config file declares; raise UsageError naming the key that is wrong."""
    for key in table:
        if key not in _KEYS:
            raise _wrong(name, key, f"there is no such key; the keys are {', '.join(_KEYS)}")
    fields = table.get("fields")
    if not isinstance(fields, abc.Mapping) or not fields:
        raise _wrong(name, "fields", "it must be a table of at least one field and its path")
    for key in fields:
        if key not in MAPPED:
            raise _wrong(name, f"fields.{key}", f"there is no such field; the fields are {', '.join(MAPPED)}")
    return Mapping(
        name=name,
        requires=_paths(name, "requires", table.get("requires", [])),
        fields={key: _paths(name, f"fields.{key}", value) for key, value in fields.items()},
        time_unit=_unit(name, "time_unit", table.get("time_unit", UNIX), (*PER_SECOND, UNIX)),
        duration_unit=_unit(name, "duration_unit", table.get("duration_unit", "ms"), tuple(PER_SECOND)),
        prefix=_prefix(name, table.get("prefix")),
    )


_KEYS = ("requires", "fields", "time_unit", "duration_unit", "prefix")
_PATH = re.compile(r'(?:[^."]+|"[^"]+")(?:\.(?:[^."]+|"[^"]+"))*')
_KEY = re.compile(r'"([^"]+)"|([^."]+)')


def _paths(name: str, key: str, value: object) -> tuple[Path, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) and _PATH.fullmatch(text) for text in texts):
        raise _wrong(name, key, 'it must be a path such as request.uri or request."user.agent", or a list of paths')
    return tuple(tuple(quoted or plain for quoted, plain in _KEY.findall(text)) for text in texts)


def _unit(name: str, key: str, value: object, units: tuple[str, ...]) -> str:
    if value not in units:
        raise _wrong(name, key, f"it must be one of {', '.join(units)}")
    return str(value)


def _prefix(name: str, value: object) -> re.Pattern[bytes] | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong(name, "prefix", "it must be a regular expression in quotes")
    try:
        return re.compile(value.encode())
    except (re.error, OverflowError, RecursionError) as error:
        raise _wrong(name, "prefix", f"it is not a regular expression: {error}") from error


def _wrong(name: str, key: str, why: str) -> UsageError:
    return UsageError(f"json-map format {name!r}, {key}: {why}")
