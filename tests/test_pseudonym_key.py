"""The key of pseudonyms is made once, stays, and is its owner's alone."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from reqlog.exceptions import PseudonymKeyError, UsageError
from reqlog.pseudonym_key import FILE, VARIABLE, pseudonym_key


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the key is kept."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "reqlog" / FILE


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_it_is_made_when_it_is_first_needed_for_its_owner_only(file: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        made = pseudonym_key({})
    finally:
        os.umask(before)
    assert len(made) == 64
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]
    assert [path.name for path in file.parent.iterdir()] == [FILE]
    assert pseudonym_key({}) == made


def test_the_environment_goes_before_it_and_leaves_no_file(file: Path) -> None:
    assert pseudonym_key({VARIABLE: "sixteen letters."}) == b"sixteen letters."
    assert not file.exists()


@pytest.mark.parametrize("short", ["", "fifteen letters"])
def test_one_that_is_too_short_to_be_secret_is_refused(file: Path, short: str) -> None:
    with pytest.raises(UsageError, match=f"^{VARIABLE} must have 16 characters at least"):
        pseudonym_key({VARIABLE: short})


def test_one_that_others_can_read_is_refused(file: Path) -> None:
    pseudonym_key({})
    file.chmod(0o640)
    with pytest.raises(PseudonymKeyError, match=rf"is not yours alone; .*: chmod 600 {file}$"):
        pseudonym_key({})


def test_one_that_is_not_there_any_more_is_not_made_up(file: Path) -> None:
    pseudonym_key({})
    file.write_text("\n")
    with pytest.raises(PseudonymKeyError, match=r"^There is no key of pseudonyms in "):
        pseudonym_key({})


def test_what_is_no_file_is_refused(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(PseudonymKeyError, match=f"cannot be used: Is a directory; or set {VARIABLE}"):
        pseudonym_key({})


def test_two_that_need_it_at_once_get_the_same(file: Path) -> None:
    code = "import os; from reqlog.pseudonym_key import pseudonym_key; print(pseudonym_key(os.environ).decode())"
    started = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(8)]
    assert {process.communicate()[0].decode().strip() for process in started} == {file.read_text().strip()}
