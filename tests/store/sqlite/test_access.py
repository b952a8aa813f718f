"""Where links lead, whose are followed, and what rights a store is made with; the command line in all of these cases is
the matter of tests/reliability/test_rights.py."""

import os
import stat
import tempfile
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from reqlog.exceptions import ReqlogWarning, StoreError
from reqlog.store.sqlite.access import create, place_of, private_folder, warn_of_others

SOMEBODY = 12345
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give links away")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder `real` with a file and a folder in it, and links to them, relative and absolute, one to another."""
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "real" / "file").touch()
    (tmp_path / "relative").symlink_to("real/file")
    (tmp_path / "absolute").symlink_to(tmp_path / "real")
    (tmp_path / "deep").symlink_to("absolute/deep")
    (tmp_path / "up").symlink_to("deep/../file")
    (tmp_path / "dangling").symlink_to("real/nothing/yet")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("real/file", "real/file"),
        ("real/nothing", "real/nothing"),
        ("relative", "real/file"),
        ("absolute/file", "real/file"),
        ("deep/new", "real/deep/new"),
        ("up", "real/file"),
        ("dangling", "real/nothing/yet"),
        ("./real//deep/../file", "real/file"),
        ("real/file/below", "real/file/below"),
    ],
)
def test_links_are_followed_to_the_place_itself(folder, monkeypatch, path, place) -> None:
    assert place_of(str(folder / path)) == str(folder / place)
    monkeypatch.chdir(folder)
    assert place_of(path) == str(folder / place)


def test_a_circle_has_an_end(folder) -> None:
    (folder / "one").symlink_to("other")
    (folder / "other").symlink_to("one")
    with pytest.raises(StoreError, match="its links lead in a circle"):
        place_of(str(folder / "one" / "requests.db"))


@needs_root
@pytest.mark.parametrize(
    ("path", "link"), [("relative", "relative"), ("absolute/new", "absolute"), ("deep/x", "absolute")]
)
def test_a_link_of_somebody_else_is_refused_wherever_it_is_on_the_way(folder, path, link) -> None:
    os.lchown(folder / link, SOMEBODY, -1)
    with pytest.raises(StoreError) as refused:
        place_of(str(folder / path))
    assert str(refused.value) == (
        f"The way to the store {folder / path} goes over {folder / link}, a link of somebody else (user {SOMEBODY}), "
        "who decides where it leads; name the file itself with --store."
    )


@needs_root
def test_what_links_lead_to_may_be_somebody_elses(folder) -> None:
    os.chown(folder / "real", SOMEBODY, -1)
    assert place_of(str(folder / "relative")) == str(folder / "real" / "file")


def test_a_link_that_is_put_there_afterwards_is_not_followed(tmp_path) -> None:
    """What `place_of` returns is opened with NOFOLLOW: between looking and opening nothing can be led elsewhere."""
    (tmp_path / "mine").mkdir()
    place = place_of(str(tmp_path / "mine" / "requests.db"))
    (tmp_path / "elsewhere").mkdir()
    with closing(apsw.Connection(str(tmp_path / "elsewhere" / "requests.db"))) as other:
        other.execute("CREATE TABLE things (name)")
    (tmp_path / "mine").rmdir()
    (tmp_path / "mine").symlink_to("elsewhere")
    with pytest.raises(apsw.CantOpenError):
        apsw.Connection(place, flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_NOFOLLOW)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777], ids=oct)
def test_what_is_made_is_for_its_owner_only_and_the_umask_is_what_it_was(tmp_path, umask) -> None:
    before = os.umask(umask)
    try:
        create(str(tmp_path / "some" / "more" / "requests.db"))
        during = os.umask(umask)
    finally:
        os.umask(before)
    some = tmp_path / "some"
    assert [mode(path) for path in (some, some / "more", some / "more" / "requests.db")] == [0o700, 0o700, 0o600]
    assert during == umask


def test_what_is_there_is_left_as_it_is(tmp_path) -> None:
    path = tmp_path / "requests.db"
    path.write_text("mine")
    path.chmod(0o640)
    create(str(path))
    assert (path.read_text(), mode(path)) == ("mine", 0o640)


def test_a_folder_for_what_is_temporary_is_private(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    folder = Path(private_folder())
    assert (folder.parent, mode(folder)) == (tmp_path, 0o700)


@pytest.mark.parametrize(
    ("suffix", "rights", "warns"),
    [
        ("", 0o600, False),
        ("", 0o400, False),
        ("", 0o700, False),
        ("", 0o640, True),
        ("", 0o604, True),
        ("", 0o620, True),
        ("-wal", 0o644, True),
        ("-shm", 0o644, True),
        (".bak", 0o644, False),
    ],
)
def test_whoever_can_mend_it_is_warned_of_rights_for_others(tmp_path, recwarn, suffix, rights, warns) -> None:
    place = str(tmp_path / "requests.db")
    create(place)
    Path(f"{place}{suffix}").touch()
    Path(f"{place}{suffix}").chmod(rights)
    warn_of_others("my store", place)
    expected = f"Others can get at the store my store; `chmod 600 {place}*` keeps it to yourself."
    told = [str(warning.message) for warning in recwarn if warning.category is ReqlogWarning]
    assert told == [expected] * warns


@needs_root
def test_whoever_cannot_mend_it_is_not_warned(tmp_path, recwarn) -> None:
    place = str(tmp_path / "requests.db")
    create(place)
    Path(place).chmod(0o644)
    os.seteuid(SOMEBODY)
    try:
        warn_of_others(place, place)
    finally:
        os.seteuid(0)
    assert list(recwarn) == []
