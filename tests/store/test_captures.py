"""What is peculiar to captures that are asked directly; what holds of all that answers is in test_conformance.py."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from reqlog import limits
from reqlog.filters import EVERYTHING, Compare, Filter, Not, Present
from reqlog.request import Request
from reqlog.store.base import Group
from reqlog.store.captures import CapturedAnswers

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


def one(**fields: object) -> Request:
    return Request(**{"id": "req_1", "time": NOON, **fields})  # type: ignore[arg-type]  # each test gives fields of their types


def answers(*requests: Request) -> CapturedAnswers:
    return CapturedAnswers(lambda _: requests)


def test_of_a_repeated_id_the_captures_that_match_make_one_request() -> None:
    known = answers(one(status=402), one(method="POST"), one(status=200, method="GET"))
    assert list(known.find(EVERYTHING)) == [one(status=402, method="POST")]
    assert list(known.find(Compare("status", "=", 200))) == [one(status=200, method="GET")]
    assert list(known.find(Not(Present("status")))) == [one(method="POST")]


def test_a_repeated_id_counts_once() -> None:
    known = answers(one(status=402), one(status=402), one(id="req_2"))
    assert known.count_by(EVERYTHING, ()) == [Group((), 2, NOON, NOON)]
    assert [(group.values, group.requests) for group in known.count_by(EVERYTHING, ("status",))] == [
        ((None,), 1),
        ((402,), 1),
    ]


def test_captures_are_read_anew_for_each_question() -> None:
    read = []

    def requests(_filter: Filter) -> Iterator[Request]:
        read.append("once")
        yield one()

    known = CapturedAnswers(requests)
    assert read == []
    assert known.get("req_1") == one()
    assert known.count_by(EVERYTHING, ()) == [Group((), 1, NOON, NOON)]
    assert list(known.find(EVERYTHING)) == [one()]
    assert read == ["once"] * 3
    known.close()


def test_a_limit_bounds_what_is_kept_whatever_comes() -> None:
    many = [one(id=f"req_{number:05}", time=NOON + timedelta(seconds=number % 7)) for number in range(5000)]
    newest = [request.id for request in answers(*many).find(EVERYTHING, limit=3)]
    oldest = [request.id for request in answers(*many).find(EVERYTHING, limit=3, reverse=True)]
    assert newest == ["req_04997", "req_04990", "req_04983"]
    assert oldest == ["req_00000", "req_00007", "req_00014"]


def test_the_samples_of_a_group_are_its_newest_whatever_comes() -> None:
    many = [one(id=f"req_{number:05}", time=NOON + timedelta(seconds=number)) for number in range(3000)]
    (group,) = answers(*reversed(many)).count_by(EVERYTHING, (), samples=2)
    assert (group.requests, [sample.id for sample in group.samples]) == (3000, ["req_02999", "req_02998"])


LARGE = "x" * (limits.HELD_CHARACTERS // 20)


def test_what_is_too_large_to_hold_is_asked_all_the_same() -> None:
    many = [one(id=f"req_{number:02}", time=NOON + timedelta(seconds=number), path=LARGE) for number in range(50)]
    newest_first = [f"req_{number:02}" for number in reversed(range(50))]
    asked = answers(*many, one(id="req_03", method="POST"))
    assert [request.id for request in asked.find(EVERYTHING)] == newest_first
    assert [request.id for request in asked.find(EVERYTHING, limit=3)] == newest_first[:3]
    assert [request.id for request in asked.find(EVERYTHING, limit=30)] == newest_first[:30]
    assert [group.requests for group in asked.count_by(EVERYTHING, ("method",))] == [49, 1]
