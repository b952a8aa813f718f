"""What was recorded, in a few lines for people: the failures first."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reqlog.recording.backlog import Counts
from reqlog.request import NO_ANSWER, Request

_LISTED = 10
_KINDS = 1000


class _Kind(NamedTuple):
    """What failures that are listed as one have in common."""

    method: str | None
    endpoint: str | None
    status: int | None
    error: str | None

    def __str__(self) -> str:
        what = " ".join(filter(None, (self.method, self.endpoint)))
        status = "no answer" if self.status is None else str(self.status)
        why = None if self.error == NO_ANSWER and self.status is None else self.error
        return f"{what or 'a request'}: {' '.join(filter(None, (status, why)))}"


class Failures:
    """The failed requests that it was told of, counted by kind."""

    def __init__(self) -> None:
        self._kinds: dict[_Kind, tuple[int, Request]] = {}
        self._requests = 0
        self._told = 0

    def losses(self, counts: Counts) -> Iterator[str]:
        """Yield a line, if more could not be recorded than when it was asked last."""
        if counts.lost > self._told:
            self._told = counts.lost
            why = counts.failure or "the store is too slow for them."
            yield f"{_requests(counts.lost)} could not be recorded so far: {why}"

    def note(self, requests: Sequence[Request]) -> None:
        """Count `requests`, which failed."""
        self._requests += len(requests)
        for request in requests:
            kind = _Kind(request.method, request.endpoint, request.status, request.error_code or request.error_type)
            known, _ = self._kinds.get(kind, (0, None))
            if known or len(self._kinds) < _KINDS:
                self._kinds[kind] = (known + 1, request)

    def summary(self, counts: Counts) -> Iterator[str]:
        """Yield the lines of the summary of what became of all requests."""
        if self._requests:
            yield f"{self._requests} of {_requests(counts.recorded)} failed:"
            ranked = sorted(self._kinds.items(), key=lambda item: -item[1][0])
            for kind, (number, last) in ranked[:_LISTED]:
                yield f"  {number} x {kind}; the last is {last.id}"
                if last.error_message:
                    yield f"      {last.error_message}"
            if len(ranked) > _LISTED:
                more = "" if len(ranked) < _KINDS else "at least "
                yield f"  and {more}{len(ranked) - _LISTED} other kinds; see them all with: reqlog errors"
        if counts.dropped:
            yield f"{_requests(counts.dropped)} could not be recorded, since the store was too slow for them."
        if counts.failed:
            yield f"{_requests(counts.failed)} could not be recorded: {counts.failure}"
        if any(counts[:3]):
            yield f"{_requests(counts.recorded)} recorded."
        else:
            yield "No request came to the proxy; does the client use its URL as base URL?"


def _requests(number: int) -> str:
    return f"{number} request{'' if number == 1 else 's'}"
