"""Text to a number of bytes, and back for people."""

import re

from reqlog.exceptions import UsageError

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]?)(i?)b?", re.IGNORECASE | re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def parse_size(text: str) -> int:
    """Return how many bytes `text` means: `500MB`, `2GB`, `1.5GiB`; units of a thousand, with an `i` of 1,024.

    Raises UsageError if it is not a size, or is none.
    """
    match = _SIZE.fullmatch(text.strip())
    size = 0
    if match is not None:
        size = int(float(match[1]) * (1024 if match[3] else 1000) ** _POWERS[match[2].lower()])
    if not size:
        message = f"{text} is not a size; give one as 500MB, 2GB or 1.5GiB."
        raise UsageError(message)
    return size


def size_text(size: int) -> str:
    """Return `size` bytes for people, as in `3.4 MB`."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 999.95:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
