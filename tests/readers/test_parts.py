import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog.exceptions import InputError
from reqlog.readers import Skipped, read
from reqlog.readers.base import Reject
from reqlog.readers.inputs import Input, expand
from reqlog.readers.parts import Part, Span, spans
from reqlog.request import Request

FULL = [
    json.dumps({"id": f"req_{number}", "time": "2026-05-09T10:00:00.000Z", "method": "GET", "status": 200})
    for number in range(40)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parts")


def input_of(path: Path, content: bytes) -> Input:
    path.write_bytes(content)
    return next(expand([str(path)]))


def read_in_parts(input: Input, size: int) -> list[object]:
    """Return what the parts of `input` give, put together as they are meant to be, and what it told of its bytes."""
    records: list[object] = []
    lines = 0
    told: list[int] = []
    for span in spans(input, None, size):
        part = Part(input, span, told.append)
        for record in part.records():
            if isinstance(record, Reject) and record.place is not None:
                records.append(record._replace(place=record.place + lines))
            else:
                records.append(record)
        lines += part.lines
        if part.is_last:
            break
    return [*records, sum(told)]


def read_whole(input: Input) -> list[object]:
    told: list[int] = []
    return [*read(input, None, {}, told.append), sum(told)]


LINES = st.one_of(
    st.sampled_from([line.encode() for line in FULL]),
    st.sampled_from(
        [
            b'{"id":"req_a","status":"what"}',
            b'{"time":"2026-05-09T10:00:00.000Z","status":200}',
            b'{"time":"2026-05-09T10:00:00.000Z","status":201}',
            b"",
            b"  \t",
            b"\r",
            b"\xef\xbb\xbf" + FULL[0].encode(),
            b'[{"id":"req_b","status":200}]',
            b"[",
            b"\xff\xfe{}",
            b"\x1f\x8b\x08",
            b"not JSON",
        ]
    ),
)


@given(
    st.lists(LINES, max_size=40),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
    st.integers(min_value=1, max_value=900),
)
def test_the_parts_are_together_what_the_file_is(folder: Path, lines, ending, is_ended, size) -> None:
    content = ending.join([FULL[0].encode(), *lines, *([b""] if is_ended else [])])
    input = input_of(folder / "a.jsonl", content)
    if len(content) >= 2 * size:
        assert read_in_parts(input, size) == read_whole(input)
    else:
        assert list(spans(input, None, size)) == []


def test_parts_begin_and_end_between_lines(tmp_path: Path) -> None:
    input = input_of(tmp_path / "a.jsonl", b"".join(line.encode() + b"\n" for line in FULL))
    length = len(FULL[0]) + 1
    found = list(spans(input, None, 5 * length))
    assert found[0] == Span(0, 5 * length + length)
    assert [one.end for one in found[:-1]] == [two.start for two in found[1:]]
    assert found[-1].end is None


def lines_of(record: dict[str, object], count: int) -> bytes:
    return b"".join(json.dumps({**record, "status": 200 + number}).encode() + b"\n" for number in range(count))


WITHOUT_PARTS = {
    "an array": b"[" + b",".join(line.encode() for line in FULL) + b"]",
    "tail": lines_of({"request_id": "req_1", "created_at": 1778320800, "livemode": False, "method": "GET"}, 40),
    "json-map": lines_of({"msg": "handled request", "uri": "/v1/x", "level": "info"}, 40),
    "utf-16": "\ufeff{}\n".join(FULL).encode("utf-16"),
    "packed": b"\x1f\x8b\x08\0" + bytes(5000),
    "blank": b"\n" * 200_000,
    "words": b"Dear diary\n" * 1000,
}


@pytest.mark.parametrize("name", WITHOUT_PARTS)
def test_what_has_to_be_read_whole_has_no_parts(tmp_path: Path, name: str) -> None:
    assert list(spans(input_of(tmp_path / "a", WITHOUT_PARTS[name]), None, 100)) == []


def test_a_format_that_was_named_decides(tmp_path: Path) -> None:
    own = input_of(tmp_path / "a", b"".join(line.encode() + b"\n" for line in FULL))
    blank = input_of(tmp_path / "b", b"\n" * 200_000)
    strange = input_of(tmp_path / "c", WITHOUT_PARTS["tail"])
    assert list(spans(own, "caddy", 100)) == []
    assert list(spans(blank, "reqlog", 100)) == []
    assert list(spans(own, "reqlog", 100)) == list(spans(own, None, 100))
    assert len(list(spans(strange, "reqlog", 100))) > 10


def test_what_cannot_be_opened_has_no_parts_and_says_so_when_it_is_read(tmp_path: Path) -> None:
    input = input_of(tmp_path / "a.jsonl", b"".join(line.encode() + b"\n" for line in FULL))
    (tmp_path / "a.jsonl").unlink()
    assert list(spans(input, None, 100)) == []
    part = Part(input, Span(0, 100))
    with pytest.raises(InputError, match=r"a\.jsonl: no such file or directory"):
        list(part.records())
    assert part.is_last
    found = Part(Input(input.name, str(tmp_path), explicit=False, size=input.size), Span(0, 100))
    assert list(found.records()) == [Skipped(input.name, "no such file or directory")]
    assert found.is_last


def test_a_record_without_an_id_makes_its_part_go_on_to_the_end(tmp_path: Path) -> None:
    anonymous = b'{"time":"2026-05-09T10:00:00.000Z","status":200}\n'
    lines = [line.encode() + b"\n" for line in FULL]
    input = input_of(tmp_path / "a.jsonl", b"".join([*lines[:12], anonymous, *lines[12:], anonymous]))
    whole = [record.id for record in read(input, None, {}) if isinstance(record, Request)]
    assert len({id for id in whole if id.startswith("local_")}) == 2
    parts = [Part(input, span) for span in spans(input, None, 4 * len(lines[0]))]
    ids = [[getattr(record, "id", None) for record in part.records()] for part in parts[:3]]
    assert [part.is_last for part in parts[:3]] == [False, False, True]
    assert [id for some in ids for id in some] == whole
