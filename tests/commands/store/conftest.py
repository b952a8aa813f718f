"""A store of its own for each test, with a few requests."""

from pathlib import Path

import pytest


@pytest.fixture
def store(run, tmp_path: Path) -> Path:
    lines = "".join(
        f'{{"id":"req_{day:02}","time":"2026-04-{day:02}T10:00:00.000Z","status":402,"path":"/v1/charges/ch_{day}"}}\n'
        for day in range(1, 31)
    )
    run("import", "-", input=lines)
    return tmp_path / "store" / "requests.db"
