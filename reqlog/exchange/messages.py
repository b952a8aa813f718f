"""One half of an exchange as text: its headers by name and its body, decompressed and decoded."""

import re
import zlib
from codecs import getincrementaldecoder, lookup
from collections.abc import Mapping
from typing import NamedTuple

from reqlog import limits

Headers = tuple[tuple[str, str], ...]
"""Header names and values in the order they were sent, repeated names repeated, names in any case."""

_CHARSET = re.compile(r"charset=[\"']?([A-Za-z0-9_-]{1,20})", re.IGNORECASE)
_CHARSETS = re.compile(
    r"utf-?(?:8|16(?:-?[lb]e)?)|(?:us-)?ascii|latin-?1|iso-8859-\d{1,2}|(?:windows-|cp)125\d"
    r"|shift_jis|euc-(?:jp|kr)|gb(?:k|2312|18030)|big5|koi8-[ru]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST_BYTES = limits.BODY_CHARACTERS * 4


class Message(NamedTuple):
    """One half of an exchange as text."""

    headers: dict[str, str] | None
    """Names in lower case, repeated ones joined."""
    first: Mapping[str, str]
    """The same with the first value of the repeated ones."""
    body: str | None
    """In full, even where the record keeps only the beginning."""


def message_of(headers: Headers | None, body: bytes | str | None, side: str, cut: list[str]) -> Message:
    """Return one side, `request` or `response`; the names of the fields that had to be cut are added to `cut`.

    A side of which there are no headers at all is one whose headers were not captured: every client sends some. Of a
    body that `cut` names already, only the beginning is given.
    """
    joined, first = _by_name((headers or ())[: limits.HEADER_COUNT])
    if headers is not None and len(headers) > limits.HEADER_COUNT:
        cut.append(f"{side}_headers")
    text, whole = _text(body, first, whole=f"{side}_body" not in cut)
    if not whole or (text is not None and len(text) > limits.BODY_CHARACTERS):
        cut.append(f"{side}_body")
    return Message(joined or None, first, text)


def _by_name(headers: Headers) -> tuple[dict[str, str], dict[str, str]]:
    """Return headers by lower-case name, repeated ones joined, and the same with the first value of those."""
    joined = {name.lower(): value for name, value in headers}
    if len(joined) == len(headers) and "".join(joined).isascii() and "".join(joined.values()).isascii():
        return joined, joined
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(clean(name).lower(), []).append(clean(value))
    return {name: ", ".join(each) for name, each in values.items()}, {name: each[0] for name, each in values.items()}


def clean(text: str) -> str:
    """Return `text` without lone surrogates, which no file and no store can hold."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def capped(body: str | None) -> str | None:
    """Return as much of a body as a record keeps."""
    return None if body is None else body[: limits.BODY_CHARACTERS]


def _text(body: bytes | str | None, headers: Mapping[str, str], *, whole: bool) -> tuple[str | None, bool]:
    """Return a body as text, and whether that is all of it; None and False for what is no text.

    A body that is not `whole` is the beginning of one.
    """
    if not body:
        return None, whole
    if isinstance(body, str):
        return clean(body), whole
    try:
        content, whole = _decompressed(body, headers.get("content-encoding", "").strip().lower(), whole=whole)
        charset = _charset(headers.get("content-type", ""))
        text = getincrementaldecoder(charset)().decode(content, final=whole)
    except (zlib.error, UnicodeError):
        return None, False
    return (None, False) if "\0" in text else (clean(text) or None, whole)


def _decompressed(body: bytes, encoding: str, *, whole: bool) -> tuple[bytes, bool]:
    """Return `body` with its Content-Encoding undone, and whether it is whole; recorders may have undone it before."""
    if encoding in {"gzip", "x-gzip"} and body.startswith(b"\x1f\x8b"):
        inflate = zlib.decompressobj(31)
    elif encoding == "deflate" and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0:
        inflate = zlib.decompressobj()
    else:
        return body, whole
    content = inflate.decompress(body, _MOST_BYTES)
    if whole and not inflate.eof and len(content) < _MOST_BYTES:
        raise zlib.error("the end is missing")
    return content, whole and inflate.eof


def _charset(content_type: str) -> str:
    """Return the text encoding that a Content-Type names; UTF-8 if it names none, or one that nobody knows."""
    match = _CHARSET.search(content_type)
    if match is None or not _CHARSETS.fullmatch(match[1].lower()):
        return "utf-8"
    try:
        return lookup(match[1]).name
    except LookupError:
        return "utf-8"
