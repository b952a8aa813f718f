"""Results to text: one module per output, of which only the chosen one is imported.

What a renderer is stands in `reqlog.render.base`; one request in full is `reqlog.render.detail`.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, TextIO, cast

from reqlog.exceptions import UsageError
from reqlog.render.base import Render, Style

if TYPE_CHECKING:
    from reqlog.request import Request

_MODULES = {
    "table": "reqlog.render.table",
    "json": "reqlog.render.json",
    "jsonl": "reqlog.render.jsonl",
    "csv": "reqlog.render.csv",
    "markdown": "reqlog.render.markdown",
}

_AS_IT_IS = Style()

OUTPUTS: tuple[str, ...] = tuple(_MODULES)
"""Names that `--output` takes."""


_ENDLESS = {**_MODULES, "table": "reqlog.render.lines", "jsonl": "reqlog.render.jsonl_endless"}

ENDLESS: tuple[str, ...] = ("table", "jsonl", "csv")
"""Those of them that can go on without an end."""


def renderer(output: str, *, endless: bool = False) -> Render:
    """Return the renderer called `output`, one of `OUTPUTS`; an `endless` one writes each row as soon as it has it."""
    if output not in _MODULES:
        raise UsageError(f"There is no output {output!r}; it is one of {', '.join(OUTPUTS)}.")
    return cast(Render, import_module((_ENDLESS if endless else _MODULES)[output]).render)


def document(value: Mapping[str, object], stream: TextIO, style: Style = _AS_IT_IS) -> None:
    """Write one JSON object; maps, tuples and times in it at any depth."""
    from reqlog.render import json

    json.document(value, stream, style)


def in_full(request: "Request", stream: TextIO, style: Style, *, hint: str | None, doc_url: str | None) -> None:
    """Write one request in full; `hint` and `doc_url` say what is known of its error code."""
    from reqlog.render.detail import detail

    detail(request, stream, style, hint=hint, doc_url=doc_url)
