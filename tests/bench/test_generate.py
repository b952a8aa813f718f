"""What the benchmark's requests are promised to be."""

import json
from collections import Counter
from io import BytesIO

import pytest
from bench.generate import CHUNK, UNTIL, Plan, amount, lines, write

from reqlog.catalog import endpoint_of, ids_in
from reqlog.readers.reqlog import read
from reqlog.request import FIELDS, Request

PLAN = Plan(2 * CHUNK + 500)


@pytest.fixture(scope="module")
def made() -> list[str]:
    return list(lines(PLAN))


@pytest.fixture(scope="module")
def requests(made) -> list[Request]:
    found = list(read(BytesIO("".join(made).encode()), "made.jsonl"))
    assert [each for each in found if not isinstance(each, Request)] == []
    return [each for each in found if isinstance(each, Request)]


def test_the_same_seed_gives_the_same_requests(made) -> None:
    assert list(lines(PLAN)) == made


def test_another_seed_gives_others(made) -> None:
    assert set(made).isdisjoint(lines(PLAN._replace(seed=1)))


def test_several_processes_write_the_same(made, tmp_path) -> None:
    write(PLAN, tmp_path / "requests.jsonl")
    assert (tmp_path / "requests.jsonl").read_text() == "".join(made)


def test_there_are_as_many_as_were_asked_for_each_with_an_id_of_its_own(requests) -> None:
    assert len({request.id for request in requests}) == len(requests) == PLAN.requests


def test_a_line_is_as_long_as_promised(made) -> None:
    assert 1100 <= sum(len(line.encode()) for line in made) / len(made) <= 1300


def test_lines_have_the_keys_of_reqlog_and_no_nulls(made) -> None:
    records = [json.loads(line) for line in made]
    assert {key for record in records for key in record} <= set(FIELDS)
    assert [record for record in records if None in record.values()] == []


def test_they_are_in_the_order_of_time_over_thirty_days(requests) -> None:
    times = [request.time for request in requests]
    assert times == sorted(times)
    assert (times[-1] - times[0]).days == 29
    assert times[-1] < UNTIL


def test_out_of_order_only_the_order_differs(made) -> None:
    shuffled = list(lines(PLAN._replace(out_of_order=True)))
    assert shuffled != made
    assert sorted(shuffled) == sorted(made)


def test_shares_are_as_promised(requests) -> None:
    shares = {
        name: len({getattr(each, name) for each in requests}) for name in ("endpoint", "api_version", "ip_address")
    }
    assert shares == {"endpoint": 15, "api_version": 7, "ip_address": 200}
    failed = [request for request in requests if (request.status or 0) >= 400]
    assert 0.065 <= len(failed) / len(requests) <= 0.075
    types = Counter(request.error_type for request in failed)
    assert [kind for kind, _ in types.most_common()] == [
        "invalid_request_error",
        "card_error",
        "api_error",
        "idempotency_error",
    ]


def test_who_is_short_of_funds_is_told_so(requests) -> None:
    told = {request.error_message for request in requests if request.decline_code == "insufficient_funds"}
    assert told == {"Your card has insufficient funds."}


def test_customers_come_again(requests) -> None:
    customers = Counter(
        id for request in requests if request.status == 200 for id in request.resources if id[:4] == "cus_"
    )
    assert len(customers) == pytest.approx(PLAN.requests / 20, rel=0.01)
    assert min(customers.values()) > 1


def test_endpoints_and_resources_are_what_reqlog_says_they_are(requests) -> None:
    for request in requests[:2000]:
        assert request.endpoint == endpoint_of(request.method, request.path or "")
        texts = (request.path, request.query, request.request_body, request.response_body)
        assert list(request.resources) == list(dict.fromkeys(id for text in texts if text for id in ids_in(text)))


def test_bodies_are_what_an_api_sends(requests) -> None:
    bodies = [json.loads(request.response_body or "") for request in requests]
    assert {
        ("error" in body) is ((request.status or 0) >= 400) for request, body in zip(requests, bodies, strict=True)
    } == {True}


@pytest.mark.parametrize(("text", "expected"), [("1500", 1500), ("100k", 100_000), ("10M", 10_000_000)])
def test_an_amount_is_read(text, expected) -> None:
    assert amount(text) == expected
