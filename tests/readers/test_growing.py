"""A file that is written to while it is read. Nothing waits: each step of a story is taken when there is no more."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reqlog.exceptions import InputError
from reqlog.readers.growing import GrowingInput, check_plain


class _OverError(Exception):
    """The story is over."""


def read(path: Path, *steps: Callable[[], object]) -> list[bytes]:
    """Return the lines that reading `path` gives while `steps` are taken, one each time that there is nothing more."""
    left = iter(steps)

    def idle() -> None:
        for step in left:
            step()
            return
        raise _OverError

    lines: list[bytes] = []
    with GrowingInput(str(path), str(path), True, 0, idle).open() as stream:  # noqa: SIM117  (one story)
        with pytest.raises(_OverError):
            lines.extend(iter(stream.readline, b""))
    return lines


def appending(path: Path, text: bytes) -> Callable[[], object]:
    def append() -> None:
        with path.open("ab") as file:
            file.write(text)

    return append


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_bytes(b"1\n2\n")
    return path


def test_what_is_there_comes_first_and_then_what_is_written(log) -> None:
    assert read(log, appending(log, b"3\n4\n"), appending(log, b"5\n")) == [b"1\n", b"2\n", b"3\n", b"4\n", b"5\n"]


def test_a_line_is_whole_when_its_end_is_written(log) -> None:
    assert read(log, appending(log, b"thr"), appending(log, b"ee"), appending(log, b"\n"))[2:] == [b"three\n"]


def test_a_json_object_is_whole_without_the_end_of_its_line(log) -> None:
    steps = appending(log, b'{"a": '), appending(log, b'"}"'), appending(log, b"}"), appending(log, b"\nnext\n")
    assert read(log, *steps)[2:] == [b'{"a": "}"}\n', b"\n", b"next\n"]


def rotate(log: Path) -> None:
    log.rename(log.with_suffix(".1"))


def test_a_file_that_is_renamed_is_read_on_until_something_stands_in_the_new_one(log) -> None:
    old = log.with_suffix(".1")
    steps = (
        lambda: rotate(log),
        appending(old, b"3\n"),
        lambda: log.write_bytes(b""),
        appending(old, b"4\n"),
        appending(log, b"5\n"),
        appending(log, b"6\n"),
    )
    assert read(log, *steps)[2:] == [b"3\n", b"4\n", b"5\n", b"6\n"]


def test_nothing_is_lost_of_a_file_that_was_written_to_and_renamed_between_two_looks(log) -> None:
    def turn() -> None:
        appending(log, b"3\n")()
        rotate(log)
        log.write_bytes(b"4\n")

    assert read(log, turn)[2:] == [b"3\n", b"4\n"]


def test_a_line_that_was_left_open_ends_with_its_file(log) -> None:
    def turn() -> None:
        appending(log, b"op")()
        rotate(log)
        log.write_bytes(b"4\n")

    assert read(log, turn)[2:] == [b"op\n", b"4\n"]


@pytest.mark.parametrize("text", [b"3\n", b"new 1\nnew 2\nnew 3\n"], ids=["shorter", "longer"])
def test_a_file_that_is_cut_and_written_anew_is_read_from_its_beginning(log, text) -> None:
    expected = [b"1\n", b"2\n", *text.splitlines(keepends=True)]
    assert read(log, lambda: log.write_bytes(text)) == expected


def test_a_file_that_is_cut_to_nothing_is_waited_for(log) -> None:
    assert read(log, lambda: log.write_bytes(b""), lambda: None, appending(log, b"3\n"))[2:] == [b"3\n"]


def test_a_long_file_is_given_whole(tmp_path) -> None:
    path = tmp_path / "long.log"
    path.write_bytes(b"".join(b"%d\n" % number for number in range(100_000)))
    assert read(path, appending(path, b"end\n")) == [*(b"%d\n" % number for number in range(100_000)), b"end\n"]


@pytest.mark.parametrize("name", ["nosuch", "."])
def test_what_cannot_be_opened_is_told(tmp_path, name) -> None:
    with pytest.raises(InputError, match=r"no such file or directory|is a directory"):
        check_plain(str(tmp_path / name))


def test_what_is_compressed_is_refused(tmp_path) -> None:
    (tmp_path / "log.gz").write_bytes(b"\x1f\x8b\x08\x00")
    with pytest.raises(InputError, match="it is compressed, and only plain files can be followed"):
        check_plain(str(tmp_path / "log.gz"))
