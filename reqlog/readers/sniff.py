"""What format the first bytes of an input are in.

The beginning may be incomplete anywhere, so only what it certainly is counts. No reader is imported to tell.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from reqlog.readers.lines import BOM, without_escapes
from reqlog.request import FIELDS

_LINES = 100


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the first object of some JSON shows of itself."""

    array: bool
    """Whether it is the first element of an array."""
    keys: frozenset[bytes]
    """Its keys as far as they are there."""
    inner: frozenset[bytes]
    """Keys of the object under the key `log`."""
    end: int | None
    """Offset after it; missing if it goes on after the beginning."""


def sniff(head: bytes) -> str | None:
    """Return the name of the format that begins with `head`, or `None` if it is none that is known, or too short."""
    text = without_escapes(head.removeprefix(BOM)).lstrip()
    if not text or b"\0" in text:
        return None
    if text[:1] in b"{[":
        found = _of_json(text)
        if found is not None or _of_json_line(text):
            return found or "json-map"
    if _YAML_CASSETTE.match(text) or (_YAML_INTERACTIONS.search(text) and _YAML_REQUEST.search(text)):
        return "vcr"
    if _JSONP.match(text):
        return _of_json(text[text.index(b"{") :])
    return _of_lines(text)


_JSONP = re.compile(rb"[\w$.]{1,100}\s*\(\s*\{")
_YAML_CASSETTE = re.compile(
    rb"(?:(?:[#%][^\n]*|---[ \t]*\r?|[ \t]*\r?)\n|---[ \t]+)*+"
    rb"(?:(?:recorded_with|version):[^\n]*\n)*+"
    rb"(?:http_interactions:|-\s+(?:!ruby/[\w:/]+\s+)?(?:request|response):\s)"
)
_YAML_INTERACTIONS = re.compile(rb"^(?:http_)?interactions:[ \t]*(?:\[|\r?\n[ \t]*-[ \t\r\n])", re.MULTILINE)
_YAML_REQUEST = re.compile(rb"^[ \t]*(?:-[ \t]+)?request:|^interactions:[ \t]*\[[ \t]*\]", re.MULTILINE)

_ACCESS_LINE = re.compile(rb"[^\s\[\"{]+(?: [^\s\[\"]+){2,3} \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] \"")
_CLI_LINE = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[\d{3}\] [A-Z]+ \S+ \[[^\]\s]*\]")
_CLI_BANNER = re.compile(rb"> Ready! You're now waiting to receive API request logs")
_WRAPPED_JSON = re.compile(rb"[\w.-]+ *\| \{\"|\d{4}-\d\d-\d\dT\S+ std(?:out|err) [FP] \{\"")

_LINE_FORMATS: Final[tuple[tuple[Callable[[bytes], object], str], ...]] = (
    (_ACCESS_LINE.match, "access-log"),
    (_CLI_LINE.match, "stripe-cli"),
    (_CLI_BANNER.match, "stripe-cli"),
    (_WRAPPED_JSON.match, "json-map"),
)


def _of_lines(text: bytes) -> str | None:
    """Return the format of the first line that tells one; lines before it may be anything."""
    offset = 0
    for line in text.split(b"\n", _LINES)[:_LINES]:
        last = line.rpartition(b"\r")[2] if not line.endswith(b"\r") else line
        if last.startswith(b"{"):
            return _of_json(text[offset + len(line) - len(last) :])
        for matches, name in _LINE_FORMATS:
            if matches(last):
                return name
        offset += len(line) + 1
    return None


_CASSETTE_KEYS: Final = frozenset((b"http_interactions", b"interactions"))
_INTERACTION: Final = frozenset((b"request", b"response"))
_INTERACTION_EXTRAS: Final = frozenset((b"recorded_at", b"id", b"index", b"duration", b"stub", b"type"))
_CLI_KEYS: Final = frozenset((b"request_id", b"created_at"))
_CLI_KEYS_TOO: Final = frozenset((b"url", b"livemode"))
_OWN_KEYS_TELLING: Final = frozenset((b"id", b"endpoint", b"api_version"))
_OWN_KEYS: Final = frozenset(name.encode() for name in FIELDS) | {b"created"}
_OWN_KEYS_ENOUGH = 3
_HAR_KEYS: Final = frozenset((b"creator", b"entries", b"pages", b"browser"))


def _of_json(text: bytes) -> str | None:
    """Return the format of JSON by the keys of its first object."""
    shape = _shape(text)
    keys = shape.keys
    if not shape.array and b"log" in keys and shape.inner & _HAR_KEYS:
        return "har"
    if not shape.array and keys & _CASSETTE_KEYS:
        return "vcr"
    if shape.array and _is_interaction(shape):
        return "vcr"
    if keys >= _CLI_KEYS and keys & _CLI_KEYS_TOO:
        return "stripe-cli"
    if keys >= _OWN_KEYS_TELLING or (b"id" in keys and len(keys) >= _OWN_KEYS_ENOUGH and keys <= _OWN_KEYS):
        return "reqlog"
    return None


def _is_interaction(shape: _Shape) -> bool:
    """Whether the first element of an array is a cassette's interaction, and not a proxy's flow of many keys."""
    required = _INTERACTION if shape.end is not None else shape.keys & _INTERACTION
    return bool(required) and required <= shape.keys <= _INTERACTION | _INTERACTION_EXTRAS


def _of_json_line(text: bytes) -> bool:
    """Whether the text begins with a line that is one JSON object of some keys."""
    shape = _shape(text)
    if shape.array or shape.end is None or not shape.keys:
        return False
    return b"\n" not in text[: shape.end] and not text[shape.end :].partition(b"\n")[0].strip()


_TOKEN = re.compile(rb'"((?:[^"\\]++|\\.)*+)"|[{}\[\]:"]', re.DOTALL)


def _shape(text: bytes) -> _Shape:
    """Return what `text`, which begins with a bracket, shows of its first object."""
    array = text[:1] == b"["
    top = 2 if array else 1
    keys: dict[int, set[bytes]] = {top: set(), top + 1: set()}
    depth = 0
    string = key = b""
    for token in _TOKEN.finditer(text):
        match token[0]:
            case b"{" | b"[":
                depth += 1
            case b"}" | b"]":
                depth -= 1
                if depth < top:
                    return _Shape(array, frozenset(keys[top]), frozenset(keys[top + 1]), token.end())
            case b":":
                key = string if depth == top else key
                if depth == top or (depth == top + 1 and key == b"log"):
                    keys[depth].add(string)
            case b'"':
                break
            case _:
                string = token[1]
    return _Shape(array, frozenset(keys[top]), frozenset(keys[top + 1]), None)
