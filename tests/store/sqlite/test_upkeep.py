from contextlib import closing

import pytest

from reqlog.filters import EVERYTHING, Or, matches
from reqlog.store.sqlite import SqliteStore
from reqlog.store.sqlite.schema import MIGRATIONS


def test_a_store_says_what_it_is(store, requests) -> None:
    with closing(SqliteStore(store, write=False)) as opened:
        info = opened.info()
    times = [request.time for request in requests if request.time]
    assert (info.place, info.requests, info.oldest, info.newest) == (str(store), 400, min(times), max(times))
    assert (info.bytes, info.schema_version, info.is_purged) == (store.stat().st_size, len(MIGRATIONS), True)
    assert list(info.room) == sorted(info.room, key=lambda part: -info.room[part])
    assert set(info.room) == {"requests", "words", "indexes", "free"}
    assert sum(info.room.values()) == info.bytes


def test_an_empty_store_has_neither_an_oldest_nor_a_newest(tmp_path) -> None:
    with closing(SqliteStore(tmp_path / "requests.db", write=True)) as opened:
        info = opened.info()
    assert (info.requests, info.oldest, info.newest) == (0, None, None)


@pytest.mark.parametrize("part", [0.9, 0.5, 0.2])
def test_what_exceeds_a_size_is_the_oldest(part, store, requests) -> None:
    with closing(SqliteStore(store, write=True)) as opened:
        opened.remove(Or())
        size = int(opened.info().bytes * part)
        excess = opened.excess(size)
        gone = [request for request in requests if matches(excess, request)]
        kept = [request for request in requests if not matches(excess, request)]
        assert max(request.time for request in gone if request.time) < min(request.time for request in kept)
        assert opened.remove(excess) == len(gone)
        assert 0.7 * size < opened.info().bytes < 1.15 * size


@pytest.mark.parametrize(("size", "expected"), [(10**9, 0), (1, 400)])
def test_nothing_exceeds_a_size_that_is_not_reached_and_all_exceeds_none(size, expected, store) -> None:
    with closing(SqliteStore(store, write=True)) as opened:
        assert opened.remove(opened.excess(size)) == expected
        assert len(list(opened.find(EVERYTHING))) == 400 - expected


def test_undated_requests_go_first(store, requests) -> None:
    with closing(SqliteStore(store, write=True)) as opened:
        opened.remove(Or())
        excess = opened.excess(opened.info().bytes - 10_000)
    assert {request.id for request in requests if matches(excess, request)} >= {"req_0000", "req_0040", "req_0360"}
