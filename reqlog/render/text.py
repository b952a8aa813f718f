r"""Text written by strangers, made safe to show.

A control character sent to a terminal can move its cursor, change its title or hide what stands beside it, and one
that turns the direction of writing can make one id look like another. Here they become text: `\x1b`, `\n`, `\u202e`.
A backslash stays as it is: this is for eyes, what is to be read back goes out as JSON.
"""

import re

_CONTROLS = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 without tab and line ends, DEL, C1
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction of writing
    r"\u2028\u2029\ufeff\ufff9-\ufffb"  # line ends of Unicode, byte order mark, annotations
    r"\ud800-\udfff"  # halves of a surrogate pair, which no encoding can write
)
_IN_A_LINE = rf"[\t\r\n{_CONTROLS}]"
_IN_A_BLOCK = rf"\r(?!\n)|[{_CONTROLS}]"
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def _as_text(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def visible(text: str) -> str:
    """Return `text` in one line, its control characters as text."""
    return text if text.isprintable() else re.sub(_IN_A_LINE, _as_text, text)


def visible_block(text: str) -> str:
    """Return `text` with tabs and line ends as they are and other control characters as text."""
    return text if text.isprintable() else re.sub(_IN_A_BLOCK, _as_text, text)
