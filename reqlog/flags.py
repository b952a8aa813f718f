"""The table of filter flags: how each is spelled, what it takes, and the `Filter` that a value of it becomes.

One row here is one flag on every command that reads requests, with its `--not-` form, its help, its completion and its
row in the docs. Values are checked here, before anything is read: one that can never match is a `UsageError`. Nothing
here knows click.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from reqlog import catalog, limits
from reqlog.addresses import address_of, network_of
from reqlog.exceptions import UsageError
from reqlog.filters import And, Compare, Filter, Glob, InNetwork, Mentions, Not, OneOf, Operator, Or, Touches, words_of
from reqlog.request import NO_ANSWER

Parse = Callable[[str], Filter]
"""Take what the user typed as one value; raise UsageError if it can never match."""


class Flag(NamedTuple):
    """One filter flag."""

    name: str
    """Without the leading dashes: `error-code`."""
    heading: str
    """The group it stands in, in help and docs."""
    metavar: str
    """What its value is called in help."""
    help: str
    """One line."""
    parse: Parse
    """One value to a filter."""
    known: Callable[[], Iterable[str]] | None = None
    """The values worth offering when completing."""
    splits: bool = True
    """Whether commas separate values; not where a value may well hold one."""


def any_of(flag: Flag, texts: Sequence[str]) -> Filter:
    """Return the filter of what was given to `flag`, once or more: one of the values."""
    values = [part.strip() for text in texts for part in (text.split(",") if flag.splits else [text])]
    leaves = tuple(dict.fromkeys(_parsed(flag, value) for value in values))
    equals = [leaf for leaf in leaves if isinstance(leaf, Compare) and leaf.operator == "="]
    if len(leaves) > 1 and len(equals) == len(leaves):
        return OneOf(equals[0].field, tuple(leaf.value for leaf in equals))
    return leaves[0] if len(leaves) == 1 else Or(leaves)


def _parsed(flag: Flag, value: str) -> Filter:
    if not value:
        message = f"--{flag.name} was given an empty value; leave the flag out, or name a value."
        raise UsageError(message)
    return flag.parse(checked_text(f"--{flag.name}", value))


def checked_text(name: str, value: str) -> str:
    """Return `value`, which was given to `name`; raise UsageError if it is no text, so that nothing can equal it."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        message = f"{name} {value!a}: not text in UTF-8, so nothing can match it."
        raise UsageError(message) from error
    return value


FAILED = Or((And((Compare("status", ">=", 400), Compare("status", "<", 600))), Compare("error_type", "=", NO_ANSWER)))
"""What `--status failed` means: answered with an error, or not answered."""

_STATUS_WORDS: dict[str, Filter] = {
    "succeeded": And((Compare("status", ">=", 200), Compare("status", "<", 300))),
    "failed": FAILED,
}
_STATUS_CLASS = r"(?i)([1-5])xx"
_STATUS_RANGE = r"([0-9]{3})-([0-9]{3})"
_STATUS_BOUND = r"(>=|<=|>|<|=)?\s*([0-9]{3})"


def _status(text: str) -> Filter:
    if words := _STATUS_WORDS.get(text.lower()):
        return words
    if found := re.fullmatch(_STATUS_CLASS, text):
        first = int(found[1]) * 100
        return And((Compare("status", ">=", first), Compare("status", "<", first + 100)))
    if found := re.fullmatch(_STATUS_RANGE, text):
        low, high = int(found[1]), int(found[2])
        if 100 <= low <= high:
            return And((Compare("status", ">=", low), Compare("status", "<=", high)))
    elif (found := re.fullmatch(_STATUS_BOUND, text)) and int(found[2]) >= 100:
        return Compare("status", _operator(found[1]), int(found[2]))
    message = f"--status {text}: not a status; give 402, 4xx, 400-499, '>=400', succeeded or failed."
    raise UsageError(message)


def _operator(text: str | None) -> Operator:
    match text:
        case "<" | "<=" | ">" | ">=":
            return text
        case _:
            return "="


_METHOD = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"


def _method(text: str) -> Filter:
    if not re.fullmatch(_METHOD, text):
        message = f"--method {text}: not an HTTP method; give GET, POST, DELETE or another name."
        raise UsageError(message)
    return Compare("method", "=", text.upper())


def _endpoint(text: str) -> Filter:
    method, space, path = text.rpartition(" ")
    if space:
        return And((_method(method.strip()), _endpoint(path)))
    if not text.startswith(("/", "*")):
        message = (
            f"--endpoint {text}: an endpoint starts with a slash, as in /v1/customers/{{customer}} or '/v1/charges*'."
        )
        raise UsageError(message)
    if is_glob(text):
        return _glob("endpoint", text)
    template = catalog.endpoint_of(None, text) if "/:" in text else None
    return Compare("endpoint", "=", template or text)


def is_glob(text: str) -> bool:
    """Whether `text` stands for more than itself, where a glob may be given."""
    return "*" in text or "?" in text


def _exact(field: str) -> Parse:
    return partial(Compare, field, "=")


def _glob(field: str, text: str) -> Filter:
    if not is_glob(text):
        return Compare(field, "=", text)
    if len(text) > limits.GLOB_CHARACTERS:
        flag = field.replace("_", "-")
        message = f"--{flag} {text[:60]}…: a glob of more than {limits.GLOB_CHARACTERS} characters; give a shorter one."
        raise UsageError(message)
    return Glob(field, text)


def _source(text: str) -> Filter:
    if text.lower() not in _SOURCES:
        message = f"--source {text}: no such source; give {' or '.join(_SOURCES)}."
        raise UsageError(message)
    return Compare("source", "=", text.lower())


_SOURCES = ("api", "dashboard")


def _ip(text: str) -> Filter:
    if "/" in text and (network := network_of(text)):
        return InNetwork("ip_address", network)
    if address := address_of(text):
        return Compare("ip_address", "=", address)
    message = f"--ip {text}: not an IP address; give one as 203.0.113.7, or a network as 203.0.113.0/24."
    raise UsageError(message)


def _mentions(text: str) -> Filter:
    words = tuple(dict.fromkeys(words_of(text)))
    if not words:
        message = (
            f"--text {text}: there is no word in it; give words of letters and digits, as in 'insufficient funds'."
        )
        raise UsageError(message)
    return Mentions(words)


_WHAT, _VERSION, _ERROR, _WHO = "The call", "API version", "The error", "Who and where"
_METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD")
_STATUSES = ("succeeded", "failed", "2xx", "3xx", "4xx", "5xx", "400", "401", "402", "403", "404", "409", "429", "500")

FLAGS: tuple[Flag, ...] = (
    Flag("status", _WHAT, "STATUS", "402, 4xx, 400-499, '>=400', succeeded, failed.", _status, lambda: _STATUSES),
    Flag("method", _WHAT, "METHOD", "GET, POST, DELETE or any other.", _method, lambda: _METHODS),
    Flag(
        "endpoint",
        _WHAT,
        "TEMPLATE",
        "Path template or a glob of it, with or without method: 'POST /v1/charges'.",
        _endpoint,
        catalog.endpoints,
    ),
    Flag("path", _WHAT, "PATH", "Path as sent, or a glob of it.", partial(_glob, "path")),
    Flag("resource", _WHAT, "ID", "Id of an object, anywhere in the request: cus_….", Touches),
    Flag("text", _WHAT, "WORDS", "Words anywhere in the bodies, path or error message.", _mentions, splits=False),
    Flag("id", _WHAT, "ID", "Request id, or a glob of it.", partial(_glob, "id")),
    Flag("idempotency-key", _WHAT, "KEY", "Idempotency key.", _exact("idempotency_key"), splits=False),
    Flag("original-request", _WHAT, "ID", "Request id that a replay repeats.", _exact("original_request")),
    Flag("api-version", _VERSION, "VERSION", "Version that served the call.", _exact("api_version"), catalog.versions),
    Flag(
        "requested-version",
        _VERSION,
        "VERSION",
        "Version that the caller asked for.",
        _exact("requested_version"),
        catalog.versions,
    ),
    Flag("error-type", _ERROR, "TYPE", "Type of the error: card_error.", _exact("error_type"), catalog.error_types),
    Flag(
        "error-code",
        _ERROR,
        "CODE",
        "Code of the error: resource_missing.",
        _exact("error_code"),
        catalog.error_codes,
    ),
    Flag(
        "decline-code",
        _ERROR,
        "CODE",
        "The issuer's reason for a decline: insufficient_funds.",
        _exact("decline_code"),
        catalog.decline_codes,
    ),
    Flag("error-param", _ERROR, "NAME", "Parameter that the error is about.", _exact("error_param")),
    Flag("source", _WHO, "SOURCE", "Who made the call: api or dashboard.", _source, lambda: _SOURCES),
    Flag("ip", _WHO, "ADDRESS", "IP address, or network as 203.0.113.0/24.", _ip),
    Flag("account", _WHO, "ID", "Connected account: acct_….", _exact("account")),
    Flag("api-key", _WHO, "KEY", "API key as shown, or a glob: 'sk_live_*4242'.", partial(_glob, "api_key")),
    Flag("user-agent", _WHO, "GLOB", "User agent: '*RubyBindings*'.", partial(_glob, "user_agent"), splits=False),
    Flag("host", _WHO, "HOST", "Host, or a glob of it: '*.stripe.com'.", partial(_glob, "host")),
)


def all_of(*filters: Filter) -> Filter:
    """Return the filter that every one of `filters` holds, without needless nesting."""
    parts = tuple(part for filter in filters for part in (filter.filters if isinstance(filter, And) else (filter,)))
    return parts[0] if len(parts) == 1 else And(parts)


def in_mode(livemode: bool | None) -> Filter:  # noqa: FBT001  (the value of --livemode, not a mode of this function)
    """Return the filter of `--livemode` and `--testmode`."""
    return And() if livemode is None else Compare("livemode", "=", livemode)


def filter_of(given: Mapping[Flag, Sequence[str]], negated: Mapping[Flag, Sequence[str]]) -> Filter:
    """Return the filter of the flags given: every flag must hold, no `--not-` form may."""
    wanted = [any_of(flag, texts) for flag, texts in given.items()]
    unwanted = [any_of(flag, texts) for flag, texts in negated.items()]
    count = sum(len(one.filters) for one in (*wanted, *unwanted) if isinstance(one, Or))
    if count > limits.FILTER_VALUES:
        message = f"There are {count} values in the filter flags, and {limits.FILTER_VALUES} are the most; ask twice."
        raise UsageError(message)
    return all_of(*wanted, *map(Not, unwanted))
