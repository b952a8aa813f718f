"""The planted requests of `planted`, written as captures in every format that reqlog reads."""

import gzip
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import yaml
from planted import Planted, Plants, everything

_TIME = "2026-05-09T10:00:00.000Z"
_FORM = "application/x-www-form-urlencoded"


class Capture(NamedTuple):
    """One capture."""

    name: str
    """Of its file."""
    content: bytes
    """What is in it."""
    planted: dict[str, Planted]
    """The requests in it by their id, or by what stands for it in a format that has none."""


def captures() -> Iterator[Capture]:
    """Yield a capture in each format; of all that could be hidden in it the first two hide everything."""
    for place, (name, (places, write)) in enumerate(_FORMATS.items()):
        fitting = [one for one in everything(Plants(name)) if places is None or one.where in places]
        chosen = fitting if place < 2 else fitting[place % 3 :: 3]
        known = {f"req_{name.partition('.')[0].replace('-', '')}{number:05}x": one for number, one in enumerate(chosen)}
        yield Capture(name, write(known), known)


def _yaml(document: Any, **how: Any) -> str:
    return str(yaml.dump(document, Dumper=yaml.CSafeDumper, **how))


def _url(one: Planted) -> str:
    return f"https://{one.user}api.stripe.com{one.path}" + (f"?{one.query}" if one.query else "")


def _target(one: Planted) -> str:
    return one.path + (f"?{one.query}" if one.query else "")


def _method(one: Planted) -> str:
    return "POST" if one.request_body else "GET"


def _request_headers(one: Planted) -> dict[str, str]:
    form = {"Content-Type": _FORM} if "=" in one.request_body[:40] and one.request_body[0] not in "{<-" else {}
    return {"Accept": "*/*", **form, **one.request_headers}


def _response_headers(id: str, one: Planted) -> dict[str, str]:
    return {"Request-Id": id, "Content-Type": "application/json", **one.response_headers}


def _har(requests: dict[str, Planted]) -> bytes:
    return json.dumps({"log": {"version": "1.2", "entries": [_entry(*each) for each in requests.items()]}}).encode()


def _entry(id: str, one: Planted) -> dict[str, Any]:
    sent: dict[str, Any] = {
        "method": _method(one),
        "url": _url(one),
        "headers": [{"name": name, "value": value} for name, value in _request_headers(one).items()],
    }
    if _is_form(one) and _is_even(id):
        pairs = parse_qsl(one.request_body, keep_blank_values=True)
        sent["postData"] = {"mimeType": _FORM, "params": [{"name": name, "value": value} for name, value in pairs]}
    elif one.request_body:
        sent["postData"] = {"mimeType": "x", "text": one.request_body}
    content = {"text": one.response_body}
    if _is_even(id):
        content = {"text": b64encode(one.response_body.encode()).decode(), "encoding": "base64"}
    headers = [{"name": name, "value": value} for name, value in _response_headers(id, one).items()]
    received = {"status": 400, "headers": headers, "content": content}
    return {"startedDateTime": _TIME, "time": 5, "request": sent, "response": received}


def _is_form(one: Planted) -> bool:
    return "Content-Type" in _request_headers(one)


def _is_even(id: str) -> bool:
    return int(id[-6:-1]) % 2 == 0


def _ruby(requests: dict[str, Planted]) -> bytes:
    def body(id: str, text: str) -> dict[str, Any]:
        kind = int(id[-6:-1]) % 4
        if kind == 0:
            return {"encoding": "UTF-8", "string": text}
        if kind == 1:
            return {"encoding": "ASCII-8BIT", "string": text.encode()}
        if kind == 2:
            return {"encoding": "US-ASCII", "base64_string": b64encode(text.encode()).decode()}
        return {"encoding": "ASCII-8BIT", "string": gzip.compress(text.encode(), mtime=0)}

    def interaction(id: str, one: Planted) -> dict[str, Any]:
        packed = {"Content-Encoding": "gzip"} if int(id[-6:-1]) % 4 == 3 else {}
        sent, received = _request_headers(one), {**_response_headers(id, one), **packed}
        return {
            "request": {
                "method": _method(one).lower(),
                "uri": _url(one),
                "body": {"encoding": "UTF-8", "string": one.request_body},
                "headers": {name: [value] for name, value in sent.items()},
            },
            "response": {
                "status": {"code": 400, "message": "Bad Request"},
                "headers": {name: [value] for name, value in received.items()},
                "body": body(id, one.response_body),
            },
            "recorded_at": "Sat, 09 May 2026 10:00:00 GMT",
        }

    written = _yaml({"http_interactions": [interaction(*each) for each in requests.items()]}, width=200)
    return written.replace("!!binary", "!binary").encode()


def _vcrpy(requests: dict[str, Planted]) -> bytes:
    def interaction(id: str, one: Planted) -> dict[str, Any]:
        return {
            "request": {
                "body": one.request_body.encode() if _is_even(id) else one.request_body,
                "headers": {name: [value] for name, value in _request_headers(one).items()},
                "method": _method(one),
                "uri": _url(one),
            },
            "response": {
                "body": {"string": one.response_body.encode() if _is_even(id) else one.response_body},
                "headers": {name: [value] for name, value in _response_headers(id, one).items()},
                "status": {"code": 400, "message": "Bad Request"},
            },
        }

    interactions = [interaction(*each) for each in requests.items()]
    return _yaml({"interactions": interactions, "version": 1}, allow_unicode=True).encode()


def _go(requests: dict[str, Planted]) -> bytes:
    def interaction(id: str, one: Planted) -> dict[str, Any]:
        form: dict[str, list[str]] = {}
        for name, value in parse_qsl(one.request_body) if _is_form(one) else ():
            form.setdefault(name, []).append(value)
        sent = {"form": form, "body": ""} if form else {"body": one.request_body}
        headers = {name: [value] for name, value in _request_headers(one).items()}
        answered = {name: [value] for name, value in _response_headers(id, one).items()}
        return {
            "request": {**sent, "headers": headers, "url": _url(one), "method": _method(one)},
            "response": {"body": one.response_body, "headers": answered, "status": "400 Bad Request", "code": 400},
        }

    return _yaml({"version": 2, "interactions": [interaction(*each) for each in requests.items()]}).encode()


def _betamax(requests: dict[str, Planted]) -> bytes:
    def interaction(id: str, one: Planted) -> dict[str, Any]:
        packed = b64encode(gzip.compress(one.response_body.encode(), mtime=0)).decode()
        headers = {name: [value] for name, value in _response_headers(id, one).items()}
        return {
            "request": {
                "body": {"encoding": "utf-8", "base64_string": b64encode(one.request_body.encode()).decode()},
                "headers": {name: [value] for name, value in _request_headers(one).items()},
                "method": _method(one),
                "uri": _url(one),
            },
            "response": {
                "body": {"encoding": None, "base64_string": packed},
                "headers": {**headers, "Content-Encoding": ["gzip"]},
                "status": {"code": 400, "message": "Bad Request"},
            },
            "recorded_at": "2026-05-09T10:00:00",
        }

    return json.dumps({"http_interactions": [interaction(*each) for each in requests.items()]}).encode()


def _own(requests: dict[str, Planted]) -> bytes:
    return _lines(
        {
            "id": id,
            "time": _TIME,
            "method": _method(one),
            "host": f"{one.user}api.stripe.com",
            "path": one.path,
            "query": one.query or None,
            "status": 400,
            "api_key": one.secret.text if one.secret.text.startswith(("sk_", "rk_")) else None,
            "user_agent": one.request_headers.get("User-Agent"),
            "idempotency_key": one.secret.text if one.where == "user_agent" else None,
            "error_param": one.secret.text if one.where == "user_agent" else None,
            "error_message": one.response_body if one.where == "response_body" else None,
            "request_headers": {name.lower(): value for name, value in _request_headers(one).items()},
            "response_headers": {name.lower(): value for name, value in _response_headers(id, one).items()},
            "request_body": one.request_body or None,
            "response_body": one.response_body or None,
            "resources": ["cus_1", one.secret.text] if one.where == "user_agent" else ["cus_1"],
        }
        for id, one in requests.items()
    )


def _lines(records: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def _tail(requests: dict[str, Planted]) -> bytes:
    return _lines(
        {
            "livemode": False,
            "method": _method(one),
            "url": _target(one),
            "status": 400,
            "request_id": id,
            "created_at": 1778320800,
            "error": {
                "type": "api_error",
                "code": "x",
                "message": _message(one.response_body) if one.where == "response_body" else None,
                "param": one.secret.text if one.where == "path" else None,
            },
        }
        for id, one in requests.items()
    )


def _message(body: str) -> str:
    """Return what the API would say: the message of an error, or else the body as the message."""
    return json.loads(body)["error"]["message"] if body.startswith('{"error"') else body


def _text_tail(requests: dict[str, Planted]) -> bytes:
    lines = (f"2026-05-09 10:00:00 [400] {_method(one)} {_target(one)} [{id}]\n" for id, one in requests.items())
    return "".join(lines).encode()


def _access(requests: dict[str, Planted]) -> bytes:
    def line(id: str, one: Planted) -> str:
        referer, agent = one.request_headers.get("Referer", "-"), one.request_headers.get("User-Agent", id)
        target = f"{_target(one)}{'&' if one.query else '?'}id={id}"
        return f'203.0.113.7 - - [09/May/2026:10:00:00 +0000] "GET {target} HTTP/1.1" 400 9 "{referer}" "{agent}"\n'

    return "".join(line(*each) for each in requests.items()).encode()


def _caddy(requests: dict[str, Planted]) -> bytes:
    return _lines(
        {
            "ts": 1778320800.5,
            "request": {
                "client_ip": "203.0.113.7",
                "method": _method(one),
                "host": "api.stripe.com",
                "uri": _target(one),
                "headers": {name: [value] for name, value in _request_headers(one).items()},
            },
            "status": 400,
            "duration": 0.1,
            "resp_headers": {name: [value] for name, value in _response_headers(id, one).items()},
        }
        for id, one in requests.items()
    )


def _traefik(requests: dict[str, Planted]) -> bytes:
    return _lines(
        {
            "StartUTC": _TIME,
            "RequestMethod": _method(one),
            "RequestPath": _target(one),
            "DownstreamStatus": 400,
            **{f"request_{name}": value for name, value in _request_headers(one).items()},
            **{f"downstream_{name}": value for name, value in _response_headers(id, one).items()},
        }
        for id, one in requests.items()
    )


def _nginx(requests: dict[str, Planted]) -> bytes:
    return _lines(
        {
            "remote_addr": "203.0.113.7",
            "msec": 1778320800.5,
            "request_method": _method(one),
            "request_uri": _target(one),
            "status": "400",
            "request_body": one.request_body or "-",
            **{f"http_{name.lower().replace('-', '_')}": value for name, value in _request_headers(one).items()},
            **{
                f"sent_http_{name.lower().replace('-', '_')}": value
                for name, value in _response_headers(id, one).items()
            },
        }
        for id, one in requests.items()
    )


def _cloudflare(requests: dict[str, Planted]) -> bytes:
    return _lines(
        {
            "EdgeStartTimestamp": 1778320800,
            "ClientRequestMethod": _method(one),
            "ClientRequestURI": _target(one),
            "EdgeResponseStatus": 400,
            "ClientRequestReferer": one.request_headers.get("Referer", ""),
            "ClientRequestUserAgent": one.request_headers.get("User-Agent", ""),
            "RequestHeaders": _request_headers(one),
            "ResponseHeaders": _response_headers(id, one),
        }
        for id, one in requests.items()
    )


def _envoy(requests: dict[str, Planted]) -> bytes:
    return _lines(
        {
            "start_time": _TIME,
            "method": _method(one),
            "path": f"{_target(one)}{'&' if one.query else '?'}id={id}",
            "response_code": 400,
            "user-agent": one.request_headers.get("User-Agent", id),
        }
        for id, one in requests.items()
    )


def _alb(requests: dict[str, Planted]) -> bytes:
    return _lines(
        {
            "elb": "x",
            "elb_status_code": 400,
            "request_creation_time": _TIME,
            "request": f"GET https://api.stripe.com:443{_target(one)}{'&' if one.query else '?'}id={id} HTTP/1.1",
            "user_agent": one.request_headers.get("User-Agent", id),
        }
        for id, one in requests.items()
    )


_HEADERS = ("request_headers", "response_headers", "referer", "user_agent", "path", "query")
_FORMATS: dict[str, tuple[tuple[str, ...] | None, Callable[[dict[str, Planted]], bytes]]] = {
    "har.har": (None, _har),
    "own.jsonl": (None, _own),
    "ruby.yml": (None, _ruby),
    "vcrpy.yaml": (None, _vcrpy),
    "go.yaml": (None, _go),
    "betamax.json": (None, _betamax),
    "tail.ndjson": (("path", "query", "response_body"), _tail),
    "tailtext.txt": (("path", "query"), _text_tail),
    "access.log": (("path", "query", "referer", "user_agent"), _access),
    "caddy.log": (_HEADERS, _caddy),
    "traefik.log": (_HEADERS, _traefik),
    "nginx.log": ((*_HEADERS, "request_body"), _nginx),
    "cloudflare.log": (_HEADERS, _cloudflare),
    "envoy.log": (("path", "query", "user_agent"), _envoy),
    "alb.log": (("path", "query", "user_agent"), _alb),
}
"""The captures by the name of their file: where their format has room for a secret, and how they are written."""


def write(folder: Path) -> list[Capture]:
    """Write all captures into `folder`, one of them packed."""
    written = list(captures())
    for capture in written:
        packed = capture.name == "caddy.log"
        path = folder / (f"{capture.name}.gz" if packed else capture.name)
        path.write_bytes(gzip.compress(capture.content, mtime=0) if packed else capture.content)
    return written
