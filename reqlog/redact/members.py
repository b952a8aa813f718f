"""Secrets that can be told by their name: JSON members, form fields, elements and attributes of XML, `name: value`.

The text is not parsed but scanned, so that what is no secret stays as it was, byte for byte, and a text that was cut in
the middle is treated like a whole one. JSON inside JSON strings, however deep, and percent-encoded JSON are understood.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits
from typing import NamedTuple

from reqlog.redact.names import rule_of_name
from reqlog.redact.tokens import MARKED, own_quote
from reqlog.redact.values import is_said_in_prose, replacement

WORDS = {
    "secret": "secret",
    "token": "token",
    "pass": "pass(?:w|phrase|code|(?![a-z]))",
    "pwd": "pwd",
    "cv": "cv[cvn]",
    "securitycode": "security[ _-]?code",
    "number": "number",
    "ssn": "ssn",
    "iban": "iban",
    "clabe": "clabe",
    "sortcode": "sort[ _-]?code",
    "key": "key",
    "authorization": "authorization",
    "cookie": "cookie",
}
"""What occurs in every name that holds a secret, and the pattern that finds it in lower case."""

SPACE = r"(?:\s|%20|%2b|\+){0,64}+"
QUOTE = r"""\\*+["']|(?:%5c)*+%22|&quot;|&#34;"""
BRACKETS = r"(?:\[\w{0,40}\]|%5b\w{0,40}%5d|\]|%5d){0,4}+"
_PAIRED = (
    rf"{SPACE}(?:,|%2c){SPACE}(?:{QUOTE})value(?:{QUOTE}){SPACE}(?::|%3a){SPACE}"
    r"|\s[^<>{}]{0,200}?\b(?:value|content)="
)
"""Between a name that is itself a value and its value, as in `{"name": "password", "value": "…"}` and `<input …>`."""
_AFTER = (
    rf"(?P<rest>[\w.-]{{0,40}}+{BRACKETS})(?:(?:"
    rf"(?P<quote>{QUOTE})(?:{SPACE}(?::|=>|%3a){SPACE}(?P<list>\[{SPACE})?|{_PAIRED})"
    rf"|(?P<unquoted> ?(?:=>|=|:) ?(?=\\*+[\"'])))"
    rf"(?:(?P<string>{QUOTE})|(?P<bare>-?[0-9][\w.+-]*+))"
    r"|(?P<form>=|%3d)"
    r"|(?P<prose>:(?:[ \t]|%20|\+){0,8}| = )"
    r"|(?P<element>(?:\s[^<>]{0,200}+)?(?<!/)(?:>|%3e)(?:<!\[cdata\[)?))"
)
_NAME = ascii_letters + digits + "_-.[]%"
_NAME_LENGTH = 64
_ENCODED_JOINT = re.compile(r"(?i:%26|%3[acfb]|%22|%2c|%7b|%20|%0a)|\\?u0026")
_FORM_START = " \t\r\n&?;#\"'<>(\\"
_UNQUOTED_START = f"{_FORM_START}{{,:"
_IS_FORM = re.compile(r"[^\s=&{}<\"]{1,200}=")
_IS_JSON = re.compile(r'\s*[{\[][\s{\[]*"')
_FORM_VALUE = re.compile(r"[^&\r\n]*")
_LOOSE_VALUE = re.compile(rf"{MARKED}|[^&\s\"'<>\\]*")
_ENCODED_VALUE = re.compile(rf"{MARKED}|(?:(?!%26)[^&\s\"'<>\\])*")
_PROSE_VALUE = re.compile(rf"{MARKED}|[^\s\"'<>\\&]{{0,2048}}(?<![.,;:)\]}}!?])")
_LINE = re.compile(r"[^\r\n\"\\<>]{0,4096}")
_ELEMENT_VALUE = re.compile(r"(?:(?!<|%3c)[\s\S])*+(?=<\\*/|%3c%2f)|[^<\"]*+\Z")
_CDATA_VALUE = re.compile(r"(?:(?!\]\]>)[\s\S])*+")
_PUNCTUATION = re.compile(r"[,;(){}=]")
_QUOTES = {
    '"': re.compile(r'(?<!\\)(\\*+)"'),
    "'": re.compile(r"(?<!\\)(\\*+)'"),
    "2": re.compile(r"(?<!%5c)((?:%5c)*+)%22|(?<!\\)\\*+\"|[&<>\r\n]"),
    ";": re.compile(r"()(?:&quot;|&#34;)"),
}
"""What may end a string by the last character of its quote; a percent-encoded one, what cannot be in it too."""
_IN_JSON = re.compile(r"""(?<!\\)(\\*+)'|(?<!\\)(?:\\\\)*+\"""")
"""What may end a string in single quotes that is in a string of JSON: the end of that, too."""
_NEXT_ELEMENT = re.compile(r"""\s{0,64},\s{0,64}(?:(?P<string>\\*+["'])|(?P<bare>-?[0-9][\w.+-]*+))""", re.ASCII)
_GOES_ON_AS_JSON = re.compile(
    r"""\s*(?:\Z|[}\]]\s*(?:\Z|[,}\]]|\\*["'])|[,:]\s*(?:\\*["']|[{\[]|-?[0-9]|(?:true|false|null)\b))"""
)
"""What follows a string of JSON that ends, and hardly what begins one."""
_DELIMITER = re.compile(r"""[\s,}\]\\"']|\Z""")
_LOWER = bytes.maketrans(ascii_uppercase.encode(), ascii_lowercase.encode())
_WHOLE_LINES = ("authorization", "cookie")
_WORD_BEFORE = re.compile(r"[A-Za-z]{2,20}(?= \Z)")

RuleOf = Callable[[str], str | None]
"""Which rule there is for the value under a name, if it is a secret's."""


class Value(NamedTuple):
    """Where in a text a value stands."""

    start: int
    """Its first character."""
    end: int
    """What follows it."""
    quote: str = ""
    """What must stand around the replacement of a value that had no quotes."""


def redact_members(letters: str, text: str, tally: Counter[str]) -> str:
    """Return `text` without the values of what has a secret's name with these `letters`, a key of `WORDS`."""
    return redact_named(_pattern(letters), rule_of_name, text, tally)


def redact_named(pattern: re.Pattern[str], rule_of: RuleOf, text: str, tally: Counter[str]) -> str:
    """Return `text` without the values of the names that `pattern` finds in lower case and `rule_of` knows."""
    lower = lower_ascii(text)
    kind = _kind(text)
    pieces: list[str] = []
    done = seen = 0
    for match, rule in _named(pattern, rule_of, text, lower):
        if match.start() < seen:
            continue
        for value in _values(text, lower, match, rule, kind):
            seen = value.end
            cut_off = rule == "number" and value.end == len(text)
            new = replacement("card" if cut_off else rule, text[value.start : value.end], tally)
            if new is not None:
                pieces += (text[done : value.start], value.quote, new, value.quote)
                done = value.end
    return "".join((*pieces, text[done:])) if pieces else text


def _named(pattern: re.Pattern[str], rule_of: RuleOf, text: str, lower: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield what `pattern` finds that a rule is for; what has none may reach over a name that has."""
    match = pattern.search(lower)
    while match:
        rule = rule_at(rule_of, text, match)
        if rule is not None:
            yield match, rule
        match = pattern.search(lower, match.end() if rule is not None else match.end("rest"))


def pattern_of(word: str) -> re.Pattern[str]:
    """Return what finds in a text in lower case the values under names that the pattern `word` finds a part of."""
    return re.compile(word + _AFTER, re.ASCII)


@cache
def _pattern(letters: str) -> re.Pattern[str]:
    """Return what finds names with these letters; compiled when first needed, each takes a millisecond."""
    return pattern_of(WORDS[letters])


def lower_ascii(text: str) -> str:
    """Return `text` in lower case, of the same length, with a question mark for what is far from ASCII."""
    if text.isascii():
        return text.lower()
    return text.encode("latin-1", "replace").translate(_LOWER).decode("latin-1")


def rule_at(rule_of: RuleOf, text: str, match: re.Match[str]) -> str | None:
    """Return the rule for what `match` found, whose name may be the last of two words: `account number: …`."""
    first = max(0, match.start() - _NAME_LENGTH)
    head = text[first : match.start()]
    before = head.rstrip(_NAME)
    name = text[first + len(before) : match.end("rest")]
    if before.endswith("\\") and name[0] in "bfnrt":
        name = name[1:]
    if match["quote"]:
        return rule_of(_ENCODED_JOINT.split(name)[-1] if "%" in name or "u0026" in name else name)
    joined = _ENCODED_JOINT.split(name)
    if not _begins_name(text, match, before, first + len(before), is_joined=len(joined) > 1):
        return None
    spoken = match["prose"] or match["unquoted"]
    word = _WORD_BEFORE.search(before[-24:]) if spoken else None
    return (rule_of(f"{word[0]}_{joined[-1]}") if word else None) or rule_of(joined[-1])


def _begins_name(text: str, match: re.Match[str], before: str, start: int, *, is_joined: bool) -> bool:
    """Whether a name without quotes can begin at `start`, behind `before`."""
    if match["element"] is not None:
        return _opens_element(text, start)
    if match["unquoted"] and "=" in match["unquoted"] and before[-1:] in ("?", "&"):
        return False  # the quote ends the text that the URL stands in
    return is_joined or not before or before[-1] in (_FORM_START if match["form"] else _UNQUOTED_START)


def _opens_element(text: str, start: int) -> bool:
    """Whether the name at `start` is that of an element, perhaps behind its namespace."""
    before = text[max(0, start - _NAME_LENGTH) : start]
    if before.endswith(":"):
        before = before[:-1].rstrip(_NAME)
    return before.endswith("<") or "%3c" in text[start : start + _NAME_LENGTH].lower()


def _kind(text: str) -> str:
    """Return whether `text` as a whole is a `form`, or `json`, or any other `text`."""
    return "form" if _IS_FORM.match(text) else "json" if _IS_JSON.match(text) else "text"


def _values(text: str, lower: str, match: re.Match[str], rule: str, kind: str) -> Iterator[Value]:
    if match["form"] or (kind == "form" and "=" in (match["unquoted"] or "")):
        start = match.end("form") if match["form"] else lower.index("=", match.start("unquoted")) + 1
        pattern = _ENCODED_VALUE if match["form"] == "%3d" else _FORM_VALUE if kind == "form" else _LOOSE_VALUE
        yield from _up_to(pattern, lower, start)
    elif match["element"] is not None:
        pattern = _CDATA_VALUE if match["element"].endswith("[") else _ELEMENT_VALUE
        yield from _up_to(pattern, lower, match.end())
    elif match["prose"]:
        values = _up_to(_LINE if rule in _WHOLE_LINES else _PROSE_VALUE, lower, match.end())
        yield from (value for value in values if _is_said(rule, text, value, match["prose"]))
    else:
        yield from _elements(lower, match, kind)


def _up_to(pattern: re.Pattern[str], lower: str, start: int) -> Iterator[Value]:
    if match := pattern.match(lower, start):
        yield Value(start, match.end())


def _is_said(rule: str, text: str, value: Value, colon: str) -> bool:
    said = text[value.start : value.end]
    if colon == ":" and _PUNCTUATION.search(said):
        return False
    return is_said_in_prose(rule, said, text[value.end : value.end + 40])


def _elements(lower: str, match: re.Match[str], kind: str) -> Iterator[Value]:
    """Yield the value that `match` begins, and if it is in a list those that follow it there."""
    key = match["quote"]
    found: re.Match[str] | None = match
    while found:
        if found["bare"]:
            after = found.end("bare")
            yield Value(found.start("bare"), after, own_quote(key) if _DELIMITER.match(lower, after) else "")
        elif kind == "json" and _ends_string(lower, found, key):
            return
        else:
            end = string_end(lower, found.end("string"), found["string"], kind)
            yield Value(found.end("string"), end)
            if not lower.startswith(found["string"], end):
                return
            after = end + len(found["string"])
        found = _NEXT_ELEMENT.match(lower, after) if match["list"] else None


def _ends_string(lower: str, match: re.Match[str], key: str | None) -> bool:
    """Whether the quote in `match` cannot begin a value, since it ends the string of JSON that the name stands in."""
    if key:
        return _is_around(match["string"], key)
    return _GOES_ON_AS_JSON.match(lower, match.end("string")) is not None


def _is_around(quote: str, inner: str) -> bool:
    """Whether `quote`, which follows the key in the quotes `inner`, must be the end of a string that the key is in."""
    return quote[-1] == '"' and len(own_quote(quote)) < (len(own_quote(inner)) if inner[-1] == '"' else 2)


def string_end(lower: str, start: int, quote: str, kind: str = "text") -> int:
    """Return where the string that `quote` opened before `start` ends: at its own quote, or that of a string around it.

    A quote inside JSON that is itself n times inside a JSON string has 2ⁿ-1 backslashes of its own, one inside such a
    string more, one around it fewer. Backslashes of the text before it may precede them, 2ⁿ⁺¹ for each.
    """
    step = 3 if quote[-1] == "2" else 1
    level = 0 if quote[-1] == ";" else len(quote) // step - 1
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
