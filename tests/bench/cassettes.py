"""Make up cassettes for the benchmark: `python3 -m tests.bench.cassettes MEGABYTES FOLDER [--seed N]`.

They hold the requests of `generate`, in YAML, as vcrpy records them. PyYAML has to be installed; its C emitter writes
them, as it does for vcrpy.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from http.client import responses
from itertools import islice
from pathlib import Path
from typing import Any, Final

import yaml

from .generate import SEED, Plan, lines

INTERACTIONS: Final = 20
"""How many a cassette has."""

_PLENTY: Final = 1_000_000
"""Requests to draw from; no more are made than are wanted."""


def cassettes(seed: int = SEED) -> Iterator[bytes]:
    """Yield cassettes without end to speak of."""
    records = (json.loads(line) for line in lines(Plan(_PLENTY, seed)))
    while interactions := [_interaction(record) for record in islice(records, INTERACTIONS)]:
        yield yaml.dump({"interactions": interactions, "version": 1}, Dumper=yaml.CDumper, encoding="utf-8")


def write(folder: Path, size: int, seed: int = SEED) -> int:
    """Write cassettes of `size` bytes or a few more in all to `folder`, and return how many requests they hold."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    written = number = 0
    for number, cassette in enumerate(cassettes(seed), start=1):
        (unfinished / f"test_{number:05}.yaml").write_bytes(cassette)
        written += len(cassette)
        if written >= size:
            break
    unfinished.replace(folder)
    return number * INTERACTIONS


def _interaction(record: Mapping[str, Any]) -> dict[str, object]:
    query = f"?{record['query']}" if "query" in record else ""
    sent = {
        "Accept": "*/*",
        "Authorization": "Bearer sk_live_" + record["id"][4:] + "4242",
        "User-Agent": record["user_agent"],
        **{name.title(): value for name, value in record["request_headers"].items()},
        **({"Idempotency-Key": record["idempotency_key"]} if "idempotency_key" in record else {}),
    }
    return {
        "request": {
            "body": record.get("request_body"),
            "headers": {name: [value] for name, value in sent.items()},
            "method": record["method"],
            "uri": f"https://api.stripe.com{record['path']}{query}",
        },
        "response": {
            "body": {"string": record["response_body"]},
            "headers": {name: [value] for name, value in _received(record).items()},
            "status": {"code": record["status"], "message": responses[record["status"]]},
        },
    }


def _received(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that Stripe's answers have."""
    return {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "no-cache, no-store",
        "Connection": "keep-alive",
        "Content-Length": str(len(record["response_body"].encode())),
        "Content-Type": "application/json",
        "Date": format_datetime(datetime.fromisoformat(record["time"]), usegmt=True),
        "Request-Id": record["id"],
        "Server": "nginx",
        "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
        "Stripe-Version": record["api_version"],
        "Vary": "Origin",
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.cassettes", description=__doc__.partition(":")[0])
    parser.add_argument("megabytes", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args(arguments)
    requests = write(given.folder, given.megabytes * 1_000_000, given.seed)
    sys.stdout.write(f"{requests} requests: {given.folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
