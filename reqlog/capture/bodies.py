"""The beginning of a body, kept while the body passes."""

from reqlog.limits import BODY_CHARACTERS

KEPT_BYTES = BODY_CHARACTERS
"""How much of a body is kept at most."""


class Body:
    """What is known of a body that is sent or received piece by piece."""

    __slots__ = ("_kept", "_pieces", "is_whole", "size")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._kept = 0
        self.size = 0
        """How many bytes have passed."""
        self.is_whole = False
        """Whether that was all of it."""

    def add(self, piece: "bytes | bytearray | memoryview | str") -> None:
        """Keep `piece`, which passes, or as much of it as there is room for."""
        data = piece.encode() if isinstance(piece, str) else piece
        self.size += len(data)
        if (room := KEPT_BYTES - self._kept) > 0:
            kept = bytes(data[:room])
            self._pieces.append(kept)
            self._kept += len(kept)

    def start_over(self) -> None:
        """Forget what has passed: it is sent again."""
        self._pieces, self._kept, self.size, self.is_whole = [], 0, 0, False

    @property
    def kept(self) -> bytes:
        """The beginning of the body, as it passed."""
        return b"".join(self._pieces)

    @property
    def is_cut(self) -> bool:
        """Whether `kept` is not all of the body."""
        return not self.is_whole or self.size > self._kept
