"""What a response body says of its request: the mode, the error, the id of the object. The rest is not decoded."""

import re
from typing import NamedTuple

import msgspec

from reqlog.exchange.messages import clean

_PLAIN_WORD = re.compile(r"[a-z_]{1,100}")
_BOOLEANS = {b"true": True, b"false": False}


class Told(NamedTuple):
    """What a response body says; None for what it does not."""

    id: str | None = None
    livemode: bool | None = None
    type: str | None = None
    code: str | None = None
    decline_code: str | None = None
    param: str | None = None
    message: str | None = None


class _Answer(msgspec.Struct):
    """What is read of a response body."""

    id: msgspec.Raw = msgspec.Raw()
    livemode: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()
    error_description: msgspec.Raw = msgspec.Raw()


class _Error(msgspec.Struct):
    type: msgspec.Raw = msgspec.Raw()
    code: msgspec.Raw = msgspec.Raw()
    decline_code: msgspec.Raw = msgspec.Raw()
    param: msgspec.Raw = msgspec.Raw()
    message: msgspec.Raw = msgspec.Raw()


_NOTHING = Told()
_ANSWER = msgspec.json.Decoder(_Answer)
_ERROR = msgspec.json.Decoder(_Error)
_STRING = msgspec.json.Decoder(str)


def told_by(body: str | None) -> Told:
    """Return what a JSON object says; nothing for any other body, one nested too deep included."""
    if body is None:
        return _NOTHING
    try:
        answer = _ANSWER.decode(body)
        error = bytes(answer.error)
        told = _error(error, answer.error_description) if error else _NOTHING
        return told._replace(id=_string(answer.id), livemode=_BOOLEANS.get(bytes(answer.livemode)))
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return _NOTHING


def _error(raw: bytes, description: msgspec.Raw) -> Told:
    if raw.startswith(b"{"):
        error = _ERROR.decode(raw)
        return Told(
            type=_string(error.type),
            code=_string(error.code),
            decline_code=_string(error.decline_code),
            param=_string(error.param),
            message=_string(error.message),
        )
    text = _string(msgspec.Raw(raw))
    if text is None:
        return _NOTHING
    if _PLAIN_WORD.fullmatch(text):
        return Told(code=text, message=_string(description))
    return Told(message=_string(description) or text)


def _string(raw: msgspec.Raw) -> str | None:
    return clean(_STRING.decode(raw)) or None if bytes(raw).startswith(b'"') else None
