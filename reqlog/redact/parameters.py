"""The parameters of URLs and of query strings that hold secrets, some under names that mean nothing elsewhere."""

import re
from collections import Counter

from reqlog.redact.names import rule_of_parameter
from reqlog.redact.tokens import MARKED
from reqlog.redact.values import replacement

_URL_PARAMETER = re.compile(
    r"(?P<before>[?&;])(?P<name>(?i:key|sig|signature|hmac|x-amz-signature|auth|jwt|[a-z.]{0,16}sess(?:ion)?id))="
    rf"(?P<value>{MARKED}|[^&\s\"'<>\\?]*)"
)
_FIRST_FIELD = re.compile(r"(?P<before>\A)(?P<name>(?i:key|sig|signature|hmac|auth|jwt))=(?P<value>[^&\r\n]*)")
_PARAMETER = re.compile(r"(?P<before>\A|[?&;])(?P<name>[^=&;?\s]{1,64})=(?P<value>[^&\r\n]*)")


def redact_parameters(query: str, tally: Counter[str]) -> str:
    """Return `query`, a query string, without the values of parameters that have a secret's name."""
    return _redacted(_PARAMETER, query, tally)


def redact_url_parameters(text: str, tally: Counter[str]) -> str:
    """Return `text` without the keys, signatures and sessions in the queries of its URLs, or in a form that it is."""
    return _redacted(_FIRST_FIELD, _redacted(_URL_PARAMETER, text, tally), tally)


def _redacted(pattern: re.Pattern[str], text: str, tally: Counter[str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        rule = rule_of_parameter(match["name"])
        new = None if rule is None else replacement(rule, match["value"], tally)
        return match.group() if new is None else f"{match['before']}{match['name']}={new}"

    return pattern.sub(replaced, text)
