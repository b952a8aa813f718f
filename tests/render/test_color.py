import pytest

from reqlog.render.color import CYAN, GREEN, RED, YELLOW, painted, status_color


@pytest.mark.parametrize(
    ("status", "color"),
    [(200, GREEN), (304, CYAN), (402, YELLOW), (503, RED), (0, None), (999, None), (None, None), ("402", None)],
)
def test_a_status_has_the_color_of_its_class(status, color):
    assert status_color(status) == color


@pytest.mark.parametrize(
    ("text", "color", "expected"), [("402", YELLOW, "\x1b[33m402\x1b[0m"), ("402", None, "402"), ("", YELLOW, "")]
)
def test_text_is_painted_and_reset(text, color, expected):
    assert painted(text, color) == expected
