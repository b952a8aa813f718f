"""Secrets that can be told by what they look like, wherever in a text they stand.

What replaces them keeps what tells two apart, and is never taken for a secret again.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections import Counter
from string import ascii_letters, digits

MARK = "[redacted]"
"""What stands for a secret of which nothing is kept."""

MARKED = r"\[(?:redacted|card) .[^\]\s]{0,4}\]"
"""The pattern of a mark with a space in it, whatever a text in lower case makes of the ellipsis."""

_NOT_A_KEY = r"(?!(?:REDACTED|X{4,}|x{4,})(?![A-Za-z0-9_]))"


def begins(width: int, inside: str = "A-Za-z0-9") -> str:
    """Return the pattern that holds behind `width` characters which begin a token of characters `inside`.

    A character that was percent-encoded or escaped as in JSON ends the token before, though it looks like one. The
    pattern stands behind, not before, since then `re` finds the characters in one sweep.
    """
    return (
        rf"(?:(?<![{inside}][\s\S]{{{width}}})|(?<=%[0-9A-Fa-f]{{2}}[\s\S]{{{width}}})"
        rf"|(?<=\\[bfnrt][\s\S]{{{width}}})|(?<=\\u[0-9A-Fa-f]{{4}}[\s\S]{{{width}}}))"
    )


_KEY = re.compile(
    rf"(?P<prefix>k_(?<=[sre]k_){begins(3)}(?:(?:org_)?(?:live|test)_|(?<=sk_)(?=[A-Za-z0-9]{{20}}))){_NOT_A_KEY}"
    r"(?P<secret>[A-Za-z0-9]\w*+={0,2})",
    re.ASCII,
)
_WEBHOOK_SECRET = re.compile(
    rf"(?P<prefix>whsec_{begins(6)}){_NOT_A_KEY}(?P<secret>[A-Za-z0-9+/][\w+/]*+={{0,2}})", re.ASCII
)
_KEPT_FROM = 12
_PLACEHOLDER = re.compile(
    r"\[redacted(?: …[\w.~+/=-]{4})?\]|\[card …[0-9]{0,4}\]|<[A-Z0-9_ .-]{1,64}>"
    r"|\[?(?i:redacted|filtered|hidden|masked)\]?|\*{3,}[A-Za-z0-9]{0,4}"
    r"|(?:[a-z]{2}_(?:org_)?(?:live_|test_)?|whsec_)(?:…[A-Za-z0-9_+/=]{4}|\[redacted\]|REDACTED|X{4,}|x{4,})"
    r"|pk_(?:live|test)_\w{1,256}|[A-Za-z0-9_]{1,256}_secret_(?:\[redacted\]|REDACTED)"
)
_CLIENT_SECRET = re.compile(
    r"_secret_(?!REDACTED|X{4}|x{4})_?(?:test_|live_)?(?P<secret>[A-Za-z0-9]{3,}(?:%[0-9A-Fa-f]{2}[A-Za-z0-9]+)*+)"
)
_WORD_CHARACTERS = ascii_letters + digits + "_"
_OWNER = re.compile(r"[a-z]{2}")
_DIGIT_OR_CAPITAL = re.compile(r"[0-9A-Z]")
_JWT = re.compile(
    rf"eyJ{begins(3, 'A-Za-z0-9_-')}(?:[\w-]{{5,}}+(?:\.[\w-]+){{1,4}}|(?:hbGci|0eXAi|raWQi)[\w-]*\Z)", re.ASCII
)
_BEARER = re.compile(
    rf"[bB](?i:earer){begins(6)}(?P<gap>(?:\s|%20|\+|:){{1,4}})(?P<secret>[A-Za-z0-9._~+/-]{{8,}}+={{0,2}})", re.ASCII
)
_BASIC = re.compile(
    rf"[bB](?i:asic){begins(5)}(?P<gap>(?:\s|%20|\+){{1,4}})(?P<secret>[A-Za-z0-9+/]{{6,}}+={{0,2}})", re.ASCII
)
_PRIVATE_KEY = re.compile(
    r"(?P<before>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----)(?P<secret>.*?)(?=-----END |\Z)", re.DOTALL
)
_CREDENTIALS = r"""(?P<credentials>[^\s/?#"'<>\\]{1,512})(?P<after>@)"""
_URL = re.compile(f"(?P<before>//){_CREDENTIALS}")
_ESCAPED_URL = re.compile(rf"(?P<before>:\\{{1,8}}/\\{{1,8}}/){_CREDENTIALS}")
_ENCODED_URL = re.compile(
    r"(?P<before>%3[aA](?:%2[fF]|/){2})"
    r"(?P<credentials>(?:[\w.~!$*:…+-]|%(?!40|2[fF])[0-9a-fA-F]{2}){1,512})(?P<after>%40|@)",
    re.ASCII,
)
_USER_ONLY = 16
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w.~+/=-]{20,}", re.ASCII)


def redact_keys(text: str, tally: Counter[str]) -> str:
    """Return `text` with secret, restricted and ephemeral keys and webhook secrets as `sk_test_…4242`."""

    def masked(match: re.Match[str]) -> str:
        tally["webhook_secret" if match["prefix"] == "whsec_" else "key"] += 1
        secret = match["secret"]
        return match["prefix"] + (f"…{secret[-4:]}" if len(secret) >= _KEPT_FROM else MARK)

    return _WEBHOOK_SECRET.sub(masked, _KEY.sub(masked, text))


def redact_private_keys(text: str, tally: Counter[str]) -> str:
    """Return `text` without the private keys that it has in PEM, whole or cut."""

    def masked(match: re.Match[str]) -> str:
        if match["secret"] == MARK:
            return match.group()
        tally["private_key"] += 1
        return f"{match['before']}{MARK}"

    return _PRIVATE_KEY.sub(masked, text)


def redact_client_secrets(text: str, tally: Counter[str]) -> str:
    """Return `text` with client secrets as `pi_3abc_secret_[redacted]`."""

    def masked(match: re.Match[str]) -> str:
        before = text[max(0, match.start() - 96) : match.start()]
        other = before.rstrip(_WORD_CHARACTERS)
        owner = before[len(other) + 2 * other.endswith("%") :]
        if not (_OWNER.search(owner) and (_has_digit_or_capital(owner) or _is_random(match["secret"]))):
            return match.group()
        tally["client_secret"] += 1
        return f"_secret_{MARK}"

    return _CLIENT_SECRET.sub(masked, text)


def redact_tokens(text: str, tally: Counter[str]) -> str:
    """Return `text` without JSON Web Tokens, bearer tokens and basic credentials."""

    def counted(name: str, mark: str) -> str:
        tally[name] += 1
        return mark

    def jwt(match: re.Match[str]) -> str:
        return counted("token", mark_of(match.group()) if match.group().count(".") > 1 else MARK)

    def bearer(match: re.Match[str]) -> str:
        secret = match["secret"]
        if is_placeholder(secret) or not (len(secret) >= 20 or _has_digit_or_capital(secret[1:])):
            return match.group()
        return f"{match.group()[:6]}{match['gap']}{counted('token', mark_of(secret))}"

    def basic(match: re.Match[str]) -> str:
        if not _is_credentials(match["secret"]):
            return match.group()
        return f"{match.group()[:5]}{match['gap']}{counted('authorization', MARK)}"

    text = _JWT.sub(jwt, text)
    return _BASIC.sub(basic, _BEARER.sub(bearer, text))


def may_hold_url(text: str) -> bool:
    """Whether there is in `text` what stands before credentials in a URL."""
    return "//" in text or "\\/" in text or "%3" in text


def redact_url_credentials(text: str, tally: Counter[str]) -> str:
    """Return `text` with `user:password@` in URLs as `[redacted]@`; a mere user name stays."""

    def masked(match: re.Match[str]) -> str:
        credentials = match["credentials"]
        if is_placeholder(credentials.removesuffix(":")) or not _has_password(credentials):
            return match.group()
        tally["url_credentials"] += 1
        return f"{match['before']}{MARK}{match['after']}"

    text = _URL.sub(masked, text)
    if "/" in text and "\\" in text:
        text = _ESCAPED_URL.sub(masked, text)
    return _ENCODED_URL.sub(masked, text) if "%" in text else text


def mark_of(secret: str) -> str:
    """Return what is left of a secret: its last four characters if it is long and random, else nothing."""
    return f"[redacted …{secret[-4:]}]" if _RANDOM.fullmatch(secret) else MARK


def is_placeholder(value: str) -> bool:
    """Whether `value` is nothing but what redaction, here or elsewhere, leaves, or a public key."""
    return _PLACEHOLDER.fullmatch(value) is not None


def own_quote(quote: str) -> str:
    """Return `quote`, with the backslashes before it, without those that are of the text before: of n it needs 2ᵏ-1."""
    step = 3 if quote[-1] == "2" else 1
    escapes = len(quote) // step - 1
    needed = escapes & ~(escapes + 1)
    return quote[(escapes - needed) * step :]


def _has_password(credentials: str) -> bool:
    return ":" in credentials or "%3a" in credentials.lower() or len(credentials) >= _USER_ONLY


def _has_digit_or_capital(text: str) -> bool:
    """Whether there is one in `text`, which is ASCII."""
    return _DIGIT_OR_CAPITAL.search(text) is not None


def _is_random(text: str) -> bool:
    return len(text) >= 8 and _has_digit_or_capital(text)


def _is_credentials(text: str) -> bool:
    try:
        user, colon, _ = b64decode(text + "=" * (-len(text) % 4)).partition(b":")
    except Base64Error:
        return False
    return bool(colon) and user.isascii()
