import re
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest
import zstandard

from reqlog.exceptions import StoreError
from reqlog.filters import EVERYTHING, And, Compare, Filter, Glob, Mentions, Not, Or, Touches, matches
from reqlog.request import Request, newest_first
from reqlog.store.sqlite import SqliteStore, removal, turns
from reqlog.store.sqlite.packing import DICTIONARY

PAGE_BYTES = 4096
NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)

FEW = Glob("id", "req_00?7")
MANY = Not(FEW)
ALL = EVERYTHING
EACH = pytest.mark.parametrize("filter", [FEW, MANY, ALL, Or()], ids=["few", "most", "all", "none"])


def words_of(path: Path) -> set[bytes]:
    """Return the words of bodies that are somewhere in the files of a store: plain, in frames or in the index."""
    content = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    return set(re.findall(rb"body\d+of", content + b"".join(frames_in(content))))


def frames_in(content: bytes) -> Iterator[bytes]:
    """Yield what is in the frames that stand in `content`, free room included."""
    dictionary = zstandard.ZstdCompressionDict(Path(DICTIONARY).read_bytes())
    for found in re.finditer(re.escape(zstandard.FRAME_HEADER), content):
        with suppress(zstandard.ZstdError):
            frame = zstandard.ZstdDecompressor(dict_data=dictionary).decompressobj()
            yield frame.decompress(content[found.start() : found.start() + PAGE_BYTES])


def words_in(requests: Iterable[Request]) -> set[bytes]:
    return {str(request.request_body).removeprefix("note=").encode() for request in requests}


@EACH
def test_what_is_removed_is_in_no_answer(filter: Filter, store, requests) -> None:
    left = sorted((request for request in requests if not matches(filter, request)), key=newest_first, reverse=True)
    with closing(SqliteStore(store, write=True)) as opened:
        assert opened.remove(filter) == len(requests) - len(left)
        assert list(opened.find(EVERYTHING)) == left
        for number in (7, 17, 8):
            is_left = [request for request in left if request.id == f"req_{number:04}"]
            assert list(opened.find(Touches(f"ch_{number}"))) == is_left
            assert list(opened.find(Mentions((f"body{number}of",)))) == is_left
        assert list(opened.check()) == []


@EACH
def test_what_is_removed_is_not_in_the_bytes_of_the_store(filter: Filter, store, requests) -> None:
    assert words_of(store) == words_in(requests)
    with closing(SqliteStore(store, write=True)) as opened:
        opened.remove(filter)
        while_open = words_of(store)
        left = words_in(opened.find(EVERYTHING))
        assert opened.info().is_purged
    assert (while_open, words_of(store)) == (left, left)


def test_what_is_removed_can_be_added_again(store, requests) -> None:
    with closing(SqliteStore(store, write=True)) as opened:
        opened.remove(FEW)
        opened.add([request for request in requests if matches(FEW, request)])
        assert list(opened.find(FEW)) == sorted(filter_of(requests), key=newest_first, reverse=True)
        assert list(opened.check()) == []


def filter_of(requests):
    return (request for request in requests if matches(FEW, request))


@pytest.mark.parametrize(
    "filter",
    [
        And((Compare("time", ">=", NOON + timedelta(hours=5)), Compare("time", "<", NOON + timedelta(hours=6)))),
        And((Compare("status", "=", 402), Mentions(("charges",)))),
    ],
    ids=["span", "words"],
)
def test_each_batch_costs_what_is_in_it(filter: Filter, store, monkeypatch) -> None:
    """However much there is before it: many small ones take no more than a little above what a large one does."""
    large = steps_of_removing(filter, store)
    monkeypatch.setattr(removal, "_BATCH", 2)
    assert steps_of_removing(filter, store) < 1.5 * large


def steps_of_removing(filter: Filter, store: Path) -> int:
    """Return about how many steps of SQLite's machine it takes, in a copy."""
    taken = 0

    def count() -> bool:
        nonlocal taken
        taken += 1
        return False

    copy = store.with_name("copy.db")
    copy.write_bytes(store.read_bytes())
    with closing(SqliteStore(copy, write=True)) as opened:
        opened._connection.set_progress_handler(count, 20)
        assert removal.remove(opened._connection, filter)
    return 20 * taken


def test_a_purge_that_was_broken_off_is_made_up_for_by_the_next(store) -> None:
    with closing(apsw.Connection(str(store))) as connection:
        removal.remove(connection, Compare("id", "=", "req_0007"))
    with closing(SqliteStore(store, write=True)) as opened:
        assert not opened.info().is_purged
        assert b"body7of" in words_of(store)
        assert opened.remove(Or()) == 0
        assert opened.info().is_purged
    assert b"body7of" not in words_of(store)
    assert b"body8of" in words_of(store)


def test_a_reader_that_holds_on_to_old_pages_is_told_of(store, monkeypatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    with closing(SqliteStore(store, write=False)) as reader, closing(SqliteStore(store, write=True)) as writer:
        reading = reader.find(EVERYTHING)
        next(reading)
        with pytest.raises(StoreError, match="held by another process"):
            writer.remove(FEW)
        assert not writer.info().is_purged
        list(reading)
        assert writer.remove(Or()) == 0
    assert b"body7of" not in words_of(store)
