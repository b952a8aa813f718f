"""The parts of a multipart form whose names are those of secrets, whatever headers a part has and in which order."""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

from reqlog.redact.members import RuleOf
from reqlog.redact.names import rule_of_name
from reqlog.redact.values import replacement

_DISPOSITION = re.compile(
    r"^content-disposition[ \t]*:[ \t]*form-data\b(?P<parameters>[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_NAME = re.compile(
    r";\s*name(?:\*=[\w-]*'[\w-]*'(?P<extended>[^\s;]+)|\s*=\s*(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"?|(?P<bare>[^\s;]+)))",
    re.IGNORECASE,
)
_BODY = re.compile(r"\r?\n\r?\n")
_HEADERS = 4096
"""Characters of a part's headers before the one that names it that are looked through for the boundary."""


def is_multipart(text: str) -> bool:
    """Whether `text` begins as a multipart body does."""
    return text.startswith(("--", "\r\n--", "\n--"))


def redact_multipart(text: str, tally: Counter[str], rule_of: RuleOf = rule_of_name) -> str:
    """Return `text` without the contents of the parts whose names `rule_of` knows."""
    pieces: list[str] = []
    done = 0
    for name, start, end in _parts(text):
        rule = rule_of(name)
        new = None if rule is None else replacement(rule, text[start:end], tally)
        if new is not None:
            pieces += (text[done:start], new)
            done = end
    return "".join((*pieces, text[done:])) if pieces else text


def _parts(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the name of each part, and where its content begins and ends."""
    position = 0
    while match := _DISPOSITION.search(text, position):
        position = match.end()
        name = _NAME.search(match["parameters"])
        if name is None:
            continue
        body = _BODY.search(text, match.end())
        if body is None:
            return
        end = _end(text, match.start(), body.end())
        yield unquote(name["extended"] or "") or name["quoted"] or name["bare"] or "", body.end(), end
        position = end


def _end(text: str, headers: int, start: int) -> int:
    """Return where the content at `start` ends: before the line that opened the part whose headers are at `headers`."""
    before = text[max(0, headers - _HEADERS) : headers].splitlines()
    boundary = next((line for line in reversed(before) if line.startswith("--")), "--")
    end = text.find(f"\n{boundary}", max(0, start - 1))
    if end < 0:
        return len(text)
    return max(start, end - (text[end - 1 : end] == "\r"))
