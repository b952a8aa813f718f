"""What every reader is, and what it yields.

A reader is a module of one function, `read`, and of `SAMPLES`, which are its tests and its documentation: bytes beside
what they become. Which module reads which bytes is decided in `reqlog.readers`.
"""

from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple, Protocol

from reqlog.request import Request


class Reject(NamedTuple):
    """An input record that could not be read."""

    file: str
    """Name of the input."""
    place: int | None
    """Line number from 1, or the record's index from 1 where a format has no lines; missing for the whole file."""
    reason: str
    """Why, in a few words, never quoting the record."""

    def __str__(self) -> str:
        place = "" if self.place is None else f":{self.place}"
        return f"{self.file}{place}: {self.reason}"


class Passed(NamedTuple):
    """Records that are sound, and were passed over since they are not wanted."""

    number: int
    """How many."""


class Read(Protocol):
    """The function that each reader module has under the name `read`."""

    def __call__(self, stream: BinaryIO, name: str) -> Iterator[Request | Reject]:
        """Yield what `stream`, an input called `name`, holds, in its order.

        The stream is already decompressed. A record that cannot be read is yielded as a `Reject` and the rest goes on.
        """


class Sample(NamedTuple):
    """A few bytes of a format and what a reader makes of them."""

    text: bytes
    """The input."""
    records: tuple[Mapping[str, object] | str, ...]
    """In order, for each record the fields worth checking, or for a reject its whole text."""
