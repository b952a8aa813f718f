import pytest

from reqlog.catalog.ids import ids_in, is_id


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("cus_ImZZa3EEvvQQQU", ["cus_ImZZa3EEvvQQQU"]),
        ('{"id": "pi_3QY2qD2ESifGlJez0VuzXjwK"}', ["pi_3QY2qD2ESifGlJez0VuzXjwK"]),
        ("pi_3QY2qD2ESifGlJez0VuzXjwK_secret_abcDEF1234567", ["pi_3QY2qD2ESifGlJez0VuzXjwK"]),
        ("a=cs_test_a11YYufWQzNY63zpQ6&b=sub_sched_1Mr3YcLkdI", ["cs_test_a11YYufWQzNY63zpQ6", "sub_sched_1Mr3YcLkdI"]),
        ("tok_visa pm_card_visa_debit btok_us_verified", ["tok_visa", "pm_card_visa_debit", "btok_us_verified"]),
        ("pm_card_visa, cus_12345678, tok_1Abcdefgh", ["pm_card_visa", "cus_12345678", "tok_1Abcdefgh"]),
        ("cus_12345678 cus_12345678", ["cus_12345678", "cus_12345678"]),
        (r"'No such customer'\ncus_12345678", ["cus_12345678"]),
        ("<b>cus_12345678</b>", ["cus_12345678"]),
        (">cus_12345678", ["cus_12345678"]),
        ('{"customer":"cus_12","url":"/v1/cus_9/x","code":"card_declined"}', ["cus_12"]),
        ("customer=cus_123&on=ch_77", ["cus_123", "ch_77"]),
        ("cus_1", ["cus_1"]),
        ("see cus_12 there", []),
        ("", []),
        ("payment_method price_data card_declined tax_exempt file_links card_present application_fee_amount", []),
        ("price_currencies card_PAYMENTS price_internationalization", []),
        ("xcus_12345678 my_cus_12345678 cus_12345678_old cus_1234567", []),
        ("cus_S<ID>29iEC0BTN6Pb cus_S29iEC0BTN6Pb<ID> <ID>cus_S29iEC0BTN6Pb", []),
        ("pm_card_visa<ID> <ID>tok_visa xtok_visa", []),
        ("req_12345678 sk_test_4eC39HqLyjWDarjtT1zdp7dc whsec_12345678", []),
    ],
)
def test_whole_ids_are_found_and_other_words_are_not(text, ids):
    assert ids_in(text) == ids


@pytest.mark.parametrize("text", ["_" * 100_000, "a_" * 50_000, "cus_" + "a" * 100_000, "_1" * 50_000, "tok_" * 25_000])
def test_hostile_text_costs_no_more_than_its_length(text):
    assert len(ids_in(text)) <= 1


@pytest.mark.parametrize(
    ("word", "holds"),
    [
        ("cus_1", True),
        ("pm_card_visa", True),
        ("cus_S<ID>29iEC0BTN6Pb", True),
        ("cs_test_a1", True),
        ("file_links", False),
        ("payment_methods", False),
        ("unknown_1", False),
        ("cus_", False),
        ("", False),
    ],
)
def test_a_segment_alone_may_be_a_short_id(word, holds):
    assert is_id(word) is holds
