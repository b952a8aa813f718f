"""What others find in the same bytes: how many records there are, and which elements a YAML sequence has."""

import io
import json
from typing import Any

import yaml

from reqlog.readers.lines import BOM
from reqlog.readers.yaml_stream import BrokenYamlError, Unreadable, sequence_items

KEYS = ("http_interactions", "interactions")
NULLS = ("", "~", "null", "Null", "NULL", None)
PACKED = (b"\x1f\x8b", b"x\x9c", b"x\xda", b"\x28\xb5\x2f\xfd", b"\xff\xfe", b"\xfe\xff")
"""How packed inputs begin, and ones in UTF-16."""


def records_in(format: str | None, content: bytes) -> int | None:
    """Return how many records `content` has, counted without a reader; None where that cannot be told so simply."""
    if content.startswith(PACKED):
        return None
    try:
        match format:
            case "har":
                return len(_first_of(content)["log"]["entries"])
            case "access-log":
                return sum(not line.isspace() for line in content.removeprefix(BOM).split(b"\n") if line.strip(b"\r\n"))
            case "reqlog" | "json-map":
                return len(_first_of(content)) if content.startswith(b"[") else None
            case _:
                return None
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def _first_of(content: bytes) -> Any:
    """Return JSON decoded, of repeated keys the first, as readers have it; raise TypeError if it has no array."""
    decoded = json.loads(content.removeprefix(BOM).decode(), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    entries = decoded["log"]["entries"] if isinstance(decoded, dict) else decoded
    if not isinstance(entries, list):
        raise TypeError(entries)
    return decoded


def check_yaml(content: bytes) -> None:
    """Hold that the elements of a YAML sequence are those that PyYAML finds, null, bytes and repeated keys aside."""
    found: list[object] = []
    broken = False
    try:
        found.extend(sequence_items(io.BytesIO(content), KEYS))
    except BrokenYamlError:
        broken = True
    expected = _yaml_elements(content)
    if expected is not None and not broken and not any(isinstance(element, Unreadable) for element in found):
        assert list(map(_without_null, found)) == list(map(_without_null, expected))


def _yaml_elements(content: bytes) -> list[object] | None:
    """Return the elements that PyYAML finds; None if it finds none, or does not look at the same things."""
    if b"!" in content or content.count(b"interactions") > 1:
        return None
    found: list[object] = []
    try:
        for document in yaml.load_all(content, Loader=yaml.CBaseLoader):
            inner = [document[key] for key in KEYS if key in document] if isinstance(document, dict) else [document]
            found.extend(element for elements in inner if isinstance(elements, list) for element in elements)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return found


def _without_null(value: object) -> object:
    match value:
        case dict():
            return {key: _without_null(each) for key, each in value.items() if key not in NULLS}
        case list():
            return [_without_null(each) for each in value]
        case _:
            return None if value in NULLS else value
