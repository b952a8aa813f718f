from datetime import UTC, datetime

import pytest

from reqlog.store.clickhouse.literals import LONGEST_LIST, bind, lists, literal, name


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("it's", r"'it\'s'"),
        ("a\\'b\0c\nd?", "'a\\\\\\'b\\0c\nd?'"),
        (True, "1"),
        (-5, "-5"),
        (0.25, "0.25"),
        (datetime(2025, 1, 1, tzinfo=UTC), "1735689600000"),
        ((1, "a"), "(1, 'a')"),
    ],
)
def test_a_value_is_written_so_that_it_ends_where_it_should(value, expected) -> None:
    assert literal(value) == expected


def test_what_has_no_literal_is_refused() -> None:
    with pytest.raises(TypeError):
        literal(None)


def test_values_are_put_in_place_of_question_marks_and_theirs_are_left() -> None:
    assert bind("a = ? AND b = ?", ("?", 2)) == "a = '?' AND b = 2"
    with pytest.raises(ValueError, match="argument"):
        bind("a = ?", ())


def test_a_long_list_is_cut_into_lists_that_a_statement_can_hold() -> None:
    ids = [f"req_{number:010}" for number in range(20_000)]
    found = list(lists(ids))
    assert max(map(len, found)) <= LONGEST_LIST + 2
    assert ", ".join(text[1:-1] for text in found) == ", ".join(map(literal, ids))
    assert list(lists([])) == []


@pytest.mark.parametrize("text", ["plain", "a`b", "a\\b"])
def test_a_name_is_quoted(text, chdb_session) -> None:
    found = chdb_session.query(f"SELECT 1 AS {name(text)}", "JSONCompactEachRowWithNames").data()
    assert found.splitlines()[0] == f'["{text}"]'.replace("\\", "\\\\")
