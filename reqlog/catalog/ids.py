"""Ids of the API's objects: finding them in text, and telling them from other words.

An id is a known prefix (`cus_`), perhaps the mode (`cs_test_`), and at least eight letters and digits with a digit or
with both cases among them, so that `price_data`, `card_declined` and `payment_method` are none. A shorter one with a
digit (`cus_123`) is an id where it is the whole of a JSON string or of a form's value. Stripe's fixed test
objects (`pm_card_visa`, `tok_visa`, `btok_us_verified`) are ids too. Only whole ids are found: never a part of a longer
word, nor what a sanitiser left of one (`cus_S<ID>29iEC0BTN6Pb`). What follows `_secret_` is not part of the id.
"""

import re
from collections.abc import Iterator
from functools import cache

from reqlog.catalog.facts import lines, rows

_WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
_LONGEST_PREFIX = 64
_PLACEHOLDER = r"<[A-Z0-9_]+>"
_END = rf"(?![A-Za-z0-9]|_(?!secret_)|{_PLACEHOLDER})"

# Patterns start with a literal, since that is what `re` looks for fastest: 8 us for 1 kB, where all prefixes take 120.
_LONG = rf"(?=[a-z]*[0-9]|[a-z]+[A-Z]|[A-Z]+[a-z0-9])[A-Za-z0-9]{{8,}}+{_END}"
_SHORT = r"(?=[A-Za-z]*[0-9])[A-Za-z0-9]{1,7}+(?=[\"&\n]|\Z)"
_REST = rf"_(?:{_LONG}|{_SHORT})"
_SHORTEST_LONG = 8
_BEFORE_SHORT = ("", '"', "=", "\n")
_FIXED_STARTS = ("pm_card_", "tok_")
_FIXED_REST = rf"[A-Za-z0-9_]++(?!{_PLACEHOLDER})"
_KNOWN_REST = r"(?=.*[0-9A-Z])[A-Za-z0-9]+"


@cache
def prefixes() -> frozenset[str]:
    """Return the prefixes of ids, each with its underscore."""
    return frozenset(row[0] for row in rows("id_prefixes.tsv")).union(lines("more_id_prefixes.txt"))


@cache
def _rest() -> re.Pattern[str]:
    return re.compile(_REST)


def ids_in(text: str) -> list[str]:
    """Return the ids in `text` in order of appearance, each as often as it appears."""
    known = prefixes()
    found = []
    for match in _rest().finditer(text):
        underscore = match.start()
        before = text[max(0, underscore - _LONGEST_PREFIX) : underscore + 1]
        prefix = before[len(before.rstrip(_WORD)) :]
        start: int | None = underscore + 1 - len(prefix)
        if prefix not in known or before[-len(prefix) - 1 : -len(prefix)] == ">":
            start = _start(text, underscore, prefix)
        if start is not None and (match.end() - underscore > _SHORTEST_LONG or _is_whole(text, start)):
            found.append((start, text[start : match.end()]))
    fixed = [hit for literal in _FIXED_STARTS if literal in text for hit in _fixed_in(text, literal)]
    return [token for _, token in (sorted({*found, *fixed}) if fixed else found)]


def _is_whole(text: str, start: int) -> bool:
    """Whether a JSON string, the value of a form or the text itself begins at `start`."""
    return text[max(0, start - 1) : start] in _BEFORE_SHORT


def is_id(word: str) -> bool:
    """Whether `word`, alone in its place as a segment of a path is, has a known prefix and looks like no other word.

    It may be short, and a sanitiser may have been at it.
    """
    word = re.sub(_PLACEHOLDER, "", word)
    cut = word.rfind("_") + 1
    return word.startswith((*_FIXED_STARTS, "btok_")) or (
        _is_prefix(word[:cut]) and re.fullmatch(_KNOWN_REST, word[cut:]) is not None
    )


def _fixed_in(text: str, literal: str) -> Iterator[tuple[int, str]]:
    for match in re.finditer(literal + _FIXED_REST, text):
        start = match.start() - (literal == "tok_" and text[match.start() - 1 : match.start()] == "b")
        before = text[start - 1] if start else " "
        if before not in _WORD and not (before == ">" and _follows_placeholder(text, start)):
            yield start, text[start : match.end()]


def _start(text: str, underscore: int, prefix: str) -> int | None:
    """Return where the id begins whose `prefix` ends at `underscore`; None if it is none after all."""
    if not _is_prefix(prefix):
        escaped = text[underscore - len(prefix) : underscore + 1 - len(prefix)] == "\\"
        if not escaped or not _is_prefix(prefix[1:]):
            return None
        prefix = prefix[1:]  # the n of a JSON text's \n, just before an id
    start = underscore + 1 - len(prefix)
    return None if text[start - 1 : start] == ">" and _follows_placeholder(text, start) else start


def _follows_placeholder(text: str, at: int) -> bool:
    return re.search(rf"{_PLACEHOLDER}\Z", text[max(0, at - 64) : at]) is not None


def _is_prefix(text: str) -> bool:
    return text in prefixes() or text.removesuffix("test_").removesuffix("live_") in prefixes()
