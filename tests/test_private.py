import os
import stat
from pathlib import Path

import pytest

from reqlog.places import cache_folder
from reqlog.private import private_file


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder for what need not be kept; it is not there yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_folder_is_the_users_own(cache) -> None:
    assert cache_folder() == str(cache / "reqlog")


def test_a_file_has_no_name_and_nobody_else_may_open_it(cache) -> None:
    before = os.umask(0)
    try:
        with private_file() as file:
            facts = os.fstat(file.fileno())
            file.write(b"x")
            assert list((cache / "reqlog").iterdir()) == []
    finally:
        os.umask(before)
    assert (facts.st_nlink, stat.S_IMODE(facts.st_mode)) == (0, 0o600)
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (cache, cache / "reqlog")] == [0o700, 0o700]
