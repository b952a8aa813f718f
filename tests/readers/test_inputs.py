import gzip
import io
import os
import sys

import pytest

from reqlog.exceptions import InputError
from reqlog.readers.inputs import STDIN, Input, expand


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Return a folder with files, hidden ones, a link to a file and links that go round."""
    monkeypatch.chdir(tmp_path)
    for name in ("b/2.log", "b/1.log", "b/c/3.log", "a.log", "z.log", ".hidden", ".git/config"):
        path = tmp_path / "caps" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    (tmp_path / "caps" / "b" / "loop").symlink_to(tmp_path / "caps", target_is_directory=True)
    (tmp_path / "caps" / "link.log").symlink_to(tmp_path / "caps" / "a.log")
    return tmp_path


def found(name, size=5, argument="caps"):
    return Input(name, argument, explicit=False, size=size)


def test_a_folder_gives_its_files_in_order(tree):
    assert list(expand(["caps"])) == [
        found("caps/a.log"),
        found("caps/link.log"),
        found("caps/z.log"),
        found("caps/b/1.log", 7),
        found("caps/b/2.log", 7),
        found("caps/b/c/3.log", 9),
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], []),
        (["caps/a.log"], [Input("caps/a.log", "caps/a.log", explicit=True, size=5)]),
        (["caps/.hidden"], [Input("caps/.hidden", "caps/.hidden", explicit=True, size=7)]),
        (["./caps/b/c/"], [found("./caps/b/c/3.log", 9, "./caps/b/c/")]),
        (["-"], [Input(STDIN, "-", explicit=True, size=None)]),
        (
            ["-", "caps/a.log", "-", "caps/a.log"],
            [Input(STDIN, "-", explicit=True, size=None), Input("caps/a.log", "caps/a.log", explicit=True, size=5)],
        ),
    ],
)
def test_an_argument_is_named_as_it_was_typed(tree, arguments, expected):
    assert list(expand(arguments)) == expected


def test_a_link_to_nowhere_is_given_and_its_opening_says_so(tree):
    (tree / "caps" / "b" / "c" / "gone").symlink_to("nowhere")
    (_, input) = expand(["caps/b/c"])
    assert input == found("caps/b/c/gone", None, "caps/b/c")
    with pytest.raises(InputError, match=r"^caps/b/c/gone: no such file or directory$"), input.open():
        pass


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere", "nowhere: no such file or directory"),
        ("caps/a.log/x", "caps/a.log/x: not a directory"),
        ("round", "round: too many levels of symbolic links"),
        ("a\0b", "'a\\x00b' is not a path: it holds a null character"),
    ],
)
def test_a_path_that_is_none_is_refused_before_anything_is_given(tree, path, message):
    (tree / "round").symlink_to("round")
    with pytest.raises(InputError) as raised:
        next(expand(["caps/a.log", path]))
    assert str(raised.value) == message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_says_so(tree):
    (tree / "caps" / "a.log").chmod(0)
    (tree / "caps" / "b").chmod(0)
    inputs = list(expand(["caps/a.log", "caps"]))
    (tree / "caps" / "b").chmod(0o700)
    with pytest.raises(InputError, match=r"^caps/a.log: permission denied$"), inputs[0].open():
        pass
    assert found("caps/b", None) in inputs


def test_progress_counts_the_bytes_as_they_are_stored(tmp_path):
    packed = gzip.compress(bytes(range(256)) * 4096)
    (tmp_path / "x.gz").write_bytes(packed)
    (input,) = expand([str(tmp_path / "x.gz")])
    seen: list[int] = []
    with input.open(seen.append) as stream:
        size = len(stream.read())
    assert (size, sum(seen), input.size) == (256 * 4096, len(packed), len(packed))


def test_an_empty_file_opens_to_nothing(tmp_path):
    (tmp_path / "empty").touch()
    (input,) = expand([str(tmp_path / "empty")])
    with input.open() as stream:
        assert (stream.look_further(), stream.head(), stream.read()) == (False, b"", b"")


def _stdin(data):
    return io.TextIOWrapper(io.BytesIO(data))


def test_the_standard_input_is_read_and_left_open(monkeypatch):
    stdin = _stdin(gzip.compress(b"hello"))
    monkeypatch.setattr(sys, "stdin", stdin)
    (input,) = expand(["-"])
    with input.open() as stream:
        assert stream.read() == b"hello"
    assert not stdin.closed


def test_a_line_on_the_standard_input_is_there_at_once(monkeypatch):
    reading, writing = os.pipe()
    with os.fdopen(reading, "r") as stdin, os.fdopen(writing, "wb", buffering=0) as pipe:
        monkeypatch.setattr(sys, "stdin", stdin)
        (input,) = expand(["-"])
        pipe.write(b"first\n")
        with input.open() as stream:
            assert (stream.look_further(), stream.head(), stream.readline()) == (True, b"first\n", b"first\n")
            pipe.write(b"second\n")
            assert stream.readline() == b"second\n"


@pytest.mark.parametrize("stdin", [None, "closed"])
def test_a_closed_standard_input_is_refused(monkeypatch, stdin):
    if stdin == "closed":
        stdin = _stdin(b"")
        stdin.close()
    monkeypatch.setattr(sys, "stdin", stdin)
    (input,) = expand(["-"])
    with pytest.raises(InputError, match="it is closed"), input.open():
        pass


def test_a_file_named_like_the_standard_input_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / STDIN).write_bytes(b"x")
    (input,) = expand([STDIN])
    with input.open() as stream:
        assert stream.read() == b"x"
