"""What to say when nothing matched: what was asked for, and which values there are near those that there are not."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reqlog.filters import EVERYTHING, And, Compare, Filter, OneOf, Or, Present, describe
from reqlog.request import NO_ANSWER

if TYPE_CHECKING:
    from reqlog.store.base import Answers

_FIELDS = frozenset(
    {
        "method",
        "host",
        "endpoint",
        "api_version",
        "requested_version",
        "error_type",
        "error_code",
        "decline_code",
        "error_param",
        "source",
        "account",
    }
)
"""Fields of few values, of which those that there are may be told."""

_NAMED = 5
_ADVISED = 10
_COMPARED = 1000
"""So many values, the most frequent, are looked at for those that are near: strangers may have written any number."""
_SHOWN = 100


def advise(filter: Filter, answers: "Answers") -> Iterator[str]:
    """Yield what to say about `filter`, which nothing matched, in sentences."""
    if next(answers.find(EVERYTHING, limit=1), None) is None:
        yield "There are no requests at all yet; `reqlog import PATH` brings some in."
        return
    yield f"No request matches: {describe(filter)}."
    wanted: dict[str, dict[str, None]] = {}
    for field, value in _wanted(filter):
        wanted.setdefault(field, {})[value] = None
    for field, values in wanted.items():
        groups = answers.count_by(Present(field), (field,), times=False)
        known = {str(group.values[0]): None for group in groups}
        unknown = [value for value in values if value not in known]
        for value in unknown[:_ADVISED]:
            yield f"No request has the {field} {value}; {_near(field, value, list(known))}."
        if len(unknown) > _ADVISED:
            yield f"Nor has any request one of the other {len(unknown) - _ADVISED} that were asked for."


def _wanted(filter: Filter) -> Iterator[tuple[str, str]]:
    """Yield the fields and values that `filter` wants to be equal."""
    match filter:
        case And(filters) | Or(filters):
            for part in filters:
                yield from _wanted(part)
        case Compare(field, "=", str(value)) if field in _FIELDS and value != NO_ANSWER:  # `failed` asks for that
            yield field, value
        case OneOf(field, values) if field in _FIELDS:
            yield from ((field, str(value)) for value in values)
        case _:
            return


def _near(field: str, value: str, known: list[str]) -> str:
    if not known:
        return f"none has any {field}"
    from difflib import get_close_matches

    likely = [name for name in known[:_COMPARED] if len(name) <= _SHOWN]
    near = [name for name in known if name.startswith(value)][:_NAMED] or get_close_matches(
        value, likely, n=_NAMED, cutoff=0.5
    )
    if near:
        return f"near it {'is' if len(near) == 1 else 'are'} {_listed(near)}"
    more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
    return f"there {'is' if len(known) == 1 else 'are'} {_listed(known[:_NAMED])}{more}"


def _listed(names: list[str]) -> str:
    return ", ".join(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…" for name in names)
