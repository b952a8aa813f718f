from datetime import UTC, date, datetime

import click
import pytest

from reqlog.options.saved import takes


@click.command
@click.argument("what")
@click.option("--flag", is_flag=True)
@click.option("--yes/--no", default=None)
@click.option("--limit", type=click.IntRange(min=1))
@click.option("--text")
@click.option("--choice", type=click.Choice(("a", "b")))
@click.option("--many-texts", multiple=True)
def command(**_given: object) -> None:
    """Take options of every kind."""


def test_every_option_takes_a_default_and_no_argument_does() -> None:
    assert list(takes(command)) == ["flag", "yes", "limit", "text", "choice", "many_texts"]


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("flag", True, True),
        ("yes", False, False),
        ("limit", 3, 3),
        ("text", "24h", "24h"),
        ("text", 5, "5"),
        ("text", 1.5, "1.5"),
        ("text", date(2025, 2, 24), "2025-02-24"),
        ("text", datetime(2025, 2, 24, 10, tzinfo=UTC), "2025-02-24T10:00:00+00:00"),
        ("choice", "b", "b"),
        ("many_texts", "4xx", ["4xx"]),
        ("many_texts", 404, ["404"]),
        ("many_texts", ["4xx", 500], ["4xx", "500"]),
        ("many_texts", [], []),
    ],
)
def test_what_toml_says_becomes_a_default(option, value, expected) -> None:
    assert takes(command)[option](value) == expected


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("flag", "true", "true or false"),
        ("flag", 1, "true or false"),
        ("yes", [], "true or false"),
        ("limit", "3", "a whole number"),
        ("limit", 1.5, "a whole number"),
        ("limit", True, "a whole number"),
        ("text", True, "a text"),
        ("text", ["24h"], "a text"),
        ("text", {"x": 1}, "a text"),
        ("choice", "c", "one of a, b"),
        ("many_texts", [["4xx"]], "a text, or a list of texts"),
        ("many_texts", {"x": 1}, "a text, or a list of texts"),
    ],
)
def test_what_it_cannot_be_is_said(option, value, expected) -> None:
    with pytest.raises(ValueError, match=f"^{expected}$"):
        takes(command)[option](value)
