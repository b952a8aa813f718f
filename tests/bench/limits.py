"""What each case may take as a multiple of what another takes: the bar must be reached, the aim should be."""

from typing import Final

from .questions import ALL, DUCKDB, Limit

_FILES: Final = {
    "import": (Limit(DUCKDB, 4.0, 1.0),),
    "cassettes": (Limit("pyyaml", 1.5, 0.7, least=0),),
    "file": (Limit("jq", 0.33, 0.15),),
    "export": (Limit(DUCKDB, 1.0, 2.0, is_rate=True),),
}

LIMITS: Final = {question.name: question.limits for question in ALL} | _FILES

IMPORT_PEAK: Final = 200_000_000
STORE: Final = (0.75, 0.5)
"""Bar and aim of the size of a store, as a share of the JSON lines."""
