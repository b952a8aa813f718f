"""The API's error codes, decline codes and error types, and what to do about them.

What is not in the catalog is normal: the API grows.
"""

from functools import cache

from reqlog.catalog.facts import lines, rows

_PAGE = "https://docs.stripe.com/error-codes"
_DECLINES_PAGE = "https://docs.stripe.com/declines/codes"


@cache
def error_codes() -> tuple[str, ...]:
    """Return the error codes that the catalog knows, sorted."""
    return lines("error_codes.txt")


@cache
def decline_codes() -> tuple[str, ...]:
    """Return the decline codes that the catalog knows, sorted."""
    return lines("decline_codes.txt")


@cache
def error_types() -> tuple[str, ...]:
    """Return the error types that the catalog knows, sorted."""
    return lines("error_types.txt")


@cache
def _known() -> frozenset[str]:
    return frozenset((*error_codes(), *decline_codes(), *error_types()))


@cache
def _hints() -> dict[tuple[str, str], str]:
    return {(kind, code): text for kind, code, text in rows("hints.tsv")}


def is_known(code: str) -> bool:
    """Whether `code` is an error code, a decline code or an error type of the catalog."""
    return code in _known()


def error_hint(code: str | None, decline_code: str | None = None, error_type: str | None = None) -> str | None:
    """Return what the failure means and what to do, in a sentence or three: the most specific that is known."""
    asked = (("decline", decline_code), ("error", code), ("type", error_type))
    return next((_hints()[kind, word] for kind, word in asked if word and (kind, word) in _hints()), None)


def doc_url(code: str | None, decline_code: str | None = None) -> str | None:
    """Return the address of Stripe's own text on a code; None for what the catalog does not know."""
    if code is not None and code in error_codes():
        return f"{_PAGE}#{code.replace('_', '-')}"
    return _DECLINES_PAGE if decline_code is not None and decline_code in decline_codes() else None
