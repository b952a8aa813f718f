"""The elements of a YAML sequence as plain data, one by one, out of a document too large to hold.

Only libyaml's events are used: no tag makes an object, imports or runs anything. Every scalar is text, `!binary` ones
bytes, and an unknown tag changes nothing. Nothing here knows what the elements mean.
"""

import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from reqlog import limits

OVERSIZED: Final = f"larger than {limits.RECORD_BYTES // 1024**2} MiB"
"""The reason for an element that was not held."""

_Loader: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
"""Without libyaml the same events come from Python, some twenty times slower."""

_PIECE_BYTES = 512
"""Read at a time: libyaml refuses a bad byte when it reads its piece, and with it what it has not told of before."""
_MOST_UNTOLD_BYTES = 2 * limits.RECORD_BYTES
_NODE_BYTES = 80
"""What a node costs in memory besides its text, about."""
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BINARY: Final = frozenset({"!binary", "tag:yaml.org,2002:binary"})
_NULL_TAG: Final = "tag:yaml.org,2002:null"
_TOO_DEEP: Final = f"nested deeper than {limits.DEPTH}"
_TOO_DEEP_FOR_LIBYAML: Final = "exceeded maximum nesting depth"
"""What libyaml says at its own limit, which it may come to before it has told of what is within ours."""


class BrokenYamlError(ValueError):
    """The input is not the YAML it should be; the message is a reason for a `Reject`."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An element that cannot be taken, where those after it can."""

    reason: str
    """Why, in a few words."""


def sequence_items(stream: BinaryIO, keys: tuple[str, ...]) -> Iterator[object]:
    """Yield each element of the sequence that each document is, or that is under one of `keys` at its top.

    An element is None, str, bytes, list or dict, or `Unreadable`; what an alias repeats is one object, not to be
    changed. Empty documents have no elements. What is broken, nested deeper than `limits.DEPTH`, or has no such
    sequence raises `BrokenYamlError` after the elements before it.
    """
    try:
        yield from _Elements(stream).of_documents(keys)
    except yaml.MarkedYAMLError as error:
        if error.problem == _TOO_DEEP_FOR_LIBYAML:
            raise BrokenYamlError(_TOO_DEEP) from error
        line = "" if error.problem_mark is None else f" in line {error.problem_mark.line + 1}"
        raise BrokenYamlError(f"broken YAML{line}: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        raise BrokenYamlError(f"broken YAML at byte {error.position}: {error.reason}") from error
    except BrokenYamlError:
        raise
    except (ValueError, OverflowError) as error:  # only without libyaml, from escapes and versions
        raise BrokenYamlError("broken YAML: a number is too large") from error


def from_base64(text: str) -> bytes | str:
    """Return the bytes that `text` encodes, white space aside, or `text` as it is if it is no base64."""
    try:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError:
        return text


class _UntakenError(Exception):
    """The element cannot be taken; `depth` collections are open."""

    def __init__(self, reason: str, depth: int) -> None:
        super().__init__(reason)
        self.depth = depth


class _Meter:
    """A stream in small pieces that ends in an error when too much is read without an event."""

    __slots__ = ("_read", "room")

    def __init__(self, stream: BinaryIO) -> None:
        self._read = stream.read
        self.room = _MOST_UNTOLD_BYTES

    def read(self, size: int = _PIECE_BYTES, /) -> bytes:
        """Return the next piece, of `size` bytes at most."""
        piece = self._read(min(size, _PIECE_BYTES))
        self.room -= len(piece)
        if self.room < 0:
            raise BrokenYamlError(OVERSIZED)
        return piece


class _Elements:
    """A place among the events of a stream, with what its anchors stand for."""

    def __init__(self, stream: BinaryIO) -> None:
        self._meter = _Meter(stream)
        self._following: Callable[[], Any] = _Loader(self._meter).get_event
        self._left = limits.RECORD_BYTES
        self._anchors: dict[str, tuple[object, int]] = {}
        self._anchored = 0

    def of_documents(self, keys: tuple[str, ...]) -> Iterator[object]:
        while (event := self._following()) is not None:
            if isinstance(event, DocumentStartEvent):
                self._forget()
            elif isinstance(event, SequenceStartEvent):
                yield from self._of_sequence(depth=1)
            elif isinstance(event, MappingStartEvent):
                yield from self._under(keys)
            elif isinstance(event, ScalarEvent) and self._element(event, depth=0) is not None:
                raise BrokenYamlError("neither a list nor a mapping")

    def _under(self, keys: tuple[str, ...]) -> Iterator[object]:
        """Yield the elements under `keys` of the mapping that has begun, and go past its end."""
        found = False
        while not isinstance(event := self._following(), MappingEndEvent):
            key = self._element(event, depth=1)
            value = self._following()
            if key not in keys:
                self._element(value, depth=1)
                continue
            found = True
            if isinstance(value, SequenceStartEvent):
                yield from self._of_sequence(depth=2)
            elif self._element(value, depth=1) is not None:
                raise BrokenYamlError(f"{key} is not a list")
        if not found:
            raise BrokenYamlError(f"no {' or '.join(keys)}")

    def _of_sequence(self, depth: int) -> Iterator[object]:
        while not isinstance(event := self._following(), SequenceEndEvent):
            yield self._element(event, depth)

    def _element(self, event: NodeEvent, depth: int) -> object:
        """Return the node that `event` begins, inside `depth` collections, or `Unreadable`; go past its end."""
        self._left = limits.RECORD_BYTES
        self._meter.room = _MOST_UNTOLD_BYTES
        if self._anchored > limits.RECORD_BYTES:
            self._forget()
        try:
            return self._node(event, depth)
        except _UntakenError as error:
            self._go_past(error.depth - depth)
            return Unreadable(str(error))

    def _forget(self) -> None:
        self._anchors.clear()
        self._anchored = 0

    def _go_past(self, opened: int) -> None:
        while opened:
            event = self._following()
            self._meter.room = _MOST_UNTOLD_BYTES
            if isinstance(event, CollectionStartEvent):
                opened += 1
                _check_depth(opened)
            elif isinstance(event, CollectionEndEvent):
                opened -= 1

    def _node(self, event: NodeEvent, depth: int) -> object:
        if isinstance(event, AliasEvent):
            return self._repeated(event.anchor or "", depth)
        before = self._left
        data: object
        if isinstance(event, ScalarEvent):
            data = self._plain(event, depth)
            if event.tag is not None:
                data = self._tagged(event)
        else:
            _check_depth(depth)
            self._spend(_NODE_BYTES, depth + 1)
            data = self._mapping(depth + 1) if isinstance(event, MappingStartEvent) else self._sequence(depth + 1)
        if event.anchor is not None:
            weight = before - self._left
            self._anchors[event.anchor] = data, weight
            self._anchored += weight
        return data

    def _mapping(self, depth: int) -> dict[str | bytes, object]:
        """Return the mapping that has begun, without the keys that are neither text nor bytes."""
        data: dict[str | bytes, object] = {}
        following, node, plain = self._following, self._node, self._plain
        while (event := following()).__class__ is not MappingEndEvent:
            is_plain = event.__class__ is ScalarEvent and event.tag is None and event.anchor is None
            key = event.value if is_plain else node(event, depth)
            event = following()
            is_plain = event.__class__ is ScalarEvent and event.tag is None and event.anchor is None
            value = plain(event, depth) if is_plain else node(event, depth)
            if isinstance(key, str | bytes):
                data[key] = value
        return data

    def _sequence(self, depth: int) -> list[object]:
        data: list[object] = []
        following, node, plain = self._following, self._node, self._plain
        while (event := following()).__class__ is not SequenceEndEvent:
            is_plain = event.__class__ is ScalarEvent and event.tag is None and event.anchor is None
            data.append(plain(event, depth) if is_plain else node(event, depth))
        return data

    def _plain(self, event: ScalarEvent, depth: int) -> str | None:
        """Return a scalar without a tag; called for most nodes, so that it does by itself what `_spend` does."""
        value: str = event.value
        self._left -= len(value) + _NODE_BYTES
        if self._left < 0:
            raise _UntakenError(OVERSIZED, depth)
        return None if len(value) < 5 and value in _NULLS and not event.style else value

    def _tagged(self, event: ScalarEvent) -> str | bytes | None:
        if event.tag in _BINARY:
            return from_base64(event.value)
        return None if event.tag == _NULL_TAG else event.value

    def _repeated(self, anchor: str, depth: int) -> object:
        """Return what `anchor` stands for; it counts as if it were written again."""
        if anchor not in self._anchors:
            raise _UntakenError("an alias of what is not there", depth)
        data, weight = self._anchors[anchor]
        self._spend(weight, depth)
        return data

    def _spend(self, weight: int, depth: int) -> None:
        self._left -= weight
        if self._left < 0:
            raise _UntakenError(OVERSIZED, depth)


def _check_depth(depth: int) -> None:
    """Raise if a collection inside `depth` others is too much; libyaml's time grows with the square of the depth."""
    if depth >= limits.DEPTH:
        raise BrokenYamlError(_TOO_DEEP)
