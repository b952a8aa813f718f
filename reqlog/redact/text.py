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
_RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (redact_keys, ("whsec",)),
    (redact_client_secrets, ("secret",)),
    (redact_tokens, ("eyj", "bearer", "basic")),
    (redact_url_credentials, ("@",)),
    *((partial(redact_members, letters), (letters,)) for letters in WORDS),
    (redact_url_parameters, ()),
    (redact_cards, ("0" * 13,)),
)
"""The rules in the order in which they are applied, and of what a text must have one for a rule to find something.

A text without anything but letters in lower case, digits as zeros and a few signs, that is.
"""
_MARKERS = tuple(
    (marker, tuple(place for place, (_, markers) in enumerate(_RULES) if marker in markers))
    for marker in dict.fromkeys(marker for _, markers in _RULES for marker in markers)
)
_PLACES = {rule: place for place, (rule, _) in enumerate(_RULES)}
_KEYS, _URL_CREDENTIALS, _URL_PARAMETERS = (
    _PLACES[rule] for rule in (redact_keys, redact_url_credentials, redact_url_parameters)
)
_PARAMETERS = ("?key=", "&key=", "?sig", "&sig", "amzsignature=")


def redact_text(text: str, tally: Counter[str]) -> str:
    """Return `text` without secrets, adding to `tally` how often each rule replaced one."""
    for rule in rules_for(text):
        text = rule(text, tally)
    return text


def rules_for(text: str) -> list[Rule]:
    """Return the rules that could find something in `text`, in the order in which they are to be applied."""
    folded = text.encode("latin-1", "replace").translate(_FOLD, _DROPPED).decode("ascii")
    found = [place for marker, places in _MARKERS if marker in folded for place in places]
    if "k_" in text:
        found.append(_KEYS)
    if "%" in text and "%40" in text:
        found.append(_URL_CREDENTIALS)
    if ("?" in folded or "&" in folded) and any(marker in folded for marker in _PARAMETERS):
        found.append(_URL_PARAMETERS)
    return [_RULES[place][0] for place in sorted(set(found))] if found else []
