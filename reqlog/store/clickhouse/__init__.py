"""The store on a ClickHouse server or cluster; nothing outside this package knows ClickHouse.

One table in the order of time and one of ids (`schema`), asked by `reading` and filled by `adding`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from reqlog.exceptions import StoreError
from reqlog.exchange import packing
from reqlog.filters import Compare, Filter
from reqlog.request import Request
from reqlog.store.base import Added, Group, Info, Packing
from reqlog.store.clickhouse import adding, arrivals, counting, reading, removal, upkeep
from reqlog.store.clickhouse.schema import create, tables_of
from reqlog.store.clickhouse.server import Server

__all__ = ["ClickHouseStore"]


class ClickHouseStore:
    """The store on `server`; opened for reading it must exist, for writing it is created."""

    def __init__(self, server: Server, *, write: bool, cluster: str | None = None) -> None:
        self._server = server
        tables = create(server, cluster) if write else tables_of(server)
        if tables is None:
            message = (
                f"There is no store at {server.shown}; fill one with `reqlog import PATH`, or name another "
                "with --store."
            )
            raise StoreError(message)
        self.tables = tables

    def close(self) -> None:
        """Let go of the connection."""
        self._server.close()

    def find(self, filter: Filter, *, limit: int | None = None, reverse: bool = False) -> Iterator[Request]:
        """Yield the requests that match, newest first, ties by id; `reverse` gives the oldest first."""
        return reading.matching(self._server, self.tables, filter, limit=limit, reverse=reverse)

    def get(self, id: str) -> Request | None:
        """Return the request of that id."""
        return next(self.find(Compare("id", "=", id), limit=1), None)

    def count_by(
        self,
        filter: Filter,
        fields: Sequence[str],
        *,
        samples: int = 0,
        times: bool = True,  # noqa: ARG002  (they cost nothing here)
    ) -> list[Group]:
        """Count the requests that match by the values of `fields`, most frequent first, then by `last_seen`."""
        return counting.groups(self._server, self.tables, filter, fields, samples)

    def follow(
        self, filter: Filter, *, page: int, wait: Callable[[], None], reverse: bool = False
    ) -> Iterator[Request]:
        """Yield the newest `page` requests that match, then without end those that come in, as they come."""
        return arrivals.follow(self._server, self.tables, filter, page, wait, reverse=reverse)

    def add(self, requests: Iterable[Request]) -> Added:
        """Keep `requests`; if it raises, some of them may be kept, and adding them again completes it."""
        return adding.add(self._server, self.tables, list(requests))

    @property
    def packing(self) -> Packing[Request]:
        """How requests come here from other processes: as they are."""
        return Packing(packing.packed, packing.unpacked)

    def add_unpacked(self, items: Sequence[Request]) -> Added:
        """Keep the requests of which `packing` made `items`, as `add` does."""
        return self.add(items)

    def remove(self, filter: Filter) -> int:
        """Forget the requests that match and return how many they were."""
        return removal.remove(self._server, self.tables, filter)

    def excess(self, size: int) -> Filter:
        """Return the filter of the oldest requests without which the store takes about `size` bytes."""
        return upkeep.excess(self._server, self.tables, size)

    def info(self) -> Info:
        """Return what the store says of itself."""
        return upkeep.info(self._server, self.tables)

    def check(self) -> Iterator[str]:
        """Yield what is wrong with the store, a sentence each."""
        return upkeep.problems(self._server, self.tables)
