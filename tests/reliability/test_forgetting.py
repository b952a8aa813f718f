"""`reqlog prune` killed at any moment: the requests are all there or all gone, and their text can be taken out."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

REQUESTS = 3000
KILLS = 12


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of requests of two kinds, half of them to be forgotten, no two with a word in common."""
    folder = tmp_path_factory.mktemp("filled")
    chance = random.Random(7)
    lines = (
        json.dumps(
            {
                "id": f"req_{number:05}",
                "time": f"2026-04-01T10:{number // 60:02}:{number % 60:02}Z",
                "status": 402 if number % 2 else 200,
                "user_agent": f"note={'gone' if number % 2 else 'left'}{number}y",
                "request_body": f"note={'gone' if number % 2 else 'left'}{number}x",
                "response_body": f"more={chance.randbytes(200).hex()}",
            }
        )
        for number in range(REQUESTS)
    )
    (folder / "requests.jsonl").write_text("\n".join(lines))
    reqlog(folder, "import", "requests.jsonl", "--store", "requests.db")
    return folder / "requests.db"


def reqlog(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "reqlog", *arguments],
        cwd=folder,
        env={"HOME": str(folder), "PATH": os.environ["PATH"], "TZ": "UTC"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def prune_killed_after(folder: Path, seconds: float) -> bool:
    """Start to prune and kill it `seconds` later; return whether it was still at work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "reqlog", "prune", "--status", "402", "--yes", "--store", "requests.db"],
        cwd=folder,
        env={"HOME": str(folder), "PATH": os.environ["PATH"]},
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)  # the one thing that a moment to kill it at can be made of
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def words(folder: Path, word: bytes) -> int:
    return b"".join(file.read_bytes() for file in folder.glob("requests.db*")).count(word)


def test_killed_at_any_moment_all_are_there_or_all_are_gone(filled, tmp_path) -> None:
    shutil.copy(filled, tmp_path / "requests.db")
    started = time.monotonic()
    assert reqlog(tmp_path, "prune", "--status", "402", "--yes", "--store", "requests.db").returncode == 0
    whole = time.monotonic() - started
    killed = 0
    for kill in range(KILLS):
        for file in tmp_path.glob("requests.db*"):
            file.unlink()
        shutil.copy(filled, tmp_path / "requests.db")
        killed += prune_killed_after(tmp_path, whole * (0.2 + 0.75 * kill / KILLS))
        left = int(reqlog(tmp_path, "list", "--count", "--store", "requests.db").stdout)
        assert left in {REQUESTS, REQUESTS // 2}
        assert reqlog(tmp_path, "store", "check", "--store", "requests.db").returncode == 0
        assert reqlog(tmp_path, "prune", "--status", "402", "--yes", "--store", "requests.db").returncode == 0
        assert (words(tmp_path, b"gone"), words(tmp_path, b"left") > 0) == (0, True)
    assert killed >= KILLS // 2
