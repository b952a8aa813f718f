"""What a user declares is checked when it is declared."""

import pytest

from reqlog.rules import OwnRules, name_from, pattern_from


@pytest.mark.parametrize("name", ["tax_id", "X-Acme-*", "*note*", "a.b", "account number", "9"])
def test_a_name_is_taken(name):
    assert name_from(name) == name


@pytest.mark.parametrize("name", ["", "*", "-_-", "a[b]", "é", "a\n", 'a"b', "a" * 101])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match=r"^a name of letters"):
        name_from(name)


def test_a_pattern_is_taken():
    assert pattern_from(r"ACME-\d+").pattern == r"ACME-\d+"


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("(a", r"a regular expression: missing \)"),
        ("a{99999999999999999999}", "a regular expression: "),
        ("[[a]", "a regular expression: Possible nested set"),
        ("a*", "a regular expression that does not match the empty text"),
        ("", "a regular expression that does not match the empty text"),
        ("a|", "a regular expression that does not match the empty text"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern, what):
    with pytest.raises(ValueError, match=f"^{what}"):
        pattern_from(pattern)


def test_the_rules_of_two_add_up():
    some, more = pattern_from("some"), pattern_from("more")
    rules = OwnRules(("a", "b"), ("x",), (some,)).plus(OwnRules(("b", "c"), ("y",), (some, more)))
    assert rules == OwnRules(("a", "b", "c"), ("x", "y"), (some, more))
