"""What a filter means: a small tree of predicates over requests.

Semantics, stated here once and held for every store:

- A leaf is about one field. A missing value (`None`) satisfies no leaf, whatever the leaf asks.
- `Not` is the plain complement: a request without an error type satisfies `Not(OneOf("error_type", …))`.
- An empty `And` is everything, an empty `Or` nothing.
- Text is compared exactly, case included. In a `Glob`, `*` stands for any run of characters, `/` included, and `?`
  for any one; nothing else is special, and what comes after a NUL is not looked at, as SQLite's GLOB has it.
- `Touches` wants a whole resource id; `Mentions` wants every one of its words, whole, case aside, anywhere in what
  `searchable` returns.

The walkers over the tree are plain functions: `matches` and `describe` here, `where` in `reqlog.store.sql`. This file
knows nothing of flags or of stores.

The nodes are named tuples, as other small values of the project are, and not dataclasses: to define a frozen, slotted
dataclass takes 0.46 ms in Python 3.11, a named tuple 0.06 ms, and every start of the command pays for it. Two nodes of
different kinds that hold the same are equal, as tuples are: tell them by `match`, never by `==`.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from operator import eq, ge, gt, le, lt
from typing import Any, Literal, NamedTuple, TypeAlias, assert_never

from reqlog.addresses import in_network
from reqlog.request import Request

Value: TypeAlias = str | int | float | bool | datetime
Operator: TypeAlias = Literal["=", "<", "<=", ">", ">="]


class And(NamedTuple):
    """Every one of `filters` holds."""

    filters: "tuple[Filter, ...]" = ()


class Or(NamedTuple):
    """At least one of `filters` holds."""

    filters: "tuple[Filter, ...]" = ()


class Not(NamedTuple):
    """`filter` does not hold."""

    filter: "Filter"


class Compare(NamedTuple):
    """The value of `field` stands in this relation to `value`."""

    field: str
    operator: Operator
    value: Value


class OneOf(NamedTuple):
    """The value of `field` is one of `values`."""

    field: str
    values: tuple[Value, ...]


class Glob(NamedTuple):
    """The value of `field` as a whole fits `pattern`."""

    field: str
    pattern: str


class InNetwork(NamedTuple):
    """The address in `field` lies in `network`."""

    field: str
    network: str


class Touches(NamedTuple):
    """`resource` is among the resource ids of the request."""

    resource: str


class Mentions(NamedTuple):
    """Every one of `words` occurs in the searchable text; each as `words_of` gives it."""

    words: tuple[str, ...]


class Present(NamedTuple):
    """`field` has a value."""

    field: str


Filter: TypeAlias = And | Or | Not | Compare | OneOf | Glob | InNetwork | Touches | Mentions | Present

EVERYTHING = And()


def is_everything(filter: Filter) -> bool:
    """Whether `filter` is `EVERYTHING`, and not what is equal to it without being that."""
    return isinstance(filter, And) and not filter.filters


_RELATIONS: dict[Operator, Callable[[Any, Any], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


def matches(filter: Filter, request: Request) -> bool:
    """Whether `request` satisfies `filter`."""
    match filter:
        case And(filters):
            return all(matches(part, request) for part in filters)
        case Or(filters):
            return any(matches(part, request) for part in filters)
        case Not(part):
            return not matches(part, request)
        case Touches(resource):
            return resource in request.resources
        case Mentions(words):
            return set(words).issubset(words_of(searchable(request)))
        case Compare(field) | OneOf(field) | Glob(field) | InNetwork(field) | Present(field):
            value = getattr(request, field)
            return value is not None and _leaf_holds(filter, value)
        case _:
            assert_never(filter)


def _leaf_holds(leaf: Compare | OneOf | Glob | InNetwork | Present, value: Value) -> bool:
    match leaf:
        case Compare(_, operator, bound):
            return _RELATIONS[operator](value, bound)
        case OneOf(_, values):
            return value in values
        case Glob(_, pattern):
            return _glob(pattern.partition("\0")[0]).fullmatch(str(value).partition("\0")[0]) is not None
        case InNetwork(_, network):
            return in_network(str(value), network)
        case Present():
            return True
        case _:
            assert_never(leaf)


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """Return `pattern` as an expression that settles for the first place of each part; else many `*` take forever."""
    first, *parts = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    between = "".join(f"(?>.*?{part})" for part in parts[:-1] if part)
    return re.compile(first + between + "".join(f".*{part}" for part in parts[-1:]), re.DOTALL)


_WORD = r"[\w-]+"
_JSON_ESCAPE = r"(?s)\\(?:u([0-9A-Fa-f]{4})|(.))"
_PERCENT_RUN = r"(?:%[0-9A-Fa-f]{2})+"
_MARKUP = ("{", "[", "<", '"')


def words_of(text: str) -> list[str]:
    """Return the words of `text`, lower case: runs of letters, digits, `_` and `-`, so that an id is one word."""
    return re.findall(_WORD, text.lower())


def searchable(request: Request) -> str:
    """Return the text of `request` that `Mentions` looks through.

    That is path, query, both bodies, error message and resource ids, with the escapes of JSON and of forms undone.
    """
    parts = (
        request.path,
        request.query,
        request.request_body,
        request.response_body,
        request.error_message,
    )
    return "\n".join([*(_unescaped(part) for part in parts if part), *request.resources])


def _unescaped(text: str) -> str:
    if text.lstrip()[:1] in _MARKUP:
        return re.sub(_JSON_ESCAPE, _json_character, text) if "\\" in text else text
    if "%" in text:
        text = re.sub(_PERCENT_RUN, _percent_characters, text)
    return text


def _json_character(escape: re.Match[str]) -> str:
    code, character = escape.groups()
    if code is not None:
        number = int(code, 16)
        return " " if 0xD800 <= number < 0xE000 else chr(number)
    return " " if character in "bfnrt" else character


def _percent_characters(run: re.Match[str]) -> str:
    return bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "replace")


def describe(filter: Filter) -> str:
    """Return `filter` in English, as in `status is at least 400 and error_code is card_declined`."""
    match filter:
        case And(filters):
            return _joined(filters, " and ", "any request")
        case Or(filters):
            return _joined(filters, " or ", "no request")
        case Not(Present(field)):
            return f"{field} is missing"
        case Not(part):
            return f"not ({describe(part)})"
        case Compare(field, operator, value):
            return f"{field} {_ENGLISH[operator]} {_shown(value)}"
        case OneOf(field, values):
            return f"{field} is {' or '.join(_shown(value) for value in values) or 'nothing'}"
        case Glob(field, pattern):
            return f"{field} looks like {pattern}"
        case InNetwork(field, network):
            return f"{field} is in {network}"
        case Touches(resource):
            return f"it touches {resource}"
        case Mentions(words):
            return f"it mentions {' and '.join(words)}"
        case Present(field):
            return f"{field} is known"
        case _:
            assert_never(filter)


_ENGLISH: dict[Operator, str] = {
    "=": "is",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
}


def _joined(filters: tuple[Filter, ...], word: str, empty: str) -> str:
    if len(filters) == 1:
        return describe(filters[0])
    texts = (f"({describe(part)})" if isinstance(part, And | Or) else describe(part) for part in filters)
    return word.join(texts) or empty


def _shown(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone().isoformat(" ", "seconds")
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
