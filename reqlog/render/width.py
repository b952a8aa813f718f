"""The width of text on a terminal, where some characters take two columns and some none."""

from bisect import bisect_right

from wcwidth import wcswidth

ELLIPSIS = "…"


def display_width(text: str) -> int:
    """Return how many columns of a terminal `text`, already made visible, takes."""
    return len(text) if text.isascii() else max(wcswidth(text), 0)


def cut(text: str, width: int) -> str:
    """Return `text` if it fits in `width` columns, at least 1, else its beginning with an ellipsis."""
    if len(text) * 2 <= width or display_width(text) <= width:
        return text
    room = width - len(ELLIPSIS)
    if text.isascii():
        return text[:room] + ELLIPSIS
    lengths = range(len(text))
    return text[: bisect_right(lengths, room, key=lambda length: display_width(text[:length])) - 1] + ELLIPSIS


def wrapped(text: str, width: int) -> list[str]:
    """Return `text` in lines of at most `width` columns, broken at spaces; a word that is wider has its own line."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and display_width(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
