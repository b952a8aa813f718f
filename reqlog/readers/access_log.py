r"""Access logs of Apache and nginx in the common and the combined format, also with the virtual host in front.

A line is `[host] address ident user [time] "request" status bytes`, and `"referer" "user agent"` after it in the
combined format. What a server was told to write after that has no names and is ignored, and so is the user. What a
server escaped (`\"`, `\x16`) stays as it wrote it.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import BinaryIO, Final, NamedTuple

from reqlog import addresses, catalog, limits, times
from reqlog.bounds import bounded
from reqlog.exchange import Occurrences, content_digest, local_id
from reqlog.readers.base import Reject, Sample
from reqlog.readers.lines import OVERLONG, lines
from reqlog.request import Request

_QUOTED = r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"'
_LINE: Final = re.compile(
    r"(?:([^\s\[]++) (?=[0-9A-Fa-f:.]++ |[^\s\[]{2,}+ - ))?([^\s\[]++) [^\s\[]++ [^\s\[][^\[]*+(?<= )"
    r"\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "
    rf"{_QUOTED} (\d{{3}}|-) (?:\d++|-)(?: {_QUOTED} {_QUOTED})?+(?: .*+)?+",
    re.ASCII,
)
_REQUEST_LINE: Final = re.compile(r"([A-Za-z][A-Za-z_-]{0,30}) (?:(.+) HTTP/\d(?:\.\d)?|([/*]\S*|[a-z]+://\S*))")
_WITH_PORT: Final = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|([\d.]+):\d+", re.ASCII)
_ABSOLUTE: Final = re.compile(r"(?:(https?)|[a-z][a-z0-9+.-]*)://([^/?#]*)([^?]*)", re.IGNORECASE)
_MONTHS: Final = (None, "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


SAMPLES: Final = (
    Sample(
        b'203.0.113.7 - jane [24/Feb/2025:12:00:00 +0200] "POST /v1/customers?limit=3 HTTP/1.1" 402 17\n'
        b'shop.example:443 2001:db8::7 - - [24/Feb/2025:10:00:01 +0000] "GET / HTTP/2.0" 200 - "-" "curl/8.5.0" 0.005\n'
        b"\n"
        b"Feb 24 10:00:02 web1 nginx: started\n"
        b'203.0.113.7 - - [24/Feb/2025:10:00:03 +0000] "\\x16\\x03 \\"" 400 0 "https://shop.example/" "-"\n'
        b'203.0.113.7 - - [24/Feb/2025:10:00:04 +0000] "GET / HTTP/1.1" 000 0 "-" "-"\n',
        (
            {
                "time": datetime(2025, 2, 24, 10, tzinfo=UTC),
                "method": "POST",
                "host": None,
                "path": "/v1/customers",
                "query": "limit=3",
                "endpoint": "/v1/customers",
                "status": 402,
                "ip_address": "203.0.113.7",
                "user_agent": None,
                "request_headers": None,
            },
            {
                "host": "shop.example",
                "path": "/",
                "status": 200,
                "ip_address": "2001:db8::7",
                "user_agent": "curl/8.5.0",
                "request_headers": {"user-agent": "curl/8.5.0"},
            },
            "SAMPLE:4: not in the common or combined format",
            {
                "method": None,
                "path": '\\x16\\x03 \\"',
                "endpoint": None,
                "status": 400,
                "request_headers": {"referer": "https://shop.example/"},
            },
            "SAMPLE:6: no response",
        ),
    ),
)


class RequestLine(NamedTuple):
    """What the first line of an HTTP request says."""

    method: str | None = None
    """Upper case; missing if the line is not one of HTTP."""
    host: str | None = None
    """Only in the absolute form, and of CONNECT."""
    path: str | None = None
    """The whole line if it is not one of HTTP."""
    query: str | None = None
    """Without the question mark."""


def read(stream: BinaryIO, name: str) -> Iterator[Request | Reject]:
    """Yield the requests of an access log."""
    occurrences = Occurrences()
    for number, line in lines(stream):
        if line is None:
            yield Reject(name, number, OVERLONG)
        elif not line or line.isspace():
            continue
        else:
            found = _request_of(line, occurrences)
            yield Reject(name, number, found) if isinstance(found, str) else bounded(found, len(line))


def _request_of(line: bytes, occurrences: Occurrences) -> Request | str:
    """Return the record of a line, or the reason to reject it."""
    match = _LINE.fullmatch(line.decode("utf-8", "backslashreplace"))
    if match is None:
        return "not in the common or combined format"
    virtual_host, address, time, request, status, referer, user_agent = match.groups()
    if status[0] in "-0":
        return "no response"
    method, host, path, query = request_line(request)
    if len(request) > limits.TEXT_CHARACTERS:
        path, query = path and path[:_PAST_LIMIT], query and query[:_PAST_LIMIT]
    host = host or _host(virtual_host)
    endpoint, parameters = _located(method, path, host) if method and path else (None, ())
    target = path if query is None else f"{path}?{query}"
    named = catalog.ids_in(target) if target and "_" in target else ()
    user_agent = _present(user_agent)
    digest = content_digest(line)
    return Request(
        id=local_id(digest, occurrence=occurrences(digest)),
        time=clf_time(time),
        method=method,
        host=host,
        path=path,
        query=query,
        endpoint=endpoint,
        status=int(status),
        ip_address=address_of(address),
        user_agent=user_agent,
        request_headers=_headers(_present(referer), user_agent),
        resources=tuple(dict.fromkeys((*parameters, *named))) if parameters or named else (),
    )


def request_line(text: str) -> RequestLine:
    """Return what a request line says; `-`, which stands for none, says nothing."""
    match = _REQUEST_LINE.fullmatch(text)
    if match is None:
        return RequestLine() if text in _NOTHING else RequestLine(path=text)
    method = match[1].upper()
    target = match[2] or match[3]
    if method == "CONNECT":
        return RequestLine(method, target.lower())
    path, _, query = target.partition("?")
    host = None
    if path[:1] != "/" and (absolute := _ABSOLUTE.fullmatch(path)):
        host = _own_port(absolute[2].rpartition("@")[2], absolute[1])
        path = absolute[3] or "/"
    return RequestLine(method, host, path or None, query or None)


_PAST_LIMIT: Final = limits.TEXT_CHARACTERS + 1
"""As much of a text as shows that there is more of it than is taken."""
_REMEMBERED: Final = 1024
_located_before: Final = lru_cache(maxsize=1024)(catalog.located)


def _located(method: str, path: str, host: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Return what `catalog.located` does; what is short is remembered."""
    is_short = len(path) + len(host or "") <= _REMEMBERED
    return (_located_before if is_short else catalog.located)(method, path, host)


def clf_time(text: str) -> datetime | None:
    """Return the instant of a time such as `20/Jul/2009:22:59:26 +0330`."""
    return _clf_time(text) if len(text) == _CLF_LENGTH else None


@lru_cache(maxsize=1024)
def _clf_time(text: str) -> datetime | None:
    if text[3:6] not in _MONTHS:
        return None
    return times.from_iso(f"{text[7:11]}-{_MONTHS.index(text[3:6]):02}-{text[:2]}T{text[12:20]}{text[21:]}")


def address_of(text: str) -> str | None:
    """Return the IP address that `text` is, perhaps with a port after it; None if it is a name."""
    return _address_of(text) if len(text) <= _LONGEST_ADDRESS else None


@lru_cache(maxsize=4096)
def _address_of(text: str) -> str | None:
    with_port = _WITH_PORT.fullmatch(text)
    bare = (with_port[1] or with_port[2]) if with_port else text
    return addresses.address_of(bare)


_CLF_LENGTH: Final = 26
_LONGEST_ADDRESS: Final = 64
_NOTHING: Final = frozenset({"", "-"})
_OWN_PORTS: Final = {"http": ":80", "https": ":443"}


def _present(text: str | None) -> str | None:
    return None if text is None or text in _NOTHING else text


def _headers(referer: str | None, user_agent: str | None) -> dict[str, str] | None:
    """Return the headers that a combined line has."""
    if referer is None:
        return None if user_agent is None else {"user-agent": user_agent}
    return {"referer": referer} if user_agent is None else {"referer": referer, "user-agent": user_agent}


def _host(text: str | None) -> str | None:
    """Return the virtual host, without a port that is some scheme's own."""
    return None if text is None or text in _NOTHING else text.lower().removesuffix(":80").removesuffix(":443") or None


def _own_port(host: str, scheme: str | None) -> str | None:
    return host.lower().removesuffix(_OWN_PORTS.get((scheme or "").lower(), "")) or None
