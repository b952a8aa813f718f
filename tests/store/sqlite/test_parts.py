import pickle
import random
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from reqlog.exceptions import StoreError
from reqlog.filters import EVERYTHING, And, Compare, Filter, Glob, Mentions, Not, Or, Present, Touches
from reqlog.request import Request
from reqlog.store.sqlite import SqliteStore, parts, rows
from reqlog.times import unix_ms

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
MANY = 3000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of more than 8 MiB: instants of many requests, gaps between them, and undated ones."""
    chance = random.Random(1)
    path = tmp_path_factory.mktemp("parts") / "requests.db"
    time, requests = NOON, []
    for number in range(MANY):
        time += timedelta(seconds=chance.choice((0, 0, 1, 60, 86_400)))
        body = f"{chance.getrandbits(12_000):x}"
        dated = None if number % 300 == 7 else time
        requests.append(Request(f"req_{number}", dated, status=chance.choice((200, 402)), response_body=body))
    with closing(SqliteStore(path, write=True)) as store:
        store.add(requests)
    return path


@pytest.fixture(autouse=True)
def small_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_MANY", 1000)
    monkeypatch.setattr(parts, "_SPAN_REQUESTS", 50)


@pytest.fixture
def store(large: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(large, write=False)) as store:
        yield store


def plain(store: SqliteStore, filter: Filter, *, reverse: bool = False) -> list[list[Any]]:
    return list(store.find(filter, reverse=reverse).plain())


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    "filter",
    [
        EVERYTHING,
        Not(Compare("status", "=", 402)),
        Compare("time", ">=", NOON),
        And((Compare("time", ">=", NOON), Compare("time", "<", NOON + timedelta(days=500)))),
        Or((Compare("status", "=", 200), Compare("status", ">", 400))),
        Or((Compare("duration_ms", ">", 1), Present("response_body"))),
        Or((Compare("status", "=", 402), Glob("id", "*1*"), Glob("id", "*2*"))),
    ],
    ids=str,
)
@pytest.mark.parametrize("taken", [20, 500, 1200])
def test_all_parts_are_the_answer(store, filter, taken, reverse) -> None:
    found = store.find(filter, reverse=reverse)
    got = list(islice(found.plain(), taken))
    rest = found.parts()
    assert rest is not None
    got += found.instant()
    read, sizes = pickle.loads(pickle.dumps(rest.open))(), []
    for span in rest.spans():
        some = list(read(span))
        rest.took(span, len(some))
        sizes.append(len(some))
        got += some
    whole = plain(store, filter, reverse=reverse)
    assert [values[0] for values in got] == [values[0] for values in whole]
    assert (got == whole) is True  # pytest would compare the bodies for minutes
    assert len(sizes) > 5
    assert rest.are_of_one_state()


def test_spans_reach_no_further_than_the_question(store) -> None:
    since, until = NOON + timedelta(days=100), NOON + timedelta(days=500)
    found = store.find(And((Compare("time", ">=", since), Compare("time", "<", until))))
    next(found)
    rest = found.parts()
    assert rest is not None
    *dated, undated = rest.spans()
    assert undated.last < 0
    assert dated[-1].first == rows.since(unix_ms(since))
    assert max(span.last for span in dated) < rows.since(unix_ms(until))


def test_an_answer_goes_on_where_its_parts_are_not_read(store) -> None:
    found = store.find(EVERYTHING)
    got = [next(found).id for _ in range(700)]
    assert found.parts() is not None
    got += [values[0] for values in found.instant()]
    assert found.parts() is not None
    got += [next(found).id for _ in range(700)]
    assert found.parts() is not None
    got += [values[0] for values in found.plain()]
    assert got == [values[0] for values in plain(store, EVERYTHING)]
    assert found.parts() is None


def test_few_requests_or_those_that_an_index_leads_to_are_not_parted(store, monkeypatch) -> None:
    words = Mentions(("req",))
    within = (Not(words), Or((Present("time"), words)), Or((Present("time"), Not(Touches("cus_1")))))
    for filter in (words, *within, Compare("id", "=", "req_5"), Compare("status", "=", 500)):
        found = store.find(filter)
        next(found, None)
        assert found.parts() is None
    assert store.find(EVERYTHING, limit=2000).parts() is None
    monkeypatch.setattr(parts, "_MANY", MANY + 1)
    assert store.find(EVERYTHING).parts() is None


def test_undated_ones_that_come_first_are_not_parted(store) -> None:
    assert store.find(EVERYTHING, reverse=True).parts() is None


def test_a_store_that_is_open_to_be_written_is_read_alone(large) -> None:
    with closing(SqliteStore(large, write=True)) as store:
        assert store.find(EVERYTHING).parts() is None


def test_what_was_committed_since_the_answer_began_is_noticed(large, store) -> None:
    found = store.find(EVERYTHING)
    next(found)
    rest = found.parts()
    assert rest is not None
    assert rest.are_of_one_state()
    with closing(SqliteStore(large, write=True)) as writer:
        writer.add([Request("req_new", NOON)])
    assert not rest.are_of_one_state()
    assert "req_new" not in {request.id for request in found}


def test_a_store_in_the_place_of_another_is_refused(store, large, tmp_path) -> None:
    found = store.find(EVERYTHING)
    next(found)
    rest = found.parts()
    assert rest is not None
    moved = large.rename(tmp_path / "moved.db")
    try:
        with closing(SqliteStore(large, write=True)), pytest.raises(StoreError, match="another one by now"):
            rest.open()
    finally:
        moved.rename(large)
