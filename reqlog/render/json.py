"""One JSON document: an array with a record a line, or a single object.

JSON is the faithful output: full values, times in RFC 3339 with milliseconds and `Z`, tuples as arrays, text as it was
captured. Control characters and others that are not seen are escaped as JSON allows, so that they reach no terminal and
any reader gives them back; in ASCII, if that is asked for, all others past it are too. Half a surrogate pair, which
UTF-8 cannot hold, becomes U+FFFD. Not a number is null.

The standard library writes it: its import costs the start of the command 2 ms, msgspec's 5. Of many whole records the
first are written by it, and the others by `reqlog.render.whole`.
"""

import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from itertools import chain, islice
from math import isfinite
from typing import NamedTuple, TextIO, cast

from reqlog.render.base import Column, Encodable, Record, Row, Style
from reqlog.render.text import ELLIPSIS, UNSEEN
from reqlog.times import to_rfc3339

_AS_IT_IS = Style()
_TO_ESCAPE = rf"[\x7f-\x9f\ud800-\udfff{UNSEEN}]"
_PAST_ASCII = r"[^\n -~]"
_FEW = 300
"""So many records cost more than an import of msgspec."""
_PIECE_BYTES = 128 * 1024


class Frame(NamedTuple):
    """What stands around the records of a document."""

    first: str
    """Before the first of them."""
    before: str
    """Before each other."""
    after: str
    """Behind each."""


_ARRAY = Frame("[\n", ",\n", "")


def render(rows: Iterable[Row], columns: Sequence[Column[Row]], stream: TextIO, style: Style) -> None:
    """Write `rows` as one array, a record a line; `[]` when there are none."""
    stream.write("\n]\n" if write_records(rows, columns, stream, style, _ARRAY) else "[]\n")


def records(rows: Iterable[Row], columns: Sequence[Column[Row]], style: Style) -> Iterator[str]:
    """Yield each row as a JSON object in one line, its keys the names of `columns` in their order."""
    members = tuple((column.name, column.value) for column in columns)
    for row in rows:
        yield _escaped(_record(row, members), ascii=style.ascii)


def write_records(
    rows: Iterable[Row], columns: Sequence[Column[Row]], stream: TextIO, style: Style, frame: Frame
) -> bool:
    """Write `rows` as `records` gives them, in their `frame`, and return whether there are any.

    The first few are written each as soon as it is there; those of a whole record that come after them, in pieces.
    """
    each, before, are_any = iter(rows), frame.first, False
    for line in records(islice(each, _FEW if isinstance(columns, Record) else None), columns, style):
        stream.write(before + line + frame.after)
        before, are_any = frame.before, True
    if isinstance(columns, Record) and (row := next(each, None)) is not None:
        rest = rows.encoded(style, _between(frame)) if isinstance(rows, Encodable) else None
        with closing(rest or lines(each, columns, style)) as others:
            _write_pieces(chain(lines((row,), columns, style), others), stream, frame)
    return are_any


def lines(rows: Iterable[Row], columns: Record[Row], style: Style) -> Generator[bytes]:
    """Yield each row as `records` does, in UTF-8."""
    from reqlog.render.whole import encoder  # noqa: PLC0415 - 5 ms of a start, which few rows do not give back

    encoded = encoder(columns, _PAST_ASCII if style.ascii else _TO_ESCAPE)
    for row in rows:
        line = encoded(row)
        if line is None:
            (text,) = records((row,), columns, style)
            line = text.encode()
        yield line


def _write_pieces(lines: Iterable[bytes], stream: TextIO, frame: Frame) -> None:
    write = _writing(stream)
    before, after, between = frame.before.encode(), frame.after.encode(), _between(frame)
    held: list[bytes] = []
    size = 0
    try:
        for line in lines:
            held.append(line)
            size += len(line)
            if size >= _PIECE_BYTES:
                piece, held, size = before + between.join(held) + after, [], 0
                write(piece)
    finally:
        if held:
            write(before + between.join(held) + after)


def _between(frame: Frame) -> bytes:
    return (frame.after + frame.before).encode()


def _writing(stream: TextIO) -> Callable[[bytes], object]:
    """Return what writes UTF-8 to `stream`: past its text layer where that would only encode it again."""
    buffer = getattr(stream, "buffer", None)
    if buffer is None or stream.encoding.lower() != "utf-8":
        return lambda piece: stream.write(piece.decode())
    stream.flush()
    return cast("Callable[[bytes], object]", buffer.write)


def document(value: Mapping[str, object], stream: TextIO, style: Style = _AS_IT_IS) -> None:
    """Write one object, indented by two spaces wherever it goes; maps, tuples and times in it at any depth."""
    text = json.dumps(_plain(value), ensure_ascii=False, indent=2)
    stream.write(_escaped(text, ascii=style.ascii) + "\n")


def compact(value: object) -> str:
    """Return `value` as JSON in one line; maps, tuples and times in it at any depth."""
    return _escaped(_encode(_plain(value)))


def _record(row: Row, members: Sequence[tuple[str, Callable[[Row], object]]]) -> str:
    record = {name: _time_as_text(value(row)) for name, value in members}
    try:
        return _encode(record)
    except ValueError:
        return _encode(_plain(record))


def _time_as_text(value: object) -> object:
    return to_rfc3339(value) if isinstance(value, datetime) else value


def _escaped(text: str, *, ascii: bool = False) -> str:
    """Return JSON without half surrogate pairs, the characters escaped that are not seen, or all past ASCII."""
    if text.isascii() and "\x7f" not in text:
        return text
    plain = text.replace(ELLIPSIS, "")
    seen = text if plain.isascii() and "\x7f" not in plain else re.sub(_TO_ESCAPE, _as_escape, text)
    return re.sub(_PAST_ASCII, _as_escape, seen) if ascii else seen


def _as_escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xD800 <= code < 0xE000:
        return "\ufffd"
    return f"\\u{code:04x}" if code < 0x10000 else json.dumps(match[0])[1:-1]


def _plain(value: object) -> object:
    """Return `value` with times as text, any mapping a dict, and not a number as None, at any depth."""
    match value:
        case datetime():
            return to_rfc3339(value)
        case float():
            return value if isfinite(value) else None
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
        case _:
            return value


def _dict_of(value: object) -> object:
    """Return what the encoder does not know as what it knows: any mapping as a dict."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a column gave a {type(value).__name__}, which JSON has no form for")


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_dict_of).encode
