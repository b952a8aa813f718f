"""What a user adds goes too, wherever it stands, and nothing that goes without it comes back."""

import json
from collections import Counter

import pytest

from reqlog.redact.own import own
from reqlog.rules import OwnRules, pattern_from

SECRET = "hunter2-S3cret"


def without(text: str, *, fields: tuple[str, ...] = (), patterns: tuple[str, ...] = ()) -> str:
    rules = own(OwnRules(fields, (), tuple(map(pattern_from, patterns))))
    once = rules.redact_text(text, Counter())
    assert rules.redact_text(once, Counter()) == once
    return once


@pytest.mark.parametrize("name", ["tax_id", "taxId", "TAX-ID", "Tax.Id", "customer[tax_id]", "customer%5Btax_id%5D"])
@pytest.mark.parametrize(
    "form",
    [
        lambda name, value: json.dumps({name: value, "a": 1}),
        lambda name, value: json.dumps({"a": [{name: [value, value]}]}),
        lambda name, value: json.dumps({"a": json.dumps({name: value})}),
        lambda name, value: f"a=1&{name}={value}&b=2",
        lambda name, value: f"{name}={value}",
        lambda name, value: f"https://example.com/?{name}={value}",
        lambda name, value: f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--b--',
    ],
)
def test_a_field_is_known_however_it_is_spelled(name, form):
    assert without(form(name, SECRET), fields=("tax_id",)) == form(name, SECRET).replace(SECRET, "[redacted]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '{"address":{"a":"x","b":[1,true]},"c":"y"}',
            '{"address":{"a":"[redacted]","b":["[redacted]","[redacted]"]},"c":"y"}',
        ),
        ('{"address":true}', '{"address":"[redacted]"}'),
        ('{"address":null}', '{"address":null}'),
        ("address[city]=x&address%5Bzip%5D=y&name=z", "address[city]=[redacted]&address%5Bzip%5D=[redacted]&name=z"),
        ("<address>x</address>", "<address>[redacted]</address>"),
        ('{"addr\\u0065ss":"x"}', '{"address":"[redacted]"}'),
        ('{"addresses":"x","my_address":"y"}', '{"addresses":"x","my_address":"y"}'),
    ],
)
def test_everything_under_a_field_goes_and_nothing_else(text, expected):
    assert without(text, fields=("address",)) == expected


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("internal_*", '{"internal_note":"x","internal":"y"}', '{"internal_note":"[redacted]","internal":"y"}'),
        ("*_note", '{"internal_note":"x","note":"y"}', '{"internal_note":"[redacted]","note":"y"}'),
        ("x*z", "xyz=1&xz=2&xy=3", "xyz=[redacted]&xz=[redacted]&xy=3"),
    ],
)
def test_a_star_stands_for_anything(field, text, expected):
    assert without(text, fields=(field,)) == expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"ACME-\d{6}", "see ACME-123456, ACME-12", "see [redacted], ACME-12"),
        (r"(?i)acme-\d{6}", "acme-123456", "[redacted]"),
        (r"user=(?P<secret>\w+)", '{"a":"user=bob&x"}', '{"a":"user=[redacted]&x"}'),
        (r"\b\d{9}\b", '{"n":123456789,"m":"123456789"}', '{"n":"[redacted]","m":"[redacted]"}'),
        (r"ACME-\d{6}", r"ACM\u0045-123456", "[redacted]"),
        (r"ACME-\d{6}", "ACME%2D123456", "[redacted]"),
        (r"\w{4,}", "[redacted …x8Yz] word", "[redacted …x8Yz] [redacted]"),
        (r"(?=a)", "a", "a"),
    ],
)
def test_what_a_pattern_matches_goes(pattern, text, expected):
    assert without(text, patterns=(pattern,)) == expected


def test_headers_are_known_by_name():
    rules = own(OwnRules(headers=("X-Acme-*", "x_plain")))
    names = ("x-acme-auth", "X-Acme-Id", "x-plain", "x-acme", "x-other")
    assert [rules.is_header(name) for name in names] == [True, True, True, False, False]


def test_what_goes_is_counted():
    rules = own(OwnRules(("tax_id",), (), (pattern_from("b+"),)))
    tally: Counter[str] = Counter()
    rules.redact_text('{"tax_id": "a", "x": "bb"}', tally)
    assert tally == {"own": 2}


@pytest.mark.parametrize(
    "unit",
    [
        '{"address":',
        '"address":[',
        '{"address":{"a":1},',
        "address=",
        "address[",
        '"address":"',
        "<address>",
        "address: ",
        "a",
    ],
)
def test_a_third_of_a_megabyte_of_anything_comes_to_an_end(unit):
    assert len(without(unit * (300_000 // len(unit)), fields=("address",))) > 10
