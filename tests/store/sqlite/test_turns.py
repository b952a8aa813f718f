import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import apsw
import pytest

from reqlog.store.sqlite.turns import begin

HANGS = 60


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[tuple[apsw.Connection, apsw.Connection]]:
    """Two connections to one file, in write-ahead mode."""
    name = str(tmp_path / "requests.db")
    with closing(apsw.Connection(name)) as one, closing(apsw.Connection(name)) as other:
        one.pragma("journal_mode", "wal")
        one.execute("CREATE TABLE numbers (number)")
        yield one, other


def test_the_store_is_ones_own_from_the_beginning_to_the_end(connections) -> None:
    one, other = connections
    begin(one)
    with pytest.raises(apsw.BusyError):
        other.execute("BEGIN IMMEDIATE")
    one.execute("COMMIT")
    begin(other)
    assert other.in_transaction


def test_one_who_holds_the_store_and_writes_nothing_is_given_up_on(connections) -> None:
    one, other = connections
    begin(one)
    with pytest.raises(apsw.BusyError):
        begin(other, patience=0.05)
    assert not other.in_transaction


def test_one_who_lets_go_is_waited_for(connections) -> None:
    one, other = connections
    begin(one)
    waiting = threading.Thread(target=begin, args=(other,))
    waiting.start()
    one.execute("COMMIT")
    waiting.join(HANGS)
    assert other.in_transaction


def test_waiting_can_be_broken_off(connections) -> None:
    one, other = connections
    begin(one)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(KeyboardInterrupt):
            begin(other)
    finally:
        signal.signal(signal.SIGALRM, before)


class Crowded:
    """A connection whose turn it is at the fiftieth try, since somebody else writes again before each other."""

    tries = 0

    def execute(self, _sql: str) -> None:
        self.tries += 1
        if self.tries < 50:
            raise apsw.BusyError

    def pragma(self, _name: str) -> int:
        return self.tries

    def set_busy_timeout(self, _milliseconds: int) -> None:
        """Take no notice: this one does not wait."""


def test_for_as_long_as_others_write_one_waits(connections) -> None:
    crowded = Crowded()
    begin(cast(apsw.Connection, crowded), patience=0)
    assert crowded.tries == 50


def test_whoever_writes_without_a_pause_lets_others_in(connections) -> None:
    one, other = connections
    over = threading.Event()

    def write_on_and_on() -> None:
        while not over.is_set():
            begin(one)
            one.execute("INSERT INTO numbers VALUES (1)")
            one.execute("COMMIT")

    writing = threading.Thread(target=write_on_and_on)
    writing.start()
    try:
        for _ in range(10):
            begin(other)
            other.execute("INSERT INTO numbers VALUES (2)")
            other.execute("COMMIT")
    finally:
        over.set()
        writing.join(HANGS)
    assert other.execute("SELECT count(*) FROM numbers WHERE number = 2").get == 10
