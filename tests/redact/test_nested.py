"""Everything below a member goes, and nothing beside it."""

import json
from collections import Counter
from urllib.parse import quote

import pytest

from reqlog.redact.nested import pattern_of_nested, redact_nested

BELOW = {"line1": "1 Main St", "zip": 12345, "geo": {"lat": -1.5, "known": True, "of": None}, "tags": ["a", ["b"], {}]}
LEFT = {
    "line1": "[redacted]",
    "zip": "[redacted]",
    "geo": {"lat": "[redacted]", "known": "[redacted]", "of": None},
    "tags": ["[redacted]", ["[redacted]"], {}],
}


def without(text: str) -> str:
    return redact_nested(
        pattern_of_nested("address"), lambda name: "own" if name == "address" else None, text, Counter()
    )


@pytest.mark.parametrize("value", [BELOW, [BELOW, 1], True, False, ["address"]])
@pytest.mark.parametrize("indent", [None, 2])
def test_below_a_member_texts_numbers_and_truth_values_go(value, indent):
    document = {"a": 1, "address": value, "b": ["x", {"address_line": "y"}]}
    found = json.loads(without(json.dumps(document, indent=indent)))
    assert (found["a"], found["b"]) == (1, ["x", {"address_line": "y"}])
    expected = {"BELOW": LEFT, "list": [LEFT, "[redacted]"]}
    wanted = expected["BELOW"] if value is BELOW else expected["list"] if value == [BELOW, 1] else None
    assert found["address"] == (wanted or (["[redacted]"] if isinstance(value, list) else "[redacted]"))


def test_json_within_json_and_percent_encoded_json_are_understood():
    inner = json.dumps({"address": {"city": "x"}, "b": "y"})
    assert without(json.dumps({"a": inner})) == json.dumps({"a": inner}).replace("x", "[redacted]")
    assert without(quote(inner)) == quote(inner).replace("x", "[redacted]")


def test_a_text_that_is_cut_is_treated_like_a_whole_one():
    assert without('{"address": {"city": "x", "zip": 1') == '{"address": {"city": "[redacted]", "zip": "[redacted]"'
    assert without('{"address": {"city": "x') == '{"address": {"city": "[redacted]'


def test_texts_and_numbers_are_not_its_matter():
    assert without('{"address": "x", "b": {"c": 1}}') == '{"address": "x", "b": {"c": 1}}'
