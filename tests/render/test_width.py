import pytest

from reqlog.render.width import cut, display_width, wrapped


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
        ("❤\ufe0f❤\ufe0f❤\ufe0f", 5, "❤\ufe0f❤\ufe0f…"),
        ("❤\ufe0f❤\ufe0f❤\ufe0f", 4, "❤\ufe0f❤…"),
    ],
)
def test_cut_text_ends_in_an_ellipsis_and_fits(text, width, expected):
    assert cut(text, width) == expected


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 4, [""]),
        ("ab cd", 5, ["ab cd"]),
        ("ab cd", 4, ["ab", "cd"]),
        ("ab  cd", 6, ["ab  cd"]),
        ("abcdef gh", 4, ["abcdef", "gh"]),
        ("日本 語 a", 7, ["日本 語", "a"]),
        ("日本 語 a", 6, ["日本", "語 a"]),
    ],
)
def test_wrapped_lines_fit_unless_a_word_does_not(text, width, expected):
    assert wrapped(text, width) == expected
