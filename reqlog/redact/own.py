"""The rules of redaction of a user's own, as functions of texts and of headers' names.

A field's name is compared in one spelling, as those that reqlog knows are. Unlike under those, everything under it
goes, objects and lists in JSON and `name[…]` in forms too.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from reqlog.redact.cards import in_place
from reqlog.redact.members import RuleOf, pattern_of, redact_named
from reqlog.redact.multipart import is_multipart, redact_multipart
from reqlog.redact.names import segments_of, words_of
from reqlog.redact.nested import pattern_of_nested, redact_nested
from reqlog.redact.text import Rule, redact_hidden
from reqlog.redact.tokens import MARK
from reqlog.redact.values import OWN
from reqlog.rules import SECRET, OwnRules

_MARKS = re.compile(r"(\[(?:redacted|card)(?: …[^\]\s]{0,4})?\])")
_BETWEEN_WORDS = re.compile(r"(?<!\\\*)_(?!\\\*)")
_JOINT = r"[\s_.-]?"


class Own(NamedTuple):
    """What a user's own rules do."""

    redact_text: Rule
    """Return a text without what they find."""
    is_header: Callable[[str], bool]
    """Whether the value of a header of that name goes."""


def own(rules: OwnRules) -> Own:
    """Return what `rules` do."""
    steps: list[Rule] = [*_fields(rules.fields), *(partial(_redact_pattern, pattern) for pattern in rules.patterns)]
    return Own(partial(_redact, steps), _matching(rules.headers))


def _redact(steps: Sequence[Rule], text: str, tally: Counter[str]) -> str:
    redact = partial(_applied, steps)
    return redact_hidden(redact(text, tally), tally, redact)


def _applied(steps: Sequence[Rule], text: str, tally: Counter[str]) -> str:
    for step in steps:
        text = step(text, tally)
    return text


def _fields(names: tuple[str, ...]) -> Iterator[Rule]:
    if not names:
        return
    is_field = _matching(names)

    @lru_cache(maxsize=4096)
    def rule_of(name: str) -> str | None:
        return OWN if any(map(is_field, (name, *_parts(name)))) else None

    yield partial(_redact_parts, rule_of)
    word = "(?:" + "|".join(map(_finder, names)) + ")"
    yield partial(redact_nested, pattern_of_nested(word), rule_of)
    yield partial(redact_named, pattern_of(word), rule_of)


def _redact_parts(rule_of: RuleOf, text: str, tally: Counter[str]) -> str:
    return redact_multipart(text, tally, rule_of) if is_multipart(text) else text


def _parts(name: str) -> Iterator[str]:
    """Yield the parts of the name of a form's field, any of which may be what a user named."""
    for segment in segments_of(name):
        yield segment
        yield from segment.split(".") if "." in segment else ()


def _matching(names: tuple[str, ...]) -> Callable[[str], bool]:
    """Return what tells whether a name is one of `names`, however either is spelled."""
    pattern = re.compile("|".join(map(_spelled, names)))
    return lru_cache(maxsize=4096)(lambda name: bool(names) and pattern.fullmatch(words_of(name)) is not None)


def _spelled(name: str) -> str:
    """Return the pattern of a name, in the spelling of `words_of`, whose words may be written as one."""
    return _BETWEEN_WORDS.sub("_?", re.escape(words_of(name))).replace(r"\*", ".*")


def _finder(name: str) -> str:
    """Return the pattern that finds a field's name, or as much of it as tells, in a text in lower case."""
    words = words_of(max(name.split("*"), key=len)).split("_")
    return _JOINT.join(re.escape(word) for word in words if word)


def _redact_pattern(pattern: re.Pattern[str], text: str, tally: Counter[str]) -> str:
    """Return `text` without what `pattern` matches; the marks of redaction are not looked into."""
    pieces = _MARKS.split(text)
    pieces[::2] = [_without_matches(pattern, piece, tally) for piece in pieces[::2]]
    return "".join(pieces)


def _without_matches(pattern: re.Pattern[str], text: str, tally: Counter[str]) -> str:
    pieces: list[str] = []
    done = 0
    for match in pattern.finditer(text):
        start, end = match.span(SECRET if SECRET in pattern.groupindex else 0)
        if done <= start < end:
            pieces += (text[done:start], in_place(text, start, end, MARK))
            tally[OWN] += 1
            done = end
    return "".join((*pieces, text[done:])) if pieces else text
