"""Requests as bytes, for another process of the same reqlog, and back."""

from collections.abc import Sequence

import msgspec

from reqlog.request import Request

_encode = msgspec.msgpack.Encoder(enc_hook=str).encode
_decode = msgspec.msgpack.Decoder(list[Request]).decode


def packed(requests: Sequence[Request]) -> bytes:
    """Return `requests` as bytes; an id that was just derived is an id like any other behind them."""
    return _encode(requests)


def unpacked(content: bytes) -> list[Request]:
    """Return the requests that `packed` was given."""
    return _decode(content)
