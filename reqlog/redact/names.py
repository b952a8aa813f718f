"""Which names hold secrets: of headers, of JSON members, of form fields and query parameters.

A name is judged by its words, whatever joins them: `clientSecret`, `client-secret` and `client_secret` are one. Nothing
here looks at a value.
"""

import re
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_JOINTS = re.compile(r"[\s.\-]+")
_SEGMENTS = re.compile(r"[\[\]]+|%[0-9a-fA-F]{2}")
_SECRETS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (rule, re.compile(pattern))
    for rule, pattern in (
        ("cvc", r".*(?:cvc2?|cvv2?|security_?code)"),
        ("card", r"(?:.*_)?(?:card_?number|credit_?card(?:_?number)?|cc_?number)"),
        ("number", r"number"),
        ("bank", r"(?:.*_)?(?:(?:account|routing|transit|institution)_?number|iban)"),
        ("identity", r"(?:.*_)?id_number"),
        ("authorization", r"(?:(?:x|http|proxy|x_forwarded)_)*authorization"),
        ("cookie", r"(?:http_)?(?:set_)?cookie"),
        ("password", r".*(?:passw(?:or)?d|passphrase|pwd).*"),
        ("api_key", r"(?:.*_)?(?:api|access|private|signing|subscription|functions)_?key(?:_.*)?"),
        ("secret", r".*secret.*"),
        ("token", r".*token(?!s|iz).*"),
    )
)
_ABOUT = re.compile(
    r"(?:has|is|max|min|no|num|require|requires|total|use|uses)_.*"
    r"|.*_(?:age|algorithm|allowed|check|count|created|created_at|enabled|endpoint|error|expiration|expires|expires_at"
    r"|expires_in|expiry|failure|fingerprint|format|hint|id|ids|info|issuer|kind|last4|length|limit|method|name|names"
    r"|outcome|policy|present|provided|required|scope|scopes|status|supported|ttl|type|types|updated_at|uri|url|usage"
    r"|used|valid|verified|version)"
)
_HEADERS = re.compile(r"(?:.*_)?signature(?:_256)?|authentication|x_auth|x_goog_iap_jwt_assertion")
_PARAMETERS = {"key": "api_key", "sig": "signature", "signature": "signature", "x_amz_signature": "signature"}


@lru_cache(maxsize=4096)
def rule_of_name(name: str) -> str | None:
    """Return the rule for the value under a JSON member or form field of this name, None if it is no secret.

    A form's brackets are part of the name, plain or percent-encoded: `card[number]`. `PWD` is the working directory.
    """
    segments = [segment for segment in _SEGMENTS.split(name) if segment]
    if not segments:
        return None
    if segments[-1] == "PWD":
        return None
    words = _words(segments[-1])
    if words == "number" and len(segments) > 1 and _words(segments[-2]).endswith(("card", "source")):
        return "card"
    return _rule_of_words(words)


@lru_cache(maxsize=4096)
def rule_of_parameter(name: str) -> str | None:
    """Return the rule for the value of a query parameter of this name, None if it is no secret."""
    return _PARAMETERS.get(_words(name)) or rule_of_name(name)


@lru_cache(maxsize=4096)
def rule_of_header(name: str) -> str | None:
    """Return the rule for the value of a header of this name, None if only what it looks like tells."""
    words = _words(name)
    return "signature" if _HEADERS.fullmatch(words) else _rule_of_words(words)


def _rule_of_words(words: str) -> str | None:
    for rule, pattern in _SECRETS:
        if pattern.fullmatch(words):
            return None if _ABOUT.fullmatch(words) and rule != "identity" else rule
    return None


def _words(name: str) -> str:
    return _JOINTS.sub("_", _CAMEL.sub("_", name)).strip("_").lower()
