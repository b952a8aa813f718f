"""Form-encoded text as the nested object it encodes, by the rules that Stripe and Rack share.

`a[b]=1` is a member of an object, `a[]=1` an item appended, `items[0][price]=x` an item at its index, and a name sent
twice is a list. Values stay text, as they were sent.
"""

import re
from typing import TypeAlias

from reqlog.limits import DEPTH

Value: TypeAlias = "str | list[Value] | dict[str, Value]"

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_KEY = re.compile(r"\[([^\[\]]*)\]")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


class _MalformedError(ValueError):
    """The text is not one that a form can encode."""


def nested(text: str) -> dict[str, Value] | None:
    """Return the object that `text` encodes; None if it is malformed, contradicts itself or nests too deep."""
    form: dict[str, Value] = {}
    try:
        for pair in filter(None, text.split("&")):
            name, equals, value = pair.partition("=")
            if not equals:
                return None
            _put(form, _keys(_decoded(name)), _decoded(value))
    except (_MalformedError, UnicodeDecodeError):
        return None
    return {name: _with_lists(value) for name, value in form.items()} or None


def _decoded(text: str) -> str:
    return _ESCAPES.sub(_unescaped, text.replace("+", " "))


def _unescaped(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode()


def _keys(name: str) -> list[str]:
    match = _NAME.fullmatch(name)
    if match is None:
        raise _MalformedError
    keys = [match[1], *_KEY.findall(match[2])]
    if len(keys) > DEPTH:
        raise _MalformedError
    return keys


def _put(node: dict[str, Value], keys: list[str], value: str) -> None:
    """Put `value` where `keys` lead, from `node` on; an empty key is the end of a list."""
    key, *rest = keys
    if not key:
        raise _MalformedError
    if not rest:
        node[key] = _repeated(node[key], value) if key in node else value
    elif rest[0]:
        _put(_object_at(node, key), rest, value)
    else:
        _append(_list_at(node, key), rest[1:], value)


def _append(items: list[Value], keys: list[str], value: str) -> None:
    """Append `value`, or put it into the last object of `items` unless that has it already."""
    if not keys:
        items.append(value)
        return
    last = items[-1] if items else None
    if not isinstance(last, dict) or (len(keys) == 1 and keys[0] in last):
        last = {}
        items.append(last)
    _put(last, keys, value)


def _repeated(known: Value, value: str) -> Value:
    if isinstance(known, dict):
        raise _MalformedError
    if isinstance(known, list):
        known.append(value)
        return known
    return [known, value]


def _object_at(node: dict[str, Value], key: str) -> dict[str, Value]:
    child = node.setdefault(key, {})
    if not isinstance(child, dict):
        raise _MalformedError
    return child


def _list_at(node: dict[str, Value], key: str) -> list[Value]:
    child = node.setdefault(key, [])
    if not isinstance(child, list):
        raise _MalformedError
    return child


def _with_lists(value: Value) -> Value:
    """Return `value` with each object whose keys are 0, 1, 2 and so on made a list."""
    if isinstance(value, list):
        return [_with_lists(item) for item in value]
    if isinstance(value, dict):
        members = {key: _with_lists(item) for key, item in value.items()}
        indexes = [str(index) for index in range(len(members))]
        return [members[index] for index in indexes] if members.keys() == set(indexes) else members
    return value
