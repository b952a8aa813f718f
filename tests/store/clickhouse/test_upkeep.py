from datetime import UTC, datetime, timedelta

import pytest

from reqlog.filters import EVERYTHING, Not, Or, Present, matches
from reqlog.request import Request
from reqlog.store.clickhouse.rows import COLUMNS, row_of

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
SOME = [Request(f"req_{n:03}", NOON + timedelta(hours=n), status=200, response_body=f"body{n}") for n in range(200)]


def test_a_store_says_where_it_is_and_what_is_in_it(store) -> None:
    store.add([*SOME, Request("undated")])
    info = store.info()
    assert (info.requests, info.oldest, info.newest, info.schema_version, info.is_purged) == (
        201,
        NOON,
        NOON + timedelta(hours=199),
        1,
        True,
    )
    assert info.bytes == sum(info.room.values()) > 0
    assert set(info.room) == {"requests", "words", "ids", "arrivals"}
    assert ":" not in info.place.partition("://")[2].partition("@")[0]


def test_an_empty_store_has_neither_oldest_nor_newest(store) -> None:
    info = store.info()
    assert (info.requests, info.oldest, info.newest) == (0, None, None)
    assert store.excess(1) == Or()


def test_what_is_too_much_for_a_size_are_the_oldest(store) -> None:
    store.add([*SOME, Request("undated")])
    assert store.excess(store.info().bytes) == Or()
    wanted = store.excess(store.info().bytes // 2)
    gone = [request for request in SOME if matches(wanted, request)]
    assert gone == SOME[: len(gone)]
    assert 60 < len(gone) < 140
    assert matches(wanted, Request("undated"))


def test_undated_ones_go_first_of_all(store) -> None:
    store.add([SOME[0], *(Request(f"undated_{n}") for n in range(200))])
    assert store.excess(store.info().bytes - 100) == Not(Present("time"))


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        ("pointer", "The request req_900 cannot be found by its id."),
        ("words", "The request req_001 cannot be found by its address or its words."),
        ("twice", "The request req_001 is there more than once; importing it again makes one of them."),
    ],
)
def test_what_is_wrong_is_told(connect, store, harm, problem) -> None:
    store.add(SOME[:3])
    server = connect()
    match harm:
        case "pointer":
            server.insert(store.tables.requests, COLUMNS, [row_of(SOME[5]._replace(id="req_900"), 0)])
        case "words":
            server.insert(store.tables.requests, COLUMNS, [(*row_of(SOME[1], 1 << 40)[:-1], ("other",))])
        case _:
            store.add([SOME[9]])
            server.insert(store.tables.ids, ("id", "moment"), [("req_001", 5)])
            server.insert(store.tables.requests, COLUMNS, [(5, *row_of(SOME[1], 0)[1:])])
    assert list(store.check()) == [problem]
    if harm == "twice":
        store.add([SOME[1]])
        assert list(store.check()) == []
        assert len(list(store.find(EVERYTHING))) == 4
