"""A request without its secrets, before it is stored or printed.

| rule | finds | leaves |
|---|---|---|
| `key` | `sk_`, `rk_`, `ek_` keys anywhere; `api_key` | `sk_test_…4242`; a short one `sk_test_[redacted]` |
| `webhook_secret` | `whsec_` anywhere | `whsec_…4242` |
| `client_secret` | `pi_3abc_secret_…` and its kin anywhere | `pi_3abc_secret_[redacted]` |
| `card` | card numbers that pass Luhn anywhere; whatever digits are under a card number's name | `[card …4242]` |
| `cvc` | members and fields `cvc`, `cvv`, `security_code` | `[redacted]` |
| `bank` | members and fields `account_number`, `routing_number`, `iban` and their kin | `[redacted]` |
| `identity` | members and fields `id_number` | `[redacted]` |
| `password`, `secret`, `api_key` | headers, members, fields, parameters with such a name | `[redacted]` |
| `token` | the same; JSON Web Tokens and bearer tokens anywhere | `[redacted]`; `tok_…` and other ids stay |
| `authorization` | headers, members; basic credentials anywhere | `Bearer sk_test_…4242`, `Basic [redacted]` |
| `cookie` | `Cookie`, `Set-Cookie` | `name=[redacted]; Path=/` |
| `signature` | `Stripe-Signature` and its kin; parameters `sig`, `signature` | `[redacted]` |
| `url_credentials` | `user:password@` in URLs anywhere | `https://[redacted]@host` |

Publishable keys (`pk_`) are public and stay. So does what is a placeholder already. A secret that was a JSON number
becomes a JSON string, so that the body stays JSON; all else stays as it was, byte for byte.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reqlog.redact.credentials import redact_authorization, redact_cookies, redact_key, redact_set_cookies
from reqlog.redact.members import redact_parameters
from reqlog.redact.names import rule_of_header
from reqlog.redact.text import redact_text, rules_for
from reqlog.redact.tokens import MARK, is_placeholder
from reqlog.request import Request

_TEXTS = (
    "id",
    "method",
    "host",
    "path",
    "query",
    "endpoint",
    "source",
    "account",
    "ip_address",
    "user_agent",
    "api_version",
    "requested_version",
    "idempotency_key",
    "original_request",
    "error_type",
    "error_code",
    "decline_code",
    "error_param",
    "error_message",
    "request_body",
    "response_body",
)
_HEADERS = ("request_headers", "response_headers")
_BETWEEN = ",\n"
_HEADER_VALUES: dict[str, Callable[[str], str]] = {
    "authorization": redact_authorization,
    "cookie": redact_cookies,
}
"""What is left of headers by their rule; nothing is of the others."""


def redact(request: Request) -> Request:
    """Return `request` without secrets: the same object if it has none."""
    return _redacted(request, Counter())


def redactions(request: Request) -> Counter[str]:
    """Count what `redact` replaces in `request` by the name of the rule."""
    tally: Counter[str] = Counter()
    _redacted(request, tally)
    return tally


def _redacted(request: Request, tally: Counter[str]) -> Request:
    changes: dict[str, Any] = {}
    texts = {name: text for name in _TEXTS if (text := getattr(request, name))}
    if rules_for(_BETWEEN.join((*texts.values(), *request.resources))):
        changes |= {name: new for name, text in texts.items() if (new := redact_text(text, tally)) != text}
        changes |= _resources(request.resources)
    changes |= _special(request, changes, tally)
    for name in _HEADERS:
        headers = getattr(request, name)
        if headers and (new_headers := _redact_headers(headers, tally)) is not headers:
            changes[name] = new_headers
    return replace(request, **changes) if changes else request


def _special(request: Request, changes: Mapping[str, Any], tally: Counter[str]) -> dict[str, str]:
    """Return the fields of which more is known than that they are texts, without secrets."""
    new: dict[str, str] = {}
    if query := changes.get("query", request.query):
        new["query"] = redact_parameters(query, tally)
    if (host := changes.get("host", request.host)) and "@" in host:
        new["host"] = _host(host, tally)
    if key := request.api_key:
        new["api_key"] = redact_key(key)
        tally["key"] += new["api_key"] != key
    return {name: text for name, text in new.items() if text != getattr(request, name)}


def _host(host: str, tally: Counter[str]) -> str:
    credentials, _, bare = host.rpartition("@")
    if is_placeholder(credentials.removesuffix(":")):
        return host
    tally["url_credentials"] += 1
    return f"{MARK}@{bare}"


def _resources(resources: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the ids that hold no secret, if some do."""
    kept = tuple(resource for resource in resources if redact_text(resource, Counter()) == resource)
    return {} if kept == resources else {"resources": kept}


def _redact_headers(headers: Mapping[str, str], tally: Counter[str]) -> Mapping[str, str]:
    changes: dict[str, str] = {}
    plain: list[tuple[str, str]] = []
    for name, value in headers.items():
        rule = rule_of_header(name)
        if rule is None:
            plain.append((name, value))
        elif (new := _header(name, rule, value)) != value:
            changes[name] = new
            tally[rule] += 1
    if rules_for(_BETWEEN.join([value for _, value in plain])):
        changes |= {name: new for name, value in plain if (new := redact_text(value, tally)) != value}
    return {**headers, **changes} if changes else headers


def _header(name: str, rule: str, value: str) -> str:
    if rule == "cookie" and "set" in name.lower():
        return redact_set_cookies(value)
    if rule in _HEADER_VALUES:
        return _HEADER_VALUES[rule](value)
    return redact_key(value) if value else value
