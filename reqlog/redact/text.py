"""Every rule over a text of any kind, and the quick look that spares a text without secrets from them.

The quick look folds a text to its letters and digits, and searches that for what no secret can do without.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

from reqlog.redact.cards import redact_cards
from reqlog.redact.members import WORDS, redact_members, redact_url_parameters
from reqlog.redact.tokens import redact_client_secrets, redact_keys, redact_tokens, redact_url_credentials

Rule = Callable[[str, Counter[str]], str]


_FOLD = bytes.maketrans((ascii_uppercase + digits).encode(), (ascii_lowercase + "0" * 10).encode())
_KEPT = (ascii_letters + digits + "@&?,:=/").encode()
_DROPPED = bytes(character for character in range(256) if character not in _KEPT)
_MEMBERS = {letters: partial(redact_members, letters) for letters in WORDS}
_RULES: tuple[Rule, ...] = (
    redact_keys,
    redact_client_secrets,
    redact_tokens,
    redact_url_credentials,
    *_MEMBERS.values(),
    redact_url_parameters,
    redact_cards,
)
_MARKERS: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    ("sec", (redact_keys, redact_client_secrets, _MEMBERS["secret"], _MEMBERS["securitycode"])),
    ("token", (_MEMBERS["token"],)),
    ("pass", (_MEMBERS["pass"],)),
    ("pwd", (_MEMBERS["pwd"],)),
    ("cv", (_MEMBERS["cv"],)),
    ("number", (_MEMBERS["number"],)),
    ("creditcard", (_MEMBERS["creditcard"],)),
    ("iban", (_MEMBERS["iban"],)),
    ("key", (_MEMBERS["key"], redact_url_parameters)),
    ("authorization", (_MEMBERS["authorization"],)),
    ("cookie", (_MEMBERS["cookie"],)),
    ("eyj", (redact_tokens,)),
    ("bearer", (redact_tokens,)),
    ("basic", (redact_tokens,)),
    ("@", (redact_url_credentials,)),
    ("sig", (redact_url_parameters,)),
    ("0" * 13, (redact_cards,)),
)
"""What a text without any but letters and digits, digits as zeros, must have for these rules to find something."""


def redact_text(text: str, tally: Counter[str]) -> str:
    """Return `text` without secrets, adding to `tally` how often each rule replaced one."""
    for rule in rules_for(text):
        text = rule(text, tally)
    return text


def rules_for(text: str) -> list[Rule]:
    """Return the rules that could find something in `text`, in the order in which they are to be applied."""
    folded = text.encode("latin-1", "replace").translate(_FOLD, _DROPPED).decode("ascii")
    found = [rules for marker, rules in _MARKERS if marker in folded]
    if "k_" in text:
        found.append((redact_keys,))
    if "%40" in text:
        found.append((redact_url_credentials,))
    if not found:
        return []
    return [rule for rule in _RULES if any(rule in rules for rules in found)]
