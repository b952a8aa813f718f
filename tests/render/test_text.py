import pytest

from reqlog.render.text import visible, visible_block


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("card_declined", "card_declined"),
        ("  two  spaces ", "  two  spaces "),
        ("Müller 日本 🎉", "Müller 日本 🎉"),
        ("\x1b[31mred\x1b]0;title\x07", r"\x1b[31mred\x1b]0;title\x07"),
        ("a\tb\r\nc", r"a\tb\r\nc"),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b"),
        ("\u202eevil\u2066\u200f", r"\u202eevil\u2066\u200f"),
        ("a\u2028b\ufeff", r"a\u2028b\ufeff"),
        ("cus_\u200b1\xad\u3164", r"cus_\u200b1\xad\u3164"),
        ("\U000e0041", r"\U000e0041"),
        ("a\u200db 日\ufe0f", r"a\u200db 日\ufe0f"),
        ("❤\ufe0f 1\ufe0f\u20e3 ❤\ufe0f\ufe0f", "❤\ufe0f 1\ufe0f\u20e3 ❤\ufe0f\\ufe0f"),
        ("می\u200cخواهم क्\u200dष", "می\u200cخواهم क्\u200dष"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + r"\u0301\u0301"),
        ("half \ud800", r"half \ud800"),
        ("👩\u200d💻\u00a0", "👩\u200d💻\u00a0"),
        ("C:\\new", "C:\\new"),
        ("sk_live_…4242", "sk_live_…4242"),
        ("sk_live_…\x7f", r"sk_live_…\x7f"),
    ],
)
def test_control_characters_become_text(text, expected):
    assert visible(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\tb\r\nc\n", "a\tb\r\nc\n"), ("over\rwritten", r"over\rwritten"), ("\x1b[2J\n\u202e", "\\x1b[2J\n\\u202e")],
)
def test_a_block_keeps_tabs_and_line_ends(text, expected):
    assert visible_block(text) == expected
