import pytest

from reqlog import catalog
from reqlog.catalog.facts import rows


def test_the_catalog_has_the_codes_of_the_api():
    assert (len(catalog.error_codes()), len(catalog.decline_codes()), len(catalog.error_types())) == (197, 47, 6)


@pytest.mark.parametrize("word", ["card_declined", "do_not_honor", "card_error"])
def test_codes_of_each_kind_are_known(word):
    assert catalog.is_known(word)


def test_other_words_are_not_known():
    assert not catalog.is_known("card_decline")


def test_every_decline_code_and_every_type_has_a_hint():
    words = [("decline", code) for code in catalog.decline_codes()] + [("type", word) for word in catalog.error_types()]
    assert set(words) - {(kind, code) for kind, code, _ in rows("hints.tsv")} == set()


def test_every_hint_is_of_a_known_word_and_is_sentences():
    unfit = [(kind, code) for kind, code, text in rows("hints.tsv") if not catalog.is_known(code) or text[-1] != "."]
    assert unfit == []


@pytest.mark.parametrize(
    ("asked", "start"),
    [
        (("card_declined", "insufficient_funds"), "The account does not hold enough."),
        (("card_declined", "brand_new_reason"), "The bank declined the card."),
        (("card_declined", None), "The bank declined the card."),
        (("brand_new_code", None, "rate_limit"), "Too many calls"),
        ((None, None, "invalid_request_error"), "The call itself is at fault"),
    ],
)
def test_the_most_specific_hint_is_given(asked, start):
    assert (catalog.error_hint(*asked) or "")[: len(start)] == start


@pytest.mark.parametrize("asked", [(None,), ("",), ("brand_new_code",), ("brand_new_code", "other", "another")])
def test_what_is_unknown_has_no_hint(asked):
    assert catalog.error_hint(*asked) is None


@pytest.mark.parametrize(
    ("asked", "url"),
    [
        (("card_declined",), "https://docs.stripe.com/error-codes#card-declined"),
        ((None, "do_not_honor"), "https://docs.stripe.com/declines/codes"),
        (("brand_new_code",), None),
        ((None,), None),
    ],
)
def test_known_codes_have_an_address(asked, url):
    assert catalog.doc_url(*asked) == url
