"""What must hold of redaction, whatever the text: it is done once, leaves JSON JSON, and no planted secret stands."""

import json
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

from reqlog.redact import redact, redactions
from reqlog.request import Request

PLANTED = "Zq7Xw9Kp2Lm4Vb8Rt6Yh3Nd5"
"""What stands where a secret is, told by its place alone."""
KEY = "sk_live_" + PLANTED
CARD = "5555555555554444"
CODE = "9731"
PIECES = (
    '"', "'", "\\", '\\"', '\\\\"', '\\\\\\"', ":", ": ", "=", "=>", "&", "?", ",", "[", "]", "{", "}", '":', '":"',
    '",', "%22", "%3a", "%5b", "%5c", " ", "+", "%20", "\n", "\r\n", "\n\n", "--", "é", "İ", "\\u0026", "1", "12",
    "a", "null", "4242 4242 4242 4242", "4242424242424242", '"password":"', '\\"secret\\":\\"', "'token':'",
    "%22token%22:%22", "password=", 'name="secret"\r\n\r\n', '"secret":["', '"secret": [1,', '"cvc":1',
    '"number":4242424242424242', '"authorization": "Bearer ', 'cookie: "a=', "://u:p@", "sk_test_", "whsec_",
    "_secret_", "eyJhbGciOiJI", "Basic ", "[redacted]", "sk_test_…4242", "[card …4242]",
)  # fmt: skip
"""What redaction looks at, to be put together in ways that no program would."""
_NAMES = ("client_secret", "password", "access_token", "api_key", "private_key", "webhook_secret", "refreshToken")


def check_redaction(content: bytes) -> None:
    """Hold all of it for a text that `content` is, and for bodies around it in which there is a secret.

    What begins with a NUL is one of `PIECES` for each byte that follows.
    """
    text = text_of(content) if content[:1] != b"\0" else "".join(PIECES[each % len(PIECES)] for each in content[1:60])
    for planted in (PLANTED, CARD, CODE):
        text = text.replace(planted, "")
    if content[:1] != b"\0":
        _check_once(text)
    _check_json(text)
    _check_form(text)
    _check_multipart(text)


def text_of(content: bytes) -> str:
    """Return `content` as text: as UTF-8, half surrogate pairs and all, or else as Latin-1."""
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _check_once(text: str) -> None:
    request = Request(
        id="req_1",
        host=text,
        path=text,
        query=text,
        api_key=text,
        error_message=text,
        request_headers={"authorization": text, "cookie": text, "location": text},
        response_headers={"set-cookie": text, "x-api-key": text, "x-other": text},
        request_body=text,
        response_body=f'{{"error": {{"message": {json.dumps(text)}}}}}',
        resources=(text,),
    )
    once = redact(request)
    assert redact(once) == once
    assert not redactions(once)
    for body in (text, request.response_body or ""):
        _check_still_json(body)


def _check_still_json(body: str) -> None:
    try:
        before = json.loads(body, parse_constant=_refused)
    except (ValueError, RecursionError):
        return
    if not isinstance(before, dict | list):
        return
    after = json.loads(_body(body))
    assert _shape(after) == _shape(before)


def _refused(constant: str) -> float:
    raise ValueError(constant)


def _shape(value: object) -> object:
    """Return the objects and arrays of `value` with nothing in them."""
    match value:
        case dict():
            return len(value) if len(value) > 3 else [_shape(each) for each in value.values()]
        case list():
            return [_shape(each) for each in value]
        case _:
            return None


def _check_json(text: str) -> None:
    inner = json.dumps({"note": text, "secret": PLANTED, "after": text})
    for name in _NAMES:
        for ascii_only in (True, False):
            body = json.dumps(
                {
                    "a": text,
                    "deep": [{"b": {name: PLANTED}, text: 1}],
                    "c": [KEY],
                    "e": inner,
                    name: PLANTED,
                    "d": text,
                },
                ensure_ascii=ascii_only,
            )
            redacted = _body(body)
            assert PLANTED not in redacted, (name, redacted)
            json.loads(redacted)
    body = json.dumps({"message": text, "card": {"number": CARD, "cvc": CODE, "b": text}})
    redacted = _body(body)
    assert CARD not in redacted
    assert CODE not in redacted
    json.loads(redacted)


def _check_form(text: str) -> None:
    for by in (quote_plus, quote):
        pairs = [("a", text), ("card[number]", CARD), ("password", PLANTED), (text, "1"), ("k", KEY), ("d", text)]
        encoded = urlencode(_encodable(pairs), quote_via=by)
        redacted = _body(encoded)
        assert PLANTED not in redacted, redacted
        assert CARD not in redacted, redacted
        assert len(parse_qsl(redacted, keep_blank_values=True)) == len(pairs)


def _encodable(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [
        (name.encode("utf-8", "replace").decode(), value.encode("utf-8", "replace").decode()) for name, value in pairs
    ]


def _check_multipart(text: str) -> None:
    line = text.replace("\r", " ").replace("\n", " ").replace('"', "'")
    body = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("a", line), ("secret", PLANTED), (line, "1"), ("card[number]", CARD), ("b", line))
    )
    redacted = _body(body + "--b--\r\n")
    assert PLANTED not in redacted, redacted
    assert CARD not in redacted, redacted


def _body(text: str) -> str:
    return redact(Request(id="req_1", request_body=text)).request_body or ""
