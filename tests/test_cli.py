import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from every_command import NAMES

from reqlog import __version__

LINES = "".join(
    f'{{"id":"req_{number}","time":"2026-05-09T10:00:00.{number % 1000:03}Z","status":200}}\n'
    for number in range(20_000)
)


def told(done) -> tuple[int, str, str]:
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_it_says_its_version(run, flag) -> None:
    assert told(run(flag)) == (0, f"reqlog {__version__}\n", "")


def test_the_environment_may_name_a_version_of_its_own(run) -> None:
    assert told(run("--version", REQLOG_VERSION="1.2.3"))[0] == 0
    assert "1.2.3" not in run("list", REQLOG_VERSION="1.2.3").stderr


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize(
    "command", [[], *(name.split() for name in NAMES)], ids=lambda words: "".join(words) or "itself"
)
def test_help_is_everywhere_and_begins_with_examples(run, command, flag) -> None:
    code, out, err = told(run(*command, flag))
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: {' '.join(['reqlog', *command])} ")
    assert out.split("\n\n")[2].startswith("  Examples:\n    ")


def test_without_a_command_it_shows_its_help_as_a_wrong_usage(run) -> None:
    code, out, err = told(run())
    assert (code, out, err) == (2, "", run("--help").stdout)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nosuch"], "No such command 'nosuch'"),
        (["--nosuch"], "No such option '--nosuch'"),
        (["list", "--nosuch"], "No such option '--nosuch'"),
        (["list", "--limit", "0"], "Invalid value for '--limit'"),
        (["list", "--limit", "many"], "Invalid value for '--limit'"),
        (["list", "-o", "xml"], "Invalid value for '-o'"),
        (["list", "what"], "Got unexpected extra argument"),
        (["import"], "Missing argument 'PATH...'"),
        (["list", "--status"], "requires an argument"),
        (["list", "--status", "4x"], "reqlog: --status 4x: not a status"),
        (["list", "--since", "yesteday"], "'yesteday' is not a time (did you mean yesterday?)"),
        (["list", "--ip", "1.2.3"], "reqlog: --ip 1.2.3: not an IP address"),
        (["list", "--date", "2026-05-09", "--since", "2026-05-10"], "nothing can match"),
        (["list", "--fields", "id,stauts"], "reqlog: --fields stauts: no such field"),
        (["list", "--fields", ""], "reqlog: --fields was given an empty value"),
        (["list", "--fail-if-any", "--fail-if-none"], "reqlog: --fail-if-any and --fail-if-none cannot both hold"),
        (["list", "--store", "mysql://host"], "reqlog: --store mysql://…: no such kind of store"),
        (["list", "--store", ""], "reqlog: --store '' names no file"),
        (["list", "--error-code", "a\udcff"], "reqlog: --error-code 'a\\udcff': not text in UTF-8"),
        (["import", "-", "--format", "nosuch"], "there is no format 'nosuch'"),
    ],
    ids=" ".join,
)
def test_a_wrong_usage_is_exit_2_and_says_what_is_wrong(run, arguments, said) -> None:
    code, out, err = told(run(*arguments))
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list"], "reqlog: There is no store at "),
        (["show"], "reqlog: There is no store at "),
        (["errors"], "reqlog: There is no store at "),
        (["versions"], "reqlog: There is no store at "),
        (["list", "--file", "nosuch"], "reqlog: nosuch: no such file or directory\n"),
        (["list", "--file", "."], "reqlog: .: there are no files in it\n"),
        (["import", "nosuch"], "reqlog: nosuch: no such file or directory\n"),
        (["import", "a\udcff"], "reqlog: a\\udcff: no such file or directory\n"),
        (["list", "--store", "/dev/null"], "reqlog: /dev/null is no file, not a store"),
        (["list", "--store", "."], "reqlog: . is a folder, not a store"),
        (["list", "--store", "n" * 300], "reqlog: There is no store at nnn"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:40],
)
def test_no_answer_is_exit_3_and_says_why(run, arguments, said) -> None:
    code, out, err = told(run(*arguments))
    assert (code, out, err.startswith(said)) == (3, "", True)


def test_a_working_folder_that_was_removed_is_no_matter(tmp_path: Path) -> None:
    script = 'cd "$1" && rmdir "$1" && exec "$2" -m reqlog list --store "$3"'
    (tmp_path / "gone").mkdir()
    done = subprocess.run(
        ["sh", "-c", script, "sh", tmp_path / "gone", sys.executable, tmp_path / "nosuch.db"],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "HOME": str(tmp_path)},
        check=False,
    )
    assert (done.returncode, done.stderr.splitlines()[-1][:27]) == (3, "reqlog: There is no store a")


@pytest.fixture
def shell(run, tmp_path: Path):
    """Run a line of bash in which `reqlog` is the real command line; gives the lines it printed, and its errors."""
    (tmp_path / "many.jsonl").write_text(LINES)

    def shell(line: str) -> tuple[list[str], str]:
        script = f'reqlog() {{ "{sys.executable}" -m reqlog "$@"; }}\n{line}'
        done = subprocess.run(
            ["bash", "-c", script],
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "HOME": str(tmp_path), "REQLOG_STORE": str(tmp_path / "requests.db")},
            cwd=tmp_path,
            check=False,
        )
        return done.stdout.splitlines(), done.stderr

    return shell


@pytest.mark.parametrize(
    "command",
    [
        "list --file many.jsonl -o jsonl --fields id",
        "list --file many.jsonl --json --fields id",
        "list --file many.jsonl -o csv --fields id",
        "list --file many.jsonl --fields id",
    ],
)
def test_a_pipe_that_closes_is_141_and_says_nothing(shell, command) -> None:
    out, err = shell(f"reqlog {command} | head -n 1 > /dev/null; echo ${{PIPESTATUS[0]}}")
    assert (out, err) == (["141"], "")


@pytest.mark.parametrize("command", ["--help", "list --help", "--version", "list --file one.jsonl"])
def test_a_pipe_that_is_closed_already_is_141_too(tmp_path: Path, command: str) -> None:
    (tmp_path / "one.jsonl").write_text(LINES.splitlines()[0])
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "reqlog", *command.split()],
        stdout=writing,
        stderr=subprocess.PIPE,
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        cwd=tmp_path,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_gate_is_not_lost_where_the_pipe_stays_open(shell) -> None:
    out, err = shell("reqlog list --file many.jsonl --fail-if-any --limit 1 -o csv | cat; echo ${PIPESTATUS[0]}")
    assert (out[-1], err) == ("1", "reqlog: --fail-if-any: there are requests of that kind.\n")


@pytest.mark.parametrize("command", ["--help", "list --file many.jsonl", "list --file many.jsonl -o jsonl"])
def test_a_full_disk_is_told(shell, command) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    out, err = shell(f"reqlog {command} > /dev/full; echo $?")
    assert (out, err) == (["3"], "reqlog: The answer could not be written: No space left on device.\n")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize(
    ("command", "code"),
    [("import one.jsonl", 0), ("list --file one.jsonl", 0), ("--help", 0), ("list --status 4x", 2), ("import -", 3)],
)
def test_streams_that_are_closed_from_the_start_are_no_matter(shell, tmp_path, command, code, closed) -> None:
    (tmp_path / "one.jsonl").write_text(LINES.splitlines()[0])
    out, err = shell(f"( reqlog {command} {closed} ); echo $?")
    assert (out[-1], "Traceback" in err) == (str(code), False)


def test_ctrl_c_is_130_and_says_nothing_more(run, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [sys.executable, "-m", "reqlog", "list", "--file", fifo],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        cwd=tmp_path,
    )
    with fifo.open("wb") as writing:  # this waits until the other side reads
        writing.write(b"\n")
        writing.flush()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err.strip()) == (130, b"", b"")
