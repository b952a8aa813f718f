"""What is left of a value by the rule that its name gave it, and whether it holds a secret at all."""

import re
from collections import Counter
from collections.abc import Callable

from reqlog.redact.cards import card_mark, digits_of, has_issuer
from reqlog.redact.credentials import redact_authorization, redact_cookies, redact_key
from reqlog.redact.tokens import MARK, is_placeholder

OWN = "own"
"""The rule of names that a user has added: whatever stands under them goes."""

_HARMLESS = re.compile(r"(?i:\s*|true|false|null|none|nil|undefined)|\{[A-Z_]{1,40}\}")
_ADDRESS = re.compile(r"https?:\\*/\\*/\S*")
_NOTHING = re.compile(r"\s*|null|none|nil|undefined", re.IGNORECASE)
_HARMLESS_TOKEN = re.compile(
    r"[0-9]{0,6}|(?:tok|btok|ctoken|ct|spt|intok|cvctok|card|src|pm|ba)_(?!\w*secret)\w{1,64}", re.ASCII
)
_CARD_VALUE = re.compile(r"(?:[0-9](?:(?: |-|\+|%20|%2[dD]|\xa0)(?=[0-9]))?){8,19}(?!\w)")
_ACCOUNT = re.compile(r"(?:[A-Za-z0-9](?: |-|\+|%20|%2[dD])?){8,40}")
_NO_ACCOUNT = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9]")
_TALLIED = {"number": "card"}
_CODE = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+|[$\[{!+(].*|.*[(=>].*", re.ASCII | re.DOTALL)
_WORD = re.compile(r"[A-Za-z][a-z]*")
_GOES_ON = re.compile(r"[,:;]?\s+[A-Za-z]")
_SAID_OF_SECRETS = frozenset(
    {"any", "bool", "boolean", "expired", "incorrect", "int", "invalid", "missing", "not", "number", "optional"}
    | {"required", "str", "string", "text", "unknown", "unsupported", "void", "wrong"}
)
"""What code and messages say behind the name of a secret and a colon."""
_CVC = re.compile(r"[0-9]{3,4}")


def replacement(rule: str, value: str, tally: Counter[str]) -> str | None:
    """Return what is left of `value` by `rule`, and count it; None if it holds no secret."""
    if (_NOTHING if rule == OWN else _HARMLESS).fullmatch(value) or is_placeholder(value):
        return None
    new = _REPLACEMENTS.get(rule, _mark)(value)
    if new is None or new == value:
        return None
    tally[_TALLIED.get(rule, rule)] += 1
    return new


def is_said_in_prose(rule: str, value: str, following: str) -> bool:
    """Whether `value`, which stands without quotes behind a name of `rule` and a colon, looks like such a secret.

    `following` is how the text goes on. In code and in sentences there is much else in such a place.
    """
    match rule:
        case "cvc":
            return _CVC.fullmatch(value) is not None
        case "bank" | "identity" | "card" | "number":
            return len(digits_of(value)) >= 4
        case "cookie":
            return "=" in value
        case "authorization":
            return any(map(_is_random, value.split()))
        case "password":
            return len(value) >= 4 and not (_CODE.fullmatch(value) or _is_word_of_a_sentence(value, following))
        case "own":
            return any(map(str.isdigit, value))
        case _:
            return _is_random(value) and not _CODE.fullmatch(value)


def _is_random(value: str) -> bool:
    """Whether `value` is no word of a language: it has letters, and digits or capitals among them."""
    return len(value) >= 8 and value.lower() != value.upper() and re.search(r"[0-9]|[a-z][A-Z]", value) is not None


def _is_word_of_a_sentence(value: str, following: str) -> bool:
    if not _WORD.fullmatch(value):
        return False
    return value.lower() in _SAID_OF_SECRETS or _GOES_ON.match(following) is not None


def _mark(_: str) -> str:
    return MARK


def _cookies_mark(value: str) -> str | None:
    return redact_cookies(value) if "=" in value else None


def _key_mark(value: str) -> str | None:
    return None if _ADDRESS.fullmatch(value) else redact_key(value)


def _token_mark(value: str) -> str | None:
    return None if _HARMLESS_TOKEN.fullmatch(value) else _key_mark(value)


def _card_number_mark(value: str) -> str | None:
    match = _CARD_VALUE.match(value)
    return card_mark(match.group()) + value[match.end() :] if match else None


def _number_mark(value: str) -> str | None:
    match = _CARD_VALUE.match(value)
    number = digits_of(match.group()) if match else ""
    return _card_number_mark(value) if len(number) >= 14 and has_issuer(number) else None


def _account_mark(value: str) -> str:
    return f"[redacted …{_NO_ACCOUNT.sub('', value)[-4:]}]" if _ACCOUNT.fullmatch(value) else MARK


_REPLACEMENTS: dict[str, Callable[[str], str | None]] = {
    "authorization": redact_authorization,
    "cookie": _cookies_mark,
    "token": _token_mark,
    "secret": _key_mark,
    "api_key": _key_mark,
    "bank": _account_mark,
    "card": _card_number_mark,
    "number": _number_mark,
}
