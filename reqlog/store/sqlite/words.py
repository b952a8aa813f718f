"""The words by which the text index finds a request: those of its texts, and one for its idempotency key.

What `text_of` makes of a request is part of the schema: see `schema`.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from reqlog.filters import searchable, words_of
from reqlog.request import Request
from reqlog.store.sqlite import rows

SEARCHED: tuple[str, ...] = (
    "path",
    "query",
    "request_body",
    "response_body",
    "error_message",
    "resources",
    "parts",
    "idempotency_key",
)
"""The columns whose words are in the text index, in the order in which `text_of_columns` takes them."""

_BETWEEN_WORDS = r"[^\w\x00-\x7f]"


def text_of(request: Request) -> str:
    """Return what the text index is given of `request`: such that its words are those of `words_of`, and `key_word`.

    The index knows how words of ASCII end and how they are told from one another whatever their case, and takes all
    other characters for parts of words.
    """
    text = searchable(request)
    if not text.isascii():
        text = text.lower()
        text = " ".join(words_of(text)) if re.search(_BETWEEN_WORDS, text) else text
    return text if request.idempotency_key is None else f"{text}\n{key_word(request.idempotency_key)}"


def key_word(idempotency_key: str) -> str:
    """Return the word by which the text index finds what has that key, and now and then something else.

    It is no word of any text: what it begins with is no part of a word to `words_of`. Keys come in no order, so that in
    an index of their own each would change a page somewhere, as each id does; this index is written in the order in
    which requests come.
    """
    return f"§{_crc32()(idempotency_key.encode('utf-8', 'surrogatepass')):08x}"


@cache
def _crc32() -> Callable[[bytes], int]:
    from binascii import crc32  # noqa: PLC0415  (few questions are about keys)

    return crc32


def text_of_columns(*values: Any) -> str:  # noqa: ANN401  (SQLite's values have no common type)
    """Return `text_of` of the request whose columns `SEARCHED` keep `values`, for SQL to call."""
    kept = dict(zip(SEARCHED, values, strict=True))
    return text_of(rows.request_of(tuple(map(kept.get, rows.COLUMNS))))


def text_if_readable(*values: Any) -> str | None:  # noqa: ANN401  (as above)
    """Return `text_of_columns`, or nothing of a request that cannot be read."""
    try:
        return text_of_columns(*values)
    except rows.DamagedRowError:
        return None
