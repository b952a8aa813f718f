import pytest

from reqlog.render.width import cut, display_width


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("日本", 4), ("e\u0301", 1), ("é", 1), ("🎉!", 3), ("👩\u200d", 2)]
)
def test_width_is_that_of_a_terminal(text, width):
    assert display_width(text) == width


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abcdef", 1, "…"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("a" * 1000, 4, "aaa…"),
    ],
)
def test_cut_text_ends_in_an_ellipsis_and_fits(text, width, expected):
    assert cut(text, width) == expected
