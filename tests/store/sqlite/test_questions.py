from contextlib import closing
from datetime import UTC, datetime

import pytest

from reqlog.filters import And, Compare, Glob, InNetwork, Mentions, Not, OneOf, Or, Present, Touches, matches
from reqlog.request import Request
from reqlog.store import open_temporary
from reqlog.store.sqlite.dialect import match_all
from reqlog.store.sqlite.questions import asked, by_kind, is_of_few_kinds, kinds_asked_for
from reqlog.store.sqlite.words import key_word

TIME = Compare("time", ">=", datetime(2025, 2, 24, tzinfo=UTC))
STATUS = Compare("status", ">=", 400)
ADDRESS = Compare("ip_address", "=", "10.0.0.1")


@pytest.fixture(scope="module")
def connection():
    addresses = ("10.0.0.1", "10.0.0.2", "192.0.2.1", None)
    statuses = (200,) * 9 + (402,)
    requests = [
        Request(f"req_{place}", status=statuses[place % 10], ip_address=addresses[place % 4]) for place in range(40)
    ]
    with closing(open_temporary()) as store:
        store.add([*requests, Request("req_odd", path="/v1/odd")])
        yield store._connection


@pytest.mark.parametrize(
    ("filter", "of_kind", "words", "rest"),
    [
        (And(), False, None, 0),
        (STATUS, True, None, 0),
        (And((STATUS, And((TIME, Not(Present("error_code")))))), True, None, 0),
        (Or((STATUS, Compare("error_type", "=", "card_error"))), True, None, 0),
        (Or((STATUS, ADDRESS)), False, None, 1),
        (Or(()), False, None, 1),
        (Not(TIME), False, None, 1),
        (And((Glob("endpoint", "/v1/*"), ADDRESS)), True, None, 1),
        (Present("request_headers"), True, None, 0),
        (Present("response_headers"), False, None, 1),
        (And((Mentions(("a", "b")), STATUS)), True, '"a" "b"', 0),
        (Touches("cus_1"), False, '"cus_1"', 1),
        (Compare("path", "=", "/v1/a%20b"), False, '"v1" "a" "b"', 1),
        (Glob("path", "/v1/*"), False, None, 1),
        (Compare("idempotency_key", "=", "Key 1"), False, match_all((key_word("Key 1"),)), 1),
        (Not(Mentions(("a",))), False, None, 1),
        (Mentions(()), False, None, 0),
    ],
)
def test_a_filter_is_taken_apart(filter, of_kind, words, rest, connection) -> None:
    found = asked(connection, filter)
    assert (found.of_kind is not None, found.words, len(found.rest)) == (of_kind, words, rest)


def test_a_network_becomes_the_addresses_that_there_are(connection) -> None:
    found = asked(connection, InNetwork("ip_address", "10.0.0.0/8"))
    assert found.rest == (OneOf("ip_address", ("10.0.0.1", "10.0.0.2")),)
    assert asked(connection, InNetwork("ip_address", "172.16.0.0/12")).rest == (OneOf("ip_address", ()),)


def test_kinds_are_found_with_how_many_requests_they_have(connection) -> None:
    (found,) = kinds_asked_for(connection, asked(connection, STATUS))
    assert found[1] == 4


@pytest.mark.parametrize(
    ("filter", "by_way_of_kinds"),
    [
        (Compare("status", "=", 200), False),
        (Compare("status", "=", 402), True),
        (Compare("status", "=", 418), True),
        (And((Compare("status", "=", 418), ADDRESS)), False),
        (And((Compare("status", "=", 418), Compare("duration_ms", ">", 5.0))), True),
        (ADDRESS, False),
    ],
    ids=["most", "one in ten", "none", "with another index", "without another index", "no kinds"],
)
def test_the_kinds_are_the_way_where_they_are_few(filter, by_way_of_kinds, connection) -> None:
    condition, _ = by_kind(connection, asked(connection, filter))
    assert condition.startswith("kind IN") is by_way_of_kinds


MANY = 70
ALL, ODD = Mentions(("all",)), Mentions(("odd",))


@pytest.mark.parametrize(
    ("words", "of_kind", "leads"),
    [
        (ALL, Compare("status", "=", 418), True),
        (ALL, Compare("status", "=", 402), True),
        (ALL, Compare("status", "=", 200), False),
        (ODD, Compare("status", "=", 418), True),
        (ODD, Compare("status", "=", 402), False),
        (Mentions(("none",)), Compare("status", "=", 418), False),
        (ALL, ADDRESS, False),
    ],
    ids=["no kind", "a rare kind", "a common kind", "rare words, no kind", "rare words", "no words", "no kinds asked"],
)
def test_a_rare_kind_is_the_way_to_common_words(words, of_kind, leads) -> None:
    statuses = [402, *[200] * MANY]
    requests = [
        Request(f"req_{n}", status=status, request_body="all odd" if n == 1 else "all")
        for n, status in enumerate(statuses)
    ]
    filter = And((words, of_kind))
    with closing(open_temporary()) as store:
        store.add(requests)
        question = asked(store._connection, filter)
        condition, values = by_kind(store._connection, question)
        plan = store._connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM requests WHERE {condition}", values)
        by_index = any("requests_kind" in str(step) for step in plan)
        assert (is_of_few_kinds(store._connection, question), by_index) == (leads, leads)
        wanted = {each.id for each in requests if matches(filter, each)}
        assert {each.id for each in store.find(filter)} == {each.id for each in store.find(filter, limit=99)} == wanted
