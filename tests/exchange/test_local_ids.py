import re
from typing import Any

import pytest

from reqlog.exchange.local_ids import Occurrences, content_digest, local_id, renamed
from reqlog.request import Request


def test_the_same_content_has_the_same_id_always():
    assert local_id("GET", None, b"\xff") == "local_IzlXO2GlIrOz5VzM"


@pytest.mark.parametrize(
    "other",
    [("a", "bc"), ("abc",), ("ab", None, "c"), ("ab", "", "c"), ("ab", "c", None), ("ab", "c", ""), (None,), ("",), ()],
)
def test_other_content_has_another_id(other):
    assert local_id(*other) != local_id("ab", "c")


def test_each_occurrence_has_its_own_id():
    ids = [local_id("ab", occurrence=occurrence) for occurrence in range(100)]
    assert len(set(ids)) == 100
    assert all(re.fullmatch(r"local_[A-Za-z0-9]{16}", id) for id in ids)


def test_text_that_is_no_unicode_has_an_id_too():
    assert local_id("\ud800") != local_id("\ud801")


def test_occurrences_are_counted_for_each_content():
    occurrences = Occurrences()
    assert [occurrences(content_digest(text)) for text in "abaab"] == [0, 0, 1, 2, 1]


def test_the_oldest_content_is_forgotten():
    occurrences = Occurrences()
    for number in range(65_537):
        occurrences(b"%d" % number)
    assert (occurrences(b"65536"), occurrences(b"0")) == (1, 0)


READ = Request(id=local_id("GET /?password=hunter2", within="a.yml"), method="GET", query="password=hunter2")
REDACTED = READ._replace(query="password=[redacted]")


def test_what_was_taken_out_of_a_record_is_not_in_its_id():
    other = Request(id=local_id("GET /?password=swordfish", within="a.yml"), method="GET", query="password=swordfish")
    assert renamed(REDACTED, READ).id == renamed(REDACTED._replace(id=other.id), other).id != READ.id


def test_what_had_nothing_to_be_taken_out_keeps_its_id():
    assert renamed(READ, READ) is READ


def test_an_id_that_was_read_stays():
    read = READ._replace(id="local_IzlXO2GlIrOz5VzM")
    assert renamed(read._replace(query="password=[redacted]"), read).id == "local_IzlXO2GlIrOz5VzM"


def test_an_id_that_had_a_secret_in_it_is_derived_from_what_is_left():
    ids = {
        renamed(Request(id="[redacted]", query=query), Request(id=f"secret-{query}", query=query)).id
        for query in ("a=1", "a=2")
    }
    assert len(ids) == 2
    assert all(id.startswith("local_") for id in ids)


@pytest.mark.parametrize(
    "other",
    [
        {"query": "password=[redacted]&a=1"},
        {"method": None},
        {"request_headers": {"a": "b"}},
        {"request_headers": {"a": "b", "c": "d"}},
        {"response_headers": {"a": "b"}},
        {"id": local_id("GET /?password=hunter2", within="b.yml")},
        {"id": local_id("GET /?password=hunter2")},
    ],
)
def test_what_is_left_and_what_holds_it_tell_one_from_another(other: dict[str, Any]) -> None:
    before = READ._replace(**other)
    after = REDACTED._replace(**other)
    assert renamed(after, before).id != renamed(REDACTED, READ).id


def test_what_follows_from_the_rest_is_no_part_of_an_id():
    following: dict[str, Any] = {"endpoint": "/v1/x", "resources": ("cus_1",), "truncated": ("request_body",)}
    assert renamed(REDACTED._replace(**following), READ).id == renamed(REDACTED, READ).id


def test_records_of_which_the_same_is_left_stay_apart():
    occurrences = Occurrences()
    assert len({renamed(REDACTED, READ, occurrences).id for _ in range(3)}) == 3
