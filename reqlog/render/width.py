"""The width of text on a terminal, where some characters take two columns and some none."""

from wcwidth import wcswidth, wcwidth

ELLIPSIS = "…"


def display_width(text: str) -> int:
    """Return how many columns of a terminal `text`, already made visible, takes."""
    return len(text) if text.isascii() else max(wcswidth(text), 0)


def cut(text: str, width: int) -> str:
    """Return `text` if it fits in `width` columns, at least 1, else its beginning with an ellipsis."""
    if len(text) * 2 <= width or display_width(text) <= width:
        return text
    if text.isascii():
        return text[: width - 1] + ELLIPSIS
    room = width - len(ELLIPSIS)
    for index, character in enumerate(text):
        room -= max(wcwidth(character), 0)
        if room < 0:
            return text[:index] + ELLIPSIS
    return text
