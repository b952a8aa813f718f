import os
import threading
from collections.abc import Sequence

import pytest

from reqlog.recording.backlog import Backlog, Counts

LONG = 60.0
"""Seconds that no test waits for."""


class Kept:
    """A keeper that keeps items in a list when `gate` is open."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()
        self.closed = 0

    def keep(self, items: Sequence[str]) -> Counts:
        self.reached.set()
        assert self.gate.wait(LONG)
        self.batches.append([*items])
        return Counts(recorded=len(items))

    def close(self) -> None:
        self.closed += 1


def test_items_are_kept_in_order_and_in_batches_of_a_bounded_number():
    kept = Kept()
    backlog = Backlog(lambda: kept)
    items = [str(number) for number in range(1700)]
    assert all(backlog.put(item, 1) for item in items)
    assert backlog.close(LONG)
    assert [item for batch in kept.batches for item in batch] == items
    assert max(map(len, kept.batches)) <= 500
    assert (backlog.counts, kept.closed) == (Counts(recorded=1700), 1)


def test_a_batch_is_bounded_in_bytes():
    kept = Kept()
    backlog = Backlog(lambda: kept)
    for item in "abc":
        backlog.put(item, 4 * 1024 * 1024)
    assert backlog.close(LONG)
    assert kept.batches == [["a"], ["b"], ["c"]]


def test_an_item_is_kept_soon_without_being_drained():
    kept = Kept()
    Backlog(lambda: kept).put("a", 1)
    assert kept.reached.wait(LONG)


@pytest.mark.parametrize(
    ("bounds", "sizes", "taken"),
    [
        ({"capacity": 2}, (1, 1, 1), [True, True, False]),
        ({"capacity_bytes": 10}, (4, 6, 1), [True, True, False]),
        ({"capacity_bytes": 10}, (99, 1), [True, False]),
    ],
)
def test_what_finds_no_room_is_dropped_and_counted_and_nobody_waits(bounds, sizes, taken):
    kept = Kept()
    kept.gate.clear()
    backlog = Backlog(lambda: kept, **bounds)
    backlog.put("first", 1)
    assert kept.reached.wait(LONG)
    assert [backlog.put("a", size) for size in sizes] == taken
    kept.gate.set()
    assert backlog.close(LONG)
    assert backlog.counts == Counts(recorded=1 + taken.count(True), dropped=taken.count(False))


def test_closing_counts_what_is_left_when_its_time_is_over():
    kept = Kept()
    kept.gate.clear()
    backlog = Backlog(lambda: kept)
    backlog.put("a", 1)
    assert kept.reached.wait(LONG)
    backlog.put("b", 1)
    assert not backlog.close(0)
    assert not backlog.put("c", 1)
    assert backlog.counts.dropped == 2
    kept.gate.set()


def test_counts_add_up_and_keep_the_failure_that_came_first():
    first, second = Counts(1, 2, 3, "first"), Counts(10, 20, 30, "second")
    assert first.plus(second) == Counts(11, 22, 33, "first")
    assert Counts().plus(second) == second
    assert first.lost == 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_begins_afresh():
    keepers: list[Kept] = []

    def keeper() -> Kept:
        keepers.append(Kept())
        return keepers[-1]

    backlog = Backlog(keeper)
    backlog.put("a", 1)
    child = os.fork()
    if child == 0:
        backlog.put("b", 1)
        done = backlog.close(LONG)
        os._exit(0 if (done, backlog.counts, keepers[-1].batches) == (True, Counts(recorded=1), [["b"]]) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert backlog.close(LONG)
    assert (len(keepers), keepers[0].batches) == (1, [["a"]])
