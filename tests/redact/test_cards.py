"""Card numbers go, and what merely looks like one stays."""

import json
from collections import Counter

import pytest

from reqlog.redact.cards import redact_cards


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4242424242424242", "[card …4242]"),
        ("4222222222222", "[card …2222]"),
        ("4242 4242 4242 4242", "[card …4242]"),
        ("5555-5555-5555-4444", "[card …4444]"),
        ("378282246310005", "[card …0005]"),
        ("3782 822463 10005", "[card …0005]"),
        ("3056 930902 5904", "[card …5904]"),
        ("6011111111111117", "[card …1117]"),
        ("3566002020360505", "[card …0505]"),
        ("2223003122003222", "[card …3222]"),
        ("6205500000000000004", "[card …0004]"),
        ("4242%204242%204242%204242", "[card …4242]"),
        ("4242+4242+4242+4242", "[card …4242]"),
        ("a=1&note=paid+4242424242424242&b=2", "a=1&note=paid+[card …4242]&b=2"),
        ("a%3A4242424242424242%26", "a%3A[card …4242]%26"),
        (r'{"a":"\n4242424242424242\n"}', r'{"a":"\n[card …4242]\n"}'),
        ("paid 4242 4242 4242 4242 123 now", "paid [card …4242] 123 now"),
        ("11 4242 4242 4242 4242", "11 [card …4242]"),
        ("カード4242424242424242です", "カード[card …4242]です"),
        ("4242424242424242, 5555555555554444.", "[card …4242], [card …4444]."),
        ("42424242 42424242", "[card …4242]"),
        ("4242 - 4242 - 4242 - 4242", "[card …4242]"),
        ("4242  4242  4242  4242", "[card …4242]"),
        ("4242.4242.4242.4242", "[card …4242]"),
        ("4242\u202f4242\u202f4242\u202f4242", "[card …4242]"),
        ("4242\u20134242\u20134242\u20134242", "[card …4242]"),
        ("2200000000000004", "[card …0004]"),
        ('"phones": 1, "note": "4222222222222"', '"phones": 1, "note": "[card …2222]"'),
    ],
)
def test_of_a_card_number_the_last_four_digits_are_left(text, expected):
    assert redact_cards(text, Counter()) == expected


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424241",
        "1734704602",
        "1734704602000",
        "1734704602000000",
        "9999999999999995",
        "pi_4242424242424242",
        "ch_34242424242424242",
        "4242424242424242abc",
        "a4242424242424242",
        "0.4242424242424242",
        "4242424242424242.5",
        "+4222222222222",
        "phone=%2B4222222222222",
        "phone=+4222222222222",
        "phone=4222222222222",
        "customer[phone]=4222222222222",
        "customer%5Bphone%5D=4222222222222",
        '"phone": "4222222222222"',
        '"mobile_number":4222222222222',
        '"tel" : "4222222222222"',
        "42424242-4242-4242-8242-424242424242",
        "4242 4242 4242",
        "200 4242 612 4242 4242",
        "4242 4242-4242 4242",
        "3004162128217401",
        '"amount": 4500, "amount_received": 4500, "created": 1734704602',
    ],
)
def test_other_digits_stay(text):
    assert redact_cards(text, Counter()) == text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"number": 4242424242424242, "n": 1}, {"number": "[card …4242]", "n": 1}),
        ({"a": [{"b": "x 4242424242424242 y"}]}, {"a": [{"b": "x [card …4242] y"}]}),
        ({'":4242 4242 4242 4242]': 1}, {'":[card …4242]]': 1}),
        ({":4242424242424242,": ":4242424242424242]"}, {":[card …4242],": ":[card …4242]]"}),
        ({"number:": 4242424242424242}, {"number:": "[card …4242]"}),
        ({"": 4242424242424242}, {"": "[card …4242]"}),
        ({"a\\": 4242424242424242}, {"a\\": "[card …4242]"}),
        ({"a": json.dumps({"b": 4242424242424242})}, {"a": json.dumps({"b": "[card …4242]"}, ensure_ascii=False)}),
    ],
)
def test_a_body_stays_json(body, expected):
    assert json.loads(redact_cards(json.dumps(body), Counter())) == expected


def test_cards_are_counted():
    tally: Counter[str] = Counter()
    redact_cards("4242424242424242 5555555555554444 4242424242424241", tally)
    assert tally == {"card": 2}
