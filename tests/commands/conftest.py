"""Small captures written by hand, and a store that has three of them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CAPTURES = Path(__file__).resolve().parents[1] / "captures"
KEPT = ("cassette.yml", "tail.ndjson", "checkout.har")


@pytest.fixture
def captures() -> Path:
    """The folder of captures."""
    return CAPTURES


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that has the captures of `KEPT`."""
    store = tmp_path_factory.mktemp("kept") / "requests.db"
    subprocess.run(
        [sys.executable, "-m", "reqlog", "import", "--store", store, *(CAPTURES / name for name in KEPT)],
        check=True,
        capture_output=True,
        env={**os.environ, "HOME": str(store.parent)},
        cwd=store.parent,
    )
    return store


@pytest.fixture
def ask(run, kept: Path) -> Callable[..., tuple[int, str, str]]:
    """The real command line on that store; gives exit code, standard output and standard error."""

    def ask(*arguments: object, **more: str) -> tuple[int, str, str]:
        done = run(*arguments, **{"REQLOG_STORE": str(kept), **more})
        return done.returncode, done.stdout, done.stderr

    return ask
