"""Secrets that can be told by their name: JSON members, form fields, query parameters, parts of a multipart body.

The text is not parsed but scanned, so that what is no secret stays as it was, byte for byte, and a text that was cut in
the middle is treated like a whole one. JSON inside JSON strings, however deep, and percent-encoded JSON are understood.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits
from typing import NamedTuple

from reqlog.redact.cards import card_mark, digits_of, has_issuer
from reqlog.redact.credentials import redact_authorization, redact_cookies
from reqlog.redact.names import rule_of_name, rule_of_parameter
from reqlog.redact.tokens import MARK, is_placeholder, own_quote

WORDS = {
    "secret": "secret",
    "token": "token",
    "pass": "pass(?:w|phrase)",
    "pwd": "pwd",
    "cv": "cv[cv]",
    "securitycode": "security[ _-]?code",
    "number": "number",
    "iban": "iban",
    "key": "key",
    "authorization": "authorization",
    "cookie": "cookie",
}
"""What occurs in every name that holds a secret, and the pattern that finds it in lower case."""

_SPACE = r"(?:\s|%20|\+){0,64}+"
_AFTER = (
    r"(?P<rest>[\w.-]{0,40}+)(?:\[\w{0,40}\]|%5b\w{0,40}%5d|\]|%5d){0,4}+(?:"
    rf"""(?P<quote>\\*+["']|(?:%5c)*+%22){_SPACE}(?::|=>|%3a){_SPACE}(?P<list>\[{_SPACE})?"""
    r"""(?:(?P<string>\\*+["']|(?:%5c)*+%22)|(?P<bare>-?[0-9][\w.+-]*+))"""
    r"|(?P<form>=|%3d)"
    r'|(?P<part>"[^\r\n]{0,100}+\r?\n(?:[^\r\n]{1,100}+\r?\n){0,3}\r?\n))'
)
_URL_PARAMETER = re.compile(
    r"(?P<before>[?&])(?P<name>(?i:key|sig|signature|x-amz-signature))=(?P<value>[^&\s\"'<>\\]*)"
)
_PARAMETER = re.compile(r"(?P<before>\A|[?&;])(?P<name>[^=&;?\s]{1,64})=(?P<value>[^&\r\n]*)")
_NAME = ascii_letters + digits + "_-.[]%"
_NAME_LENGTH = 64
_ENCODED_JOINT = re.compile(r"(?i:%26|%3f|%3b|%22|%2c|%7b|%20|%0a)|\\?u0026")
_FORM_START = " \t\r\n&?;#\"'<>(\\"
_IS_FORM = re.compile(r"[^\s=&{}<\"]{1,200}=")
_IS_JSON = re.compile(r'\s*[{\[][\s{\[]*"')
_FORM_VALUE = re.compile(r"[^&\r\n]*")
_LOOSE_VALUE = re.compile(r"[^&\s\"'<>\\]*")
_ENCODED_VALUE = re.compile(r"(?:(?!%26)[^&\s\"'<>\\])*")
_PART_END = re.compile(r"\r?\n--|\Z")
_QUOTES = {
    '"': re.compile(r'(?<!\\)(\\*+)"'),
    "'": re.compile(r"(?<!\\)(\\*+)'"),
    "2": re.compile(r"(?<!%5c)((?:%5c)*+)%22|(?<!\\)\\*+\"|[&<>\r\n]"),
}
"""What may end a string by the last character of its quote; a percent-encoded one, what cannot be in it too."""
_IN_JSON = re.compile(r"""(?<!\\)(\\*+)'|(?<!\\)(?:\\\\)*+\"""")
"""What may end a string in single quotes that is in a string of JSON: the end of that, too."""
_NEXT_ELEMENT = re.compile(r"""\s{0,64},\s{0,64}(?:(?P<string>\\*+["'])|(?P<bare>-?[0-9][\w.+-]*+))""", re.ASCII)
_DELIMITER = re.compile(r"""[\s,}\]\\"']|\Z""")
_HARMLESS = re.compile(r"(?i:|true|false|null|none|nil|undefined)")
_HARMLESS_TOKEN = re.compile(
    r"[0-9]{0,6}|(?:tok|btok|ctoken|ct|spt|intok|cvctok|card|src|pm|ba)_(?!\w*secret)\w{1,64}", re.ASCII
)
_CARD_VALUE = re.compile(r"(?:[0-9](?: |-|\+|%20|%2[dD]|\xa0)?){8,19}")
_LOWER = bytes.maketrans(ascii_uppercase.encode(), ascii_lowercase.encode())
_TALLIED = {"number": "card"}


class _Value(NamedTuple):
    start: int
    end: int
    quote: str = ""
    """What must stand around the replacement of a value that had no quotes."""


def redact_members(letters: str, text: str, tally: Counter[str]) -> str:
    """Return `text` without the values of what has a secret's name with these `letters`, a key of `WORDS`."""
    lower = _lower_ascii(text)
    kind = _kind(text)
    pieces: list[str] = []
    done = seen = 0
    for match in _pattern(letters).finditer(lower):
        rule = rule_of_name(_name(text, match)) if match.start() >= seen else None
        if rule is None:
            continue
        for value in _values(lower, match, kind):
            seen = value.end
            cut_off = rule == "number" and value.end == len(text)
            new = _replacement("card" if cut_off else rule, text[value.start : value.end], tally)
            if new is not None:
                pieces += (text[done : value.start], value.quote, new, value.quote)
                done = value.end
    return "".join((*pieces, text[done:])) if pieces else text


def redact_parameters(query: str, tally: Counter[str]) -> str:
    """Return `query`, a query string, without the values of parameters that have a secret's name."""
    return _redact_parameters(_PARAMETER, query, tally)


def redact_url_parameters(text: str, tally: Counter[str]) -> str:
    """Return `text` without the keys and signatures in the queries of its URLs."""
    return _redact_parameters(_URL_PARAMETER, text, tally)


@cache
def _pattern(letters: str) -> re.Pattern[str]:
    """Return what finds names with these letters; compiled when first needed, each takes a millisecond."""
    return re.compile(WORDS[letters] + _AFTER, re.ASCII)


def _redact_parameters(pattern: re.Pattern[str], text: str, tally: Counter[str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        rule = rule_of_parameter(match["name"])
        new = None if rule is None else _replacement(rule, match["value"], tally)
        return match.group() if new is None else f"{match['before']}{match['name']}={new}"

    return pattern.sub(replaced, text)


def _replacement(rule: str, value: str, tally: Counter[str]) -> str | None:
    if _HARMLESS.fullmatch(value) or is_placeholder(value):
        return None
    new = _REPLACEMENTS.get(rule, _mark)(value)
    if new is None or new == value:
        return None
    tally[_TALLIED.get(rule, rule)] += 1
    return new


def _mark(_: str) -> str:
    return MARK


def _cookies_mark(value: str) -> str | None:
    return redact_cookies(value) if "=" in value else None


def _token_mark(value: str) -> str | None:
    return None if _HARMLESS_TOKEN.fullmatch(value) else MARK


def _card_number_mark(value: str) -> str | None:
    return card_mark(value) if _CARD_VALUE.fullmatch(value) else None


def _number_mark(value: str) -> str | None:
    number = digits_of(value)
    return card_mark(value) if len(number) >= 14 and has_issuer(number) and _CARD_VALUE.fullmatch(value) else None


_REPLACEMENTS: dict[str, Callable[[str], str | None]] = {
    "authorization": redact_authorization,
    "cookie": _cookies_mark,
    "token": _token_mark,
    "card": _card_number_mark,
    "number": _number_mark,
}


def _lower_ascii(text: str) -> str:
    """Return `text` in lower case, of the same length, with a question mark for what is far from ASCII."""
    if text.isascii():
        return text.lower()
    return text.encode("latin-1", "replace").translate(_LOWER).decode("latin-1")


def _name(text: str, match: re.Match[str]) -> str:
    """Return the whole name that `match` found a word of, empty if a form field cannot begin there."""
    first = max(0, match.start() - _NAME_LENGTH)
    head = text[first : match.start()]
    before = head.rstrip(_NAME)
    name = head[len(before) :] + text[match.start() : max(match.start(group) for group in ("quote", "form", "part"))]
    if before.endswith("\\") and name[0] in "bfnrt":
        name = name[1:]
    if match["part"] and not before.lower().endswith('name="'):
        return ""
    joined = _ENCODED_JOINT.split(name)
    if match["form"] and len(joined) == 1 and before and before[-1] not in _FORM_START:
        return ""
    return joined[-1]


def _kind(text: str) -> str:
    """Return whether `text` as a whole is a `form`, or `json`, or any other `text`."""
    return "form" if _IS_FORM.match(text) else "json" if _IS_JSON.match(text) else "text"


def _values(lower: str, match: re.Match[str], kind: str) -> Iterator[_Value]:
    if match["form"]:
        pattern = _ENCODED_VALUE if match["form"] == "%3d" else _FORM_VALUE if kind == "form" else _LOOSE_VALUE
        yield _Value(match.end(), _end(pattern.match(lower, match.end()), lower))
    elif match["part"]:
        found = _PART_END.search(lower, match.end())
        yield _Value(match.end(), found.start() if found else len(lower))
    else:
        yield from _elements(lower, match, kind)


def _elements(lower: str, match: re.Match[str], kind: str) -> Iterator[_Value]:
    """Yield the value that `match` begins, and if it is in a list those that follow it there."""
    key = match["quote"]
    found: re.Match[str] | None = match
    while found:
        if found["bare"]:
            after = found.end("bare")
            yield _Value(found.start("bare"), after, own_quote(key) if _DELIMITER.match(lower, after) else "")
        elif kind == "json" and _is_around(found["string"], key):
            return
        else:
            end = _string_end(lower, found.end("string"), found["string"], kind)
            yield _Value(found.end("string"), end)
            if not lower.startswith(found["string"], end):
                return
            after = end + len(found["string"])
        found = _NEXT_ELEMENT.match(lower, after) if match["list"] else None


def _is_around(quote: str, inner: str) -> bool:
    """Whether `quote`, which follows the key in the quotes `inner`, must be the end of a string that the key is in."""
    return quote[-1] == '"' and len(own_quote(quote)) < (len(own_quote(inner)) if inner[-1] == '"' else 2)


def _string_end(lower: str, start: int, quote: str, kind: str) -> int:
    """Return where the string that `quote` opened before `start` ends: at its own quote, or that of a string around it.

    A quote inside JSON that is itself n times inside a JSON string has 2ⁿ-1 backslashes of its own, one inside such a
    string more, one around it fewer. Backslashes of the text before it may precede them, 2ⁿ⁺¹ for each.
    """
    step = 3 if quote[-1] == "2" else 1
    level = len(quote) // step - 1
    pattern = _IN_JSON if kind == "json" and quote[-1] == "'" else _QUOTES[quote[-1]]
    for found in pattern.finditer(lower, start):
        if found[1] is None:
            return found.start()
        escapes = len(found[1]) // step
        if escapes < level or (escapes % (level + 1) != level and not level & (level + 1)):
            return found.start()
        if escapes % (2 * (level + 1)) == level:
            return found.end(1) - level * step
    return len(lower)


def _end(match: re.Match[str] | None, text: str) -> int:
    return match.end() if match else len(text)
