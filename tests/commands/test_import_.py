import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def told(done) -> tuple[int, str, str]:
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("cassette.yml", "1 file, 2 imported, 0 duplicates, 0 enriched, 0 rejects, 0 skipped\n"),
        ("tail.ndjson", "1 file, 2 imported, 0 duplicates, 0 enriched, 1 reject, 0 skipped\n"),
        ("checkout.har", "1 file, 1 imported, 0 duplicates, 0 enriched, 1 reject, 0 skipped\n"),
        ("access.log", "1 file, 2 imported, 0 duplicates, 0 enriched, 0 rejects, 0 skipped\n"),
        (".", "4 files, 7 imported, 0 duplicates, 0 enriched, 2 rejects, 0 skipped\n"),
    ],
)
def test_captures_are_read_and_summed_up(run, captures: Path, name: str, summary: str) -> None:
    assert told(run("import", captures / name)) == (0, "", summary)


def test_what_was_imported_before_adds_nothing(run, captures: Path) -> None:
    run("import", captures)
    before = run("list", "-o", "jsonl").stdout
    again = told(run("import", captures))
    assert again == (0, "", "4 files, 0 imported, 7 duplicates, 0 enriched, 2 rejects, 0 skipped\n")
    assert run("list", "-o", "jsonl").stdout == before


def test_a_second_capture_of_a_request_fills_in_what_was_missing(run) -> None:
    first = '{"id":"req_1","time":"2026-05-09T10:00:00.000Z","status":402}\n'
    second = '{"id":"req_1","time":"2026-05-09T11:00:00.000Z","method":"POST"}\n'
    run("import", "-", input=first)
    done = run("import", "-", input=second)
    assert told(done) == (0, "", "1 file, 0 imported, 0 duplicates, 1 enriched, 0 rejects, 0 skipped\n")
    assert run("list", "-o", "csv", "--fields", "id,time,status,method").stdout == (
        "id,time,status,method\nreq_1,2026-05-09T10:00:00.000Z,402,POST\n"
    )


def test_the_summary_in_json_is_one_object_on_standard_output(run, captures: Path) -> None:
    code, out, err = told(run("import", captures, "--json"))
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "files": 4,
        "imported": 7,
        "duplicates": 0,
        "enriched": 0,
        "rejects": 2,
        "skipped": 0,
    }


def test_each_reject_is_named_with_verbose(run, captures: Path) -> None:
    done = run("import", "--verbose", captures)
    assert done.stderr == (
        f"{captures}/checkout.har:2: no response\n"
        f"{captures}/tail.ndjson:3: not a record of `stripe logs tail`\n"
        "4 files, 7 imported, 0 duplicates, 0 enriched, 2 rejects, 0 skipped\n"
    )


def test_standard_input_and_packed_files_are_read(run, captures: Path, tmp_path: Path) -> None:
    packed = tmp_path / "cassette.yml.gz"
    packed.write_bytes(gzip.compress((captures / "cassette.yml").read_bytes()))
    done = run("import", "-", packed, input=(captures / "tail.ndjson").read_text())
    assert told(done) == (0, "", "2 files, 4 imported, 0 duplicates, 0 enriched, 1 reject, 0 skipped\n")


def test_nothing_secret_is_kept(run, captures: Path, tmp_path: Path) -> None:
    run("import", captures)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "store").iterdir())
    assert b"sk_test_0000" not in kept
    assert "sk_test_…4242".encode() in kept


BROKEN = {
    "empty": (b"", "it is empty"),
    "binary": (bytes(range(256)) * 40, "not a capture that reqlog knows"),
    "words": (b"Dear diary,\nnothing happened.\n", "not a capture that reqlog knows"),
    "latin-1": ('{"url":"/caf\xe9"'.encode("latin-1"), ""),
    "cut.gz": (gzip.compress(b'{"id":"req_1","time":"2026-05-09T10:00:00Z"}\n' * 3)[:-12], ""),
    "no.gz": (b"\x1f\x8b\x08\x00rubbish", ""),
    "no.zst": (b"\x28\xb5\x2f\xfdrubbish", ""),
    "cut.har": (b'{"log":{"version":"1.2","entries":[{"request":', ""),
    "cut.yml": (b"---\nhttp_interactions:\n- request:\n    method: [", ""),
    "ruby.yml": (b"---\nhttp_interactions:\n- !ruby/object:Gem::Installer\n  i: x\n", ""),
    "python.yml": (b"interactions:\n- !!python/object/apply:os.system ['true']\n", ""),
    "aliases.yml": (b"a: &a [x,x]\nb: &b [*a,*a]\nhttp_interactions:\n- request: *b\n", ""),
    "deep.json": (b"[" * 100_000, ""),
    "null.har": (b'{"log":{"entries":null}}', ""),
    "number.ndjson": (b"17\n", ""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_gives_not_one_request_is_told_in_a_sentence(run, tmp_path: Path, name: str) -> None:
    content, reason = BROKEN[name]
    (tmp_path / "home" / name).write_bytes(content)
    code, out, err = told(run("import", name))
    assert (code, out) == (3, "")
    *_, last = err.splitlines()
    assert last.startswith(f"reqlog: {name}: {reason}")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("paths", "err"),
    [
        (["nosuch"], "reqlog: nosuch: no such file or directory\n"),
        (["good.jsonl", "nosuch"], "reqlog: nosuch: no such file or directory\n"),
        (["empty"], "reqlog: empty: there are no files in it\n"),
    ],
)
def test_a_path_that_gives_nothing_to_read_leaves_no_store_behind(run, tmp_path: Path, paths, err) -> None:
    (tmp_path / "home" / "empty").mkdir()
    (tmp_path / "home" / "good.jsonl").write_text('{"id":"req_1","time":"2026-05-09T10:00:00Z"}\n')
    assert told(run("import", *paths)) == (3, "", err)
    assert not (tmp_path / "store").exists()


def test_what_can_be_read_is_kept_when_another_path_cannot(run, captures: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / "empty").touch()
    code, _, err = told(run("import", "empty", captures / "cassette.yml"))
    assert (code, err.splitlines()) == (
        3,
        ["1 file, 2 imported, 0 duplicates, 0 enriched, 0 rejects, 0 skipped", "reqlog: empty: it is empty"],
    )
    assert run("list", "--count").stdout == "2\n"


LINE = b'{"id":"req_%d","time":"2026-05-09T10:00:00.000Z","created":1778320800}\n'


@pytest.fixture
def importing(tmp_path: Path):
    """An import of standard input that goes on for as long as the test does."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "REQLOG_STORE": str(tmp_path / "store" / "requests.db"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "reqlog", "import", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ,
        cwd=tmp_path,
    )
    yield process
    process.kill()
    process.communicate()


def wait_until_kept(run, count: int) -> None:
    """Wait until the store has so many requests; it is asked rather than slept for."""
    for _ in range(100):
        if run("list", "--count").stdout == f"{count}\n":
            return
    pytest.fail("what was read is not there for others to see")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["INT", "TERM", "HUP"]
)
def test_a_stream_is_kept_while_it_goes_on_and_a_signal_keeps_what_was_read(run, importing, number, code) -> None:
    importing.stdin.write(LINE % 1 + LINE % 2)
    importing.stdin.flush()
    wait_until_kept(run, 2)
    importing.send_signal(number)
    out, err = importing.stdout.read(), importing.stderr.read()
    assert importing.wait() == code
    assert (out, err.decode().strip()) == (b"", "1 file, 2 imported, 0 duplicates, 0 enriched, 0 rejects, 0 skipped")
    assert run("list", "--count").stdout == "2\n"


def test_ctrl_c_before_anything_came_is_an_interruption_too(run, importing, tmp_path: Path) -> None:
    deadline = time.monotonic() + 20
    while not (tmp_path / "store" / "requests.db-wal").exists() and time.monotonic() < deadline:
        run("--version")
    importing.send_signal(signal.SIGINT)
    assert b"Traceback" not in importing.stderr.read()
    assert importing.wait() == 130


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of more than 8 MiB: lines with rejects among them, and what is no capture."""
    folder = tmp_path_factory.mktemp("large")
    body = json.dumps({"object": "list", "data": ["x" * 60] * 25})
    lines = [json.dumps({"id": f"req_{n}", "status": 200, "method": "GET", "response_body": body}) for n in range(6000)]
    lines[2500] = lines[4000] = '{"id":"req_no","status":"what"}'
    (folder / "a.jsonl").write_text("\n".join(lines))
    (folder / "b.jsonl.gz").write_bytes(gzip.compress("\n".join(lines[:3000]).encode()))
    (folder / "notes.txt").write_text("What this is.\n")
    return folder


LOADED = "import sys, reqlog.cli; print(reqlog.cli.run(sys.argv[1:]), *sys.modules)"
ON_ONE_CORE = f"import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); {LOADED}"
SHARED = {"reqlog.shared_intake", "reqlog.workers", "reqlog.readers.parts", "subprocess", "pickle"}


def loaded(folder: Path, script: str, *arguments: object) -> tuple[set[str], str]:
    """Return what an import has loaded, its exit code included, and what it said; the store is in `folder`."""
    done = subprocess.run(
        [sys.executable, "-c", script, "import", "--store", str(folder / "requests.db"), *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"},
        cwd=folder,
        check=False,
    )
    return set(done.stdout.split()), done.stderr


def test_a_small_import_loads_nothing_of_what_a_large_one_needs(captures: Path, tmp_path: Path) -> None:
    modules, said = loaded(tmp_path, LOADED, captures)
    assert said == "4 files, 7 imported, 0 duplicates, 0 enriched, 2 rejects, 0 skipped\n"
    assert "0" in modules
    assert modules & SHARED == set()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not say what cores are for")
@pytest.mark.parametrize("options", [(), ("--verbose",)])
def test_a_large_import_does_the_same_with_several_processes_and_with_one(
    run, large: Path, tmp_path: Path, options
) -> None:
    if len(os.sched_getaffinity(0)) == 1:
        pytest.skip("there is only one core here")
    homes = tmp_path / "several", tmp_path / "one"
    said, kept, shared = [], [], []
    for folder, script in zip(homes, (LOADED, ON_ONE_CORE), strict=True):
        folder.mkdir()
        modules, err = loaded(folder, script, *options, large)
        said.append(err)
        shared.append(modules & SHARED)
        kept.append(run("list", "-o", "jsonl", "--store", folder / "requests.db").stdout)
    assert shared == [SHARED, set()]
    assert said[0] == said[1]
    assert said[0].endswith("2 files, 5998 imported, 2999 duplicates, 0 enriched, 3 rejects, 1 skipped\n")
    assert kept[0] == kept[1]
    assert kept[0].count("\n") == 5998
