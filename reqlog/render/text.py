r"""Text written by strangers, made safe to show.

A control character sent to a terminal can move its cursor, change its title or hide what stands beside it; one that
turns the direction of writing, or has no width, can make one id look like another. Here they become text: `\x1b`, `\n`,
`\u202e`. A backslash stays as it is: this is for eyes, what is to be read back goes out as JSON.

Of what has no width, what changes the look of its neighbours stays: a joiner between letters of a script that has such,
joiners and variation selectors of emoji, and accents, as long as they are not piled up over the lines beside.
"""

import re

UNSEEN = (
    r"\xad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    r"\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Characters past ASCII that are not seen, as the inside of a class of `re`.

They are those that Unicode calls default ignorable, and line ends, annotations, format controls and noncharacters.
"""

ELLIPSIS = "…"
"""What redaction and tables leave of what they cut: all that most text has past ASCII."""

_CONTROLS = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 without tab and line ends, DEL, C1
    r"\ud800-\udfff"  # halves of a surrogate pair, which no encoding can write
)
_ACCENTS = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED_UP = f"{_ACCENTS}(?<={_ACCENTS}{{5}})"
_IN_A_LINE = f"[\t\r\n{_CONTROLS}{UNSEEN}]|{_PILED_UP}"
_IN_A_BLOCK = rf"\r(?!\n)|[{_CONTROLS}{UNSEEN}]|{_PILED_UP}"
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
_EMOJI = (
    r"\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299"
    r"\U0001f000-\U0001faff"
)
_JOINING = r"\u0620-\u06ff\u0710-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17df\u1820-\u18af"
_OF_LOOKS = (
    rf"(?<=[{_EMOJI}])[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    rf"|(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])|(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}])"
)
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"


def _as_text(match: re.Match[str]) -> str:
    character = match[0]
    if character in _JOINERS and re.compile(_OF_LOOKS).match(match.string, match.start()):
        return character
    return _SHORT.get(character) or escape(character)


def escape(character: str) -> str:
    r"""Return `character` as Python writes it by its number: `\x1b`, `\u202e`, `\U000e0041`."""
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str) -> str:
    """Return `text` in one line, what is not seen of it as text."""
    return text if _is_seen(text) else re.sub(_IN_A_LINE, _as_text, text)


def visible_block(text: str) -> str:
    """Return `text` with tabs and line ends as they are and what else is not seen of it as text."""
    return text if _is_seen(text) else re.sub(_IN_A_BLOCK, _as_text, text)


def _is_seen(text: str) -> bool:
    """Whether all of `text` is seen, as can be told without an expression that takes 1 ms to compile."""
    plain = text.replace(ELLIPSIS, "")
    return plain.isascii() and plain.isprintable()
