"""What commands answered, brought into one form so that answers can be compared."""

import json
import re
from pathlib import Path
from typing import Any, Final

from .questions import Answer

_ID: Final = re.compile(r"\breq_[0-9A-Za-z]{14}\b")


def answered(kind: Answer, output: Path) -> object:
    """Return what stands in `output` as an answer of that kind."""
    text = output.read_text()
    match kind:
        case "ids" | "one":
            return list(dict.fromkeys(_ID.findall(text)))
        case "number":
            return int(re.findall(r"\d+", text)[0])
        case "versions":
            return {_version(record): int(record["requests"]) for record in _records(text)}
        case "errors":
            return {_group(record): int(record["requests"]) for record in _records(text)}


def _version(record: dict[str, Any]) -> object:
    """Return the version; reqlog calls it `version` here, others as the column."""
    return next(record[name] for name in ("version", "api_version", "key") if name in record)


def _group(record: dict[str, Any]) -> tuple[object, ...]:
    if "key" in record:
        return tuple(record["key"])
    return tuple(record[name] for name in ("error_type", "error_code", "method", "endpoint"))


def _records(text: str) -> list[dict[str, Any]]:
    """Return the records of JSON, of JSON lines, or of what `uniq -c` prints."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        return [_record(line) for line in text.splitlines() if line.strip()]
    if isinstance(document, dict):
        return list(document.get("versions", [document]))
    return list(document)


def _record(line: str) -> dict[str, Any]:
    if line.startswith("{"):
        return dict(json.loads(line))
    count, _, key = line.strip().partition(" ")
    return {"requests": count, "key": json.loads(key) if key.startswith("[") else key}
