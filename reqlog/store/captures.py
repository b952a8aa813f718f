"""Captures that answer directly, without a store: every question streams them through `matches`.

Each record is judged by what its own capture knows; of repeated ids that match, one request is answered, with what the
others know filled in.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import islice

from reqlog.filters import EVERYTHING, Compare, Filter, matches
from reqlog.request import Request, merge, newest_first
from reqlog.store import open_temporary
from reqlog.store.base import Group, Store

_KEPT_BEYOND_LIMIT = 1000
_HELD = 10_000


class CapturedAnswers:
    """Answers from what `requests` yields; it is called once for each question."""

    def __init__(self, requests: Callable[[], Iterable[Request]]) -> None:
        self._requests = requests

    def close(self) -> None:
        """Do nothing: what is read is closed when it has been read."""

    def find(self, filter: Filter, *, limit: int | None = None, reverse: bool = False) -> Iterator[Request]:
        """Yield the requests that match, newest first, ties by id; `reverse` gives the oldest first.

        More of them than are good to hold in memory are put in order in a temporary store.
        """
        found: dict[str, Request] = {}
        with ExitStack() as closing_later:
            overflow: Store | None = None
            for request in self._matching(filter):
                known = found.get(request.id)
                found[request.id] = merge(known, request) if known else request
                if limit is not None and limit <= _HELD // 2 and len(found) > limit + _KEPT_BEYOND_LIMIT:
                    found = {kept.id: kept for kept in _first(found.values(), limit, reverse=reverse)}
                elif len(found) >= _HELD:
                    overflow = overflow or closing_later.enter_context(closing(open_temporary()))
                    overflow.add(found.values())
                    found.clear()
            if overflow is not None:
                overflow.add(found.values())
                yield from overflow.find(EVERYTHING, limit=limit, reverse=reverse)
            else:
                yield from islice(sorted(found.values(), key=newest_first, reverse=not reverse), limit)

    def get(self, id: str) -> Request | None:
        """Return the request of that id."""
        return next(self.find(Compare("id", "=", id)), None)

    def count_by(self, filter: Filter, fields: Sequence[str], *, samples: int = 0) -> list[Group]:
        """Count the requests that match by the values of `fields`, most frequent first, then by `last_seen`."""
        groups: dict[tuple[object, ...], _Tally] = {}
        seen: set[str] = set()
        for request in self._matching(filter):
            if request.id not in seen:
                seen.add(request.id)
                values = tuple(getattr(request, field) for field in fields)
                groups.setdefault(values, _Tally(samples)).add(request)
        tallies = sorted(groups.items(), key=lambda item: item[1].rank, reverse=True)
        return [tally.group(values) for values, tally in tallies]

    def _matching(self, filter: Filter) -> Iterator[Request]:
        return (request for request in self._requests() if matches(filter, request))


def _first(requests: Iterable[Request], limit: int, *, reverse: bool) -> list[Request]:
    choose = heapq.nsmallest if reverse else heapq.nlargest
    return choose(limit, requests, key=newest_first)


class _Tally:
    """The running count of one group."""

    def __init__(self, samples: int) -> None:
        self._wanted = samples
        self._samples: list[Request] = []
        self._requests = 0
        self._oldest: Request | None = None
        self._newest: Request | None = None

    def add(self, request: Request) -> None:
        self._requests += 1
        if self._newest is None or newest_first(request) > newest_first(self._newest):
            self._newest = request
        if request.time and (self._oldest is None or newest_first(request) < newest_first(self._oldest)):
            self._oldest = request
        if self._wanted:
            self._samples.append(request)
            if len(self._samples) > self._wanted + _KEPT_BEYOND_LIMIT:
                self._samples = _first(self._samples, self._wanted, reverse=False)

    @property
    def rank(self) -> tuple[object, ...]:
        return (self._requests, *(newest_first(self._newest) if self._newest else ()))

    def group(self, values: tuple[object, ...]) -> Group:
        return Group(
            values,
            self._requests,
            self._oldest.time if self._oldest else None,
            self._newest.time if self._newest else None,
            tuple(_first(self._samples, self._wanted, reverse=False)),
        )
