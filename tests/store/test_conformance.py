"""What holds of everything that answers: the stores, and the captures that are asked directly."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import filters, requests

from reqlog.filters import EVERYTHING, And, Compare, Mentions, Not, OneOf, Touches, matches
from reqlog.request import Request, merge, newest_first
from reqlog.store.base import Added, Answers, Store, sample_of
from reqlog.store.captures import CapturedAnswers
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


STORES = pytest.mark.parametrize("open_answers", [sqlite, sqlite_in_one_batch])
KEEPING = pytest.mark.parametrize("open_store", [sqlite])
EVERY = pytest.mark.parametrize("open_answers", [sqlite, sqlite_in_one_batch, captures])

distinct = st.lists(requests, max_size=8, unique_by=lambda request: request.id)


def one(**fields: Any) -> Request:
    return Request(**{"id": "req_1", "time": NOON, **fields})


@EVERY
@given(kept=distinct, filter=filters)
def test_what_is_found_is_what_matches_newest_first(open_answers, kept, filter) -> None:
    expected = sorted((request for request in kept if matches(filter, request)), key=newest_first, reverse=True)
    with open_answers(kept) as answers:
        assert list(answers.find(filter)) == expected


@EVERY
@given(kept=distinct, limit=st.integers(1, 4), reverse=st.booleans())
def test_a_limit_takes_the_first_of_the_order(open_answers, kept, limit, reverse) -> None:
    expected = sorted(kept, key=newest_first, reverse=not reverse)[:limit]
    with open_answers(kept) as answers:
        assert list(answers.find(EVERYTHING, limit=limit, reverse=reverse)) == expected


@EVERY
@given(kept=distinct, filter=filters, fields=st.sampled_from([(), ("status",), ("error_type", "livemode"), ("time",)]))
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


@EVERY
@given(kept=distinct)
def test_each_is_found_by_its_id(open_answers, kept) -> None:
    with open_answers(kept) as answers:
        assert [answers.get(request.id) for request in kept] == kept
        assert answers.get("req_that_is_not_there") is None


@STORES
@given(kept=st.lists(requests, max_size=8))
def test_a_repeated_id_fills_in_and_overwrites_nothing(open_answers, kept) -> None:
    expected: dict[str, Request] = {}
    for request in kept:
        expected[request.id] = merge(expected[request.id], request) if request.id in expected else request
    with open_answers(kept) as answers:
        assert {request.id: request for request in answers.find(EVERYTHING)} == expected


@STORES
@given(kept=st.lists(requests, max_size=6), filter=filters)
def test_what_was_enriched_is_found_by_what_it_has_become(open_answers, kept, filter) -> None:
    with open_answers(kept) as answers:
        everything = list(answers.find(EVERYTHING))
        assert list(answers.find(filter)) == [request for request in everything if matches(filter, request)]


@EVERY
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


@KEEPING
@given(kept=distinct, filter=filters, another=filters)
def test_what_is_removed_is_in_no_answer_and_the_rest_in_every(open_store, kept, filter, another) -> None:
    left = [request for request in kept if not matches(filter, request)]
    with open_store(kept) as store:
        assert store.remove(filter) == len(kept) - len(left)
        found = {request.id for request in store.find(another)}
        assert found == {request.id for request in left if matches(another, request)}
        assert list(store.check()) == []


def test_adding_says_what_was_new_known_and_filled_in(tmp_path) -> None:
    with closing(SqliteStore(tmp_path / "requests.db", write=True)) as store:
        first = store.add([one(), one(status=200), one(id="req_2")])
        second = store.add([one(), one(method="GET"), one(id="req_3")])
    assert (first, second) == (Added(2, 0, 1), Added(1, 1, 1))


def test_many_of_one_instant_come_in_the_order_of_their_ids_whatever_order_they_came_in(tmp_path) -> None:
    ids = [f"req_aaa{first}{second}" for first in "019azAZ" for second in "0123456789"]
    shuffled = sorted(ids, key=lambda id: id[::-1])
    with closing(SqliteStore(tmp_path / "requests.db", write=True)) as store:
        for id in shuffled[::2]:
            store.add([one(id=id)])
        store.add([one(id=id) for id in shuffled[1::2]])
        found = [request.id for request in store.find(EVERYTHING, limit=50)]
    assert found == sorted(ids, reverse=True)[:50]
