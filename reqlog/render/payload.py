"""A body as lines to read: JSON indented, a form as the object it encodes, other text as it is.

Numbers, order and repeated keys of JSON stay as they were sent: the text is laid out anew, never read and rewritten.
"""

import re
from collections.abc import Sequence

import msgspec

from reqlog.limits import DEPTH
from reqlog.render.form import nested
from reqlog.render.json import compact
from reqlog.render.text import visible, visible_block

MARK = "  <-- error_param"
FORM = "application/x-www-form-urlencoded"

_INDENT = 2
_LIKE_A_FORM = re.compile(r"[A-Za-z_][\w.\-\[\]%]*=[^\s=&]*(?:&[\w.\-\[\]%]+=[^\s=&]*)*&?", re.ASCII)
_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}]')
_KEY = re.compile(r"[^\[\]]+")
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
    encoded = text.encode(errors="backslashreplace")
    try:
        if _is_too_deep(msgspec.json.format(encoded, indent=-1)):
            return None
        return msgspec.json.format(encoded, indent=_INDENT).decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _is_too_deep(json: bytes) -> bool:
    """Whether valid JSON nests so deep, or has so many items so deep, that indenting it gives no text to read."""
    depth = _depth(json)
    return depth > DEPTH or depth * _INDENT * json.count(b",") > _LARGEST


def _depth(json: bytes) -> int:
    """Return how deep valid JSON nests."""
    depth = deepest = 0
    for token in _BRACKET.findall(json):
        if token in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token in b"]}":
            depth -= 1
    return deepest


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
