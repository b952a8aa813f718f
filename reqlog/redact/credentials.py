"""The values of headers that carry credentials, whatever they look like."""

import re
from collections import Counter
from collections.abc import Callable

from reqlog.redact.tokens import MARK, is_placeholder, mark_of, redact_keys

_SCHEME = re.compile(
    r"(?i:(?P<scheme>bearer|basic|digest|token|api[_-]?key|key|oauth|negotiate|ntlm|hawk|hmac|dpop|bot|mac|splunk"
    r"|signature|aws4-hmac-sha256|shared-access-signature)(?P<gap>[ :]{1,8}))(?P<credentials>.*)",
    re.DOTALL,
)
_COOKIES = re.compile(r",(?=\s{0,8}[^\s;,=]{1,256}=)")
_ATTRIBUTES = {
    "path",
    "domain",
    "expires",
    "max-age",
    "samesite",
    "priority",
    "version",
    "httponly",
    "secure",
    "partitioned",
}


def redact_authorization(value: str) -> str:
    """Return the value of an `Authorization` header with its scheme and, of a Stripe key, what tells two apart."""
    match = _SCHEME.fullmatch(value)
    if match is None:
        return _credentials(value)
    keep = _nothing if match["scheme"].lower() == "basic" else mark_of
    return f"{match['scheme']}{match['gap']}{_credentials(match['credentials'], keep)}"


def redact_key(value: str) -> str:
    """Return a key on its own: what tells two apart of a Stripe key, nothing of another."""
    return _credentials(value)


def redact_cookies(value: str) -> str:
    """Return the value of a `Cookie` header with the names of the cookies only."""
    return ";".join(_pair(pair) for pair in value.split(";"))


def redact_set_cookies(value: str) -> str:
    """Return the value of a `Set-Cookie` header, or of several joined by commas, with names and attributes only."""
    return ",".join(_set_cookie(cookie) for cookie in _COOKIES.split(value))


def _credentials(value: str, keep: Callable[[str], str] = mark_of) -> str:
    masked = redact_keys(value, Counter())
    return masked if not masked or is_placeholder(masked) else keep(value)


def _nothing(_: str) -> str:
    """Keep nothing of what ends in a password."""
    return MARK


def _set_cookie(cookie: str) -> str:
    first, *attributes = cookie.split(";")
    return ";".join((_pair(first), *(_attribute(attribute) for attribute in attributes)))


def _attribute(attribute: str) -> str:
    return attribute if attribute.partition("=")[0].strip().lower() in _ATTRIBUTES else _pair(attribute)


def _pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = name[: len(name) - len(name.lstrip())], name.strip()
    if not value or is_placeholder(value):
        return pair
    return f"{name}{equals}{MARK}"
