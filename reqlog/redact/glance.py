"""The quick look that spares a text without secrets from the rules: which markers are in it.

A text is folded to its letters in lower case, digits as zeros and a few signs, and the folded text is swept.
"""

import re
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

AT, CARD, JWT, KEY, SSN = "@", "0" * 13, "eyj", "k_", "ssn"

_FOLD = bytes.maketrans((ascii_uppercase + digits).encode(), (ascii_lowercase + "0" * 10).encode())
_KEPT = (ascii_letters + digits + "_@&?,;:=").encode()
_DROPPED = bytes(character for character in range(256) if character not in _KEPT)
_MARKERS = {
    "key": "key",
    "k_": KEY,
    "ken": "token",
    "kie": "cookie",
    "umber": "number",
    "uthorization": "authorization",
    "uritycode": "securitycode",
    "urity_code": "securitycode",
    "pass": "pass",
    "pwd": "pwd",
    "bearer": "bearer",
    "basic": "basic",
    "ban": "iban",
    "be": "clabe",
    "cv": "cv",
    "cret": "secret",
    "code": "sortcode",
    "c": "whsec",
}
"""What the sweeps find and the marker that is there then. `re` looks for a single letter fastest, so that each sweep
looks for one, and each marker from a rare letter of it on. No match of a sweep begins inside another of the same."""
_FIND_ALL = tuple(
    re.compile(pattern).findall
    for pattern in (
        r"k(?:ey|_|en(?<=token)|ie(?<=cookie))",
        r"u(?:mber(?<=number)|thorization(?<=authorization)|rity_?code)",
        r"p(?:ass|wd)",
        r"b(?:earer|asic|an(?<=iban)|e(?<=clabe))",
        r"c(?:v(?=[cvn])|ret(?<=secret)|ode(?:(?<=sortcode)|(?<=sort_code))|(?<=whsec))",
    )
)


def folded(text: str) -> str:
    """Return the letters of `text` in lower case, its digits as zeros, and the signs `_@&?,;:=`."""
    return text.encode("latin-1", "ignore").translate(_FOLD, _DROPPED).decode("ascii")


def markers_in(fold: str) -> set[str]:
    """Return the markers that are in a folded text."""
    found: set[str] = set()
    for sweep in _FIND_ALL:
        found.update(sweep(fold))
    if found:
        found = {_MARKERS[hit] for hit in found}
    if AT in fold:
        found.add(AT)
    if CARD in fold:
        found.add(CARD)
    if JWT in fold:
        found.add(JWT)
    if SSN in fold:
        found.add(SSN)
    return found
