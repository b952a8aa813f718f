import io

import msgspec
import pytest

from reqlog import limits
from reqlog.readers.base import Reject
from reqlog.readers.json_records import NotDecoded, is_crowded, json_records, reason

LONG = b'"' + b"x" * limits.RECORD_BYTES + b'"'


class Wanted(msgspec.Struct):
    number: int | None = None
    words: dict[str, str] = {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", []),
        (b'{"a":1}\n\n \t\n{"a":2}', [(1, b'{"a":1}'), (4, b'{"a":2}')]),
        (b"\xef\xbb\xbf{}\r\n", [(1, b"{}")]),
        (b'[\n{"a":1},\n{"a":2}\n]\n', [(1, b'{"a":1}'), (2, b'{"a":2}')]),
        (b' [{"a":[1,\n2]}]', [(1, b'{"a":[1,\n2]}')]),
        (b"[]", []),
        (b"[1,2", [(1, b"1"), Reject("f", 2, "ends early")]),
        (b"{}\n" + LONG + b"\n{}\n", [(1, b"{}"), Reject("f", 2, "line is longer than 16 MiB"), (3, b"{}")]),
        (b"[" + LONG + b",1]", [Reject("f", 1, "element is longer than 16 MiB"), (2, b"1")]),
    ],
    ids=range(9),
)
def test_records_are_lines_or_elements(text, expected):
    assert list(json_records(io.BytesIO(text), "f")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"number":"secret"}', "number: expected int but is str"),
        (b'{"words":{"secret":1}}', "words: expected str but is int"),
        (b"5", "expected object but is int"),
        (b'{"number":', "not JSON"),
        (b'{"number":secret}', "not JSON"),
        (b'{"words":{"\xff":""}}', "not UTF-8"),
        (b'{"other":' + b"[" * 100_000, "nested too deep"),
    ],
    ids=range(7),
)
def test_the_reason_quotes_nothing_of_the_record(text, expected):
    with pytest.raises(NotDecoded) as raised:
        msgspec.json.decode(text, type=Wanted)
    assert reason(raised.value) == expected


@pytest.mark.parametrize(
    ("text", "crowded"),
    [
        (b"[" + b"1," * limits.RECORD_VALUES + b"1]", True),
        (b"[" + b"[]," * limits.RECORD_VALUES + b"1]", True),
        (b"[[[[]]]]" * limits.RECORD_VALUES, True),
        (b"[" + b'"a",' * limits.RECORD_VALUES + b"1]", True),
        (b"[" + b"1,    " * (limits.RECORD_VALUES // 2) + b"1]", False),
        (b'{"a":"' + b"[1,2]," * limits.RECORD_VALUES + b'"}', False),
        (b'{"a":"' + b'\\",[' * limits.RECORD_VALUES + b'"}', False),
        (b'"' + b"," * limits.RECORD_VALUES * 3, False),
    ],
    ids=["scalars", "lists", "nested", "texts", "fewer", "in a text", "behind escapes", "unended"],
)
def test_values_are_counted_where_they_are_values(text, crowded):
    assert is_crowded(text) is crowded


def test_a_crowded_record_is_a_reject_and_the_rest_goes_on():
    crowded = b"[" + b"1," * limits.RECORD_VALUES + b"1]"
    lines = list(json_records(io.BytesIO(b"{}\n" + crowded + b"\n{}\n"), "f"))
    elements = list(json_records(io.BytesIO(b"[{}," + crowded + b",{}]"), "f"))
    assert lines == elements == [(1, b"{}"), Reject("f", 2, "more than 500000 values"), (3, b"{}")]
