"""A request without its secrets, before it is stored or printed.

| rule | finds | leaves |
|---|---|---|
| `key` | `sk_`, `rk_`, `ek_` keys anywhere; `api_key` | `sk_test_…4242`; a short one `sk_test_[redacted]` |
| `webhook_secret` | `whsec_` anywhere | `whsec_…4242` |
| `client_secret` | `pi_3abc_secret_…` and its kin anywhere | `pi_3abc_secret_[redacted]` |
| `card` | card numbers that pass Luhn anywhere; whatever digits are under a card number's name | `[card …4242]` |
| `cvc` | members and fields `cvc`, `cvv`, `security_code` | `[redacted]` |
| `bank` | members and fields `account_number`, `routing_number`, `iban` and their kin | `[redacted …6789]` |
| `identity` | members and fields `id_number`, `ssn`, `ssn_last_4` | `[redacted]` |
| `password` | headers, members, fields, parameters with such a name | `[redacted]` |
| `secret`, `api_key` | the same | `[redacted …x8Yz]`; a short one `[redacted]` |
| `token` | the same; JSON Web Tokens and bearer tokens anywhere | `[redacted …x8Yz]`; `tok_…` and other ids stay |
| `private_key` | private keys in PEM anywhere | `-----BEGIN PRIVATE KEY-----[redacted]` |
| `authorization` | headers, members; basic credentials anywhere | `Bearer sk_test_…4242`, `Basic [redacted]` |
| `cookie` | `Cookie`, `Set-Cookie` | `name=[redacted]; Path=/` |
| `signature` | `Stripe-Signature` and its kin; parameters `sig`, `signature`, `hmac` | `[redacted]` |
| `url_credentials` | `user:password@` in URLs anywhere | `https://[redacted]@host` |
| `own` | what the configuration adds | `[redacted]` |

Publishable keys (`pk_`) are public and stay. So does what is a placeholder already. A secret that was a JSON number
becomes a JSON string, so that the body stays JSON; all else stays as it was, byte for byte, but for texts that hide a
secret behind escapes: there, letters that need no escape are written plainly.

`redact` has the rules that everybody has, and wants no configuration. `redactor` makes one that has a user's own too.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from reqlog.redact.credentials import redact_authorization, redact_cookies, redact_key, redact_set_cookies
from reqlog.redact.multipart import is_multipart
from reqlog.redact.names import rule_of_header
from reqlog.redact.parameters import redact_parameters
from reqlog.redact.text import BETWEEN, markers_of, narrowed, redact_marked, redact_text
from reqlog.redact.tokens import MARK, is_placeholder
from reqlog.redact.values import OWN
from reqlog.request import Request
from reqlog.rules import OwnRules

if TYPE_CHECKING:
    from reqlog.redact.own import Own
    from reqlog.redact.pseudonyms import Pseudonyms

__all__ = ["Redact", "redact", "redactions", "redactor"]

Redact = Callable[[Request], Request]
"""Return a request without secrets: the same object if it has none."""

_BODIES = ("request_body", "response_body")
_SHORT_TEXTS = tuple(
    name
    for name, annotation in Request.__annotations__.items()
    if annotation in (str, str | None) and name not in (*_BODIES, "api_key")
)
_texts_of = itemgetter(*map(Request._fields.index, ("request_body", *_SHORT_TEXTS)))
_HEADERS = ("request_headers", "response_headers")
_PLACES = {name: place for place, name in enumerate(Request._fields)}
_SHORT = 5
"""A text of so few characters holds no secret but by the name of where it is."""
_HEADER_VALUES: dict[str, Callable[[str], str]] = {
    "authorization": redact_authorization,
    "cookie": redact_cookies,
    "api_key": redact_key,
    "secret": redact_key,
    "token": redact_key,
}
"""What is left of headers by their rule; nothing is of the others."""
_SOFTWARE = ("user-agent", "sec-ch-ua", "server", "x-powered-by")
"""How the names of headers begin or end that name programs with their versions."""


def redact(request: Request) -> Request:
    """Return `request` without secrets: the same object if it has none."""
    return _redacted(request, None, None)


def redactions(request: Request, rules: OwnRules | None = None) -> Counter[str]:
    """Count what redaction, with a user's own `rules`, replaces in `request` by the name of the rule."""
    tally: Counter[str] = Counter()
    _redacted(request, tally, _own(rules or OwnRules()))
    return tally


def redactor(rules: OwnRules, given: "Pseudonyms | None" = None) -> Redact:
    """Return what redacts requests by the rules that everybody has and `rules`, and then gives them pseudonyms."""
    more = _own(rules)
    if more is None and given is None:
        return redact

    def redact_more(request: Request) -> Request:
        redacted = _redacted(request, None, more)
        return redacted if given is None else _with_pseudonyms(redacted, given)

    return redact_more


def _own(rules: OwnRules) -> "Own | None":
    """Return what `rules` do; None if there are none, and then nothing is imported for them."""
    if not any(rules):
        return None
    from reqlog.redact.own import own

    return own(rules)


def _redacted(request: Request, tally: Counter[str] | None, more: "Own | None") -> Request:
    sent, received, body = request.request_headers or {}, request.response_headers or {}, request.response_body or ""
    told = [(_told_by(name), value) for headers in (sent, received) for name, value in headers.items()]
    ruleless = [value for (rule, _), value in told if rule is None]
    beside = BETWEEN.join(filter(None, (*_texts_of(request), *request.resources, *ruleless)))
    markers = markers_of(f"{beside}{BETWEEN}{body}")
    has_secret_names = any(names != _PLAIN for names, _ in told)
    redacted = request
    is_special = _is_special(request)
    if markers or has_secret_names or is_special or is_multipart(body):
        tally = Counter() if tally is None else tally
        found = narrowed(markers, beside) if markers else markers
        changes = _small_texts(request, found, tally) if found else {}
        if body:
            changes["response_body"] = redact_marked(body, narrowed(markers, body) if found else markers, tally)
        if found or is_special:
            changes |= _special(request, changes, tally)
        if found or has_secret_names:
            changes |= {name: _headers(value, found, tally) for name in _HEADERS if (value := getattr(request, name))}
        redacted = _changed(request, changes)
    new = redacted if more is None else _redacted_more(redacted, Counter() if tally is None else tally, more)
    return new if new is redacted else _redacted(new, tally, more)  # what goes may part a secret from what hid it


def _small_texts(request: Request, markers: set[str], tally: Counter[str]) -> dict[str, Any]:
    """Return the texts that are looked at together, which have no other `markers`, and the ids, without secrets."""
    changes: dict[str, Any] = {}
    if body := request.request_body:
        changes["request_body"] = redact_marked(body, narrowed(markers, body), tally)
    texts = {name: text for name in _SHORT_TEXTS if (text := getattr(request, name))}
    found = narrowed(markers, BETWEEN.join((*texts.values(), *request.resources)))
    if found:
        changes |= {name: redact_marked(text, found, tally) for name, text in texts.items()}
        changes["resources"] = _without_secrets(request.resources, redact_text)
    return changes


def _changed(request: Request, changes: Mapping[str, Any]) -> Request:
    values = list(request)
    for name, value in changes.items():
        values[_PLACES[name]] = value
    changed = Request._make(values)
    return request if changed == request else changed


def _redacted_more(request: Request, tally: Counter[str], more: "Own") -> Request:
    """Return `request` without what a user's own rules find."""
    changes: dict[str, Any] = {
        name: more.redact_text(text, tally) for name in (*_SHORT_TEXTS, *_BODIES) if (text := getattr(request, name))
    }
    changes["resources"] = _without_secrets(request.resources, more.redact_text)
    for field in _HEADERS:
        if headers := getattr(request, field):
            changes[field] = {name: _own_header(more, name, value, tally) for name, value in headers.items()}
    return _changed(request, changes)


def _own_header(more: "Own", name: str, value: str, tally: Counter[str]) -> str:
    if not more.is_header(name):
        return more.redact_text(value, tally)
    if not value or is_placeholder(value):
        return value
    tally[OWN] += 1
    return MARK


def _with_pseudonyms(request: Request, given: "Pseudonyms") -> Request:
    changes: dict[str, Any] = {
        name: given.in_text(text) for name in (*_SHORT_TEXTS, *_BODIES) if (text := getattr(request, name))
    }
    changes["user_agent"] = request.user_agent and given.in_software_names(request.user_agent)
    changes["resources"] = tuple(map(given.in_text, request.resources))
    for field in _HEADERS:
        if headers := getattr(request, field):
            changes[field] = {
                name: (given.in_software_names if _names_software(name) else given.in_text)(value)
                for name, value in headers.items()
            }
    return _changed(request, changes)


@lru_cache(maxsize=4096)
def _names_software(header: str) -> bool:
    return header.startswith(_SOFTWARE) or header.endswith(_SOFTWARE)


def _is_special(request: Request) -> bool:
    """Whether `_special` might find something in it, were it not looked at otherwise."""
    key = request.api_key
    return bool(request.query or (key and _key(key) != key) or (request.host and "@" in request.host))


def _special(request: Request, changes: Mapping[str, Any], tally: Counter[str]) -> dict[str, str]:
    """Return the fields of which more is known than that they are texts, without secrets."""
    new: dict[str, str] = {}
    if query := changes.get("query", request.query):
        new["query"] = redact_parameters(query, tally)
    if (host := changes.get("host", request.host)) and "@" in host:
        new["host"] = redact_text(_host(host, tally), tally)
    if (key := request.api_key) and (masked := _key(key)) != key:
        new["api_key"] = masked
        tally["key"] += 1
    return new


@lru_cache(maxsize=64)
def _key(key: str) -> str:
    return redact_key(key)


def _host(host: str, tally: Counter[str]) -> str:
    credentials, _, bare = host.rpartition("@")
    if is_placeholder(credentials.removesuffix(":")):
        return host
    tally["url_credentials"] += 1
    return f"{MARK}@{bare}"


def _without_secrets(resources: tuple[str, ...], redact_text: Callable[[str, Counter[str]], str]) -> tuple[str, ...]:
    """Return the ids that hold no secret."""
    return tuple(resource for resource in resources if redact_text(resource, Counter()) == resource)


def _headers(headers: Mapping[str, str], markers: set[str], tally: Counter[str]) -> Mapping[str, str]:
    changes: dict[str, str] = {}
    plain: list[tuple[str, str]] = []
    names: dict[str, str] = {}
    for name, value in headers.items():
        rule, secret = _told_by(name)
        if secret is not None:
            names[name] = secret
        if rule is None:
            plain.append((name, value))
        elif (new := _header(name, rule, value)) != value:
            changes[name] = new
            tally[rule] += 1
    if found := narrowed(markers, BETWEEN.join(value for _, value in plain)):
        changes |= {name: redact_marked(value, found, tally) for name, value in plain if len(value) > _SHORT}
    headers = {**headers, **changes} if changes else headers
    return {names.get(name, name): value for name, value in headers.items()} if names else headers


_PLAIN = (None, None)
"""What is told by the name of a header of which only the value may look like a secret."""


@lru_cache(maxsize=4096)
def _told_by(name: str) -> tuple[str | None, str | None]:
    """Return the rule for the header of that name, and what is left of the name where it is a secret itself."""
    shown = redact_text(name, Counter())
    return rule_of_header(name), None if shown == name else shown


def _header(name: str, rule: str, value: str) -> str:
    if not value or is_placeholder(value):
        return value
    if rule == "cookie" and "set" in name.lower():
        return redact_set_cookies(value)
    return _HEADER_VALUES[rule](value) if rule in _HEADER_VALUES else MARK
