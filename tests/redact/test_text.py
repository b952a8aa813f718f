"""A text without secrets is looked at once and left alone; none takes long, or the megabytes here would not end."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog.redact.text import BETWEEN, markers_of, narrowed, redact_text, rules_for

CLEAN = """{
  "id": "ch_3QY76s2ESifGlJez0gG0FoF1", "object": "charge", "amount": 4500, "created": 1734704602,
  "billing_details": {"phone": "+14155550123", "postal_code": "94111"}, "livemode": false,
  "spree_order_id": "85c07c2a-64cf-41c0-9bfd-d41bde07ac9d", "fingerprint": "k6ycurEAdsI1uF3b", "last4": "4242"
}"""
UNITS = (
    *(
        "4",
        "4242 ",
        "4242-4242-4242-4241 ",
        "4242424242424241 ",
        '"',
        "\\",
        '\\"',
        "[",
        "{",
        "@",
        "=",
        "&",
        "\n",
        "\x00",
        "%22",
    ),
    *(
        '"cvc":',
        '"cvc":"',
        '"token":"',
        'token"\r\n\r\n',
        'number"\r\n\r\n',
        'number":1,',
        '"secret":["a",',
        "password=",
        "token[",
    ),
    *(
        "eyJ",
        "\\neyJ",
        "eyJa.",
        "sk_test_",
        "sk_",
        "_secret_abc",
        "a_secret_abc1",
        "://",
        "://a:",
        "%3a%2f%2fa",
        "bearer a",
    ),
    *(
        "basic YTpi ",
        "whsec_",
        "?key=",
        "&sig=",
        " " * 60 + '"token":',
        'token":' + " " * 64 + "[",
        "a" * 63 + "token=",
        "\ud800",
        "İ",
    ),
    *(
        "password: ",
        "password:",
        "password: .",
        "authorization: ",
        "authorization: a ",
        "<password>",
        "<password>a",
        "</password>",
        "%3cpassword%3e",
        '"name":"password","value":',
        'password" a value=',
        "password = ",
    ),
    *("%5F", "%25", "%2525", "\\\\u0070", "\\u0022", "-----BEGIN PRIVATE KEY-----", "ssn", "key=", "&key=", ";sessid="),
    *("content-disposition: form-data\n", "content-disposition: form-data; name=a\n", "\r\n--b", '; name="'),
)


def test_a_text_without_secrets_has_no_rule_to_apply():
    assert rules_for(CLEAN) == []
    assert redact_text(CLEAN, Counter()) == CLEAN


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_a_megabyte_of_anything_comes_to_an_end(unit):
    start = '--b\r\n{"cvc":"1","number":1,"@":"://","\\u0070assword":"a","%5F":"b","token":"'
    text = start + unit * (1_000_000 // len(unit))
    once = redact_text(text, Counter())
    assert redact_text(once, Counter()) == once


def test_rules_work_together():
    tally: Counter[str] = Counter()
    text = '{"a":"Bearer sk_test_4eC39HqLyjWDarjtT1zdp7dc","card":{"number":"4242424242424242","cvc":"123"}}'
    expected = '{"a":"Bearer sk_test_…p7dc","card":{"number":"[card …4242]","cvc":"[redacted]"}}'
    assert redact_text(text, tally) == expected
    assert tally == {"key": 1, "card": 1, "cvc": 1}


PIECES = (
    *UNITS,
    "a",
    "0" * 13,
    "cvc",
    "security code",
    "sort_code",
    "sort-code",
    "ssn",
    "iban",
    "jwt=",
    "u%40p",
    "://",
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


@given(TEXTS, TEXTS, TEXTS)
def test_what_is_marked_in_one_of_several_texts_is_found_there_again(first, second, third):
    together = markers_of(BETWEEN.join((first, second, third)))
    assert together >= markers_of(first)
    for text in (second, third):
        markers = markers_of(text) - {"multipart"}  # which only the first is known to be
        assert narrowed(together, text) >= markers
