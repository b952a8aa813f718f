"""What a store is, as protocols of the methods that are used.

Reading is apart from keeping, since captures that are asked directly (`--file`) can answer but not keep.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

from reqlog.filters import Filter
from reqlog.request import Request

Item = TypeVar("Item")


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


class Saved(NamedTuple):
    """What could be saved of a damaged store."""

    requests: int
    """How many requests."""
    incomplete: int
    """How many of them lack a part, which their `truncated` names."""
    lost: int
    """How many more there were, by the indexes of the damaged store."""
    is_exact: bool
    """Whether an index could be read to its end, so that no more than that were lost."""


class Info(NamedTuple):
    """What a store says of itself."""

    place: str
    """Path or URL, without any password."""
    bytes: int
    """How much room it takes, with everything that belongs to it."""
    requests: int
    """How many requests it keeps."""
    oldest: datetime | None
    """Time of the oldest; missing if none has a time."""
    newest: datetime | None
    """Time of the newest."""
    schema_version: int
    """Number of the schema that it has."""
    room: Mapping[str, int]
    """What takes the room, in bytes, largest first."""
    is_purged: bool
    """Whether nothing is left of requests that were removed; not after `remove` was interrupted."""


class Packing(NamedTuple, Generic[Item]):
    """How requests come to a store from other processes, where what it takes to keep them is done as far as it can."""

    pack: Callable[[Sequence[Request]], bytes]
    """A function of a module, called where the requests are."""
    unpack: Callable[[bytes], Sequence[Item]]
    """Gives as many items as there were requests."""


class Parts(Protocol):
    """What is left of an answer, to be read by several processes: all of the state of the store that it began with."""

    @property
    def open(self) -> Callable[[], Callable[[Any], Iterator[list[Any]]]]:
        """What can be sent by `pickle`, and begins to read where it is called; it gives what yields a span, as `plain`.

        Raises StoreError if it is not the same store any more.
        """

    def spans(self) -> Iterator[Any]:
        """Yield what can be read apart from one another, in the order of the answer."""

    def took(self, span: Any, requests: int) -> None:  # noqa: ANN401  (as `spans` gives it)
        """Learn how many requests there were in `span`."""

    def are_of_one_state(self) -> bool:
        """Whether all who have begun to read by now read what the answer began with."""


@runtime_checkable
class Plain(Protocol):
    """An answer that can go on without making a `Request` of each request, which is half of the work of writing it."""

    def plain(self) -> Iterator[list[Any]]:
        """Yield those requests that were not taken yet as the values of their fields, in order.

        The time is in unix milliseconds, headers are a dict, and everything else is as it is in a `Request`.
        """

    def instant(self) -> Iterator[list[Any]]:
        """Yield as `plain` does those that are of one time with the next, and leave the others."""

    def parts(self) -> "Parts | None":
        """Return how other processes can read what comes after `instant`; None if one is enough, or the only way."""


class Answers(Protocol):
    """What can answer a question about requests."""

    def find(self, filter: Filter, *, limit: int | None = None, reverse: bool = False) -> Iterator[Request]:
        """Yield the requests that match, newest first, ties by id; `reverse` gives the oldest first."""

    def get(self, id: str) -> Request | None:
        """Return the request of that id."""

    def count_by(self, filter: Filter, fields: Sequence[str], *, samples: int = 0, times: bool = True) -> list[Group]:
        """Count the requests that match by the values of `fields`, most frequent first, then by `last_seen`.

        Without fields it is one group of all that match, and none when nothing does. Each group comes with its newest
        `samples` requests. Who needs no `times` may get groups without them.
        """

    def close(self) -> None:
        """Let go of what is open."""


class Follows(Protocol):
    """What can tell of requests as they come in."""

    def follow(
        self, filter: Filter, *, page: int, wait: Callable[[], None], reverse: bool = False
    ) -> Iterator[Request]:
        """Yield the newest `page` requests that match, then those that come in, as they come, each once.

        The page comes newest first, with `reverse` newest last; those after it come in the order in which they come in,
        whatever their times are. A request that is known and enriched is not new. `wait` is called each time that there
        are no more, and it is up to it when to look again: what it raises ends the iterator.
        """

    def close(self) -> None:
        """Let go of what is open."""


class Store(Answers, Follows, Protocol):
    """What keeps requests."""

    def add(self, requests: Iterable[Request]) -> Added:
        """Keep `requests`, all of them or, if it raises, none; of a server some may be kept, and all when added again.

        A request whose id is known fills in what the kept one lacks and overwrites nothing.
        """

    @property
    def packing(self) -> Packing[Any]:
        """How requests come from other processes."""

    def add_unpacked(self, items: Sequence[Any]) -> Added:
        """Keep the requests of which `packing` made `items`, as `add` does."""

    def remove(self, filter: Filter) -> int:
        """Forget the requests that match and return how many they were; nothing of their text is left when it returns.

        It is done wholly or not at all, but for the text: when that could not be taken out, `Info.is_purged` is false
        until the next call, whatever that removes. Room that is not used is given back.
        """

    def excess(self, size: int) -> Filter:
        """Return the filter of the oldest requests without which the store takes about `size` bytes."""

    def info(self) -> Info:
        """Return what the store says of itself."""

    def check(self) -> Iterator[str]:
        """Yield what is wrong with the store, a sentence each; nothing if every request can be read and found."""
