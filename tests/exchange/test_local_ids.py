import re

import pytest

from reqlog.exchange.local_ids import Occurrences, content_digest, local_id


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
