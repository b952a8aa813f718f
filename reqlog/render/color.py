"""Colours: the escape sequences that reqlog itself writes, never counted as width."""

BOLD = "1"
DIM = "2"
RED = "31"
GREEN = "32"
YELLOW = "33"
CYAN = "36"

_BY_CLASS = {2: GREEN, 3: CYAN, 4: YELLOW, 5: RED}


def painted(text: str, color: str | None) -> str:
    """Return `text`, already made visible, in `color`; None leaves it as it is."""
    return f"\x1b[{color}m{text}\x1b[0m" if color and text else text


def status_color(status: object) -> str | None:
    """Return the colour of the class of an HTTP status code, None for what is not one."""
    return _BY_CLASS.get(status // 100) if isinstance(status, int) else None
