"""JSON lines of any logger, through a mapping of its keys to the fields of a request.

The mappings that come with reqlog are in `presets`, how one is declared is in `mapping`. `-`, an empty text and null
count as absent, as loggers write them for what there is not.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import msgspec

from reqlog import times
from reqlog.bounds import bounded
from reqlog.exchange import Exchange, Headers, Occurrences, request_of
from reqlog.readers.access_log import RequestLine, address_of, clf_time, request_line
from reqlog.readers.base import Read, Reject, Sample
from reqlog.readers.json_records import NotDecoded, json_records, reason
from reqlog.readers.lines import without_escapes
from reqlog.readers.mapping import MAPPED, PER_SECOND, UNIX, Mapping, Path, mapping_from
from reqlog.readers.presets import PRESETS
from reqlog.request import Request

__all__ = ["PRESETS", "SAMPLES", "Mapping", "mapping_from", "read", "reader"]

SAMPLES: Final = (
    Sample(
        b'caddy  | {"level":"info","ts":1740391200.25,"msg":"server running"}\n'
        b'caddy  | {"ts":1740391200.25,"request":{"client_ip":"203.0.113.7","method":"GET","host":"shop.example",'
        b'"uri":"/v1/customers?limit=3","headers":{"User-Agent":["curl/8.5.0"]}},"duration":0.0025,"status":404,'
        b'"resp_headers":{"Server":["Caddy"]}}\n'
        b"caddy exited with code 0\n"
        b'caddy  | {"ts":1740391201,"request":{"method":"GET","uri":"/"},"status":0}\n',
        (
            "SAMPLE:1: not a request of a known format; declare its keys in the config file and give --format",
            {
                "time": datetime(2025, 2, 24, 10, 0, 0, 250_000, UTC),
                "duration_ms": 2.5,
                "method": "GET",
                "host": "shop.example",
                "path": "/v1/customers",
                "query": "limit=3",
                "status": 404,
                "ip_address": "203.0.113.7",
                "user_agent": "curl/8.5.0",
                "request_headers": {"user-agent": "curl/8.5.0"},
                "response_headers": {"server": "Caddy"},
            },
            "SAMPLE:3: not a JSON object",
            "SAMPLE:4: no response",
        ),
    ),
)


def read(stream: BinaryIO, name: str) -> Iterator[Request | Reject]:
    """Yield the requests of a log in one of the presets, which its first request tells."""
    return _records(stream, name, tuple(PRESETS.values()))


def reader(*mappings: Mapping) -> Read:
    """Return the reader of the logs that one of `mappings` describes, which their first request tells."""

    def read(stream: BinaryIO, name: str) -> Iterator[Request | Reject]:
        return _records(stream, name, mappings)

    return read


_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode
_PREFIX: Final = re.compile(rb"[\w.-]+ *\| |\S+ std(?:out|err) [FP] ")
_UNKNOWN: Final = "not a request of a known format; declare its keys in the config file and give --format"
_NO_REQUEST: Final = "not a request"


def _records(stream: BinaryIO, name: str, candidates: tuple[Mapping, ...]) -> Iterator[Request | Reject]:
    occurrences = Occurrences()
    chosen = candidates[0] if len(candidates) == 1 else None
    for item in json_records(stream, name):
        if isinstance(item, Reject):
            yield item
            continue
        number, line = item
        text = _json_of(line, chosen)
        if text[:1] != b"{":
            yield Reject(name, number, "not a JSON object")
            continue
        try:
            log = _decode(text)
        except NotDecoded as error:
            yield Reject(name, number, reason(error))
            continue
        chosen = chosen or next((mapping for mapping in candidates if _recognises(mapping, log)), None)
        found = _UNKNOWN if chosen is None else _request_of(log, chosen, occurrences)
        yield Reject(name, number, found) if isinstance(found, str) else bounded(found, len(text))


def _json_of(line: bytes, mapping: Mapping | None) -> bytes:
    """Return a line without what a logger or a container engine put before the JSON."""
    if line[:1] == b"{":
        return line
    text = without_escapes(line).lstrip()
    prefix = mapping.prefix if mapping is not None and mapping.prefix is not None else _PREFIX
    match = prefix.match(text)
    return text[match.end() :] if match else text


def _request_of(log: dict[str, Any], mapping: Mapping, occurrences: Occurrences) -> Request | str:
    """Return the record of an object, or the reason to reject it."""
    if not _has_all(log, mapping):
        return _NO_REQUEST
    values = {name: value for name, paths in mapping.fields.items() if (value := _first(log, paths)) is not None}
    line = request_line(text) if (text := _text(values.get("request_line"))) else RequestLine()
    method, url = _text(values.get("method")) or line.method, _url(values, line)
    if method is None and url is None:
        return _NO_REQUEST
    status = _status(values.get("status"))
    if status is None or status <= 0:
        return "no response"
    if not 100 <= status <= 999:
        return "status is not one of HTTP"
    record = request_of(_exchange(values, mapping, method, url), occurrence_of=occurrences)
    direct = ((name, _DIRECT[name](values[name])) for name in values if name in _DIRECT)
    declared: dict[str, Any] = {name: value for name, value in direct if value is not None}
    return record._replace(**declared) if declared else record


def _exchange(values: dict[str, Any], mapping: Mapping, method: str | None, url: str | None) -> Exchange:
    ip = _text(values.get("ip_address"))
    return Exchange(
        method=method,
        url=url,
        request_headers=_request_headers(values),
        request_body=_body(values.get("request_body")),
        status=_status(values.get("status")),
        response_headers=_headers(values.get("response_headers")),
        response_body=_body(values.get("response_body")),
        time=_time(values.get("time"), mapping.time_unit),
        duration_ms=_milliseconds(values.get("duration_ms"), mapping.duration_unit),
        ip_address=address_of(ip) if ip else None,
    )


def _recognises(mapping: Mapping, log: dict[str, Any]) -> bool:
    """Whether `mapping` can tell that `log` is one of its own; one that requires nothing has to be named."""
    return bool(mapping.requires) and _has_all(log, mapping)


def _has_all(log: dict[str, Any], mapping: Mapping) -> bool:
    return all(_at(log, path) is not None for path in mapping.requires)


def _first(log: dict[str, Any], paths: tuple[Path, ...]) -> object:
    """Return what the first path leads to that leads to anything."""
    for path in paths:
        value = _at(log, path)
        if value is not None:
            return value
    return None


def _at(log: object, path: Path) -> object:
    """Return what a path leads to; None if that is nothing."""
    for key in path:
        if type(log) is not dict:
            return None
        if key[-1] == "*":
            start = key[:-1]
            return {name[len(start) :].replace("_", "-"): log[name] for name in log if name.startswith(start)} or None
        log = log.get(key)
    return None if log in _ABSENT else log


_ABSENT: Final = (None, "", "-")
_HOST: Final = re.compile(r"[\w.:\[\]-]{1,260}")
_NUMBER: Final = re.compile(r"-?\d{1,20}(?:\.\d{1,20})?", re.ASCII)
_GO_DURATION: Final = re.compile(r"(?:\d{1,20}(?:\.\d{1,20})?(?:h|m|s|ms|us|µs|μs|ns))+", re.ASCII)
_GO_PART: Final = re.compile(r"([\d.]+)([a-zµμ]+)")
_MS_PER: Final = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ns": 1e-6}
_MAGNITUDES: Final = ((1e11, "s"), (1e14, "ms"), (1e17, "us"))


def _url(values: dict[str, Any], line: RequestLine) -> str | None:
    """Return the URL, put together from what parts there are."""
    url = _text(values.get("url")) or _text(values.get("path")) or line.path
    query = _text(values.get("query")) or line.query
    host = _text(values.get("host")) or line.host
    if query and "?" not in (url or ""):
        url = f"{url or ''}?{query}"
    if host is None or not _HOST.fullmatch(host) or (url and url[0] not in "/?"):
        return url
    scheme = "http" if str(values.get("scheme")).lower() == "http" else "https"
    return f"{scheme}://{host}{url or ''}"


def _request_headers(values: dict[str, Any]) -> Headers | None:
    headers = _headers(values.get("request_headers"))
    known = {name.lower() for name, _ in headers or ()}
    more = {"referer": _text(values.get("referer")), "user-agent": _text(values.get("user_agent"))}
    added = tuple((name, value) for name, value in more.items() if value and name not in known)
    return (headers or ()) + added if headers is not None or added else None


def _headers(value: object) -> Headers | None:
    """Return the headers of an object of names and values, or of lists of values."""
    if not isinstance(value, dict):
        return None
    return (
        tuple(
            (name, text)
            for name, each in value.items()
            for one in (each if isinstance(each, list) else [each])
            if (text := _text(one))
        )
        or None
    )


def _body(value: object) -> str | None:
    """Return a body; one that was logged as JSON within the JSON is written as JSON."""
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    return _text(value)


def _text(value: object) -> str | None:
    """Return a value as text; None for what is no single value."""
    if isinstance(value, str):
        return value if value not in _ABSENT else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(value)


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


_EXCHANGED: Final = frozenset(
    {"time", "duration_ms", "method", "host", "path", "query", "status", "ip_address", "user_agent"}
    | {"request_headers", "response_headers", "request_body", "response_body"}
    | {"url", "request_line", "scheme", "referer"}
)
_FLAGS: Final = frozenset({"livemode", "idempotent_replayed", "should_retry"})
_DIRECT: Final[dict[str, Callable[[object], object]]] = {
    name: _flag if name in _FLAGS else _text for name in MAPPED if name not in _EXCHANGED
}
"""The fields that are what the log says, whatever else there is to derive them from, and how each is read."""


def _number(value: object) -> float | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _status(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and -1e6 < number < 1e6 and number == int(number) else None


def _time(value: object, unit: str) -> datetime | None:
    number = _number(value)
    if number is None:
        return times.from_iso(value) or clf_time(value) if isinstance(value, str) else None
    if unit == UNIX:
        unit = next((unit for limit, unit in _MAGNITUDES if number < limit), "ns")
    return times.from_unix(number / PER_SECOND[unit])


def _milliseconds(value: object, unit: str) -> float | None:
    number = _number(value)
    if number is not None:
        return round(number * 1000 / PER_SECOND[unit], 6)
    if not isinstance(value, str) or not _GO_DURATION.fullmatch(value):
        return None
    return round(sum(float(count) * _MS_PER[each] for count, each in _GO_PART.findall(value)), 6)
