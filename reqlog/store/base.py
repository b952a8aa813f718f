"""What a store is, as protocols of the methods that are used.

Reading is apart from keeping, since captures that are asked directly (`--file`) can answer but not keep.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from reqlog.filters import Filter
from reqlog.request import Request


class Group(NamedTuple):
    """Requests that have the same values in some fields."""

    values: tuple[object, ...]
    """The values, in the order in which the fields were asked for."""
    requests: int
    """How many requests have them."""
    first_seen: datetime | None
    """Time of the oldest."""
    last_seen: datetime | None
    """Time of the newest."""
    samples: tuple[Request, ...] = ()
    """The newest of them, newest first, as many as were asked for, each as `sample_of` gives it."""


def sample_of(request: Request) -> Request:
    """Return of `request` only what tells of its group: groups may be many, and bodies large."""
    return Request(request.id, request.time, error_message=request.error_message, resources=request.resources)


class Added(NamedTuple):
    """What became of requests that were added."""

    imported: int = 0
    """How many were new."""
    duplicates: int = 0
    """How many were known, with nothing new to tell."""
    enriched: int = 0
    """How many were known and filled in something that was missing."""

    def plus(self, other: "Added") -> "Added":
        """Return the sum of both."""
        return Added(self.imported + other.imported, self.duplicates + other.duplicates, self.enriched + other.enriched)


class Answers(Protocol):
    """What can answer a question about requests."""

    def find(self, filter: Filter, *, limit: int | None = None, reverse: bool = False) -> Iterator[Request]:
        """Yield the requests that match, newest first, ties by id; `reverse` gives the oldest first."""

    def get(self, id: str) -> Request | None:
        """Return the request of that id."""

    def count_by(self, filter: Filter, fields: Sequence[str], *, samples: int = 0) -> list[Group]:
        """Count the requests that match by the values of `fields`, most frequent first, then by `last_seen`.

        Without fields it is one group of all that match, and none when nothing does. Each group comes with its newest
        `samples` requests.
        """

    def close(self) -> None:
        """Let go of what is open."""


class Store(Answers, Protocol):
    """What keeps requests."""

    def add(self, requests: Iterable[Request]) -> Added:
        """Keep `requests`, all of them or, if it raises, none.

        A request whose id is known fills in what the kept one lacks and overwrites nothing.
        """
