"""Make the dictionary with which the SQLite store compresses headers and bodies: `python3 -m tests.dictionary`.

It is trained on shapes that are written here, and on nobody's requests, so that nothing of a request is anywhere but in
the store. A store keeps needing the dictionary with which it was written: what was released is never made again, but
gets a successor beside it.
"""

import json
import sys
from pathlib import Path

import zstandard

from .shapes import Shapes

_PLACE = Path(__file__).resolve().parents[2] / "reqlog" / "store" / "sqlite" / "dictionary_1.zstd"
_BYTES = 16 * 1024
_ID = 0x7265716C
_ROUNDS = 60


def samples() -> list[bytes | bytearray | memoryview]:
    """Return texts as they are compressed: bodies as the API writes them and as others do, forms and headers."""
    texts: list[str] = []
    for seed in range(_ROUNDS):
        shapes = Shapes(seed)
        for each in shapes.objects():
            texts += [json.dumps(each, indent=2) + "\n", json.dumps(each, separators=(",", ":"))]
        texts += shapes.forms()
        texts += [json.dumps(each, separators=(",", ":"), ensure_ascii=False) for each in shapes.headers()]
    return [text.encode() for text in texts]


def main() -> int:
    trained = zstandard.train_dictionary(_BYTES, samples(), k=500, d=8, dict_id=_ID, level=3)
    _PLACE.write_bytes(trained.as_bytes())
    sys.stdout.write(f"{_PLACE.name}: {len(trained.as_bytes())} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
