"""Ids for records that came without one: derived from the content, so that a second import adds nothing."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b

from reqlog.request import FIELDS, Request

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_REMEMBERED = 65_536
_FOLLOWING = frozenset({"id", "endpoint", "truncated", "resources"})
"""Fields that follow from the others, by a catalog which changes."""


class Occurrences:
    """How often each content was seen in one input, so that equal records of one input stay apart.

    A class since it counts. It remembers the last 65,536 contents only, or an input of any size would fill the memory:
    equal records further apart than that are taken for one.
    """

    def __init__(self) -> None:
        self._counts: OrderedDict[bytes, int] = OrderedDict()

    @property
    def is_used(self) -> bool:
        """Whether anything was counted."""
        return bool(self._counts)

    def __call__(self, digest: bytes) -> int:
        """Return how often `digest` was seen before, and count it."""
        seen = self._counts.pop(digest, -1) + 1
        self._counts[digest] = seen
        if len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
        return seen


def content_digest(*parts: str | bytes | None) -> bytes:
    """Return what identifies `parts`, none of which can be mistaken for a part of another."""
    digest = blake2b(digest_size=16)
    for part in parts:
        if part is None:
            digest.update(b"-")
        else:
            content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
            digest.update(b"%d:" % len(content))
            digest.update(content)
    return digest.digest()


class LocalId(str):
    """An id that was derived just now, from a content that may hold secrets.

    A class since it has to be told from an id that was read.
    """

    __slots__ = ("within",)

    within: str | None
    """The name of what holds the record, where that is part of what tells it from others."""


def local_id(*parts: str | bytes | None, occurrence: int = 0, within: str | None = None) -> LocalId:
    """Return the id of a record that has none: the same for the same `parts` and number of occurrence, always."""
    digest = content_digest(*parts, str(occurrence)) if occurrence else content_digest(*parts)
    number = int.from_bytes(digest, "big")
    letters = []
    for _ in range(16):
        number, letter = divmod(number, 62)
        letters.append(_BASE62[letter])
    id = LocalId("local_" + "".join(letters))
    id.within = within
    return id


def renamed(redacted: Request, read: Request, occurrence_of: Callable[[bytes], int] | None = None) -> Request:
    """Return `redacted`, which was `read`, under an id that tells nothing of what was taken out of it.

    A derived id is a digest of the content: whoever has it, and the content but for a password, could try passwords
    until it fits. So where something was taken out it is derived anew, of what is left; and so is an id that had a
    secret in it itself, since several of those might be left the same.
    """
    if redacted is read or not (isinstance(read.id, LocalId) or redacted.id != read.id):
        return redacted
    within = read.id.within if isinstance(read.id, LocalId) else None
    parts = (within, *_content(redacted))
    occurrence = occurrence_of(content_digest(*parts)) if occurrence_of else 0
    return redacted._replace(id=local_id(*parts, occurrence=occurrence, within=within))


def _content(request: Request) -> Iterator[str | None]:
    for name in FIELDS:
        value = getattr(request, name)
        if name in _FOLLOWING:
            continue
        if isinstance(value, Mapping):
            yield str(len(value))
            for pair in value.items():
                yield from pair
        else:
            yield None if value is None else str(value)
