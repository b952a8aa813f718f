"""Tables that declare a mapping."""

import re

import pytest

from reqlog.exceptions import UsageError
from reqlog.readers.mapping import MAPPED, Mapping, mapping_from


def test_a_table_becomes_a_mapping():
    table = {
        "requires": ["http.method"],
        "fields": {"method": "http.method", "user_agent": ['headers."user.agent"', '"a b".c']},
        "time_unit": "ns",
        "duration_unit": "us",
        "prefix": r"\w+: ",
    }
    assert mapping_from("mine", table) == Mapping(
        name="mine",
        requires=(("http", "method"),),
        fields={"method": (("http", "method"),), "user_agent": (("headers", "user.agent"), ("a b", "c"))},
        time_unit="ns",
        duration_unit="us",
        prefix=re.compile(rb"\w+: "),
    )


def test_only_the_fields_must_be_said():
    assert mapping_from("mine", {"fields": {"status": "code"}}) == Mapping(
        name="mine",
        requires=(),
        fields={"status": (("code",),)},
        time_unit="unix",
        duration_unit="ms",
        prefix=None,
    )


A_PATH = 'it must be a path such as request.uri or request."user.agent", or a list of paths'


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"field": {}}, "field: there is no such key; the keys are requires, fields, time_unit, duration_unit, prefix"),
        ({"fields": {}}, "fields: it must be a table of at least one field and its path"),
        ({"fields": "a"}, "fields: it must be a table of at least one field and its path"),
        ({"fields": {"stat": "a"}}, f"fields.stat: there is no such field; the fields are {', '.join(MAPPED)}"),
        ({"fields": {"endpoint": "a"}}, f"fields.endpoint: there is no such field; the fields are {', '.join(MAPPED)}"),
        ({"fields": {"status": 5}}, f"fields.status: {A_PATH}"),
        ({"fields": {"status": ["a", 5]}}, f"fields.status: {A_PATH}"),
        ({"fields": {"status": "a..b"}}, f"fields.status: {A_PATH}"),
        ({"fields": {"status": ""}}, f"fields.status: {A_PATH}"),
        ({"fields": {"status": '"a'}}, f"fields.status: {A_PATH}"),
        ({"requires": {}}, f"requires: {A_PATH}"),
        ({"time_unit": "hours"}, "time_unit: it must be one of s, ms, us, ns, unix"),
        ({"time_unit": []}, "time_unit: it must be one of s, ms, us, ns, unix"),
        ({"duration_unit": "unix"}, "duration_unit: it must be one of s, ms, us, ns"),
        ({"prefix": 5}, "prefix: it must be a regular expression in quotes"),
        ({"prefix": "("}, "prefix: it is not a regular expression: missing ), unterminated subpattern at position 0"),
    ],
)
def test_a_wrong_table_is_refused_with_the_key_that_is_wrong(changed, expected):
    with pytest.raises(UsageError) as refused:
        mapping_from("mine", {"fields": {"status": "code"}, **changed})
    assert str(refused.value) == f"json-map format 'mine', {expected}"
