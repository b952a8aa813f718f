"""The benchmark's cassettes are read as the requests that they were made of."""

from io import BytesIO
from itertools import islice

from bench.cassettes import INTERACTIONS, cassettes, write
from bench.generate import Plan, lines

from reqlog.readers.reqlog import read as read_lines
from reqlog.readers.vcr import read
from reqlog.request import Request

ALIKE = ("id", "method", "path", "query", "endpoint", "status", "user_agent", "api_version", "error_code", "resources")


def alike(request: object) -> tuple[object, ...]:
    assert isinstance(request, Request)
    return tuple(getattr(request, name) for name in ALIKE)


def test_cassettes_hold_the_requests_that_are_generated() -> None:
    held = [alike(each) for cassette in islice(cassettes(), 10) for each in read(BytesIO(cassette), "test.yaml")]
    text = "".join(islice(lines(Plan(1_000_000)), 10 * INTERACTIONS))
    assert held == [alike(each) for each in read_lines(BytesIO(text.encode()), "made.jsonl")]


def test_as_many_are_written_as_were_asked_for_and_always_the_same(tmp_path) -> None:
    requests = [write(tmp_path / name, 100_000) for name in ("one", "two")]
    one, two = ([path.read_bytes() for path in sorted((tmp_path / name).iterdir())] for name in ("one", "two"))
    assert one == two
    assert requests == [INTERACTIONS * len(one)] * 2
    assert 100_000 <= sum(map(len, one)) < 200_000
