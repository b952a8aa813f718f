"""What holds of everything that answers: the stores, and the captures that are asked directly."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from clickhouse_servers import CLUSTER, ChdbServer
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from strategies import filters, requests

from reqlog.filters import EVERYTHING, And, Compare, Glob, Mentions, Not, OneOf, Or, Present, Touches, matches
from reqlog.request import Request, merge, newest_first
from reqlog.store.base import Added, Answers, Store, sample_of
from reqlog.store.captures import CapturedAnswers
from reqlog.store.clickhouse import ClickHouseStore
from reqlog.store.clickhouse.address import address_of
from reqlog.store.clickhouse.driver import DrivenServer
from reqlog.store.clickhouse.schema import create, on_cluster
from reqlog.store.clickhouse.server import Server
from reqlog.store.sqlite import SqliteStore

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


@contextmanager
def sqlite(kept: Sequence[Request]) -> Iterator[Store]:
    with TemporaryDirectory() as folder, closing(SqliteStore(Path(folder) / "requests.db", write=True)) as store:
        for request in kept:
            store.add([request])
        yield store


@contextmanager
def sqlite_in_one_batch(kept: Sequence[Request]) -> Iterator[Answers]:
    with TemporaryDirectory() as folder:
        with closing(SqliteStore(Path(folder) / "requests.db", write=True)) as store:
            store.add(kept)
        with closing(SqliteStore(Path(folder) / "requests.db", write=False)) as store:
            yield store


@contextmanager
def captures(kept: Sequence[Request]) -> Iterator[Answers]:
    yield CapturedAnswers(lambda _: kept)


FILES = (sqlite, sqlite_in_one_batch)
SERVERS = ("clickhouse", "clickhouse_one_by_one", "clickhouse_cluster", "chdb")
FEW = settings(max_examples=8, phases=set(Phase) - {Phase.explain})
"""What a server is given, where an example takes longer."""

distinct = st.lists(requests, max_size=8, unique_by=lambda request: request.id)

Open = Callable[[Sequence[Request]], AbstractContextManager[Any]]


@pytest.fixture(scope="session")
def open_answers(request: pytest.FixtureRequest) -> Open:
    """Give what opens the store of the test's parameter with some requests in it."""
    if callable(request.param):
        opener: Open = request.param
        return opener
    server = on_server(request, request.param)
    return partial(emptied, server, one_by_one=request.param == "clickhouse_one_by_one")


def on_server(request: pytest.FixtureRequest, name: str) -> Callable[[], Server]:
    """Return what connects to the server of that name, which has a database for it."""
    if name == "chdb":
        session = request.getfixturevalue("chdb_session")
        session.query("CREATE DATABASE IF NOT EXISTS conformance")
        return lambda: ChdbServer(session, "conformance")
    running = request.getfixturevalue("clickhouse_cluster" if name == "clickhouse_cluster" else "clickhouse")
    for each in running if isinstance(running, list) else [running]:
        each.rows("CREATE DATABASE IF NOT EXISTS conformance")
    first = running[0] if isinstance(running, list) else running
    connect = partial(DrivenServer, address_of(first.url("conformance"), {}))
    if isinstance(running, list):
        with closing(connect()) as server:
            create(server, CLUSTER)
    return connect


@contextmanager
def emptied(connect: Callable[[], Server], kept: Sequence[Request], *, one_by_one: bool) -> Iterator[Store]:
    server = connect()
    with closing(ClickHouseStore(server, write=True)) as store:
        for table in (store.tables.shard_requests, store.tables.shard_ids, store.tables.shard_arrivals):
            on_cluster(server, store.tables, f"TRUNCATE TABLE {table} {{on}}")
        for batch in ([request] for request in kept) if one_by_one else (kept,):
            store.add(batch)
        yield store


def held(*stores: Open, **examples: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Hold a property for `stores` and, as a test of its own with fewer examples, for the servers."""

    def decorate(holds: Callable[..., None]) -> Callable[..., None]:
        on_servers = pytest.mark.parametrize("open_answers", SERVERS, indirect=True)
        globals()[f"{holds.__name__}_on_servers"] = on_servers(FEW(given(**examples)(holds)))
        names = pytest.mark.parametrize("open_answers", stores, indirect=True)
        return names(given(**examples)(holds))  # type: ignore[no-any-return]  # marks are untyped

    return decorate


def one(**fields: Any) -> Request:
    return Request(**{"id": "req_1", "time": NOON, **fields})


@held(*FILES, captures, kept=distinct, filter=filters)
def test_what_is_found_is_what_matches_newest_first(open_answers, kept, filter) -> None:
    expected = sorted((request for request in kept if matches(filter, request)), key=newest_first, reverse=True)
    with open_answers(kept) as answers:
        assert list(answers.find(filter)) == expected


@held(
    *FILES,
    captures,
    kept=distinct,
    filter=filters | st.just(EVERYTHING),
    limit=st.integers(1, 4),
    reverse=st.booleans(),
)
def test_a_limit_takes_the_first_of_the_order(open_answers, kept, filter, limit, reverse) -> None:
    matching = (request for request in kept if matches(filter, request))
    expected = sorted(matching, key=newest_first, reverse=not reverse)[:limit]
    with open_answers(kept) as answers:
        assert list(answers.find(filter, limit=limit, reverse=reverse)) == expected


CHOSEN: tuple[dict[str, Any], ...] = (
    {"duration_ms": 9.0},
    {"user_agent": "curl"},
    {"status": 402},
    {"method": "GET", "path": "/v1/charges"},
)
CHOICES = (
    Or((Compare("duration_ms", ">", 5), Present("user_agent"))),
    Or((Compare("status", "=", 402), Compare("method", "=", "GET"))),
    Or((Compare("status", "=", 402), Glob("path", "/v1/ch*"), Mentions(("said",)))),
)


@pytest.mark.parametrize("open_answers", [*FILES, captures, *SERVERS], indirect=True)
@pytest.mark.parametrize("choice", CHOICES, ids=str)
@pytest.mark.parametrize(
    "beside", [Mentions(("word",)), Compare("time", ">=", NOON), Compare("ip_address", "=", "1.1.1.1")], ids=str
)
def test_a_choice_beside_something_else_is_bound_by_it(open_answers, beside, choice) -> None:
    kept = [
        Request(f"req_{number}", NOON + timedelta(minutes=number - 2), ip_address=address, error_message=said, **fields)
        for number, (fields, address, said) in enumerate(
            product(CHOSEN, ("1.1.1.1", "2.2.2.2"), ("a word", "nothing said"))
        )
    ]
    filter = And((beside, choice))
    expected = sorted((request for request in kept if matches(filter, request)), key=newest_first, reverse=True)
    assert expected
    with open_answers(kept) as answers:
        for limit in (None, 2, 5000):
            assert list(answers.find(filter, limit=limit)) == expected[:limit]


@held(
    *FILES,
    captures,
    kept=distinct,
    filter=filters,
    fields=st.sampled_from([(), ("status",), ("error_type", "livemode"), ("time",)]),
)
def test_counts_are_those_of_the_requests_that_match(open_answers, kept, filter, fields) -> None:
    groups: dict[tuple[object, ...], list[Request]] = {}
    for request in sorted(kept, key=newest_first, reverse=True):
        if matches(filter, request):
            groups.setdefault(tuple(getattr(request, field) for field in fields), []).append(request)
    expected = {
        values: (
            len(group),
            min((request.time for request in group if request.time), default=None),
            group[0].time,
            tuple(map(sample_of, group[:2])),
        )
        for values, group in groups.items()
    }
    with open_answers(kept) as answers:
        found = answers.count_by(filter, fields, samples=2)
    assert {g.values: (g.requests, g.first_seen, g.last_seen, g.samples) for g in found} == expected
    assert [group.requests for group in found] == sorted((group.requests for group in found), reverse=True)


@held(*FILES, captures, kept=distinct)
def test_each_is_found_by_its_id(open_answers, kept) -> None:
    with open_answers(kept) as answers:
        assert [answers.get(request.id) for request in kept] == kept
        assert answers.get("req_that_is_not_there") is None


@held(*FILES, kept=st.lists(requests, max_size=8))
def test_a_repeated_id_fills_in_and_overwrites_nothing(open_answers, kept) -> None:
    expected: dict[str, Request] = {}
    for request in kept:
        expected[request.id] = merge(expected[request.id], request) if request.id in expected else request
    with open_answers(kept) as answers:
        assert {request.id: request for request in answers.find(EVERYTHING)} == expected


@held(*FILES, kept=st.lists(requests, max_size=6), filter=filters)
def test_what_was_enriched_is_found_by_what_it_has_become(open_answers, kept, filter) -> None:
    with open_answers(kept) as answers:
        everything = list(answers.find(EVERYTHING))
        assert list(answers.find(filter)) == [request for request in everything if matches(filter, request)]


@pytest.mark.parametrize("open_answers", [*FILES, captures, *SERVERS], indirect=True)
@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (Touches("cus_1"), ["req_1"]),
        (Touches("cus_12"), ["req_2"]),
        (Mentions(("insufficient", "funds")), ["req_1"]),
        (Mentions(("cus_1",)), ["req_1"]),
        (Not(OneOf("error_type", ("card_error",))), ["req_2"]),
        (Not(Compare("status", ">=", 400)), ["req_3", "req_2"]),
        (And(), ["req_3", "req_2", "req_1"]),
    ],
)
def test_ids_are_whole_words_case_aside_and_what_is_missing_satisfies_nothing(open_answers, filter, expected) -> None:
    kept = [
        one(id="req_1", status=402, error_type="card_error", resources=("cus_1",), error_message="Insufficient funds."),
        one(id="req_2", status=200, resources=("cus_12",), request_body="insufficient=1"),
        one(id="req_3", error_type="card_error"),
    ]
    with open_answers(kept) as answers:
        assert [request.id for request in answers.find(filter)] == expected


@held(sqlite, kept=distinct, filter=filters, another=filters)
def test_what_is_removed_is_in_no_answer_and_the_rest_in_every(open_answers, kept, filter, another) -> None:
    left = [request for request in kept if not matches(filter, request)]
    with open_answers(kept) as store:
        assert store.remove(filter) == len(kept) - len(left)
        found = {request.id for request in store.find(another)}
        assert found == {request.id for request in left if matches(another, request)}
        assert list(store.check()) == []


@pytest.mark.parametrize("open_answers", [sqlite, *SERVERS], indirect=True)
def test_adding_says_what_was_new_known_and_filled_in(open_answers) -> None:
    with open_answers([]) as store:
        first = store.add([one(), one(status=200), one(id="req_2")])
        second = store.add([one(), one(method="GET"), one(id="req_3")])
    assert (first, second) == (Added(2, 0, 1), Added(1, 1, 1))


@pytest.mark.parametrize("open_answers", [sqlite, *SERVERS], indirect=True)
def test_many_of_one_instant_come_in_the_order_of_their_ids_whatever_order_they_came_in(open_answers) -> None:
    ids = [f"req_aaa{first}{second}" for first in "019azAZ" for second in "0123456789"]
    shuffled = sorted(ids, key=lambda id: id[::-1])
    with open_answers([]) as store:
        for id in shuffled[:5]:
            store.add([one(id=id)])
        store.add([one(id=id) for id in shuffled[5:]])
        found = [request.id for request in store.find(EVERYTHING, limit=50)]
    assert found == sorted(ids, reverse=True)[:50]


class OverError(Exception):
    """The story is over."""


@pytest.mark.parametrize("open_answers", [sqlite, *SERVERS], indirect=True)
@pytest.mark.parametrize("reverse", [False, True])
def test_who_follows_is_told_of_the_newest_and_then_of_what_comes_in_as_it_comes_in(open_answers, reverse) -> None:
    kept = [one(id=f"req_{number}", time=NOON.replace(minute=number), status=200 + number) for number in range(6)]
    undated, failed = Request("req_undated", status=200), one(id="req_failed", status=500)
    found: list[Request] = []
    with open_answers(kept[:3]) as store:
        batches = iter([[kept[5], kept[0], kept[4]], [kept[1]._replace(method="GET"), undated, failed], [kept[3]]])

        def wait() -> None:
            if not (batch := next(batches, [])):
                raise OverError
            store.add(batch)

        with pytest.raises(OverError):
            found.extend(store.follow(Compare("status", "<", 500), page=2, wait=wait, reverse=reverse))
    page = [kept[1], kept[2]] if reverse else [kept[2], kept[1]]
    assert found == [*page, kept[5], kept[4], undated, kept[3]]
