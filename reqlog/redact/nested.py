"""Everything below a member of JSON, where its value is an object, a list, or true or false."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from reqlog.redact.members import BRACKETS, QUOTE, SPACE, RuleOf, Value, lower_ascii, rule_at, string_end
from reqlog.redact.values import replacement

_COLON = re.compile(rf"{SPACE}(?::|%3a)")


def pattern_of_nested(word: str) -> re.Pattern[str]:
    """Return what finds in a text in lower case such members of names that the pattern `word` finds a part of."""
    start = rf"(?P<rest>[\w.-]{{0,40}}+{BRACKETS})(?P<quote>{QUOTE}){SPACE}(?::|=>|%3a){SPACE}(?=[{{\[tf]|%7b|%5b)"
    return re.compile(word + start, re.ASCII)


def redact_nested(pattern: re.Pattern[str], rule_of: RuleOf, text: str, tally: Counter[str]) -> str:
    """Return `text` without the values below the names that `pattern` finds in lower case and `rule_of` knows."""
    lower = lower_ascii(text)
    pieces: list[str] = []
    done = seen = 0
    for match in pattern.finditer(lower):
        rule = rule_at(rule_of, text, match) if match.start() >= seen else None
        values = list(_scalars(lower, match.end(), match["quote"])) if rule else []
        seen = values.pop().end if values else seen
        for value in values:
            new = replacement(str(rule), text[value.start : value.end], tally)
            if new is not None:
                pieces += (text[done : value.start], value.quote, new, value.quote)
                done = value.end
    return "".join((*pieces, text[done:])) if pieces else text


@cache
def _token(quote: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?P<open>[{{\[]|%7b|%5b)|(?P<close>[}}\]]|%7d|%5d)|(?P<string>{re.escape(quote)})"
        r"|(?P<bare>-?[0-9][0-9.e+-]*+|true|false)|null|[,:\s+]|%2c|%3a|%20"
    )


def _scalars(lower: str, position: int, quote: str) -> Iterator[Value]:
    """Yield the texts, numbers and truth values of the JSON value at `position`, and last what is behind it, empty.

    Its texts stand in `quote`.
    """
    token, depth = _token(quote), 0
    while match := token.match(lower, position):
        position = match.end()
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth -= 1
        elif match["bare"]:
            yield Value(match.start(), match.end(), quote)
        elif match["string"]:
            end = string_end(lower, position, quote)
            start, position = position, end + len(quote)
            if not _COLON.match(lower, position):
                yield Value(start, end)
        if depth < 1:
            break
    yield Value(position, position)
