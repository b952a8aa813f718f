"""Bring the facts up to date: `python -m reqlog.catalog.refresh spec3.json [fixtures3.json …] [--into FOLDER]`.

The files are local copies of Stripe's published OpenAPI description; nothing is downloaded. What is new in them is
added and nothing is taken away, since older captures use what older descriptions had. Decline codes, the second list of
prefixes and the hints have no such source and are kept by hand; so is the date in `sources.toml`.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reqlog.catalog.api_versions import is_preview, version_key

_METHODS = ("delete", "get", "head", "options", "patch", "post", "put")
_FOLDER = Path(__file__).parent


def refresh(description: Any, folder: Path) -> None:  # noqa: ANN401  JSON of any shape
    """Add to the data files in `folder` what one parsed JSON file, a description or its fixtures, has to tell."""
    _add_endpoints(description, folder / "endpoints.tsv")
    _add_lines(_error_words(description, "code"), folder / "error_codes.txt", key=str)
    _add_lines(_error_words(description, "type"), folder / "error_types.txt", key=str)
    _add_lines(_versions(description), folder / "api_versions.txt", key=version_key)
    _add_prefixes(description, folder / "id_prefixes.tsv")


def main(arguments: list[str]) -> None:
    """Refresh from the files that are named."""
    folder = _FOLDER
    if "--into" in arguments[:-1]:
        at = arguments.index("--into")
        folder = Path(arguments[at + 1])
        arguments = arguments[:at] + arguments[at + 2 :]
    if not arguments:
        raise SystemExit(__doc__)
    for name in arguments:
        try:
            description = json.loads(Path(name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as unreadable:
            raise SystemExit(f"{name} is not a JSON file that can be read: {unreadable}.") from unreadable
        refresh(description, folder)


def _at(node: Any, *keys: str) -> Any:  # noqa: ANN401  JSON of any shape
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    return node


def _add_endpoints(description: Any, file: Path) -> None:  # noqa: ANN401  JSON of any shape
    heading, *known = file.read_text(encoding="utf-8").splitlines()
    rows = {tuple(row.split("\t")[:2]): row for row in known}
    for path, operations in (_at(description, "paths") or {}).items():
        for method in _METHODS:
            operation = _at(operations, method)
            if operation is not None:
                rows[method.upper(), path] = f"{method.upper()}\t{path}\t{_at(operation, 'operationId') or ''}"
    _write(file, [heading, *(rows[row] for row in sorted(rows, key=lambda row: (row[1], row[0])))])


def _error_words(description: Any, name: str) -> list[str]:  # noqa: ANN401  JSON of any shape
    property_ = _at(description, "components", "schemas", "api_errors", "properties", name)
    return [word for word in _at(property_, "enum") or () if isinstance(word, str)]


def _versions(description: Any) -> list[str]:  # noqa: ANN401  JSON of any shape
    found = [_at(description, "info", "version")]
    for schema in _dicts(_at(description, "paths", "/v1/webhook_endpoints", "post")):
        found += _at(schema, "properties", "api_version", "enum") or ()
    return [word for word in found if isinstance(word, str) and version_key(word)[0] and not is_preview(word)]


def _add_lines(words: list[str], file: Path, *, key: Any) -> None:  # noqa: ANN401  any sort key
    _write(file, sorted({*file.read_text(encoding="utf-8").splitlines(), *words}, key=key))


def _add_prefixes(description: Any, file: Path) -> None:  # noqa: ANN401  JSON of any shape
    heading, *known = file.read_text(encoding="utf-8").splitlines()
    rows = {row.split("\t")[0]: row for row in known}
    examples: Counter[tuple[str, str]] = Counter()
    for node in _dicts(description):
        id, kind = node.get("id"), node.get("object")
        if isinstance(id, str) and isinstance(kind, str) and "_" in id:
            examples[id[: id.rindex("_") + 1], kind] += 1
    for prefix in {prefix for prefix, _ in examples} - set(rows):
        kinds = sorted(kind for other, kind in examples if other == prefix)
        rows[prefix] = f"{prefix}\t{','.join(kinds)}\t{sum(examples[prefix, kind] for kind in kinds)}"
    _write(file, [heading, *(rows[prefix] for prefix in sorted(rows))])


def _dicts(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  JSON of any shape
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _dicts(child)


def _write(file: Path, lines: list[str]) -> None:
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
