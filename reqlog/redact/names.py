"""Which names hold secrets: of headers, of JSON members, of form fields and query parameters.

A name is judged by its words, whatever joins them: `clientSecret`, `client-secret` and `client_secret` are one. Nothing
here looks at a value.
"""

import re
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_JOINTS = re.compile(r"[\s.\-]+")
_SEGMENTS = re.compile(r"[\[\]]+|%[0-9a-fA-F]{2}")
_KEYS = "api|access|private|signing|subscription|functions|auth|encryption|master|shared|session|server|service|admin"
_SECRETS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (rule, re.compile(pattern))
    for rule, pattern in (
        ("cvc", r".*(?:cv[cvn]2?|security_?code)(?:_?(?:code|number|value))?"),
        ("card", r"(?:.*_)?(?:card_?number|credit_?card(?:_?number)?|cc_?number)"),
        ("number", r"number"),
        ("bank", r"(?:.*_)?(?:(?:account|acct|routing|transit|institution|bsb)_?number|iban|sort_?code|clabe)"),
        ("identity", r"(?:.*_)?(?:id_number(?:_secondary)?|social_security_number|ssn(?:_last_?4)?)"),
        ("authorization", r"(?:(?:x|http|proxy|x_forwarded)_)*authorization"),
        ("cookie", r"(?:http_)?(?:set_)?cookie2?"),
        ("password", r".*(?:passw(?:or)?d|passphrase|passcode|pwd).*|(?:.*_)?pass"),
        ("api_key", rf".*(?:{_KEYS})_?key(?:_.*)?"),
        ("secret", r".*secret.*"),
        ("token", r".*token(?!iz).*"),
    )
)
_ABOUT = re.compile(
    r"(?:has|is|max|min|no|num|require|requires|total|use|uses)_.*"
    r"|.*_(?:age|algorithm|allowed|check|count|created|created_at|enabled|endpoint|error|expiration|expires|expires_at"
    r"|expires_in|expiry|failure|fingerprint|format|hint|id|ids|info|issuer|kind|last4|length|limit|method|name|names"
    r"|outcome|policy|present|provided|required|scope|scopes|status|supported|ttl|type|types|updated_at|uri|url|usage"
    r"|used|valid|verified|version)"
)
_HEADERS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (rule, re.compile(pattern))
    for rule, pattern in (
        ("signature", r"(?:.*_)?(?:signature|hmac|sig)(?:_(?:sha_?)?(?:1|256|512|ed25519))?"),
        ("authorization", r"(?:x_)?auth(?:entication)?"),
        ("token", r"(?:.*_)?(?:jwt(?:_assertion)?|session(?:_(?:id|key))?)"),
        ("password", r"(?:.*_)?(?:otp|pin)"),
    )
)
"""What only headers are called."""
_PARAMETERS = {
    **dict.fromkeys(("key",), "api_key"),
    **dict.fromkeys(("sig", "signature", "hmac", "x_amz_signature"), "signature"),
    **dict.fromkeys(("auth", "jwt", "jsessionid", "phpsessid"), "token"),
}
"""What only parameters of URLs are called."""


@lru_cache(maxsize=4096)
def rule_of_name(name: str) -> str | None:
    """Return the rule for the value under a JSON member or form field of this name, None if it is no secret.

    A form's brackets are part of the name, plain or percent-encoded: `card[number]`. `PWD` is the working directory.
    """
    segments = segments_of(name)
    if not segments:
        return None
    while len(segments) > 1 and segments[-1].isdigit():
        segments = segments[:-1]  # the place in a list: `passwords[0]`
    if segments[-1] == "PWD":
        return None
    words = words_of(segments[-1])
    if words == "number" and len(segments) > 1 and words_of(segments[-2]).endswith(("card", "source")):
        return "card"
    return _rule_of_words(words)


@lru_cache(maxsize=4096)
def rule_of_parameter(name: str) -> str | None:
    """Return the rule for the value of a query parameter of this name, None if it is no secret."""
    return _PARAMETERS.get(words_of(name)) or rule_of_name(name)


def rule_of_header(name: str) -> str | None:
    """Return the rule for the value of a header of this name, None if only what it looks like tells."""
    words = words_of(name)
    return next((rule for rule, pattern in _HEADERS if pattern.fullmatch(words)), None) or _rule_of_words(words)


def segments_of(name: str) -> list[str]:
    """Return the parts of a form's name, `card[number]`, whose brackets may be percent-encoded."""
    return [segment for segment in _SEGMENTS.split(name) if segment]


def words_of(name: str) -> str:
    """Return a name in the one spelling that all its spellings have."""
    return _JOINTS.sub("_", _CAMEL.sub("_", name)).strip("_").lower()


def _rule_of_words(words: str) -> str | None:
    for rule, pattern in _SECRETS:
        if pattern.fullmatch(words):
            return None if _ABOUT.fullmatch(words) and rule != "identity" else rule
    return None
