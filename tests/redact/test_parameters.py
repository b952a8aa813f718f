"""Parameters of URLs are known by names that mean nothing elsewhere."""

from collections import Counter

import pytest

from reqlog.redact.parameters import redact_parameters, redact_url_parameters


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "key=abc&limit=3&sig=x%20y&token=tok_visa&publishable_key=pk_1",
            "key=[redacted]&limit=3&sig=[redacted]&token=tok_visa&publishable_key=pk_1",
        ),
        ("card[cvc]=123&a=1", "card[cvc]=[redacted]&a=1"),
        ("api_key=4eC39HqLyjWDarjtT1zdp7dc", "api_key=[redacted …p7dc]"),
        ("limit=3", "limit=3"),
    ],
)
def test_a_query_loses_its_secrets(query, expected):
    assert redact_parameters(query, Counter()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '{"a":"https://example.com/?key=abc&b=1","c":"https://example.com/?b=1&sig=abc"}',
            '{"a":"https://example.com/?key=[redacted]&b=1","c":"https://example.com/?b=1&sig=[redacted]"}',
        ),
        ("/x;jsessionid=abc?a=1", "/x;jsessionid=[redacted]?a=1"),
        ("https://example.com/?PHPSESSID=abc#d", "https://example.com/?PHPSESSID=[redacted]"),
        ("https://example.com/?auth=abc", "https://example.com/?auth=[redacted]"),
        ("key=abc&a=1", "key=[redacted]&a=1"),
        ("?session_id=cs_test_a1", "?session_id=cs_test_a1"),
        ("?keys=a&monkey=b", "?keys=a&monkey=b"),
        ("key = abc", "key = abc"),
    ],
)
def test_urls_in_a_text_lose_keys_signatures_and_sessions(text, expected):
    assert redact_url_parameters(text, Counter()) == expected


def test_parameters_are_counted_by_rule():
    tally: Counter[str] = Counter()
    redact_parameters("key=abc&sig=def&password=ghi", tally)
    assert tally == {"api_key": 1, "signature": 1, "password": 1}
