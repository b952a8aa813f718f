"""Every rule over a text of any kind; those that could find nothing in it are spared it, by a quick look."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache, partial

from reqlog.redact.cards import redact_cards
from reqlog.redact.escapes import has_escapes, without_escapes
from reqlog.redact.glance import AT, CARD, JWT, KEY, folded, markers_in
from reqlog.redact.members import WORDS, lower_ascii, redact_members
from reqlog.redact.multipart import is_multipart, redact_multipart
from reqlog.redact.parameters import redact_url_parameters
from reqlog.redact.tokens import (
    may_hold_url,
    redact_client_secrets,
    redact_keys,
    redact_private_keys,
    redact_tokens,
    redact_url_credentials,
)

Rule = Callable[[str, Counter[str]], str]

_CLIENT_SECRET = re.compile(r'"client_secret": ?"\w{1,96}_secret_\[redacted\]"', re.ASCII)
"""A member that the rule for client secrets has been at, as nearly every object with a secret has one."""


def _redact_secret_members(text: str, tally: Counter[str]) -> str:
    rest = _CLIENT_SECRET.sub("", text)
    return redact_members("secret", text, tally) if "secret" in lower_ascii(rest) else text


_RULES: tuple[tuple[Rule, frozenset[str]], ...] = (
    (redact_keys, frozenset((KEY, "whsec"))),
    (redact_private_keys, frozenset(("key",))),
    (redact_client_secrets, frozenset(("secret",))),
    (redact_tokens, frozenset((JWT, "bearer", "basic"))),
    (redact_url_credentials, frozenset((AT,))),
    (redact_multipart, frozenset(("multipart",))),
    (_redact_secret_members, frozenset(("secret",))),
    *((partial(redact_members, letters), frozenset((letters,))) for letters in WORDS if letters != "secret"),
    (redact_url_parameters, frozenset(("parameter",))),
    (redact_cards, frozenset((CARD,))),
)
"""The rules in the order in which they are applied, and of what a text must have one for a rule to find something."""

_PARAMETER = re.compile(
    r"=(?<=[aeirtw][cdeghty]=)(?:(?<=[?&;]key=)|(?<=\Akey=)|(?<=[?&;]sig=)|(?<=\Asig=)|(?<=signature=)|(?<=hmac=)|(?<=auth=)|(?<=jwt=)"
    r"|(?<=sessid=)|(?<=sessionid=))"
)
"""What a folded text has before the values that only parameters of URLs are called by."""


BETWEEN = ";\n"
"""Between texts that are looked at together: no marker goes across it, and what begins a text is one behind it too."""

_MULTIPART, _PARAMETER_VALUE, _ESCAPES = "multipart", "parameter", "escapes"


def redact_text(text: str, tally: Counter[str]) -> str:
    """Return `text` without secrets, adding to `tally` how often each rule replaced one.

    A secret that is hidden behind escapes is found too, and then they are undone in the whole text.
    """
    return redact_marked(text, markers_of(text), tally)


_PIECES = {
    "securitycode": "security",
    "sortcode": "sort",
    _PARAMETER_VALUE: "=",
    **dict.fromkeys((AT, _MULTIPART, _ESCAPES), ""),
}
"""What is in every folded text that has a marker, where that is not the marker itself."""


def redact_marked(text: str, markers: set[str], tally: Counter[str]) -> str:
    """Return what `redact_text` does of `text`, which has no other markers than `markers`, multipart aside."""
    here = {*markers, _MULTIPART} if is_multipart(text) else markers - {_MULTIPART}
    shown = _applied(_rules_of(frozenset(here)), text, tally)
    return redact_hidden(shown, tally, _redact_shown) if _ESCAPES in markers else shown


def narrowed(markers: set[str], text: str) -> set[str]:
    """Return those of `markers`, all that a text has of which `text` is a part, that may be in `text`."""
    fold = folded(text)
    return {marker for marker in markers if _PIECES.get(marker, marker) in fold}


def rules_for(text: str) -> list[Rule]:
    """Return the rules that could find something in `text`, in the order in which they are to be applied."""
    found = markers_of(text)
    return _rules_of(frozenset(found)) if found else []


def markers_of(text: str) -> set[str]:
    """Return the markers that are in `text`: if there are none, no rule could find anything in it.

    It may be several texts with `BETWEEN` between them, of which only the first is one that `is_multipart`.
    """
    fold = folded(text)
    found = markers_in(fold)
    if "%" in text and "%40" in text:
        found.add(AT)
    if AT in found and not may_hold_url(text):
        found.remove(AT)
    if is_multipart(text):
        found.add(_MULTIPART)
    if "=" in fold and _PARAMETER.search(fold):
        found.add(_PARAMETER_VALUE)
    if has_escapes(text):
        found.add(_ESCAPES)
    return found


@lru_cache(maxsize=1024)
def _rules_of(found: frozenset[str]) -> list[Rule]:
    return [rule for rule, markers in _RULES if not markers.isdisjoint(found)]


def redact_hidden(text: str, tally: Counter[str], redact: Rule) -> str:
    """Return `text` without what `redact` finds when its escapes are undone; if that is nothing, `text` as it is."""
    if not has_escapes(text):
        return text
    hidden: Counter[str] = Counter()
    shown = redact(without_escapes(text), hidden)
    if not hidden:
        return text
    tally.update(hidden)
    return shown


def _redact_shown(text: str, tally: Counter[str]) -> str:
    return _applied(rules_for(text), text, tally)


def _applied(rules: Iterable[Rule], text: str, tally: Counter[str]) -> str:
    for rule in rules:
        text = rule(text, tally)
    return text
