import signal
import threading
from collections.abc import Iterator

import pytest

from reqlog.batches import Batches, Piece

LONG = 60.0
"""Seconds that no test waits for: a batch that comes at all came for another reason."""


def batches_of(items, *, count: int = 1000, size: int = 1000, seconds: float = LONG) -> Batches[str]:
    return Batches((Piece([item], len(item)) for item in items), count=count, size=size, seconds=seconds)


@pytest.mark.parametrize(
    ("items", "count", "size", "expected"),
    [
        ([], 2, 100, []),
        (["a"], 2, 100, [["a"]]),
        (["a", "b", "c", "d"], 2, 100, [["a", "b"], ["c", "d"]]),
        (["a", "b", "c"], 2, 100, [["a", "b"], ["c"]]),
        (["aaa", "b", "c"], 100, 3, [["aaa"], ["b", "c"]]),
        (["aa", "bb", "c"], 100, 3, [["aa", "bb"], ["c"]]),
        (["aaaaaaaa", "bbbbbbbb"], 100, 3, [["aaaaaaaa"], ["bbbbbbbb"]]),
        (["", "", ""], 2, 1, [["", ""], [""]]),
    ],
)
def test_a_batch_is_handed_on_when_it_is_full_or_at_the_end(items, count, size, expected) -> None:
    assert list(batches_of(items, count=count, size=size)) == expected


def test_nothing_is_lost_and_nothing_comes_out_of_order() -> None:
    items = [str(number) for number in range(5000)]
    batches = list(batches_of(iter(items), count=7, size=11))
    assert [item for batch in batches for item in batch] == items
    assert max(map(len, batches)) <= 7


def test_what_has_come_is_handed_on_while_the_stream_waits_for_more() -> None:
    handed_on = threading.Event()

    def items() -> Iterator[str]:
        yield from ("a", "b")
        handed_on.wait()
        yield "c"

    taken = []
    for batch in batches_of(items(), seconds=0.01):
        taken.append(batch)
        if sum(map(len, taken)) == 2:
            handed_on.set()
    assert [item for batch in taken for item in batch] == ["a", "b", "c"]
    assert taken[-1] == ["c"]


@pytest.mark.parametrize("failure", [OSError("gone"), ValueError("bad"), KeyboardInterrupt()])
def test_a_failure_of_the_stream_comes_after_what_was_read_before_it(failure) -> None:
    def items() -> Iterator[str]:
        yield "a"
        raise failure

    taken: list[list[str]] = []
    with pytest.raises(type(failure)) as raised:
        taken.extend(batches_of(items()))
    assert (taken, raised.value) == ([["a"]], failure)


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (["abc", "de", "f"], ["abc", "def"]),
        (["ab", "cdefg", "h"], ["abc", "def", "gh"]),
        (["abcdefgh"], ["abc", "def", "gh"]),
        (["a", "b", "c"], ["abc"]),
        ([], []),
    ],
)
def test_pieces_are_put_together_and_cut_in_two(pieces, expected) -> None:
    batches = Batches([Piece(piece, len(piece)) for piece in pieces], count=3, size=1000, seconds=LONG)
    assert ["".join(batch) for batch in batches] == expected


def test_stopping_ends_the_stream_after_what_was_read() -> None:
    read, over = threading.Event(), threading.Event()

    def items() -> Iterator[str]:
        yield "a"
        read.set()
        over.wait()
        yield "never"

    batches = batches_of(items())

    def stop() -> None:
        read.wait()
        batches.stop()

    stopping = threading.Thread(target=stop)
    stopping.start()
    taken = list(batches)
    stopping.join()
    over.set()
    assert taken == [["a"]]


def test_a_signal_handler_may_stop_it_while_it_waits() -> None:
    read, over = threading.Event(), threading.Event()

    def items() -> Iterator[str]:
        yield "a"
        read.set()
        over.wait()

    batches = batches_of(items())
    before = signal.signal(signal.SIGUSR1, lambda _number, _frame: batches.stop())
    main = threading.get_ident()

    def send() -> None:
        read.wait()
        signal.pthread_kill(main, signal.SIGUSR1)

    signalling = threading.Thread(target=send)
    try:
        signalling.start()
        taken = list(batches)
    finally:
        signalling.join()
        over.set()
        signal.signal(signal.SIGUSR1, before)
    assert taken == [["a"]]


def test_leaving_the_loop_lets_the_stream_go() -> None:
    given, ended = [], threading.Event()

    def items() -> Iterator[str]:
        try:
            for number in range(1_000_000):
                given.append(number)
                yield "a"
        finally:
            ended.set()

    source = items()
    iterator = iter(batches_of(source, count=2))
    assert next(iterator) == ["a", "a"]
    iterator.close()  # type: ignore[attr-defined]  # it is a generator
    del source, iterator
    assert ended.wait(LONG)
    assert len(given) < 10


def test_no_more_is_read_ahead_than_one_batch_and_one_item() -> None:
    given = []

    def items() -> Iterator[str]:
        for number in range(100):
            given.append(number)
            yield "a"

    taken = 0
    for batch in batches_of(items(), count=3):
        taken += len(batch)
        assert len(given) <= taken + 3 + 1
    assert taken == 100
