"""Headers and bodies as they are kept: text where they are short, and Zstandard frames where that saves room.

Bodies are short and alike, so that they are compressed with a dictionary of what the API's objects look like. It comes
with the package: one made of the requests in a store would keep text of theirs when they are gone. A frame carries a
checksum, so that a changed byte is noticed. zstandard keeps what it has set up from one frame to the next, which takes
it 1 us for a body where the standard library's module takes 10.
"""

import os
import threading
from collections.abc import Sequence

import zstandard

from reqlog import limits

_COMPRESSED_FROM = 80
"""Shorter texts, in characters, hardly get shorter."""
_LEVEL = 3
_WHOLE, _ALONE = False, False
"""Of `decompress`, `read_across_frames` and `allow_extra_data`: given by name, each frame would take 0.4 us more."""
_BETWEEN = "\0"
_TOGETHER_TO = 16 * 1024
"""Longer texts, in characters, have enough in themselves to be compressed by, and may be read one without another."""
DICTIONARY = os.path.join(os.path.dirname(__file__), "dictionary_1.zstd")
"""The file that holds the dictionary."""

UnreadableError = zstandard.ZstdError
"""What `unpacked` raises of a frame that is broken, beside ValueError of what is none of ours."""


class _Contexts(threading.local):
    """What has been set up, by each thread for itself: two must not use one at once."""

    compressor: zstandard.ZstdCompressor | None = None
    decompressor: zstandard.ZstdDecompressor | None = None


_contexts = _Contexts()


def packed(text: str) -> str | bytes:
    """Return what is kept of `text`."""
    if len(text) < _COMPRESSED_FROM:
        return text
    frame = _compressor().compress(plain := text.encode())
    return frame if len(frame) < len(plain) else text


def unpacked(kept: str | bytes) -> str:
    """Return the text of what `packed` returned; raise ValueError or UnreadableError for what it never would."""
    if isinstance(kept, str):
        return kept
    if zstandard.frame_content_size(kept) > limits.RECORD_BYTES:
        raise ValueError("longer than any text that is kept")
    return _decompressor().decompress(kept, limits.RECORD_BYTES, _WHOLE, _ALONE).decode()


def packed_together(texts: Sequence[str | None]) -> bytes | None:
    """Return one frame of all `texts`, if there are two or more, and that takes less room than they do."""
    if sum(text is not None for text in texts) < 2:
        return None
    joined = _BETWEEN.join([text or "" for text in texts])
    if len(joined) > _TOGETHER_TO or joined.count(_BETWEEN) >= len(texts):
        return None
    frame = packed(joined)
    return frame if isinstance(frame, bytes) else None


def unpacked_together(frame: bytes) -> list[str]:
    """Return the texts of a frame, "" for those that were missing; raise what `unpacked` does."""
    return unpacked(frame).split(_BETWEEN)


def _dictionary() -> zstandard.ZstdCompressionDict:
    """Return the dictionary, to be used by one thread and in one direction: to set it up again takes it from others."""
    with open(DICTIONARY, "rb") as file:
        return zstandard.ZstdCompressionDict(file.read())


def _compressor() -> zstandard.ZstdCompressor:
    if _contexts.compressor is None:
        dictionary = _dictionary()
        dictionary.precompute_compress(level=_LEVEL)
        _contexts.compressor = zstandard.ZstdCompressor(
            level=_LEVEL, dict_data=dictionary, write_checksum=True, write_dict_id=False
        )
    return _contexts.compressor


def _decompressor() -> zstandard.ZstdDecompressor:
    if _contexts.decompressor is None:
        _contexts.decompressor = zstandard.ZstdDecompressor(dict_data=_dictionary())
    return _contexts.decompressor
