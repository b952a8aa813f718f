import json
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from working import records_opened

from reqlog import workers
from reqlog.exceptions import StoreError
from reqlog.render.base import Style
from reqlog.shared_records import encoded_by_several


class Parts:
    """Requests that are made up, in spans of their numbers."""

    def __init__(self, spans: Sequence[range], reason: str | None = None, *, one: bool = True) -> None:
        self.open = partial(records_opened, reason)
        self.taken: list[tuple[range, int]] = []
        self._spans = spans
        self._one = one

    def spans(self) -> Iterator[range]:
        yield from self._spans

    def took(self, span: range, requests: int) -> None:
        self.taken.append((span, requests))

    def are_of_one_state(self) -> bool:
        return self._one


def ids(pieces: Iterator[tuple[int, bytes]]) -> Iterator[str]:
    for number, piece in pieces:
        records = [json.loads(line) for line in piece.split(b"\n")]
        assert len(records) == number
        yield from (record["id"] for record in records)


@pytest.mark.parametrize("count", [1, 2])
def test_records_come_in_the_order_of_the_spans(count: int) -> None:
    parts = Parts([range(500), range(0), range(1000, 1001), range(2000, 4000)])
    pieces = encoded_by_several(parts, Style(), b"\n", count)
    assert pieces is not None
    assert list(ids(pieces)) == [f"req_{number}" for span in parts._spans for number in span]
    assert parts.taken == [(span, len(span)) for span in parts._spans]


@pytest.mark.parametrize(
    "parts",
    [Parts([range(5)], "It is another store."), Parts([range(5)], one=False)],
    ids=["another store", "another state"],
)
def test_nothing_is_taken_of_what_is_not_the_same_store_in_the_same_state(parts: Parts) -> None:
    assert encoded_by_several(parts, Style(), b"\n", 2) is None
    assert parts.taken == []


def test_one_process_does_it_where_the_system_lets_no_more_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(workers, "_started", refused)
    assert encoded_by_several(Parts([range(5)]), Style(), b"\n", 2) is None


@pytest.mark.parametrize(("bad", "said"), [(777, "damaged"), (888, "ended by signal 9")])
def test_a_failure_is_told_after_what_came_before_it(bad: int, said: str) -> None:
    pieces = encoded_by_several(Parts([range(10), range(bad, bad + 10), range(10)]), Style(), b"\n", 2)
    assert pieces is not None
    got = ids(pieces)
    assert [next(got) for _ in range(10)] == [f"req_{number}" for number in range(10)]
    with pytest.raises(StoreError, match=said):
        next(got)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system does not tell which processes there are")
def test_no_process_is_left_when_the_answer_is_not_read_to_its_end() -> None:
    others = children()  # such as servers of other tests
    pieces = encoded_by_several(Parts([range(n, n + 100) for n in range(1000, 100_000, 100)]), Style(), b"\n", 2)
    assert pieces is not None
    with closing(pieces):
        next(pieces)
        assert len(children() - others) == 2
    assert children() <= others


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
