"""In what two stores differ, whatever their engines: the requests of both side by side, in the same order."""

from collections.abc import Iterator

from reqlog.filters import EVERYTHING
from reqlog.request import FIELDS, Request, newest_first
from reqlog.store.base import Answers


def differences(one: Answers, other: Answers) -> Iterator[str]:
    """Yield a sentence for each request that only one of them has, or that is not the same in both, newest first."""
    ours, theirs = one.find(EVERYTHING), other.find(EVERYTHING)
    left, right = next(ours, None), next(theirs, None)
    while left is not None or right is not None:
        if right is None or (left is not None and newest_first(left) > newest_first(right)):
            yield f"{_named(left)} is not in the other store."
            left = next(ours, None)
        elif left is None or newest_first(left) < newest_first(right):
            yield f"{_named(right)} is only in the other store."
            right = next(theirs, None)
        else:
            if names := _different(left, right):
                yield f"{_named(left)} is not the same in both: {', '.join(names)}."
            left, right = next(ours, None), next(theirs, None)


def _named(request: Request | None) -> str:
    if request is None or request.time is None:
        return f"The request {request.id if request else ''}, of unknown time,"
    return f"The request {request.id} of {request.time:%Y-%m-%dT%H:%M:%S}Z"


def _different(one: Request, other: Request) -> list[str]:
    return [name for name in FIELDS if getattr(one, name) != getattr(other, name)]
