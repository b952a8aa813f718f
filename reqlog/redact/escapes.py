r"""Texts whose letters are written as escapes, which hides secrets from rules that look for letters: `sk%5Flive%5F…`.

No encoder has to escape letters, digits, or the signs that keys, names and card numbers are made of, but some do, and
some write the quotes of JSON inside JSON as `\u0022`, or encode what is encoded once more.
"""

import re

_PERCENT = re.compile(
    r"%(?:25)+(?=[0-9A-Fa-f]{2})|%(?=[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|3[0-9]|2[DdEe]|7[Ee]|[Cc]2%[Aa]0|[Ee]2%80)"
)
_ENCODED_TWICE = re.compile(r"%(?:25)+(?=[0-9A-Fa-f]{2})")
_ENCODED = re.compile(
    r"%([46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|3[0-9]|2[DdEe]|7[Ee])|%([Cc]2%[Aa]0|[Ee]2%80%(?:8[0-9Aa]|9[0-5]|[Aa][Ff]))"
)
_JSON = re.compile(r"(?<!\\)(\\++)u(00[2-7][0-9A-Fa-f]|00[Aa]0|20(?:0[0-9Aa]|1[0-5]|2[Ff]))")
_ROUNDS = 8


def has_escapes(text: str) -> bool:
    """Whether `text` may have letters that are written as escapes."""
    percent = "%" in text and _PERCENT.search(text) is not None
    return percent or ("\\" in text and "\\u" in text and _JSON.search(text) is not None)


def without_escapes(text: str) -> str:
    """Return `text` with what need not be escaped as it is; it still means the same where it is decoded once."""
    for _ in range(_ROUNDS):
        before = text
        if "%" in text:
            text = _ENCODED.sub(_decoded, _ENCODED_TWICE.sub("%", text))
        if "\\u" in text:
            text = _JSON.sub(_character, text)
        if text == before:
            break
    return text


def _decoded(match: re.Match[str]) -> str:
    return bytes.fromhex((match[1] or match[2]).replace("%", "")).decode()


def _character(match: re.Match[str]) -> str:
    backslashes, character = match[1], chr(int(match[2], 16))
    if character == "\\":
        return match.group()
    if character == '"':
        return "\\" * (2 * len(backslashes) - 1) + character
    return backslashes[1:] + character if len(backslashes) % 2 else character
