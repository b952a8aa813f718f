"""From a path as sent to its endpoint, the template that names the operation: `/v1/customers/{customer}`.

A path of Stripe's API is looked up among the templates: a literal segment beats a parameter, a template that has the
method beats one that has not. Any other path gets its template by rule: a segment that looks like an id becomes `{id}`.
Templates are their own endpoint, written with `{customer}` or, as the Stripe CLI does, with `:id`.
"""

import re
from functools import cache

from reqlog.catalog.facts import rows
from reqlog.catalog.ids import is_id

_STRIPE = frozenset({"api.stripe.com", "files.stripe.com", "uploads.stripe.com"})
_LOOPBACK = r"localhost|[a-z0-9-]+\.localhost|127\.\d+\.\d+\.\d+|\[::1\]|::1"
_MOST_SEGMENTS = 16
_LONGEST_ID = 255
_ID = (
    r"[0-9]+"
    r"|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|(?=[a-fA-F]*[0-9])[0-9a-fA-F]{8,}"
    r"|(?:[a-z]+_)?(?=[a-zA-Z]*[0-9])(?=[0-9]*[a-zA-Z])[a-zA-Z0-9]{16,}"
    r"|(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])(?=(?:[^0-9]*[0-9]){2})[a-zA-Z0-9_-]{16,}"
)


class _Node:
    """A place in the tree of templates; grown once, then only read."""

    __slots__ = ("literals", "methods", "parameter", "places", "template")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.template: str | None = None
        self.methods: set[str] = set()
        self.places: tuple[int, ...] = ()


@cache
def endpoints() -> tuple[str, ...]:
    """Return the templates that the catalog knows, sorted."""
    return tuple(sorted({template for _method, template, _operation in rows("endpoints.tsv")}))


def endpoint_of(method: str | None, path: str, host: str | None = None) -> str | None:
    """Return the template of `path`; None if it is no path."""
    return located(method, path, host)[0]


def path_parameters(method: str | None, path: str, host: str | None = None) -> tuple[str, ...]:
    """Return the segments of `path` that stand where its template in the catalog has parameters."""
    return located(method, path, host)[1]


def located(method: str | None, path: str, host: str | None = None) -> tuple[str | None, tuple[str, ...]]:
    """Return the template of `path` and the segments that are its parameters.

    The catalog is asked if `host` is Stripe's, this machine (a test server) or unknown.
    """
    if path[:1] != "/":
        return None, ()
    if path[:3] in {"/v1", "/v2"} and _is_stripe(host):
        segments = path.split("/", _MOST_SEGMENTS)
        node = _found(_root(), segments, 1, method) or _found(_root(), segments, 1, None)
        if node is not None:
            return node.template, tuple(segments[place] for place in node.places)
    return "/".join(map(_by_rule, path.split("/"))), ()


def _is_stripe(host: str | None) -> bool:
    return host is None or host in _STRIPE or re.fullmatch(rf"(?:{_LOOPBACK})(?::\d+)?", host) is not None


@cache
def _root() -> _Node:
    root = _Node()
    for method, template, _operation in rows("endpoints.tsv"):
        node = root
        segments = template.split("/")
        for segment in segments[1:]:
            if segment.startswith("{"):
                node.parameter = node = node.parameter or _Node()
            else:
                node = node.literals.setdefault(segment, _Node())
        node.template = template
        node.methods.add(method)
        node.places = tuple(place for place, segment in enumerate(segments) if segment.startswith("{"))
    return root


def _found(node: _Node, segments: list[str], at: int, method: str | None) -> _Node | None:
    """Return the node of the template that `segments` match from `at` on, of any method if that is None."""
    if at == len(segments):
        return node if node.template is not None and (method is None or method in node.methods) else None
    literal = node.literals.get(segments[at])
    found = _found(literal, segments, at + 1, method) if literal is not None else None
    if found is None and node.parameter is not None and segments[at]:
        found = _found(node.parameter, segments, at + 1, method)
    return found


def _by_rule(segment: str) -> str:
    if segment.isalpha() or len(segment) > _LONGEST_ID:
        return segment
    if segment[:1] == ":" and segment[1:].replace("_", "").isalnum():
        return "{id}"
    return "{id}" if re.fullmatch(_ID, segment) or ("_" in segment and is_id(segment)) else segment
