"""Captures that answer directly, without a store: every question streams them through `matches`.

Each record is judged by what its own capture knows; of repeated ids that match, one request is answered, with what the
others know filled in.
"""

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from itertools import islice

from reqlog import limits
from reqlog.filters import EVERYTHING, Compare, Filter, matches
from reqlog.request import Request, merge, newest_first, weight
from reqlog.store import open_temporary
from reqlog.store.base import Group, Store, sample_of

_HELD = 10_000


class CapturedAnswers:
    """Answers from what `requests` yields; it is called once for each question, and `let_go` at the end.

    It is told the filter, and may leave out requests that do not match.
    """

    def __init__(
        self, requests: Callable[[Filter], Iterable[Request]], let_go: Callable[[], None] | None = None
    ) -> None:
        self._requests = requests
        self._let_go = let_go

    def close(self) -> None:
        """Let go of what is held; what is read is closed when it has been read."""
        if self._let_go is not None:
            self._let_go()

    def find(self, filter: Filter, *, limit: int | None = None, reverse: bool = False) -> Iterator[Request]:
        """Yield the requests that match, newest first, ties by id; `reverse` gives the oldest first."""
        few = None if limit is None or limit > _HELD // 2 else partial(_first, limit=limit, reverse=reverse)
        with self._gathered(filter, few) as (held, overflow):
            if overflow is not None:
                yield from overflow.find(EVERYTHING, limit=limit, reverse=reverse)
            else:
                yield from islice(sorted(held, key=newest_first, reverse=not reverse), limit)

    def get(self, id: str) -> Request | None:
        """Return the request of that id."""
        return next(self.find(Compare("id", "=", id)), None)

    def count_by(
        self,
        filter: Filter,
        fields: Sequence[str],
        *,
        samples: int = 0,
        times: bool = True,  # noqa: ARG002  (they cost nothing here)
    ) -> list[Group]:
        """Count the requests that match by the values of `fields`, most frequent first, then by `last_seen`."""
        with self._gathered(filter) as (held, overflow):
            if overflow is not None:
                return overflow.count_by(EVERYTHING, fields, samples=samples)
            return _counted(held, fields, samples)

    @contextmanager
    def _gathered(
        self, filter: Filter, few: Callable[[Iterable[Request]], list[Request]] | None = None
    ) -> Iterator[tuple[Collection[Request], Store | None]]:
        """Give the requests that match, each id once: held in memory, or all in a temporary store if they are many.

        `few` picks those that are enough, if not all are wanted.
        """
        found: dict[str, Request] = {}
        held = 0
        with ExitStack() as closing_later:
            overflow: Store | None = None
            for request in self._requests(filter):
                if not matches(filter, request):
                    continue
                known = found.get(request.id)
                found[request.id] = merge(known, request) if known else request
                held += weight(request)
                if len(found) < _HELD and held < limits.HELD_CHARACTERS:
                    continue
                if few is not None:
                    found = {kept.id: kept for kept in few(found.values())}
                    held = sum(map(weight, found.values()))
                    if held < limits.HELD_CHARACTERS // 2:
                        continue
                    few = None  # even those are too much
                overflow = overflow or closing_later.enter_context(closing(open_temporary()))
                overflow.add(found.values())
                found.clear()
                held = 0
            if overflow is not None:
                overflow.add(found.values())
            yield found.values(), overflow


def _counted(requests: Iterable[Request], fields: Sequence[str], samples: int) -> list[Group]:
    groups: dict[tuple[object, ...], list[Request]] = {}
    for request in sorted(requests, key=newest_first, reverse=True):
        groups.setdefault(tuple(getattr(request, field) for field in fields), []).append(request)
    counted = [_group(values, members, samples) for values, members in groups.items()]
    return sorted(counted, key=lambda group: -group.requests)


def _group(values: tuple[object, ...], newest_to_oldest: list[Request], samples: int) -> Group:
    times = [request.time for request in newest_to_oldest if request.time]
    first_seen, last_seen = (times[-1], times[0]) if times else (None, None)
    return Group(
        values, len(newest_to_oldest), first_seen, last_seen, tuple(map(sample_of, newest_to_oldest[:samples]))
    )


def _first(requests: Iterable[Request], *, limit: int, reverse: bool) -> list[Request]:
    choose = heapq.nsmallest if reverse else heapq.nlargest
    return choose(limit, requests, key=newest_first)
