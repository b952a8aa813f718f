"""What a process of reqlog does to the world: it asks nobody over a network, and leaves nothing where others look.

Python itself tells of what it does through audit hooks. What SQLite does is told by `strace`, where that is installed.
"""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reqlog import limits
from reqlog.commands import COMMANDS
from reqlog.commands.demo import SAMPLES

NETWORKED = {"record": "it passes on what is sent to an API"}
"""Commands that are there to use the network."""

ASKED = ("--since", "2026-01-01", "--utc")
WORDS: dict[str, list[tuple[str, ...]]] = {
    "import": [(str(SAMPLES),), ("--json", "-v", str(SAMPLES / "checkout.har")), ("nosuch",)],
    "list": [
        ASKED,
        ("--json",),
        ("-o", "jsonl", "--status", "402,404"),
        ("-o", "csv"),
        ("-o", "markdown"),
        ("--count", "--ip", "203.0.113.0/24"),
        ("--since", "24 Feb 2026", "--file", str(SAMPLES)),
        ("--error-code", "nosuch"),
        ("--host", "h.example", "--text", "http://h.example/"),
    ],
    "show": [(), ("--json",), ("--error-code", "card_declined"), ("nosuch",)],
    "errors": [ASKED, ("--json", *ASKED), ("--file", str(SAMPLES), *ASKED)],
    "versions": [ASKED, ("--json", *ASKED)],
    "prune": [("--older-than", "90000d", "--dry-run")],
    "store": [("info",), ("check",)],
    "demo": [()],
}
CASES = [(name, *words) for name in COMMANDS if name not in NETWORKED for words in WORDS[name]]
TABLES = {"socket": "tabulate asks importlib.metadata for its version, which imports email, which imports socket"}

SPY = """
import os, sys

def spy(event, arguments):
    if event.split(".")[0] in {"socket", "urllib", "http", "ssl", "ftplib", "smtplib", "poplib", "imaplib"}:
        os.write(2, f"NETWORK {event} {arguments}".encode())
        end(99)

def tell(code):
    os.write(2, ("\\nMODULES " + " ".join(sys.modules)).encode())
    end(code)

end, os._exit = os._exit, tell
sys.addaudithook(spy)
from reqlog.__main__ import main
main()
"""
NETWORK_MODULES = {
    "socket",
    "ssl",
    "http.client",
    "urllib.request",
    "asyncio",
    "ftplib",
    "smtplib",
    "requests",
    "httpx",
}

Spied = Callable[..., tuple[int, str, set[str]]]


@pytest.fixture
def spied(tmp_path: Path) -> Spied:
    """Run the command line under an audit hook that ends it at the first thought of a network.

    Gives the exit code, standard error, and which modules of networks it has imported.
    """
    home = tmp_path / "home"
    home.mkdir()
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "REQLOG_STORE": str(home / "requests.db"),
        "REQLOG_NOW": "2026-11-07T00:00:00Z",
    }

    def spied(*words: str, **more: str) -> tuple[int, str, set[str]]:
        done = subprocess.run(
            [sys.executable, "-c", SPY, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            env={**environ, **more},
            cwd=home,
            check=False,
        )
        said, _, modules = done.stderr.partition("\nMODULES ")
        return done.returncode, said, NETWORK_MODULES.intersection(modules.split())

    return spied


def test_the_spy_sees_a_network(tmp_path) -> None:
    code = SPY.replace("from reqlog.__main__ import main\nmain()", "import socket; socket.getaddrinfo('localhost', 80)")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", cwd=tmp_path, check=False
    )
    assert (done.returncode, "NETWORK socket.getaddrinfo" in done.stderr) == (99, True)


@pytest.mark.parametrize("words", CASES, ids=" ".join)
def test_no_command_thinks_of_a_network(spied, words) -> None:
    assert spied("import", str(SAMPLES))[0] == 0
    code, said, modules = spied(*words)
    assert "NETWORK" not in said
    assert code in {0, 1, 3}
    assert modules <= set(TABLES)
    if {"--json", "jsonl", "csv", "markdown"} & set(words) or words[0] in {"import", "show"}:
        assert modules == set()


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_thinks_of_no_network(spied, name) -> None:
    assert spied(*filter(None, [name, "--help"])) == (0, "", set())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_thinks_of_no_network(spied, shell) -> None:
    for what in ("source", "complete"):
        code, said, modules = spied(
            _REQLOG_COMPLETE=f"{shell}_{what}", COMP_WORDS="reqlog list --error-code card_", COMP_CWORD="3"
        )
        assert (code, "NETWORK" in said, modules) == (0, False, set())


LARGE = "".join(
    json.dumps(
        {
            "id": f"req_{number:05}",
            "time": f"2026-05-09T10:00:00.{number % 1000:03}Z",
            "endpoint": f"/v1/x{number % 7}",
            "api_version": "x",
            "status": 400 + number % 3,
            "error_code": f"code_{number}",
            "request_body": "x" * 30_000,
        }
    )
    + "\n"
    for number in range(limits.HELD_CHARACTERS // 30_000 + 300)
)
"""More than is held in memory."""

SECRETLY = {
    "import": ("import", "-"),
    "a question with an answer to sort": ("list", "--status", "400,402", "-o", "jsonl"),
    "groups to sort": ("errors", "--by", "error_code", "--since", "2026-01-01"),
    "captures that are many": ("list", "--json", "--file", "{}"),
    "captures that can be read once": ("errors", "--since", "2026-01-01", "--json", "--file", "-"),
    "the demonstration": ("demo",),
}
APART = {"captures that are many", "captures that can be read once", "the demonstration"}
"""Those that may use a folder that is shared, by a file without a name or a folder of their own in it."""

_CALL = re.compile(
    r"(?P<name>openat|open|mkdir|mkdirat|unlink|unlinkat|rename|chmod|fchmod|socket|connect|bind|sendto)\("
    r'(?:AT_FDCWD, )?(?:"(?P<path>[^"]*)"|(?P<first>[^,)]*))(?P<rest>.*)\) = (?P<result>-?\d+)'
)


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder for temporary files that everybody shares."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


@pytest.fixture
def traced(tmp_path: Path, shared: Path) -> Callable[..., list[re.Match[str]]]:
    """Run the command line with the widest rights there are, and give what it asked of the system."""
    if shutil.which("strace") is None:
        pytest.skip("strace, which tells what SQLite does, is not installed")
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "large.jsonl").write_text(LARGE)
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "REQLOG_STORE": str(home / "data" / "requests.db"),
        "TMPDIR": str(shared),
        "SQLITE_TMPDIR": str(shared),
    }

    def traced(*words: str) -> list[re.Match[str]]:
        log = tmp_path / "trace"
        calls = "trace=openat,open,mkdir,mkdirat,unlink,unlinkat,rename,chmod,fchmod,socket,connect,bind,sendto"
        command = " ".join(f"'{word.format(tmp_path / 'large.jsonl')}'" for word in words)
        script = f"umask 0; exec strace -f -s 4096 -e {calls} -o {log} {sys.executable} -m reqlog {command}"
        with (tmp_path / "large.jsonl" if "-" in words else Path(os.devnull)).open() as stdin:
            done = subprocess.run(
                ["sh", "-c", script], stdin=stdin, capture_output=True, env=environ, cwd=home, check=False
            )
        assert done.returncode == 0, done.stderr
        return [call for line in log.read_text().splitlines() if (call := _CALL.search(line))]

    return traced


def written(calls: list[re.Match[str]], home: Path) -> Iterator[tuple[str, str]]:
    """Yield what was opened to be written outside of `home`: its path, and why others can get at it, if they can."""
    private: list[str] = []
    for place, call in enumerate(calls):
        path = os.path.normpath(os.path.join(home, call["path"] or ""))  # noqa: PTH118  (text, as the trace has it)
        if call["name"].startswith("mkdir") and call["rest"].endswith("0700") and call["result"] == "0":
            private.append(path)
        is_written = any(flag in call["rest"] for flag in ("O_WRONLY", "O_RDWR", "O_TMPFILE", "O_CREAT"))
        if not call["name"].startswith("open") or not is_written or call["result"].startswith("-"):
            continue
        if path.startswith(("/dev/", f"{home}/")) or any(path.startswith(f"{folder}/") for folder in private):
            continue
        has_name = "O_TMPFILE" not in call["rest"] and not any(
            later["name"].startswith("unlink") and later["path"] == call["path"]
            for later in calls[place + 1 : place + 4]
        )
        yield path, "it has a name" if has_name else "others may open it" if "0600" not in call["rest"] else ""


@pytest.mark.parametrize("name", SECRETLY)
def test_nothing_lies_where_others_can_read_it(traced, tmp_path, shared, name) -> None:
    if name != "import":
        traced(*SECRETLY["import"])
    calls = traced(*SECRETLY[name])
    found = list(written(calls, tmp_path / "home"))
    assert [reason for _, reason in found if reason] == []
    assert name in APART or found == []
    assert list(shared.iterdir()) == []
    assert [call[0] for call in calls if call["name"] == "socket" and "AF_INET" in call[0]] == []
    kept = [path for path in (tmp_path / "home").rglob("*") if not path.is_symlink()]
    assert {oct(stat.S_IMODE(path.stat().st_mode)) for path in kept} <= {"0o600", "0o700"}
    assert {path.name.removesuffix("-wal").removesuffix("-shm") for path in kept} <= {
        "data",
        "requests.db",
        ".cache",
        "reqlog",
    }


def test_the_trace_shows_what_others_could_read(tmp_path) -> None:
    lines = (
        '1 openat(AT_FDCWD, "/shared/a", O_RDWR|O_CREAT|O_EXCL, 0600) = 3',
        '1 openat(AT_FDCWD, "/shared/b", O_RDWR|O_CREAT|O_EXCL, 0600) = 3',
        '1 unlink("/shared/b") = 0',
        '1 openat(AT_FDCWD, "/shared", O_RDWR|O_EXCL|O_TMPFILE, 0666) = 3',
        '1 mkdir("/shared/c", 0700) = 0',
        '1 openat(AT_FDCWD, "/shared/c/d", O_RDWR|O_CREAT, 0644) = 3',
        '1 openat(AT_FDCWD, "/shared/e", O_RDONLY) = 3',
        '1 openat(AT_FDCWD, "/home/f", O_RDWR|O_CREAT, 0644) = 3',
    )
    calls = [call for line in lines if (call := _CALL.search(line))]
    assert list(written(calls, Path("/home"))) == [
        ("/shared/a", "it has a name"),
        ("/shared/b", ""),
        ("/shared", "others may open it"),
    ]
