"""Headers on their way through: which go on, and how they are written for the client, byte for byte."""

from collections.abc import Iterable

from reqlog.exchange import Headers

RawHeaders = Iterable[tuple[bytes, bytes]]
"""Names and values in the order, spelling and number in which they came."""

_OF_ONE_CONNECTION = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"upgrade", b"http2-settings"}
)


def passed_on(headers: RawHeaders) -> list[tuple[bytes, bytes]]:
    """Return `headers` without those that are about one connection, and not about the message.

    `Transfer-Encoding` stays, since the body goes on in chunks where it came in chunks.
    """
    headers = list(headers)
    named = {
        name.strip().lower()
        for header, value in headers
        if header.lower() == b"connection"
        for name in value.split(b",")
    }
    dropped = _OF_ONE_CONNECTION | (named - {b"transfer-encoding", b"content-length", b"host"})
    return [(name, value) for name, value in headers if name.lower() not in dropped]


def to_upstream(headers: RawHeaders, host: str) -> Headers:
    """Return the headers to send to `host`; raise UnicodeDecodeError for one that is not UTF-8.

    What is not UTF-8 aiohttp would leave out without a word.
    """
    return tuple(
        (name.decode(), host if name.lower() == b"host" else value.decode()) for name, value in passed_on(headers)
    )


def as_text(headers: RawHeaders) -> Headers:
    """Return `headers` as they are recorded."""
    return tuple((name.decode("utf-8", "replace"), value.decode("utf-8", "replace")) for name, value in headers)


def head_of(status_line: str, headers: RawHeaders) -> bytes:
    """Return the first part of an answer, up to the empty line."""
    lines = [status_line.encode("utf-8", "surrogateescape"), *(b"%b: %b" % header for header in headers), b"", b""]
    return b"\r\n".join(lines)
