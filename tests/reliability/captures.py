"""Captures that are made up for these tests, as JSON lines that reqlog itself writes."""

import json
import os
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

SEED = int(os.environ.get("RELIABILITY_SEED") or random.SystemRandom().randrange(1 << 32))
"""Of all moments; chosen anew for each run, and part of what a failure shows. RELIABILITY_SEED=N repeats a run."""

FIRST = datetime(2026, 5, 1, tzinfo=UTC)


def requests(numbers: Iterable[int]) -> Iterator[dict[str, object]]:
    """Yield a request for each number: every third failed, every twentieth with bodies, all a word in common."""
    for number in numbers:
        request: dict[str, object] = {
            "id": f"req_{number:07d}",
            "time": (FIRST + timedelta(milliseconds=40 * number)).isoformat(timespec="milliseconds"),
            "method": "POST",
            "path": f"/v1/marker/cus_{number:07d}",
            "status": 200,
        }
        if number % 3 == 0:
            request |= {
                "status": 402,
                "error_type": "card_error",
                "error_message": f"Declined for the {number}th time.",
            }
        if number % 20 == 0:
            request |= {
                "request_body": f"amount={number}&currency=eur",
                "response_body": json.dumps({"a": number} | BODY),
            }
        yield request


BODY = {f"key_{number}": "value" * 6 for number in range(16)}


def written(path: Path, records: Iterable[dict[str, object]]) -> Path:
    """Write `records` to `path`, a line each, and return it."""
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(f"{json.dumps(record)}\n" for record in records)
    return path
