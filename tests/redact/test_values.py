"""What is left of a value depends on its rule, and what holds no secret stays."""

from collections import Counter

import pytest

from reqlog.redact.values import is_said_in_prose, replacement


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ("password", "hunter2", "[redacted]"),
        ("password", "4eC39HqLyjWDarjtT1zdp7dc", "[redacted]"),
        ("secret", "4eC39HqLyjWDarjtT1zdp7dc", "[redacted …p7dc]"),
        ("api_key", "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc", "sk_test_…p7dc"),
        ("token", "abc", "[redacted]"),
        ("token", "tok_visa", None),
        ("token", "123456", None),
        ("secret", "https://example.com/x", None),
        ("bank", "000123456789", "[redacted …6789]"),
        ("bank", "DE89 3704 0044 0532 0130 00", "[redacted …3000]"),
        ("bank", "1088", "[redacted]"),
        ("card", "4242424242424241", "[card …4241]"),
        ("card", "INV-1", None),
        ("number", "4242424242424241", "[card …4241]"),
        ("number", "4915112345678", None),
        ("cookie", "a=1", "a=[redacted]"),
        ("cvc", "", None),
        ("cvc", " ", None),
        ("cvc", "null", None),
        ("cvc", "true", None),
        ("own", "true", "[redacted]"),
        ("own", "null", None),
        ("secret", "{CHECKOUT_SESSION_ID}", None),
        ("secret", "[redacted …p7dc]", None),
    ],
)
def test_a_value_is_replaced_by_its_rule_and_counted(rule, value, expected):
    tally: Counter[str] = Counter()
    assert replacement(rule, value, tally) == expected
    assert tally == ({} if expected is None else {"card" if rule == "number" else rule: 1})


@pytest.mark.parametrize(
    ("rule", "value", "following", "expected"),
    [
        ("password", "hunter2", " and", True),
        ("password", "swordfish", ".", True),
        ("password", "swordfish", " is", False),
        ("password", "required", "", False),
        ("password", "this.form.password", ",", False),
        ("password", "abc", "", False),
        ("cvc", "987", "", True),
        ("cvc", "98", "", False),
        ("bank", "000123456789", "", True),
        ("bank", "missing", "", False),
        ("authorization", "Token abcd1234", "", True),
        ("authorization", "is required", "", False),
        ("token", "abcd1234", "", True),
        ("token", "tokens", "", False),
        ("cookie", "a=1", "", True),
        ("cookie", "none", "", False),
        ("own", "DE123", "", True),
        ("own", "none", "", False),
    ],
)
def test_what_is_said_behind_a_colon_is_a_secret_if_it_looks_like_one(rule, value, following, expected):
    assert is_said_in_prose(rule, value, following) is expected
