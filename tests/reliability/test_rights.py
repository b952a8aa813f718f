"""Who else can get at a store: its rights from the first, whatever the umask, and the links that lead to it."""

import json
import os
import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from reliability.captures import requests, written
from reliability.commands import NOBODY, Done, ended, run, start

SCRIPT = Path(__file__).with_name("nobody.py")
SOMEBODY = 12345
UMASKS = pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777], ids=oct)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away and be somebody else")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: mode(path) for path in (folder, *folder.rglob("*"))}


@pytest.fixture
def few(tmp_path) -> Path:
    return written(tmp_path / "few.jsonl", requests(range(10)))


def kept_open(home: Path, few: Path, store: Path, **more) -> "subprocess.Popen[str]":
    """Return an import that has kept what is in `few`, and waits for more."""
    process = start(home, "import", "-", "--store", store, stdin=subprocess.PIPE, **more)
    assert process.stdin
    process.stdin.write(few.read_text())
    process.stdin.flush()
    while process.poll() is None and run(home, "list", "--count", "--store", store).out != "10\n":
        pass
    return process


ALL = {"new": 0o700, "store": 0o700, "requests.db": 0o600, "requests.db-wal": 0o600, "requests.db-shm": 0o600}


@UMASKS
def test_everything_is_for_its_owner_only_while_it_is_in_use_and_after_a_kill(tmp_path, few, umask) -> None:
    store = tmp_path / "new" / "store" / "requests.db"
    process = kept_open(tmp_path, few, store, umask=umask)
    in_use = modes(tmp_path / "new")
    process.kill()
    ended(process)
    assert (in_use, modes(tmp_path / "new")) == (ALL, ALL)
    assert run(tmp_path, "list", "--count", "--store", store, umask=umask) == Done(0, "10\n", "")
    assert modes(tmp_path / "new") == ALL


@UMASKS
def test_nothing_is_there_with_other_rights_for_a_moment(tmp_path, few, umask) -> None:
    store = tmp_path / "new" / "requests.db"
    process = start(tmp_path, "import", few, "--store", store, umask=umask)
    seen: set[tuple[str, int]] = set()
    while process.poll() is None:
        for path in (store.parent, store, Path(f"{store}-wal"), Path(f"{store}-shm"), Path(f"{store}-journal")):
            try:
                seen.add((path.name, mode(path)))
            except FileNotFoundError:
                continue
    assert ended(process).code == 0
    assert {rights for name, rights in seen if name != "new"} | {mode(store)} == {0o600}
    assert {rights for name, rights in seen if name == "new"} | {mode(store.parent)} == {0o700}


def test_what_sqlite_puts_beside_a_store_has_the_rights_that_the_store_has(tmp_path, few) -> None:
    store = tmp_path / "requests.db"
    run(tmp_path, "import", few, "--store", store)
    store.chmod(0o640)
    process = kept_open(tmp_path, few, store, umask=0)
    assert [mode(tmp_path / f"requests.db{suffix}") for suffix in ("", "-wal", "-shm")] == [0o640] * 3
    process.kill()
    ended(process)


@UMASKS
def test_what_answers_from_captures_hold_too_much_of_is_nowhere_to_be_found(tmp_path, umask) -> None:
    """Captures of more than 10,000 requests are sorted in a file; it has no name, and had one only in a folder 0700."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    many = written(tmp_path / "many.jsonl", requests(range(15_000)))
    asking = ["list", "-o", "csv", "--fields", "id", "--file", "-"]
    process = start(tmp_path, *asking, TMPDIR=str(temporary), stdin=subprocess.PIPE, umask=umask)
    assert process.stdin
    process.stdin.write(many.read_text())
    process.stdin.flush()
    seen: set[int] = set()
    while process.poll() is None and not (held := held_open(process.pid, temporary)):
        seen |= {mode(folder) for folder in temporary.iterdir()}
    assert [(stat.S_IMODE(status.st_mode), status.st_nlink) for status in held] in ([], [(0o600, 0)])
    assert (seen or {0o700}, list(temporary.iterdir())) == ({0o700}, [])
    process.stdin.close()
    process.stdin = None
    done = ended(process)
    assert (done.code, done.out.count("\n"), list(temporary.iterdir())) == (0, 15_001, [])


def held_open(pid: int, folder: Path) -> list[os.stat_result]:
    """Return what the process holds open of what has lost its name in `folder`."""
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not tell which files a process holds open")
    found = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(link.readlink())
            if target.startswith(str(folder)) and target.endswith(" (deleted)"):
                found.append(link.stat())
        except FileNotFoundError:
            continue
    return found


@pytest.mark.parametrize("name", ["requests.db", "it's a store; rm *.db"])
@pytest.mark.parametrize("rights", [0o640, 0o604, 0o666, 0o620], ids=oct)
def test_a_store_that_others_can_get_at_is_told_once_with_what_mends_it(tmp_path, few, name, rights) -> None:
    store = tmp_path / name
    run(tmp_path, "import", few, "--store", store)
    store.chmod(rights)
    done = run(tmp_path, "list", "--json", "--store", store)
    told = re.fullmatch(r"reqlog: warning: Others can get at the store (.*); `(.*)` keeps it to yourself\.\n", done.err)
    assert (done.code, len(json.loads(done.out))) == (0, 10)
    assert told is not None
    assert told[1] == str(store)
    subprocess.run(["sh", "-c", told[2]], check=True, cwd=tmp_path)
    assert mode(store) == 0o600
    assert run(tmp_path, "list", "--count", "--store", store) == Done(0, "10\n", "")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["import", "few.jsonl"], 0),
        (["list", "--count"], 0),
        (["list", "--count", "--fail-if-any"], 1),
        (["errors", "--since", "2026-01-01"], 0),
        (["versions", "--since", "2026-01-01"], 0),
        (["show", "req_0000003"], 0),
        (["show", "req_nosuch"], 1),
    ],
    ids=str,
)
def test_the_warning_changes_neither_the_answer_nor_the_exit_code(tmp_path, few, arguments, code) -> None:
    store = tmp_path / "requests.db"
    run(tmp_path, "import", few, "--store", store)
    expected = run(tmp_path, *arguments, REQLOG_STORE=str(store))
    store.chmod(0o644)
    done = run(tmp_path, *arguments, REQLOG_STORE=str(store), PYTHONWARNINGS="error")
    assert (done.code, done.out, done.err.count("reqlog: warning: ")) == (code, expected.out, 1)


def test_a_log_that_others_can_read_beside_a_store_that_they_cannot_is_told(tmp_path, few) -> None:
    store = tmp_path / "requests.db"
    process = kept_open(tmp_path, few, store)
    process.kill()
    ended(process)
    (tmp_path / "requests.db-wal").chmod(0o644)
    assert run(tmp_path, "list", "--count", "--store", store).err.count("reqlog: warning: ") == 1


def test_a_folder_that_others_can_read_is_no_matter(tmp_path, few) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    store = tmp_path / "open" / "requests.db"
    run(tmp_path, "import", few, "--store", store)
    assert run(tmp_path, "list", "--count", "--store", store) == Done(0, "10\n", "")


@pytest.fixture
def linked(tmp_path: Path, few: Path) -> Path:
    """A folder with a store, `store/requests.db`, and links to it, to its folder, and to nothing yet."""
    run(tmp_path, "import", few, "--store", tmp_path / "store" / "requests.db")
    (tmp_path / "file.db").symlink_to("store/requests.db")
    (tmp_path / "folder").symlink_to(tmp_path / "store")
    (tmp_path / "again").symlink_to("folder")
    (tmp_path / "new.db").symlink_to("store/new.db")
    return tmp_path


THROUGH = pytest.mark.parametrize(
    "through", ["file.db", "folder/requests.db", "again/requests.db", "./again/../file.db"]
)


@THROUGH
def test_links_of_ones_own_are_followed(linked, through) -> None:
    assert run(linked, "list", "--count", "--store", linked / through) == Done(0, "10\n", "")
    assert run(linked, "import", "few.jsonl", "--store", through).code == 0


def test_a_store_is_made_where_a_link_of_ones_own_leads(linked) -> None:
    assert run(linked, "import", "few.jsonl", "--store", "new.db").code == 0
    assert (linked / "new.db").is_symlink()
    assert mode(linked / "store" / "new.db") == 0o600


def test_links_in_a_circle_are_told(linked) -> None:
    (linked / "one").symlink_to("other")
    (linked / "other").symlink_to("one")
    said = f"reqlog: The store {linked}/one cannot be reached, as its links lead in a circle; name the file itself.\n"
    assert run(linked, "list", "--store", linked / "one") == Done(3, "", said)
    assert run(linked, "import", "few.jsonl", "--store", linked / "one") == Done(3, "", said)


@needs_root
@pytest.mark.parametrize("command", [["list"], ["list", "--count"], ["errors"], ["import", "few.jsonl"]], ids=" ".join)
@pytest.mark.parametrize(
    ("through", "link"),
    [
        ("file.db", "file.db"),
        ("folder/requests.db", "folder"),
        ("again/requests.db", "folder"),
        ("again/requests.db", "again"),
        ("new.db", "new.db"),
        ("folder/deeper/new.db", "folder"),
    ],
)
def test_a_link_of_somebody_else_is_not_followed(linked, command, through, link) -> None:
    os.lchown(linked / link, SOMEBODY, -1)
    before = sorted((path, mode(path)) for path in linked.rglob("*"))
    store = linked / through
    said = (
        f"reqlog: The way to the store {store} goes over {linked / link}, a link of somebody else (user {SOMEBODY}), "
        "who decides where it leads; name the file itself with --store.\n"
    )
    assert run(linked, *command, "--store", store) == Done(3, "", said)
    assert sorted((path, mode(path)) for path in linked.rglob("*")) == before


@pytest.fixture
def public(few) -> Iterator[Path]:
    """A folder that everyone may write to, as /tmp is one."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o1777)
        (folder / "few.jsonl").write_text(few.read_text())
        (folder / "few.jsonl").chmod(0o644)
        yield folder


@pytest.fixture
def as_nobody(public, few) -> Callable[..., Done]:
    """The command line in that folder, for a user who is not root."""
    warm = few.with_name("warm.db")
    run(few.parent, "import", few, "--store", warm)

    def as_nobody(*arguments: object, store: Path) -> Done:
        return run(public, warm, store, *arguments, script=SCRIPT)

    return as_nobody


@needs_root
def test_who_is_not_root_follows_links_of_his_own_and_of_root(public, as_nobody) -> None:
    store = public / "nobodys" / "requests.db"
    assert as_nobody("import", "few.jsonl", store=store).code == 0
    assert store.stat().st_uid == NOBODY
    for name, owner in (("own", NOBODY), ("roots", 0)):
        (public / name).symlink_to("nobodys")
        os.lchown(public / name, owner, -1)
        assert as_nobody("list", "--count", store=public / name / "requests.db") == Done(0, "10\n", "")


@needs_root
def test_who_is_not_root_does_not_follow_a_link_of_somebody_else_to_a_file_of_his_own(public, as_nobody) -> None:
    store = public / "nobodys" / "requests.db"
    as_nobody("import", "few.jsonl", store=store)
    (public / "requests.db").symlink_to(store)
    os.lchown(public / "requests.db", SOMEBODY, -1)
    for command in (["list"], ["import", "few.jsonl"]):
        done = as_nobody(*command, store=public / "requests.db")
        assert (done.code, done.out, done.err.count("\n")) == (3, "", 1)
        assert f"a link of somebody else (user {SOMEBODY})" in done.err


@needs_root
def test_who_is_not_root_cannot_read_a_store_of_somebody_else(public, as_nobody) -> None:
    run(public, "import", "few.jsonl", "--store", public / "roots" / "requests.db")
    run(public, "import", "few.jsonl", "--store", public / "requests.db")
    for store in (public / "roots" / "requests.db", public / "requests.db"):
        said = (
            f"reqlog: The store {store} cannot be opened or written here; check its rights and those of its folder.\n"
        )
        assert as_nobody("list", store=store) == Done(3, "", said)
        assert as_nobody("import", "few.jsonl", store=store) == Done(3, "", said)


@needs_root
def test_a_store_that_is_shared_is_read_where_its_folder_may_not_be_written(public, as_nobody) -> None:
    """Whoever may read the file but write nothing beside it reads what was committed, and is not told to mend it."""
    folder = public / "shared"
    store = folder / "requests.db"
    run(public, "import", "few.jsonl", "--store", store)
    folder.chmod(0o755)
    store.chmod(0o644)
    assert as_nobody("list", "--count", store=store) == Done(0, "10\n", "")
    process = kept_open(public, public / "few.jsonl", store)
    assert as_nobody("list", "--count", store=store) == Done(0, "10\n", "")
    process.kill()
    ended(process)
    assert as_nobody("list", "--count", store=store) == Done(0, "10\n", "")
