"""What reqlog makes for itself is for its owner only."""

import os
import stat
from pathlib import Path

import click
import pytest

from reqlog.places import data_folder, make_folder, user_configuration


def test_the_users_data_is_where_the_platform_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    assert data_folder() == "/somewhere/reqlog"


def test_the_users_configuration_is_where_the_command_line_reads_it() -> None:
    assert user_configuration() == str(Path(click.get_app_dir("reqlog")) / "config.toml")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_folders_are_for_their_owner_only_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        make_folder(str(tmp_path / "a" / "b"))
        make_folder(str(tmp_path / "a" / "b"))
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a", tmp_path / "a" / "b")] == [0o700, 0o700]
