"""What a user adds to redaction: rules of their own, declared and checked, and what may be given pseudonyms.

How they are applied is the matter of `reqlog.redact`. Nothing heavy is imported here, since each start reads the
configuration.
"""

import re
import warnings
from typing import NamedTuple

PSEUDONYMIZED = ("email", "ip_address", "customer")
"""What `--pseudonymize` takes."""

SECRET = "secret"  # noqa: S105 - the name of a group
"""The group of a pattern that is all that goes of a match, if the pattern has it."""

_NAME = r"(?=.*[A-Za-z0-9])[A-Za-z0-9_.* -]{1,100}"


class OwnRules(NamedTuple):
    """Rules of redaction of a user's own; they add to those that reqlog has, and take nothing away."""

    fields: tuple[str, ...] = ()
    """Names of JSON members, form fields, query parameters; `*` stands for anything."""
    headers: tuple[str, ...] = ()
    """Names of headers; `*` stands for anything."""
    patterns: tuple[re.Pattern[str], ...] = ()
    """What goes wherever it stands."""

    def plus(self, other: "OwnRules") -> "OwnRules":
        """Return the rules of both, each once."""
        return OwnRules(
            tuple(dict.fromkeys(self.fields + other.fields)),
            tuple(dict.fromkeys(self.headers + other.headers)),
            tuple(dict.fromkeys(self.patterns + other.patterns)),
        )


def name_from(text: str) -> str:
    """Return the name of a field or a header that `text` declares; raise ValueError, saying what it must be."""
    if not re.fullmatch(_NAME, text):
        raise ValueError("a name of letters, digits, _, - and ., with * for anything")
    return text


def pattern_from(text: str) -> re.Pattern[str]:
    """Return the regular expression that `text` declares; raise ValueError, saying what it must be."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pattern = re.compile(text)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        message = f"a regular expression: {error}"
        raise ValueError(message) from error
    if pattern.match(""):
        raise ValueError("a regular expression that does not match the empty text")
    return pattern
