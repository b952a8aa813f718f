"""What holds of all hooks: they end well, in whatever process, and are never in the way."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import apsw
import pytest
import requests
from loopback import free_port

from reqlog.capture import capture_requests, counts, flush
from reqlog.capture.recording import text_headers
from reqlog.filters import EVERYTHING
from reqlog.store.sqlite import SqliteStore

GUARD_SECONDS = 60


def ran(script: str, *arguments: str, store: str) -> "subprocess.CompletedProcess[str]":
    """Run `script` as a program of its own, which records into `store` by its environment."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        env={"PATH": os.environ["PATH"], "REQLOG_STORE": store},
        capture_output=True,
        encoding="utf-8",
        timeout=GUARD_SECONDS,
        check=False,
    )


def kept(store: str) -> list[str]:
    """Return the paths of what is in `store`."""
    with closing(SqliteStore(store, write=False)) as opened:
        return sorted(request.path or "" for request in opened.find(EVERYTHING))


def test_the_package_is_imported_without_what_a_program_need_not_have() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, reqlog.capture; print(*sys.modules)"], capture_output=True, check=True
    )
    loaded = set(done.stdout.decode().split())
    heavy = {"click", "apsw", "msgspec", "requests", "httpx", "stripe", "tabulate", "dateutil", "yaml", "reqlog.cli"}
    assert heavy & loaded == set()
    assert not any(name.startswith(("reqlog.commands", "reqlog.options")) for name in loaded)


@pytest.mark.parametrize("ending", ["", "raise SystemExit(3)", "raise ValueError", "1 / 0"])
def test_what_is_not_yet_written_at_exit_is_written_then(base, store, ending) -> None:
    script = f"""
        import sys, requests
        from reqlog.capture import capture_requests
        capture_requests()
        requests.get(sys.argv[1] + "/status/200")
        unread = requests.get(sys.argv[1] + "/long", stream=True)
        {ending}
    """
    done = ran(script, base, store=store)
    assert "reqlog" not in done.stderr
    assert kept(store) == ["/long", "/status/200"]


def test_a_forked_process_records_its_own_and_nothing_twice(base, store) -> None:
    script = """
        import os, sys, requests
        from reqlog.capture import capture_requests, flush
        capture_requests()
        requests.get(sys.argv[1] + "/status/200")
        unread = requests.get(sys.argv[1] + "/long", stream=True)
        for number in (201, 202):
            if not (child := os.fork()):
                requests.get(f"{sys.argv[1]}/status/{number}")
                sys.exit()
            os.waitpid(child, 0)
        requests.get(sys.argv[1] + "/status/203")
    """
    done = ran(script, base, store=store)
    assert (done.returncode, done.stderr) == (0, "")
    assert kept(store) == ["/long", *(f"/status/{number}" for number in range(200, 204))]


def test_a_child_of_multiprocessing_does_too(base, store) -> None:
    script = """
        import multiprocessing, sys, requests
        from reqlog.capture import capture_requests
        capture_requests()

        def ask(number):
            requests.get(f"{sys.argv[1]}/status/{number}")

        requests.get(sys.argv[1] + "/status/200")
        context = multiprocessing.get_context("fork")
        for process in [context.Process(target=ask, args=(number,)) for number in (201, 202)]:
            process.start()
            process.join()
    """
    done = ran(script, base, store=store)
    assert (done.returncode, done.stderr) == (0, "")
    assert kept(store) == ["/status/200", "/status/201", "/status/202"]


APPLICATION = """
import os
from reqlog.capture import WSGICapture

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]

application = WSGICapture(application)
"""


def test_the_workers_of_gunicorn_record_what_they_serve(store, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APPLICATION)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--preload", "--workers=2", f"--bind=127.0.0.1:{port}", "shop:application"],
        env={"PATH": os.environ["PATH"], "REQLOG_STORE": store},
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    )
    guard = threading.Timer(GUARD_SECONDS, process.kill)
    guard.start()
    try:
        workers = {answer for number in range(40) if (answer := _asked(port, number, process))}
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        guard.cancel()
    assert workers
    assert kept(store) == sorted(f"/{number}" for number in range(40))


def _asked(port: int, number: int, process: "subprocess.Popen[bytes]") -> bytes:
    while process.poll() is None:
        try:
            return requests.get(f"http://127.0.0.1:{port}/{number}", timeout=GUARD_SECONDS).content
        except requests.ConnectionError:
            threading.Event().wait(0.05)
    pytest.fail("gunicorn did not start")


def test_many_threads_lose_nothing(base, store, recorded) -> None:
    with capture_requests(store=store), ThreadPoolExecutor(8) as threads:
        urls = [f"{base}/echo?{number}" for number in range(200)]
        list(threads.map(lambda url: requests.post(url, data="a", timeout=GUARD_SECONDS).content, urls))
        assert flush(GUARD_SECONDS)
    # The look-alike answers all under one id, so all but the first are duplicates; what counts is that none is lost.
    assert counts().lost == 0
    assert len(recorded()) == 1


def test_nobody_waits_for_a_store_that_another_process_holds(base, store, recorded) -> None:
    SqliteStore(store, write=True).close()
    with closing(apsw.Connection(store)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with capture_requests(store=store):
            assert requests.get(f"{base}/status/200", timeout=GUARD_SECONDS).text == "status 200"
        assert flush(0.01) is False
        other.execute("ROLLBACK")
    assert [request.status for request in recorded()] == [200]


def test_a_store_that_cannot_be_used_is_no_matter_and_logged_once(base, tmp_path, caplog) -> None:
    before = counts().failed
    with capture_requests(store=str(tmp_path)):
        for _ in range(3):
            assert requests.get(f"{base}/status/200", timeout=GUARD_SECONDS).text == "status 200"
            assert flush(GUARD_SECONDS)
    assert counts().failed == before + 3
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("reqlog.capture", "WARNING")
    assert record.getMessage().startswith("a request could not be recorded, and there may be more: ")
    assert "is a folder, not a store" in record.getMessage()


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Let the user's file and the project's say what is given."""

    def configured(user: str, project: str) -> None:
        (tmp_path / "reqlog").mkdir()
        (tmp_path / "reqlog" / "config.toml").write_text(user)
        (tmp_path / ".reqlog.toml").write_text(project)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        monkeypatch.chdir(tmp_path)

    return configured


def test_a_users_own_rules_hold_and_what_is_said_of_commands_is_no_matter(base, store, recorded, configured) -> None:
    configured("[redact]\nfields = ['pin']\n[defaults.nosuch]\na = 1\n", "[redact]\nheaders = ['x-badge']\n")
    with capture_requests(store=store):
        requests.get(f"{base}/status/200?pin=17&a=b", headers={"X-Badge": "b7"}, timeout=GUARD_SECONDS)
    (request,) = recorded()
    assert (request.query, (request.request_headers or {})["x-badge"]) == ("pin=[redacted]&a=b", "[redacted]")


@pytest.mark.parametrize(
    ("project", "said"),
    [
        ("\n[redact]\npatterns = ['(']\n", ".reqlog.toml:3: '(' in patterns of redact must be a regular expression"),
        ("[redact]\nfield = ['pin']\n", ".reqlog.toml:2: redact has no key 'field'"),
        ("[redacted]\nfields = ['pin']\n", ".reqlog.toml:1: unknown key 'redacted'"),
        ("[redact\n", ".reqlog.toml: not valid TOML"),
    ],
)
def test_nothing_is_recorded_by_rules_that_cannot_be_read(base, store, configured, caplog, project, said) -> None:
    configured("", project)
    before = counts()
    with capture_requests(store=store):
        for _ in range(2):
            assert requests.get(f"{base}/status/200", timeout=GUARD_SECONDS).text == "status 200"
            assert flush(GUARD_SECONDS)
    assert (counts().recorded, counts().failed) == (before.recorded, before.failed + 2)
    assert not Path(store).exists()
    (record,) = caplog.records
    assert said in record.getMessage()


def test_a_mistake_of_ours_is_none_of_the_programs(base, store, recorded) -> None:
    with capture_requests(store=store, hosts=[None]):  # type: ignore[list-item]  # that is the mistake
        assert requests.get(f"{base}/status/200", timeout=GUARD_SECONDS).text == "status 200"
    assert recorded() == []


def test_a_store_is_found_wherever_the_program_goes(base, tmp_path) -> None:
    script = """
        import os, sys, requests
        from reqlog.capture import capture_requests
        os.chdir(sys.argv[2])
        capture_requests(store="here.db")
        os.chdir("/")
        requests.get(sys.argv[1] + "/status/200")
    """
    assert ran(script, base, str(tmp_path), store="/nowhere/requests.db").stderr == ""
    assert kept(str(tmp_path / "here.db")) == ["/status/200"]


def test_headers_become_text_however_a_library_has_them() -> None:
    assert text_headers([(b"a", b"\xe9"), ("b", "c")]) == (("a", "é"), ("b", "c"))
