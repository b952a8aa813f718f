"""What one who follows captures is told. The files are written to when there is no more."""

import gzip
import io
import json
import threading
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from reqlog.exceptions import InputError, UsageError
from reqlog.filters import EVERYTHING, Compare, Filter
from reqlog.following import GrowingCaptures
from reqlog.intake import Captures

TURN = threading.Event()
"""Is never set: to wait for it gives the threads that read their turn."""


def take_turns() -> None:
    TURN.wait(0.001)


class _OverError(Exception):
    """The story is over."""


def line(number: int, **fields: object) -> str:
    time = f"2025-06-01T12:{number:02}:00Z"
    return json.dumps({"id": f"req_{number}", "time": time, "status": 200, **fields}) + "\n"


def writing(path: Path, *texts: str) -> Callable[[], None]:
    def write() -> None:
        with path.open("a") as file:
            file.writelines(texts)

    return write


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.jsonl"
    writing(path, line(2), line(1), line(3))()
    return path


def told(
    *paths: Path, steps: Mapping[str, Callable[[], object]], until: str, filter: Filter = EVERYTHING, **more: Any
) -> tuple[list[str], list[str]]:
    """Return the ids that come, up to `until`, and what is said.

    A step is taken when there is no more after the id it is named after.
    """
    ids: list[str] = []
    said: list[str] = []
    left = dict(steps)

    def wait() -> None:
        if step := left.pop(ids[-1] if ids else "", None):
            step()
        if ids[-1:] == [until]:
            raise _OverError
        TURN.wait(0.001)

    captures = GrowingCaptures(Captures([str(path) for path in paths]), said.append)
    with closing(captures), suppress(_OverError):
        for request in captures.follow(filter, page=more.pop("page", 10), wait=wait, **more):
            ids.append(request.id)  # noqa: PERF401  (`wait` looks at them as they come)
    return ids, said


@pytest.mark.parametrize(
    ("more", "page"),
    [
        ({}, ["req_3", "req_2", "req_1"]),
        ({"reverse": True}, ["req_1", "req_2", "req_3"]),
        ({"page": 2}, ["req_3", "req_2"]),
        ({"page": 2, "reverse": True}, ["req_2", "req_3"]),
    ],
)
def test_the_newest_come_first_and_then_what_is_written(log, more, page) -> None:
    steps = {page[-1]: writing(log, line(5), line(4)), "req_4": writing(log, line(6))}
    assert told(log, steps=steps, until="req_6", **more) == ([*page, "req_5", "req_4", "req_6"], [])


def test_the_filter_holds_for_all(log) -> None:
    steps = {"": writing(log, line(4), line(5, status=404))}
    assert told(log, steps=steps, until="req_5", filter=Compare("status", "=", 404)) == (["req_5"], [])


def test_several_files_are_followed_together(log, tmp_path) -> None:
    other = tmp_path / "other.jsonl"
    writing(other, line(9))()
    steps = {"req_1": writing(other, line(10)), "req_10": writing(log, line(11))}
    ids, _ = told(log, other, steps=steps, until="req_11")
    assert ids == ["req_9", "req_3", "req_2", "req_1", "req_10", "req_11"]


def test_a_file_that_is_empty_is_waited_for_and_its_format_recognised(tmp_path) -> None:
    path = tmp_path / "access.log"
    path.touch()
    text = '203.0.113.7 - - [06/May/2026:12:00:00 +0000] "GET /v1/charges HTTP/1.1" 200 512\n'
    captures = GrowingCaptures(Captures([str(path)]), print)
    found = captures.follow(EVERYTHING, page=1, wait=take_turns)
    writing(path, text)()
    assert next(found).path == "/v1/charges"
    found.close()  # type: ignore[attr-defined]  # it is a generator


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(log) -> None:
    writing(log, "no json\n")()
    steps = {"req_1": writing(log, "neither\n", line(4))}
    ids, said = told(log, steps=steps, until="req_4")
    assert ids == ["req_3", "req_2", "req_1", "req_4"]
    assert said == [
        f"1 record could not be read:\n  {log}:4: not JSON",
        f"1 record could not be read:\n  {log}:5: not JSON",
    ]


def test_secrets_are_redacted(log) -> None:
    key = "sk_test_" + "a1B2" * 6
    captures = GrowingCaptures(Captures([str(log)]), print)
    found = captures.follow(EVERYTHING, page=1, wait=writing(log, line(4, request_body=f"key={key}")))
    next(found)
    assert next(found).request_body == "key=sk_test_…a1B2"
    found.close()  # type: ignore[attr-defined]  # it is a generator


def test_it_ends_where_standard_input_does(monkeypatch) -> None:
    text = io.TextIOWrapper(io.BytesIO((line(1) + line(2)).encode()))
    monkeypatch.setattr("sys.stdin", text)
    found = GrowingCaptures(Captures(["-"]), print).follow(EVERYTHING, page=1, wait=lambda: None)
    assert [request.id for request in found] == ["req_1", "req_2"]


def test_what_goes_wrong_while_reading_is_raised(tmp_path) -> None:
    (tmp_path / "notes.txt").write_text("What this is.\n" * 10_000)
    found = GrowingCaptures(Captures([str(tmp_path / "notes.txt")]), print).follow(
        EVERYTHING, page=1, wait=lambda: None
    )
    with pytest.raises(InputError, match="not a capture that reqlog knows"):
        next(found)


def test_folders_are_refused(log) -> None:
    with pytest.raises(UsageError, match="folders cannot be followed; name the files in it"):
        GrowingCaptures(Captures([str(log.parent)]), print)


@pytest.mark.parametrize("format", [None, "har"])
def test_what_has_to_be_whole_is_refused(tmp_path, format) -> None:
    path = tmp_path / "some.har"
    path.write_text('{"log": {"creator": {}, "entries": []}}')
    with pytest.raises(InputError, match="har has to be whole to be read, and cannot be followed"):
        GrowingCaptures(Captures([str(path)], format), print)


def test_what_is_compressed_is_refused(tmp_path) -> None:
    path = tmp_path / "app.jsonl.gz"
    path.write_bytes(gzip.compress(line(1).encode()))
    with pytest.raises(InputError, match="it is compressed, and only plain files can be followed"):
        GrowingCaptures(Captures([str(path)]), print)
