"""Ids for records that came without one: derived from the content, so that a second import adds nothing."""

from collections import OrderedDict
from hashlib import blake2b

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_REMEMBERED = 65_536


class Occurrences:
    """How often each content was seen in one input, so that equal records of one input stay apart.

    A class since it counts. It remembers the last 65,536 contents only, or an input of any size would fill the memory:
    equal records further apart than that are taken for one.
    """

    def __init__(self) -> None:
        self._counts: OrderedDict[bytes, int] = OrderedDict()

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


def local_id(*parts: str | bytes | None, occurrence: int = 0) -> str:
    """Return the id of a record that has none: the same for the same `parts` and number of occurrence, always."""
    digest = content_digest(*parts, str(occurrence)) if occurrence else content_digest(*parts)
    number = int.from_bytes(digest, "big")
    letters = []
    for _ in range(16):
        number, letter = divmod(number, 62)
        letters.append(_BASE62[letter])
    return "local_" + "".join(letters)
