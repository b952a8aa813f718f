"""A body as lines to read: JSON indented, a form as the object it encodes, other text as it is.

Numbers, order and repeated keys of JSON stay as they were sent: the text is laid out anew, never read and rewritten.
"""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NoReturn

from reqlog.limits import DEPTH
from reqlog.render.form import nested
from reqlog.render.json import compact
from reqlog.render.text import visible, visible_block

MARK = "  <-- error_param"
FORM = "application/x-www-form-urlencoded"

_INDENT = 2
_LIKE_A_FORM = re.compile(r"[A-Za-z_][\w.\-\[\]%]*=[^\s=&]*(?:&[\w.\-\[\]%]+=[^\s=&]*)*&?", re.ASCII)
_PART = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},:]|[^\s\[\]{},:"]+')
_KEY = re.compile(r"[^\[\]]+")
_OPEN = frozenset("[{")
_CLOSED = frozenset("]}")
_ROOT = "0"
_LARGEST = 32 * 1024 * 1024
_MEMBER = re.compile(r'( *)(?:"((?:[^"\\]|\\.)*)": )?')


def payload(text: str, content_type: str | None, param: str | None) -> list[str]:
    """Return `text`, sent as `content_type`, as lines; the one of the parameter `param` ends in `MARK`."""
    pretty = _form(text, content_type) or _indented(text)
    if pretty is None:
        return [line.removesuffix("\r") for line in visible_block(text).split("\n")]
    lines = pretty.split("\n")
    marked = _line_of(lines, param) if param else None
    return [visible(line) + (MARK if index == marked else "") for index, line in enumerate(lines)]


def _form(text: str, content_type: str | None) -> str | None:
    is_form = bool(_LIKE_A_FORM.fullmatch(text)) if content_type is None else content_type.lower().startswith(FORM)
    value = nested(text) if is_form else None
    return None if value is None else _indented(compact(value))


def _indented(text: str) -> str | None:
    """Return JSON indented; None if `text` is not an object or array, or would be mostly blanks."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    whole = text.encode(errors="backslashreplace").decode()
    try:
        json.loads(whole, parse_float=str, parse_int=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    parts = _PART.findall(whole)
    return None if _is_too_deep(parts) else "".join(_laid_out(parts))


def _refuse(constant: str) -> NoReturn:
    """Raise ValueError for what Python's JSON has, and JSON has not."""
    raise ValueError(constant)


def _is_too_deep(parts: Sequence[str]) -> bool:
    """Whether valid JSON nests so deep, or has so many items so deep, that indenting it gives no text to read."""
    depth = _depth(parts)
    return depth > DEPTH or depth * _INDENT * parts.count(",") > _LARGEST


def _depth(parts: Sequence[str]) -> int:
    """Return how deep valid JSON nests."""
    depth = deepest = 0
    for part in parts:
        if part in _OPEN:
            depth += 1
            deepest = max(deepest, depth)
        elif part in _CLOSED:
            depth -= 1
    return deepest


def _laid_out(parts: Sequence[str]) -> Iterator[str]:
    """Yield valid JSON, each member and item in a line of its own."""
    depth = 0
    for part, following in pairwise((*parts, "")):
        yield part
        if part in _OPEN and following not in _CLOSED:
            depth += 1
            yield _new_line(depth)
        elif part == ",":
            yield _new_line(depth)
        elif part == ":":
            yield " "
        if following in _CLOSED and part not in _OPEN:
            depth -= 1
            yield _new_line(depth)


def _new_line(depth: int) -> str:
    return "\n" + " " * (_INDENT * depth)


def _line_of(lines: Sequence[str], param: str) -> int | None:
    """Return the index of the line of indented JSON where the value of `param`, such as `items[0][price]`, starts."""
    wanted = [_ROOT, *_KEY.findall(param)]
    keys: list[str] = []
    for index, line in enumerate(lines):
        match = _MEMBER.match(line)
        if match is None or line.startswith(("}", "]"), match.end()):
            continue
        depth = len(match[1]) // _INDENT
        keys[depth:] = [_place(match[2], keys[depth : depth + 1])]
        if keys == wanted:
            return index
    return None


def _place(key: str | None, before: Sequence[str]) -> str:
    """Return the key of a member, or the index of an item that follows the one at the index `before`, if any."""
    if key is not None:
        return key
    return str(int(before[0]) + 1) if before else _ROOT
