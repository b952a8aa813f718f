import os
import threading
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from reqlog import limits
from reqlog.exceptions import StoreError
from reqlog.exchange import Exchange
from reqlog.filters import And
from reqlog.recording.recorder import Counts, Recorder
from reqlog.request import Request
from reqlog.store import open_store
from reqlog.store.base import Added

LONG = 60.0
"""Seconds that no test waits for."""


class Kept:
    """A store that keeps requests in a list when `gate` is open, or raises `failure`."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.requests: list[Request] = []
        self.failure = failure
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()
        self.opened = self.closed = 0

    def open(self) -> "Kept":
        self.opened += 1
        return self

    def add(self, requests: Iterable[Request]) -> Added:
        self.reached.set()
        assert self.gate.wait(LONG)
        if self.failure is not None:
            raise self.failure
        self.requests += requests
        return Added(imported=1)

    def close(self) -> None:
        self.closed += 1


def recorder_of(kept: Kept, **bounds) -> Recorder:
    return Recorder(kept.open, **bounds)  # type: ignore[arg-type]  # nothing is ever asked of this store


def exchange(number: int = 0, *, body: str = "") -> Exchange:
    return Exchange(
        method="GET",
        url=f"https://api.stripe.com/v1/customers/cus_{number}",
        request_headers=(("Authorization", "Bearer sk_test_" + "4242" * 6),),
        status=200,
        response_body=body,
        time=datetime(2026, 5, 10, tzinfo=UTC) + timedelta(seconds=number),
    )


def test_what_is_offered_is_in_the_store_when_it_is_drained_and_holds_no_secret():
    kept = Kept()
    recorder = recorder_of(kept)
    assert all(recorder.offer(exchange(number)) for number in range(1200))
    assert recorder.drain(LONG)
    assert [request.path for request in kept.requests] == [f"/v1/customers/cus_{number}" for number in range(1200)]
    assert {request.api_key for request in kept.requests} == {"sk_test_…4242"}
    assert recorder.counts == Counts(recorded=1200)


def test_what_is_offered_is_in_the_store_soon_without_being_drained():
    kept = Kept()
    recorder_of(kept).offer(exchange())
    assert kept.reached.wait(LONG)


def test_a_real_store_has_what_was_recorded(tmp_path):
    path = str(tmp_path / "requests.db")
    recorder = Recorder(lambda: open_store(path, write=True))
    recorder.offer(exchange(1))
    assert recorder.close(LONG)
    with closing(open_store(path)) as store:
        assert [request.path for request in store.find(And(()))] == ["/v1/customers/cus_1"]


def test_nobody_waits_for_a_slow_store_and_what_finds_no_room_is_counted():
    kept = Kept()
    kept.gate.clear()
    recorder = recorder_of(kept, capacity=3)
    recorder.offer(exchange())
    assert kept.reached.wait(LONG)
    assert [recorder.offer(exchange(number)) for number in range(1, 6)] == [True, True, True, False, False]
    kept.gate.set()
    assert recorder.close(LONG)
    assert (len(kept.requests), recorder.counts) == (4, Counts(recorded=4, dropped=2))


def test_the_bytes_that_wait_are_bounded_too_and_a_large_one_alone_has_room():
    kept = Kept()
    kept.gate.clear()
    recorder = recorder_of(kept, capacity_bytes=5000)
    recorder.offer(exchange())
    assert kept.reached.wait(LONG)
    assert [recorder.offer(exchange(body="a" * size)) for size in (100_000, 1)] == [True, False]
    kept.gate.set()
    assert recorder.close(LONG)
    assert recorder.counts == Counts(recorded=2, dropped=1)


@pytest.mark.parametrize(
    ("failure", "sentence"), [(StoreError("It is full."), "It is full."), (OSError("gone"), "OSError: gone")]
)
def test_a_store_that_fails_is_counted_and_opened_again(failure, sentence):
    kept = Kept(failure)
    recorder = recorder_of(kept)
    recorder.offer(exchange(1))
    recorder.offer(exchange(2))
    assert recorder.drain(LONG)
    kept.failure = None
    recorder.offer(exchange(3))
    assert recorder.close(LONG)
    assert recorder.counts == Counts(recorded=1, failed=2, failure=sentence)
    assert (kept.opened, kept.closed) == (2, 2)


def test_a_store_that_cannot_be_opened_is_a_store_that_fails():
    def refuse():
        raise StoreError("There is no such folder.")

    recorder = Recorder(refuse)
    recorder.offer(exchange())
    assert recorder.close(LONG)
    assert recorder.counts == Counts(failed=1, failure="There is no such folder.")


def test_an_exchange_that_cannot_be_read_does_not_take_others_with_it():
    kept = Kept()
    recorder = recorder_of(kept)
    recorder.offer(Exchange(request_headers=("no pair",)))  # type: ignore[arg-type]  # that is the point
    recorder.offer(exchange(1))
    assert recorder.close(LONG)
    assert (recorder.counts.recorded, recorder.counts.failed) == (1, 1)


def test_what_is_recorded_is_told():
    told: list[str | None] = []
    recorder = recorder_of(Kept(), note=lambda requests: told.extend(request.path for request in requests))
    recorder.offer(exchange(1))
    assert recorder.close(LONG)
    assert told == ["/v1/customers/cus_1"]


def test_draining_gives_up_when_its_time_is_over_and_closing_counts_what_is_left():
    kept = Kept()
    kept.gate.clear()
    recorder = recorder_of(kept)
    recorder.offer(exchange(1))
    assert kept.reached.wait(LONG)
    recorder.offer(exchange(2))
    assert not recorder.close(0)
    assert not recorder.offer(exchange(3))
    assert recorder.counts.dropped == 2
    kept.gate.set()


def test_a_recorder_of_which_nothing_was_asked_opens_nothing():
    kept = Kept()
    recorder = recorder_of(kept)
    assert (recorder.drain(LONG), recorder.close(LONG), kept.opened) == (True, True, 0)


def test_equal_exchanges_are_two():
    kept = Kept()
    recorder = recorder_of(kept)
    recorder.offer(exchange(1))
    recorder.offer(exchange(1))
    assert recorder.close(LONG)
    assert len({request.id for request in kept.requests}) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_records_on_its_own_and_what_waited_is_recorded_once(tmp_path):
    path = str(tmp_path / "requests.db")
    recorder = Recorder(lambda: open_store(path, write=True))
    recorder.offer(exchange(1))
    assert recorder.drain(LONG)
    recorder.offer(exchange(2))
    child = os.fork()
    if child == 0:
        recorder.offer(exchange(3))
        os._exit(0 if recorder.close(LONG) and recorder.counts == Counts(recorded=1) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert recorder.close(LONG)
    assert recorder.counts == Counts(recorded=2)
    with closing(open_store(path)) as store:
        assert [request.path for request in store.find(And(()))] == [f"/v1/customers/cus_{n}" for n in (3, 2, 1)]


def test_what_is_recorded_is_bounded_as_what_is_read():
    kept = Kept()
    recorder = recorder_of(kept)
    recorder.offer(Exchange(url="/v1/plans", status=200, request_headers=(("User-Agent", "a" * 200_000),)))
    assert recorder.close(LONG)
    assert len(kept.requests[0].user_agent or "") == limits.TEXT_CHARACTERS
    assert "user_agent" in kept.requests[0].truncated
