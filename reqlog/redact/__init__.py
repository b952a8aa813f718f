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
from typing import Any

from reqlog.redact.credentials import redact_authorization, redact_cookies, redact_key, redact_set_cookies
from reqlog.redact.members import redact_parameters
from reqlog.redact.names import rule_of_header
from reqlog.redact.text import redact_text, rules_for
from reqlog.redact.tokens import MARK, is_placeholder
from reqlog.request import Request

_BODIES = ("request_body", "response_body")
_SHORT_TEXTS = tuple(
    name
    for name, annotation in Request.__annotations__.items()
    if annotation in (str, str | None) and name not in (*_BODIES, "api_key")
)
_HEADERS = ("request_headers", "response_headers")
_BETWEEN = ",\n"
_SHORT = 5
"""A text of so few characters holds no secret but by the name of where it is."""
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
    texts = {name: text for name in _SHORT_TEXTS if (text := getattr(request, name))}
    if rules_for(_BETWEEN.join((*texts.values(), *request.resources))):
        changes |= {name: redact_text(text, tally) for name, text in texts.items()}
        changes["resources"] = _without_secrets(request.resources)
    changes |= {name: redact_text(body, tally) for name in _BODIES if (body := getattr(request, name))}
    changes |= _special(request, changes, tally)
    changes |= {name: _headers(value, tally) for name in _HEADERS if (value := getattr(request, name))}
    changed = {name: value for name, value in changes.items() if value != getattr(request, name)}
    return request._replace(**changed) if changed else request


def _special(request: Request, changes: Mapping[str, Any], tally: Counter[str]) -> dict[str, str]:
    """Return the fields of which more is known than that they are texts, without secrets."""
    new: dict[str, str] = {}
    if query := changes.get("query", request.query):
        new["query"] = redact_parameters(query, tally)
    if (host := changes.get("host", request.host)) and "@" in host:
        new["host"] = redact_text(_host(host, tally), tally)
    if (key := request.api_key) and (masked := redact_key(key)) != key:
        new["api_key"] = masked
        tally["key"] += 1
    return new


def _host(host: str, tally: Counter[str]) -> str:
    credentials, _, bare = host.rpartition("@")
    if is_placeholder(credentials.removesuffix(":")):
        return host
    tally["url_credentials"] += 1
    return f"{MARK}@{bare}"


def _without_secrets(resources: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids that hold no secret."""
    return tuple(resource for resource in resources if redact_text(resource, Counter()) == resource)


def _headers(headers: Mapping[str, str], tally: Counter[str]) -> Mapping[str, str]:
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
        changes |= {name: redact_text(value, tally) for name, value in plain if len(value) > _SHORT}
    return {**headers, **changes} if changes else headers


def _header(name: str, rule: str, value: str) -> str:
    if rule == "cookie" and "set" in name.lower():
        return redact_set_cookies(value)
    if rule in _HEADER_VALUES:
        return _HEADER_VALUES[rule](value)
    return redact_key(value) if value else value
