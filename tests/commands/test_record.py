import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from proxied import LONG, Api

DECLINED = (
    b"HTTP/1.1 402 Payment Required\r\nRequest-Id: req_OjRu7V5jecRDlM\r\nContent-Length: 83\r\n\r\n"
    b'{"error": {"type": "card_error", "code": "card_declined", "message": "Declined."}} '
)
ASK = (
    "import http.client, os, sys, urllib.parse\n"
    "url = urllib.parse.urlsplit(os.environ[sys.argv[1]])\n"
    "connection = http.client.HTTPConnection(url.hostname, url.port)\n"
    "connection.request('POST', '/v1/charges', 'amount=1', {'Authorization': 'Bearer sk_test_' + '4242' * 6})\n"
    "print(connection.getresponse().status)\n"
)
"""A program that asks for one thing at the URL in the variable that it is given, and prints the status."""


@pytest.fixture
def api():
    api = Api()
    yield api
    api.close()


def ask(variable: str = "STRIPE_API_BASE") -> tuple[str, ...]:
    return (sys.executable, "-c", ASK, variable)


@pytest.mark.parametrize("variable", ["STRIPE_API_BASE", "REQLOG_PROXY_URL"])
def test_what_a_command_sends_is_recorded(run, api, variable):
    done = run("record", "--upstream", f"http://{api.authority}", "--", *ask(variable))
    assert (done.returncode, done.stdout, done.stderr) == (0, "200\n", "1 request recorded.\n")
    listed = run("list", "-o", "csv", "--fields", "method,host,path,status,api_key,request_body,response_body")
    assert listed.stdout.splitlines()[1] == f"POST,{api.authority},/v1/charges,200,sk_test_…4242,amount=1,{{}}"


def test_failures_are_summed_up_first_and_the_exit_code_is_the_commands(run, api):
    api.answer = DECLINED
    program = "import subprocess, sys; subprocess.run(sys.argv[1:]); subprocess.run(sys.argv[1:]); sys.exit(9)"
    done = run("record", "--upstream", f"http://{api.authority}", "--", sys.executable, "-c", program, *ask())
    assert (done.returncode, done.stdout) == (9, "402\n402\n")
    assert done.stderr == (
        "1 of 1 request failed:\n"
        "  1 x POST /v1/charges: 402 card_declined; the last is req_OjRu7V5jecRDlM\n"
        "      Declined.\n"
        "1 request recorded.\n"
    ).replace("1 of 1 request", "2 of 2 requests").replace("  1 x", "  2 x").replace("1 request r", "2 requests r")


def test_a_gate_may_follow(run, api):
    api.answer = DECLINED
    run("record", "--upstream", f"http://{api.authority}", "--", *ask())
    assert run("errors", "--since", "10m", "--fail-if-any", REQLOG_NOW="").returncode == 1


def test_a_request_that_is_not_answered_is_a_failure(run, api):
    api.close()
    done = run("record", "--upstream", f"http://{api.authority}", "--", *ask())
    assert (done.returncode, done.stdout) == (0, "502\n")
    assert done.stderr.splitlines()[:2] == [
        "1 of 1 request failed:",
        re.search(r".*x POST /v1/charges: no answer; the last is local_.*", done.stderr)[0],  # type: ignore[index]
    ]
    assert run("errors", "--since", "10m", "--fail-if-any", REQLOG_NOW="").returncode == 1
    assert "api_connection_error" in run("list", "--status", "failed").stdout


def test_the_variables_can_be_named(run, api):
    done = run("record", "--upstream", f"http://{api.authority}", "--env", "A_URL", "--env", "B", "--", *ask("A_URL"))
    assert done.stdout == "200\n"
    printing = "import os; print('STRIPE_API_BASE' in os.environ, os.environ['B'].startswith('http://127.0.0.1:'))"
    done = run("record", "--env", "B", "--", sys.executable, "-c", printing)
    assert (done.stdout, done.stderr) == (
        "False True\n", "No request came to the proxy; does the client use its URL as base URL?\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--", "no-such-program"), "no-such-program: there is no such program; check its name and PATH."),
        (("--env", "A=B", "--", "true"), "--env A=B: not the name of a variable; give one such as STRIPE_API_BASE."),
        (("--upstream", "stripe", "--", "true"), "--upstream stripe: not a URL that starts with http:// or https://"),
        (("--listen", "0.0.0.0:0"), "--listen 0.0.0.0:0: other machines could reach that address"),
        (("--timeout", "5", "--", "true"), "--timeout: "),
        (("--timeout", "0s", "--", "true"), "--timeout 0s: no answer comes in no time; give more."),
        (("--ca", "nothing", "--", "true"), "--ca nothing: cannot be read: No such file or directory."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_run(run, arguments, sentence):
    done = run("record", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"reqlog: {sentence}")
    assert done.stderr.count("\n") == 1


def test_a_store_that_cannot_be_opened_is_said_before_anything_is_run(run, tmp_path):
    done = run("record", "--store", tmp_path, "--", sys.executable, "-c", "print('it ran')")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"reqlog: {tmp_path} is a folder, not a store; name a file with --store.\n"


def test_without_the_extra_it_says_which(run, tmp_path):
    (tmp_path / "aiohttp.py").write_text("raise ModuleNotFoundError(name='aiohttp')")
    done = run("record", "--", "true", PYTHONPATH=f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    assert (done.returncode, done.stderr) == (
        2,
        "reqlog: reqlog record needs aiohttp, which is not installed; add it with: pip install 'reqlog-cli[capture]'\n",
    )


@contextmanager
def listening(api: Api, store: Path, *more: str):
    """`reqlog record --listen`, as a process, and the URL that it prints."""
    command: list[str] = [
        sys.executable,
        "-m",
        "reqlog",
        "record",
        "--upstream",
        f"http://{api.authority}",
        "--store",
        str(store),
        *more,
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.fullmatch(
            rf"Recording what comes to (http://127\.0\.0\.1:\d+), which is passed on to http://{api.authority}; "
            r"end with Ctrl-C\.\n",
            line,
        )
        assert found, line
        yield process, found[1]


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 0), ("SIGINT", 130)])
def test_without_a_command_it_records_until_it_is_ended(run, api, tmp_path, name, code):
    store = tmp_path / "listening.db"
    with listening(api, store, "--listen", "0") as (process, url):
        subprocess.run(ask("URL"), env={**os.environ, "URL": url}, check=True, capture_output=True)
        process.send_signal(getattr(signal, name))
        assert process.stderr.read() == "1 request recorded.\n"
    assert process.returncode == code
    assert run("list", "--store", store, "--json").stdout.count('"id"') == 1


def test_what_was_sent_is_in_the_store_while_it_goes_on(run, api, tmp_path):
    store = tmp_path / "listening.db"
    with listening(api, store) as (process, url):
        subprocess.run(ask("URL"), env={**os.environ, "URL": url}, check=True, capture_output=True)
        while '"id"' not in run("list", "--store", store, "--json").stdout:
            assert process.poll() is None
        process.terminate()


def test_a_store_that_fails_does_not_fail_the_traffic(run, api, tmp_path):
    breaking = (
        "import os, pathlib, subprocess, sys\n"
        "store = pathlib.Path(os.environ['REQLOG_STORE'])\n"
        "[path.unlink() for path in store.parent.iterdir()]\n"
        "store.mkdir()\n"
        "sys.exit(subprocess.run(sys.argv[1:]).returncode)\n"
    )
    done = run("record", "--upstream", f"http://{api.authority}", "--", sys.executable, "-c", breaking, *ask())
    assert (done.returncode, done.stdout) == (0, "200\n")
    assert re.fullmatch(
        r"1 request could not be recorded: .* is a folder, not a store; name a file with --store\.\n"
        r"0 requests recorded\.\n",
        done.stderr,
    )


SIZE = 200 * 1024 * 1024
SEND = f"""
import http.client, os, urllib.parse
url = urllib.parse.urlsplit(os.environ["STRIPE_API_BASE"])
connection = http.client.HTTPConnection(url.hostname, url.port)
connection.request("POST", "/v1/files", (b"a" * 65536 for _ in range({SIZE} // 65536)), {{"Content-Length": "{SIZE}"}})
answer = connection.getresponse()
print(sum(map(len, iter(lambda: answer.read(65536), b""))))
with open(f"/proc/{{os.getppid()}}/status") as status:
    print([line.split()[1] for line in status if line.startswith("VmHWM")][0])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell the peak of a process")
def test_what_is_large_passes_in_little_memory(run, api):
    sent = threading.Event()

    def answer(connection, _request) -> None:
        left = SIZE - len(_request.partition(b"\r\n\r\n")[2])
        while left:
            left -= len(connection.recv(min(left, 1 << 20)))
        sent.set()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
        for _ in range(SIZE // 65536):
            connection.sendall(b"b" * 65536)

    api.reads_bodies = False
    api.answer = answer
    done = run("record", "--upstream", f"http://{api.authority}", "--", sys.executable, "-c", SEND)
    received, peak = map(int, done.stdout.split())
    assert (received, sent.wait(LONG)) == (SIZE, True)
    assert peak < 120_000
    (line,) = run("list", "-o", "jsonl", "--fields", "truncated").stdout.splitlines()
    assert line == '{"truncated":["request_body","response_body"]}'
