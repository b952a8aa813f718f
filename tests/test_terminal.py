import fcntl
import io
import os
import pty
import struct
import sys
import termios
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from reqlog.exceptions import ReqlogWarning, UsageError
from reqlog.terminal import (
    is_terminal,
    pager,
    pause,
    say,
    saying_warnings,
    shows_unicode,
    utf8,
    wants_color,
    width,
)

PATH = {"PATH": os.environ.get("PATH", os.defpath)}
LINES = [f"line {number}\n" for number in range(100_000)]


@contextmanager
def open_terminal(columns=0):
    """Give a stream that is a terminal, and the function that tells what was written to it."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with os.fdopen(slave, "w", encoding="utf-8") as stream, os.fdopen(master, "rb", buffering=0) as other_end:

        def written():
            stream.flush()
            return other_end.read(65536).decode()

        yield stream, written


class FakeTerminal(io.TextIOWrapper):
    """A file that says it is a terminal, so that a test may write more to it than a terminal holds."""

    def isatty(self):
        return True


def paged(tmp_path, environ, lines):
    path = tmp_path / "screen"
    with FakeTerminal(path.open("wb"), encoding="utf-8") as stream, pager(stream, PATH | environ) as out:
        out.writelines(lines)
    return path.read_text("utf-8")


def test_a_terminal_is_told_from_a_pipe():
    with open_terminal() as (terminal, _), Path(os.devnull).open("w") as file:
        streams = (terminal, file, io.StringIO())
        assert [is_terminal(stream) for stream in streams] == [True, False, False]
    assert not is_terminal(terminal)


@pytest.mark.parametrize(
    ("flag", "environ", "on_terminal", "in_pipe"),
    [
        (None, {}, True, False),
        (None, {"TERM": "xterm", "NO_COLOR": ""}, True, False),
        (None, {"NO_COLOR": "1"}, False, False),
        (None, {"TERM": "dumb"}, False, False),
        (True, {"NO_COLOR": "1", "TERM": "dumb"}, True, True),
        (False, {}, False, False),
    ],
)
def test_colors_go_to_a_terminal_unless_told_otherwise(flag, environ, on_terminal, in_pipe):
    with open_terminal() as (terminal, _):
        found = (wants_color(flag, terminal, environ), wants_color(flag, io.StringIO(), environ))
    assert found == (on_terminal, in_pipe)


@pytest.mark.parametrize(
    ("columns", "environ", "expected"),
    [
        (100, {}, 100),
        (100, {"COLUMNS": "60"}, 60),
        (100, {"COLUMNS": "0"}, 100),
        (100, {"COLUMNS": "-3"}, 100),
        (100, {"COLUMNS": "wide"}, 100),
        (100, {"COLUMNS": "9" * 5000}, 100),
        (0, {}, None),
    ],
)
def test_the_width_is_that_of_the_terminal(columns, environ, expected):
    with open_terminal(columns) as (terminal, _):
        assert width(terminal, environ) == expected


def test_a_pipe_has_no_width():
    assert width(io.StringIO(), {"COLUMNS": "60"}) is None


def test_text_that_utf8_cannot_hold_is_written_all_the_same():
    raw = io.BytesIO()
    stream = utf8(io.TextIOWrapper(raw, encoding="ascii"))
    stream.write("é\ud800\r\n")
    stream.flush()
    assert raw.getvalue() == b"\xc3\xa9\\ud800\r\n"


@pytest.mark.parametrize(("encoding", "expected"), [("latin-1", rb"\u201b\xe9"), ("utf-8", b"\xe2\x80\x9b\xc3\xa9")])
def test_a_terminal_is_written_to_in_the_encoding_that_it_shows(tmp_path, encoding, expected):
    with FakeTerminal((tmp_path / "screen").open("wb"), encoding=encoding) as stream:
        assert shows_unicode(stream) is (encoding == "utf-8")
        utf8(stream).write("\u201b\xe9")
    assert (tmp_path / "screen").read_bytes() == expected.replace(rb"\xe9", b"\xe9")


def test_a_pipe_is_taken_to_want_utf8():
    assert shows_unicode(io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))


def test_the_pager_of_such_a_terminal_gets_what_it_shows(tmp_path):
    path = tmp_path / "screen"
    show = f"{sys.executable} -c \"import os; print('LESSCHARSET' in os.environ, os.read(0, 9))\""
    with FakeTerminal(path.open("wb"), encoding="latin-1") as stream, pager(stream, PATH | {"PAGER": show}) as out:
        out.write("\xe9\u201b")
    assert path.read_bytes() == b"False b'\\xe9\\\\u201b'\n"


def test_a_stream_that_is_no_file_stays_as_it_is():
    stream = io.StringIO()
    assert utf8(stream) is stream


@pytest.mark.parametrize(
    "environ",
    [
        {"REQLOG_PAGER": "head -1", "PAGER": "head -2"},
        {"PAGER": "head -n '1'"},
    ],
)
def test_the_pager_shows_what_is_written(tmp_path, environ):
    assert paged(tmp_path, environ, ["Grüße\n", "rest\n"]) == "Grüße\n"


@pytest.mark.parametrize(
    "environ",
    [
        {"REQLOG_PAGER": "", "PAGER": "head -1"},
        {"PAGER": "cat"},
        {"PAGER": "   "},
        {"PAGER": "no-such-pager-here --flag"},
        {"PAGER": "/"},
        {"PATH": "/nonexistent"},
    ],
)
def test_without_a_pager_that_runs_the_stream_itself_is_given(environ):
    with open_terminal() as (terminal, _), pager(terminal, PATH | environ) as out:
        assert out is terminal


def test_a_pipe_is_not_paged():
    stream = io.StringIO()
    with pager(stream, PATH | {"PAGER": "head -1"}) as out:
        assert out is stream


def test_the_pager_writes_to_the_terminal():
    with open_terminal() as (terminal, written):
        with pager(terminal, PATH | {"PAGER": "cat -n"}) as out:
            out.write("first\n")
        assert written().split() == ["1", "first"]


def test_a_pager_that_is_left_early_ends_the_block_quietly(tmp_path):
    assert paged(tmp_path, {"PAGER": "head -1"}, LINES) == "line 0\n"


def test_a_pager_that_reads_nothing_ends_the_block_quietly(tmp_path):
    assert paged(tmp_path, {"PAGER": "true"}, LINES) == ""


def test_the_pager_is_waited_for(tmp_path):
    assert paged(tmp_path, {"PAGER": "tail -1"}, LINES) == LINES[-1]


def test_no_shell_reads_the_command(tmp_path):
    assert paged(tmp_path, {"PAGER": "echo $HOME; echo `id`"}, []) == "$HOME; echo `id`\n"


def test_text_that_no_encoding_holds_reaches_the_pager(tmp_path):
    assert paged(tmp_path, {"PAGER": "cat -u"}, ["\ud800\n"]) == "\\ud800\n"


def test_less_is_given_its_flags_unless_the_user_has_some(tmp_path):
    show = f"{sys.executable} -c \"import os; print(os.environ['LESS'])\""
    shown = [paged(tmp_path, {"PAGER": show, **less}, []) for less in ({}, {"LESS": "-S"})]
    assert shown == ["FRX\n", "-S\n"]


def test_a_command_that_cannot_be_split_is_the_users_to_mend():
    with (
        open_terminal() as (terminal, _),
        pytest.raises(UsageError, match="PAGER is not a command"),
        pager(terminal, {"PAGER": "less '"}),
    ):
        pass


def test_what_goes_wrong_in_the_block_is_not_hidden(tmp_path):
    with pytest.raises(ValueError, match="broken"):
        paged(tmp_path, {"PAGER": "cat -u"}, (int("broken") for _ in range(1)))


def test_a_pause_writes_out_what_is_held_and_ends_when_the_reader_has_gone():
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        stream.write("line\n")
        pause(stream, 0)
        assert os.read(reading, 100) == b"line\n"
        os.close(reading)
        with pytest.raises(BrokenPipeError):
            pause(stream, 3600)


def test_a_pause_before_a_file_or_a_terminal_is_a_pause(tmp_path):
    with open_terminal() as (terminal, _), (tmp_path / "file").open("w") as file:
        for stream in (terminal, file):
            stream.write("line\n")
            pause(stream, 0)
    assert (tmp_path / "file").read_text() == "line\n"


def test_what_is_said_is_lines_of_visible_text(capsys):
    say("a\nb\x1b[2J", "c\u202e", Path("d\te"))
    assert capsys.readouterr() == ("", "a\\nb\\x1b[2J\n  c\\u202e\n  d\\te\n")


def test_what_cannot_be_said_is_no_matter(monkeypatch):
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        say("hello")
        say("hello again")
        with suppress(OSError):
            full.close()


def test_a_warning_is_said_once_whatever_python_is_told_of_warnings(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with saying_warnings():
            for _ in range(3):
                warnings.warn("The store is \x1b[31mopen.", ReqlogWarning, stacklevel=1)
        with pytest.raises(ReqlogWarning):
            warnings.warn("Nobody says this.", ReqlogWarning, stacklevel=1)
    assert capsys.readouterr().err == "reqlog: warning: The store is \\x1b[31mopen.\n"
