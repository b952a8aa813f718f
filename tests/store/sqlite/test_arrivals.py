"""Who is told of which requests, in which order, while others write. Nothing waits: `wait` takes the next step."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import filters, requests

from reqlog.filters import EVERYTHING, Compare, Filter, matches
from reqlog.request import Request
from reqlog.store.sqlite import SqliteStore

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
ONE, TWO, THREE, FOUR = (
    Request(id=f"req_{number}", time=NOON + timedelta(minutes=number), status=200 + number) for number in range(1, 5)
)


class _OverError(Exception):
    """The story is over."""


def told(path: Path, *steps: Callable[[], object], filter: Filter = EVERYTHING, **more: object) -> list[Request]:
    """Return what one who follows is told of while `steps` are taken, one each time that there is no more."""
    left = iter(steps)

    def wait() -> None:
        for step in left:
            step()
            return
        raise _OverError

    found: list[Request] = []
    with closing(SqliteStore(path, write=False)) as store, pytest.raises(_OverError):
        found.extend(store.follow(filter, page=more.pop("page", 10), wait=wait, **more))  # type: ignore[arg-type]  # what a test gives
    return found


def adding(path: Path, *requests: Request) -> Callable[[], object]:
    def add() -> None:
        with closing(SqliteStore(path, write=True)) as store:
            store.add(requests)

    return add


@pytest.fixture
def path(tmp_path: Path) -> Path:
    adding(tmp_path / "requests.db", ONE, TWO)()
    return tmp_path / "requests.db"


@pytest.mark.parametrize(
    ("more", "expected"),
    [({}, [TWO, ONE]), ({"reverse": True}, [ONE, TWO]), ({"page": 1}, [TWO]), ({"page": 1, "reverse": True}, [TWO])],
)
def test_the_newest_come_first_and_then_those_that_come_in(path, more, expected) -> None:
    assert told(path, adding(path, THREE), adding(path, FOUR), **more) == [*expected, THREE, FOUR]


def test_what_comes_in_late_is_new_however_old_it_is(path) -> None:
    old, undated = Request(id="req_old", time=NOON), Request(id="req_undated")
    assert told(path, adding(path, THREE, old), adding(path, undated))[2:] == [THREE, old, undated]


def test_those_of_one_batch_come_in_its_order(path) -> None:
    assert told(path, adding(path, FOUR, THREE))[2:] == [FOUR, THREE]


def test_what_is_known_is_not_new_even_if_it_is_enriched(path) -> None:
    assert told(path, adding(path, ONE, TWO._replace(method="GET")), adding(path, THREE))[2:] == [THREE]


def test_what_is_enriched_before_it_was_told_of_is_told_as_it_is(path) -> None:
    bare = Request(id="req_bare")

    def add() -> None:
        adding(path, bare)()
        adding(path, bare._replace(time=NOON, status=404))()

    assert told(path, add)[2:] == [Request(id="req_bare", time=NOON, status=404)]


def test_the_filter_holds_for_all(path) -> None:
    filter = Compare("status", ">=", 202)
    assert told(path, adding(path, ONE._replace(id="req_5"), THREE), filter=filter) == [TWO, THREE]


def test_many_at_once_are_all_told(path) -> None:
    many = [Request(id=f"req_many{number}", time=NOON, status=200) for number in range(1234)]
    assert told(path, adding(path, *many))[2:] == many


def test_what_comes_in_between_the_page_and_the_first_look_is_told_once(path) -> None:
    with closing(SqliteStore(path, write=False)) as store:
        told_of = store.follow(EVERYTHING, page=10, wait=lambda: None)
        first = next(told_of)
        adding(path, THREE)()
        assert [first, next(told_of), next(told_of)] == [TWO, ONE, THREE]


def test_a_store_that_is_put_in_its_place_is_gone_on_with(path) -> None:
    def replace() -> None:
        for file in path.parent.iterdir():
            file.unlink()

    steps = (replace, lambda: None, adding(path, FOUR), adding(path, THREE))
    assert told(path, *steps) == [TWO, ONE, FOUR, THREE]


def test_a_store_of_before_arrivals_were_kept_has_none(path) -> None:
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("UPDATE requests SET arrival = NULL")
    assert told(path, adding(path, THREE)) == [TWO, ONE, THREE]


@given(kept=st.lists(requests, max_size=6), filter=filters)
def test_who_follows_is_told_what_matches_of_each_request_once(kept, filter, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("store") / "requests.db"
    adding(path)()
    firsts = {request.id: request for request in kept[::-1]}
    found = told(path, *(adding(path, request) for request in kept), filter=filter)
    assert found == [each for each in kept if firsts[each.id] is each and matches(filter, each)]


def test_nobody_who_follows_keeps_the_log_from_being_put_away(path) -> None:
    def checkpoint() -> None:
        with closing(apsw.Connection(str(path))) as connection:
            connection.execute("SELECT count(*) FROM requests").fetchall()
            assert connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE) == (0, 0)

    assert told(path, adding(path, THREE), checkpoint)[2:] == [THREE]


def test_what_comes_after_the_newest_was_removed_is_new(path) -> None:
    def remove() -> None:
        with closing(SqliteStore(path, write=True)) as store:
            assert store.remove(Compare("id", "=", TWO.id)) == 1

    assert told(path, remove, adding(path, THREE), adding(path, TWO)) == [TWO, ONE, THREE, TWO]
