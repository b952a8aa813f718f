"""What the tests share: the recordings, where there are any, and the real command line."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("reqlog", deadline=None, print_blob=True)
settings.load_profile("reqlog")

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def data() -> Path:
    """The folder of recordings beside the checkout."""
    if not DATA.is_dir():
        pytest.skip("the recordings of ../shared/data are not here")
    return DATA


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The real command line, in a process and with a store and a home of its own; `now` is 2026-05-10 noon UTC."""
    home = tmp_path / "home"
    home.mkdir()
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "REQLOG_STORE": str(tmp_path / "store" / "requests.db"),
        "REQLOG_NOW": "2026-05-10T12:00:00Z",
    }

    def run(*arguments: object, input: str | None = None, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "reqlog", *map(str, arguments)],
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            encoding="utf-8",
            env={**environ, **more},
            cwd=home,
            check=False,
        )

    return run
