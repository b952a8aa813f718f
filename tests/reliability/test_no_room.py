"""No room: an import ends with one sentence, what was committed stays readable meanwhile, and it goes on with room.

A full disk is a small file system in memory, which only root may mount; a limit on the size of files is one that any
user may set.
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from reliability.captures import requests, written
from reliability.commands import Done, run
from reliability.soundness import faults, places

COUNT = 20_000
DISK = 3 * 1024 * 1024
FULL = "reqlog: There is no room left on the disk for the store {}; make room and run the command again.\n"
LIMITED = (
    "reqlog: The store {} could not be written (disk I/O error): a quota or a limit on the size of files is reached, "
    "or the disk fails; mend that and run the command again.\n"
)
SUMMARY = "1 file, {} imported, {} duplicates, 0 enriched, 0 rejects, 0 skipped\n"


@pytest.fixture(scope="module")
def capture(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("room") / "capture.jsonl", requests(range(COUNT)))


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A file system of 3 MB, which an import of the capture fills long before it ends."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0700", "tmpfs", folder],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """Take all the room that is left on `disk`, and return what is to be deleted to have it back."""
    filling = disk / "filling"
    with filling.open("ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    assert os.statvfs(disk).f_bavail == 0
    return filling


def grow(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)


def kept(home: Path, store: Path) -> int:
    """Return how many requests are kept, by a command that must say nothing else."""
    done = run(home, "list", "--count", "--store", store)
    assert (done.code, done.err) == (0, "")
    return int(done.out)


def newest(home: Path, store: Path) -> str:
    done = run(home, "list", "-o", "csv", "--fields", "id", "--limit", 1, "--store", store)
    assert (done.code, done.err) == (0, "")
    return done.out.split()[1]


def test_an_import_ends_on_a_full_disk_and_goes_on_with_room(tmp_path, disk, capture) -> None:
    store = disk / "store" / "requests.db"
    done = run(tmp_path, "import", "--store", store, capture)
    fill(disk)
    count = kept(tmp_path, store)
    assert 0 < count < COUNT
    assert done == Done(3, "", SUMMARY.format(count, 0) + FULL.format(store))
    assert newest(tmp_path, store) == f"req_{count - 1:07d}"
    done = run(tmp_path, "import", "--store", store, capture)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("1 file, 0 imported, ")
    assert done.err.endswith(FULL.format(store))
    assert kept(tmp_path, store) == count
    grow(disk)
    done = run(tmp_path, "import", "--store", store, capture)
    assert done == Done(0, "", SUMMARY.format(COUNT - count, count))
    assert (len(places(store)), faults(store)) == (COUNT, [])


@pytest.mark.parametrize("lost", ["", "-shm"])
def test_a_store_is_read_on_a_full_disk_whatever_lies_beside_it(tmp_path, disk, capture, lost) -> None:
    store = disk / "store" / "requests.db"
    run(tmp_path, "import", "--store", store, capture)
    count = kept(tmp_path, store)
    if lost:
        store.with_name(store.name + lost).unlink()
    fill(disk)
    assert Path(f"{store}-wal").stat().st_size > 0
    assert kept(tmp_path, store) == count
    assert newest(tmp_path, store) == f"req_{count - 1:07d}"


def test_a_store_that_was_closed_well_is_read_on_a_full_disk(tmp_path, disk) -> None:
    store = disk / "store" / "requests.db"
    run(tmp_path, "import", "--store", store, written(tmp_path / "few.jsonl", requests(range(500))))
    assert list(store.parent.iterdir()) == [store]
    fill(disk)
    assert kept(tmp_path, store) == 500
    assert newest(tmp_path, store) == "req_0000499"


@pytest.mark.parametrize("folder", ["", "new"])
def test_a_store_is_not_made_on_a_full_disk_and_is_with_room(tmp_path, disk, capture, folder) -> None:
    store = disk / folder / "requests.db"
    filling = fill(disk)
    done = run(tmp_path, "import", "--store", store, capture)
    assert done == Done(3, "", FULL.format(store))
    os.utime(store, (0, 0))  # so that nobody waits for one who is still making it
    read = run(tmp_path, "list", "--store", store)
    assert (read.code, read.out, read.err.count("\n"), read.err[:8]) == (3, "", 1, "reqlog: ")
    filling.unlink()
    grow(disk)
    assert run(tmp_path, "import", "--store", store, capture) == Done(0, "", SUMMARY.format(COUNT, 0))


def limited(size: int):
    """Return what sets a limit on the size of files, to be called in the process that is to have it."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [1_000_000, 4_000_000])
def test_an_import_ends_at_a_limit_on_files_and_goes_on_without(tmp_path, capture, size) -> None:
    store = tmp_path / "store" / "requests.db"
    done = run(tmp_path, "import", "--store", store, capture, preexec_fn=limited(size))
    count = kept(tmp_path, store)
    assert 0 < count < COUNT
    assert done == Done(3, "", SUMMARY.format(count, 0) + LIMITED.format(store))
    assert run(tmp_path, "import", "--store", store, capture) == Done(0, "", SUMMARY.format(COUNT - count, count))
    assert (len(places(store)), faults(store)) == (COUNT, [])


@pytest.mark.parametrize("size", [0, 1000, 20_000])
def test_a_store_is_read_whatever_the_limit_on_files(tmp_path, size) -> None:
    store = tmp_path / "store" / "requests.db"
    run(tmp_path, "import", "--store", store, written(tmp_path / "few.jsonl", requests(range(500))))
    assert run(tmp_path, "list", "--count", "--store", store, preexec_fn=limited(size)) == Done(0, "500\n", "")


@pytest.mark.parametrize("size", [0, 1000, 20_000])
def test_a_store_is_not_made_at_a_limit_on_files_and_is_without(tmp_path, size) -> None:
    store, few = tmp_path / "store" / "requests.db", written(tmp_path / "few.jsonl", requests(range(500)))
    done = run(tmp_path, "import", "--store", store, few, preexec_fn=limited(size))
    assert done == Done(3, "", LIMITED.format(store))
    os.utime(store, (0, 0))  # as above
    read = run(tmp_path, "list", "--count", "--store", store)
    assert (read.code, read.err.count("\n")) in ((3, 1), (0, 1))
    assert run(tmp_path, "import", "--store", store, few) == Done(0, "", SUMMARY.format(500, 0))


FULL_STREAM = Path("/dev/full")
needs_full_stream = pytest.mark.skipif(not FULL_STREAM.exists(), reason="this system has no /dev/full")
UNWRITTEN = "reqlog: The answer could not be written: No space left on device.\n"


@needs_full_stream
def test_a_summary_that_cannot_be_written_undoes_nothing(tmp_path) -> None:
    store, few = tmp_path / "store" / "requests.db", written(tmp_path / "few.jsonl", requests(range(500)))
    with FULL_STREAM.open("w") as full:
        done = run(tmp_path, "import", "--json", "--store", store, few, stdout=full)
    assert (done.code, done.err) == (3, UNWRITTEN)
    assert kept(tmp_path, store) == 500


@needs_full_stream
@pytest.mark.parametrize(
    "question",
    [["list"], ["list", "--json"], ["list", "-o", "csv"], ["list", "--count"], ["errors", "--since", "2026-01-01"]],
    ids=" ".join,
)
def test_an_answer_that_cannot_be_written_is_told(tmp_path, question) -> None:
    store, few = tmp_path / "store" / "requests.db", written(tmp_path / "few.jsonl", requests(range(500)))
    run(tmp_path, "import", "--store", store, few)
    with FULL_STREAM.open("w") as full:
        done = run(tmp_path, *question, "--store", store, stdout=full)
    assert (done.code, done.err) == (3, UNWRITTEN)


@needs_full_stream
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["import", "few.jsonl"], 0),
        (["list", "--status", "599"], 0),
        (["list", "--status", "402", "--fail-if-any", "--count"], 1),
        (["list", "--status", "4x"], 2),
        (["nonsense"], 2),
        (["list", "--store", "nosuch.db"], 3),
    ],
    ids=str,
)
def test_the_exit_code_stands_where_nothing_can_be_said(tmp_path, arguments, code) -> None:
    written(tmp_path / "few.jsonl", requests(range(500)))
    store = {"REQLOG_STORE": str(tmp_path / "requests.db")}
    run(tmp_path, "import", "few.jsonl", **store)
    with FULL_STREAM.open("w") as full:
        assert run(tmp_path, *arguments, stderr=full, **store).code == code
