"""A store with requests of every kind of row: short and long bodies, ones that overflow their page, undated ones."""

import random
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reqlog.request import Request
from reqlog.store.sqlite import SqliteStore

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


def request(number: int) -> Request:
    """Return one of many requests, no two of which share a word of their bodies; the same each time."""
    chance = random.Random(number)
    words = " ".join(f"w{chance.getrandbits(60):x}" for _ in range(chance.choice((1, 8, 40, 1500))))
    return Request(
        id=f"req_{number:04}",
        time=None if number % 40 == 0 else NOON + timedelta(minutes=number),
        duration_ms=chance.choice((None, 12.0, 800.25)),
        method="POST",
        path=f"/v1/charges/ch_{number}",
        endpoint="/v1/charges/{charge}",
        status=chance.choice((200, 402, 404)),
        api_version="2024-06-20",
        error_code=chance.choice((None, "card_declined")),
        request_headers={"user-agent": "x" * chance.choice((3, 300))},
        request_body=f"note=body{number}of",
        response_body=words,
        resources=(f"ch_{number}",),
    )


@pytest.fixture(scope="session")
def requests() -> list[Request]:
    """What the store of `store` keeps."""
    return [request(number) for number in range(400)]


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory, requests: list[Request]) -> bytes:
    """The bytes of a store of `requests`."""
    path = tmp_path_factory.mktemp("whole") / "requests.db"
    with closing(SqliteStore(path, write=True)) as opened:
        for start in range(0, len(requests), 50):
            opened.add(requests[start : start + 50])
    return path.read_bytes()


@pytest.fixture
def store(tmp_path: Path, whole: bytes) -> Path:
    """The path of a store of `requests`, to be done with as one likes."""
    path = tmp_path / "requests.db"
    path.write_bytes(whole)
    return path


@pytest.fixture
def overwritten(tmp_path: Path, whole: bytes) -> Callable[[int, bytes], Path]:
    """Give the path of the store with other bytes from a place on."""

    def overwrite(at: int, content: bytes) -> Path:
        path = tmp_path / "damaged.db"
        path.write_bytes(whole[:at] + content + whole[at + len(content) :])
        return path

    return overwrite
