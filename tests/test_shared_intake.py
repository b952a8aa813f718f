import gzip
import json
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

import pytest

from reqlog.exceptions import InputError
from reqlog.exchange.packing import packed, unpacked
from reqlog.filters import Compare
from reqlog.intake import Account, Reading
from reqlog.readers import Skipped
from reqlog.readers.base import Reject
from reqlog.request import Request
from reqlog.rules import OwnRules
from reqlog.shared_intake import SharedCaptures
from reqlog.store.base import Packing

Outcome = tuple[list[Request], list[str], Account, int, str | None]
"""The requests, what was noted, the account, the bytes that were read, and the failure if there was one."""


AS_IT_IS = Reading()

AS_REQUESTS = Packing(packed, unpacked)


def alone(paths: Sequence[str], reading: Reading = AS_IT_IS) -> Outcome:
    def requests(account, note, progress) -> Iterator[Request]:
        return reading.of(paths).read(account, note, progress)

    return outcome(requests)


def shared(paths: Sequence[str], reading: Reading = AS_IT_IS, *, count: int = 2, part_bytes: int = 2000) -> Outcome:
    with closing(SharedCaptures(paths, reading, AS_REQUESTS, count, part_bytes)) as captures:

        def requests(account, note, progress) -> Iterator[Request]:
            return (request for piece in captures.read(account, note, progress) for request in piece.items)

        return outcome(requests)


def outcome(read) -> Outcome:
    account, noted, told, failure = Account(), [], [0], None
    requests: list[Request] = []

    def note(unread: Reject | Skipped) -> None:
        noted.append(f"{type(unread).__name__} {unread}")

    def progress(number: int) -> None:
        told[0] += number

    try:
        requests.extend(read(account, note, progress))
    except InputError as error:
        failure = str(error)
    return requests, noted, account, told[0], failure


def test_the_recordings_are_read_as_one_process_reads_them(data: Path) -> None:
    expected = alone([str(data)])
    assert len(expected[0]) > 1000
    assert shared([str(data)]) == expected


@pytest.mark.parametrize("part_bytes", [2000, 1_000_000])
def test_what_is_wanted_is_what_one_process_finds(tmp_path: Path, part_bytes: int) -> None:
    reading = Reading(wanted=Compare("status", ">=", 350))
    (tmp_path / "a.jsonl").write_text(MANY + line(status=499) + MANY[:-9] + "\n" + line(status=200) + line(status=499))
    expected = alone([str(tmp_path)], reading)
    assert (len(expected[0]), expected[2].requests, expected[2].rejects) == (101, 402, 1)
    assert shared([str(tmp_path)], reading, part_bytes=part_bytes) == expected


GOOD = {"time": "2026-05-09T10:00:00.000Z", "method": "GET", "path": "/v1/charges", "status": 200}
SECRET = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"


def line(**fields: object) -> str:
    return json.dumps({**GOOD, **fields}) + "\n"


MANY = "".join(line(id=f"req_{number}", status=200 + number % 300) for number in range(200))
HOSTILE: dict[str, bytes] = {
    "a.jsonl": MANY.encode(),
    "anonymous.jsonl": (MANY + line() * 30 + MANY.replace("req_", "req_a") + line() + line(status=404) * 2).encode(),
    "secret.jsonl": (MANY + line(id="req_x", request_body=f"key={SECRET}") + line(id=SECRET) * 2 + MANY).encode(),
    "rejects.jsonl": (MANY + '{"id":"req_y","status":"what"}\nno\n\n[\n' * 40 + MANY + "{").encode(),
    "marked.jsonl": b"\xef\xbb\xbf" + MANY.encode() + b"\xef\xbb\xbf" + MANY.encode() + b"\xff\xfe\n\x1f\x8b\n",
    "crlf.jsonl": MANY.replace("\n", "\r\n").encode(),
    "wide.jsonl": MANY.encode("utf-16"),
    "array.json": ("[" + ",".join(MANY.splitlines()) + "]").encode(),
    "long.jsonl": b"".join((MANY.encode(), b'{"id":"', b"x" * (17 * 1024**2), b'"}\n', MANY.encode())),
    "packed.jsonl.gz": gzip.compress(MANY.encode()),
    "cut.jsonl.gz": gzip.compress(MANY.encode())[:-12],
    "broken.jsonl.gz": gzip.compress(os.urandom(50_000))[:20_000],
    "empty": b"",
    "words": b"Dear diary\n" * 500,
    "binary": bytes(range(256)) * 40,
    "rubbish.gz": b"\x1f\x8b\x08\x00rubbish",
    "cut.har": b'{"log":{"version":"1.2","entries":[{"request":',
    "cut.yml": b"---\nhttp_interactions:\n- request:\n    method: [",
    "deep.json": b"[" * 100_000,
    "access.log": b'203.0.113.7 - - [24/Feb/2025:10:00:01 +0000] "GET /?a=1 HTTP/2.0" 200 - "-" "-"\n' * 100,
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "inside").mkdir()
    (folder / "nothing").mkdir()
    for name, content in HOSTILE.items():
        (folder / name).write_bytes(content)
    (folder / "inside" / "b.jsonl").write_bytes(HOSTILE["rejects.jsonl"])
    (folder / "inside" / "gone.jsonl").symlink_to(folder / "nosuch")
    return folder


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_folder_of_broken_files_is_read_as_one_process_reads_it(hostile: Path, count: int) -> None:
    expected = alone([str(hostile)])
    assert (len(expected[0]) > 2000, expected[2].skipped, expected[4]) == (True, 8, None)
    assert shared([str(hostile)], count=count) == expected


def test_files_that_were_named_are_read_as_one_process_reads_them(hostile: Path) -> None:
    names = [*HOSTILE, "inside", "nothing"]
    paths = [str(hostile / name) for name in names]
    expected = alone(paths)
    assert len(expected[2].failures) == 10
    assert shared(paths) == expected


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("format", [None, "reqlog"])
def test_each_alone_too(hostile: Path, name: str, format: str | None) -> None:
    reading = Reading(format)
    assert shared([str(hostile / name)], reading) == alone([str(hostile / name)], reading)


def test_the_users_own_rules_and_formats_go_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQLOG_PSEUDONYM_KEY", "0123456789abcdef" * 2)
    person = '{"at":"2026-05-09T10:00:00Z","verb":"GET","who":"/of?mail=jenny@example.com","shoe":"size 9","n":%d}\n'
    (tmp_path / "a.log").write_text("".join(person % (200 + number) for number in range(100)))
    (tmp_path / "b.jsonl").write_text(
        "".join(line(id=f"req_{n}", path=f"/shoe-{n}", ip_address="203.0.113.9") for n in range(100))
    )
    mapping = {"requires": ["who"], "fields": {"time": "at", "method": "verb", "url": "who", "status": "n"}}
    rules = OwnRules(fields=("shoe",), patterns=(re.compile("SHOE-(?P<secret>[0-9])", re.IGNORECASE),))
    reading = Reading(
        None, MappingProxyType({"ours": ("config.toml:1", MappingProxyType(mapping))}), rules, ("ip_address", "email")
    )
    expected = alone([str(tmp_path)], reading)
    assert len(expected[0]) == 200
    assert {request.path for request in expected[0]}.isdisjoint({"/shoe-1", "jenny@example.com"})
    assert shared([str(tmp_path)], reading) == expected


def test_what_is_no_file_is_read_in_its_turn(tmp_path: Path) -> None:
    for name in ("a", "c"):
        (tmp_path / f"{name}.jsonl").write_text(MANY.replace("req_", f"req_{name}"))
    paths = [str(tmp_path / name) for name in ("a.jsonl", "pipe", "c.jsonl")]

    def with_pipe(read: Callable[[Sequence[str]], Outcome]) -> Outcome:
        os.mkfifo(paths[1])
        thread = threading.Thread(target=lambda: Path(paths[1]).write_text(MANY))
        thread.start()
        try:
            return read(paths)
        finally:
            thread.join()
            Path(paths[1]).unlink()

    assert with_pipe(shared) == with_pipe(alone)


@pytest.fixture
def processes():
    """What gives the processes that this thread has started since, and that have not ended."""
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    if not children.exists():
        pytest.skip("this system does not tell which processes a process has started")
    before = set(children.read_text().split())  # of other tests
    return lambda: [int(word) for word in children.read_text().split() if word not in before]


def test_there_are_as_many_processes_as_there_is_work_for(tmp_path: Path, processes) -> None:
    (tmp_path / "a.jsonl").write_text(MANY)
    for part_bytes, started in ((1_000_000, 1), (2000, 2)):
        with closing(SharedCaptures([str(tmp_path)], Reading(), AS_REQUESTS, 2, part_bytes)) as captures:
            requests = captures.read(Account(), print)
            assert processes() == []
            next(requests)
            assert len(processes()) == started
        assert processes() == []


def test_a_process_that_is_killed_is_told_after_what_came_before(tmp_path: Path, processes) -> None:
    paths = [str(tmp_path / name) for name in ("a.jsonl", "b.jsonl")]
    Path(paths[0]).write_text(line(id="req_first"))
    Path(paths[1]).write_text("".join(line(id=f"req_{n}", response_body="x" * 5000) for n in range(8000)))
    account = Account()
    with closing(SharedCaptures(paths, Reading("reqlog"), AS_REQUESTS, 1, 1_000_000_000)) as captures:
        pieces = captures.read(account, print)
        assert [request.id for request in next(pieces).items] == ["req_first"]
        (worker,) = processes()
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(InputError) as raised:
            list(pieces)
    assert str(raised.value) == (
        f"{paths[0]}: the process that read it or one of the 1 after it was ended by signal 9; import it again"
    )
    assert account.files < 3
