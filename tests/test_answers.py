import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reqlog.answers import are_read_once, captured, stored
from reqlog.config import Config
from reqlog.exceptions import InputError, StoreError
from reqlog.filters import EVERYTHING
from reqlog.readers.base import Reject
from reqlog.request import Request
from reqlog.store.sqlite import SqliteStore

LINES = '{"id":"req_1","time":"2026-05-09T10:00:00.000Z","created":1778320800}\nrubbish\n'


def ids(answers) -> list[str]:
    return [request.id for request in answers.find(EVERYTHING)]


def test_a_store_is_opened_to_be_asked(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        stored(str(tmp_path / "requests.db"))
    with closing(SqliteStore(tmp_path / "requests.db", write=True)) as store:
        store.add([Request(id="req_1")])
    with closing(stored(str(tmp_path / "requests.db"))) as answers:
        assert ids(answers) == ["req_1"]


def test_captures_are_asked_as_often_as_one_likes_and_what_could_not_be_read_is_said_once(tmp_path: Path) -> None:
    capture = tmp_path / "a.jsonl"
    capture.write_text(LINES)
    said: list[tuple[object, ...]] = []
    answers = captured(
        [str(capture)], None, Config(), say=lambda *told: said.append(told), interrupted=print, hold=False
    )
    assert (ids(answers), ids(answers)) == (["req_1"], ["req_1"])
    assert said == [("1 record could not be read:", Reject(str(capture), 2, "not JSON"))]


def test_of_many_that_could_not_be_read_ten_are_named(tmp_path: Path) -> None:
    capture = tmp_path / "a.jsonl"
    capture.write_text(LINES + "rubbish\n" * 20)
    said: list[tuple[object, ...]] = []
    ids(
        captured([str(capture)], "reqlog", Config(), say=lambda *told: said.append(told), interrupted=print, hold=False)
    )
    assert said[0][0] == "21 records could not be read:"
    assert len(said[0]) == 11


def test_captures_that_are_not_there_are_missed_before_anything_is_asked() -> None:
    with pytest.raises(InputError):
        captured(["nosuch"], None, Config(), say=print, interrupted=print, hold=False)


@pytest.fixture
def pipe() -> Iterator[str]:
    """The name of a pipe that gives `LINES` once, as `<(…)` of a shell is one."""
    reading, writing = os.pipe()
    os.write(writing, LINES.encode())
    os.close(writing)
    yield f"/dev/fd/{reading}"
    os.close(reading)


def test_what_can_be_read_once_is_held_if_it_is_to_be_asked_again(pipe: str) -> None:
    said: list[tuple[object, ...]] = []
    answers = captured([pipe], None, Config(), say=lambda *told: said.append(told), interrupted=print, hold=True)
    assert (ids(answers), ids(answers)) == (["req_1"], ["req_1"])


@pytest.mark.parametrize(
    ("names", "expected"),
    [([], False), (["file"], False), (["folder"], False), (["nosuch"], False), (["-"], True), (["file", "pipe"], True)],
)
def test_standard_input_and_pipes_are_read_once(tmp_path: Path, names, expected) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert are_read_once([name if name == "-" else str(tmp_path / name) for name in names]) is expected
