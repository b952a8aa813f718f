"""The width of text on a terminal, where some characters take two columns and some none."""

from bisect import bisect_right
from collections.abc import Sequence

from reqlog.render.text import ELLIPSIS

GAP = 2
"""How many columns of a terminal are between two columns of a table."""

_FLOOR = 8


def is_plain(text: str) -> bool:
    """Whether each character of `text`, already made visible, takes one column: ASCII and the ellipsis do."""
    return text.isascii() or text.replace(ELLIPSIS, "").isascii()


def display_width(text: str) -> int:
    """Return how many columns of a terminal `text`, already made visible, takes."""
    if is_plain(text):
        return len(text)
    from wcwidth import wcswidth  # noqa: PLC0415  (8 ms, and rarely needed)

    return max(wcswidth(text), 0)


def cut(text: str, width: int) -> str:
    """Return `text` if it fits in `width` columns, at least 1, else its beginning with an ellipsis."""
    if len(text) * 2 <= width or display_width(text) <= width:
        return text
    room = width - len(ELLIPSIS)
    if is_plain(text):
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


def fitted(widths: Sequence[int], flexible: Sequence[bool], screen: int) -> list[int]:
    """Return `widths` made narrower until their sum and the gaps fit in `screen`, flexible columns first."""
    narrowed = list(widths)
    room = screen - GAP * (len(widths) - 1)
    everything = [True] * len(widths)
    for may_cut, floor in ((flexible, _FLOOR), (everything, _FLOOR), (everything, 1)):
        narrowed = _narrowed(narrowed, may_cut, floor, room)
    return narrowed


def _narrowed(widths: Sequence[int], may_cut: Sequence[bool], floor: int, room: int) -> list[int]:
    """Return `widths` with one bound, not under `floor`, put to those that may be cut so that all fit in `room`."""
    kept = sum(width for width, is_cut in zip(widths, may_cut, strict=True) if not is_cut)
    bound = max(floor, _bound([width for width, is_cut in zip(widths, may_cut, strict=True) if is_cut], room - kept))
    return [min(width, bound) if is_cut else width for width, is_cut in zip(widths, may_cut, strict=True)]


def _bound(widths: Sequence[int], room: int) -> int:
    """Return the largest number that, put as a bound to each of `widths`, makes them sum to at most `room`."""
    for index, width in enumerate(sorted(widths)):
        share = room // (len(widths) - index)
        if width > share:
            return share
        room -= width
    return max(widths, default=0)
