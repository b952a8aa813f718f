"""What is known of the terminal: whether there is one, its width, whether it wants colours, and its pager.

The environment is an argument throughout; nothing here knows of commands or of click.
"""

import errno
import os
import select
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO, cast

from reqlog.exceptions import ReqlogWarning, UsageError
from reqlog.render.text import visible

if TYPE_CHECKING:
    from subprocess import Popen

_PAGER_VARIABLES = ("REQLOG_PAGER", "PAGER")
_FOR_LESS = {"LESS": "FRX"}
_FOR_LESS_IN_UTF8 = {**_FOR_LESS, "LESSCHARSET": "utf-8"}
_ERRORS = "backslashreplace"


def is_terminal(stream: TextIO) -> bool:
    """Whether a person reads `stream` on a terminal."""
    return not stream.closed and stream.isatty()


def say(said: object, *below: object) -> None:
    """Write a sentence on standard error, and what stands `below` it: each in one line, what is not seen as text.

    Where it cannot be written, there is nobody to tell: what was done stays done, and the exit code what it is.
    """
    with suppress(OSError):
        sys.stderr.writelines(visible(str(line)) + "\n" for line in (said, *(f"  {line}" for line in below)))
        sys.stderr.flush()


@contextmanager
def saying_warnings() -> Iterator[None]:
    """Say each `ReqlogWarning` of the block, once, on standard error, whatever Python is told to do with warnings."""

    def show(message: Warning | str, *_place: object, **_named: object) -> None:
        say(f"reqlog: warning: {message}")

    with warnings.catch_warnings():
        warnings.filterwarnings("default", category=ReqlogWarning)
        warnings.showwarning = show
        yield


def wants_color(flag: bool | None, stream: TextIO, environ: Mapping[str, str]) -> bool:  # noqa: FBT001 - the value of --color, not a mode
    """Whether to write colours: `flag` if given, else on a terminal that neither NO_COLOR nor TERM=dumb rules out."""
    if flag is not None:
        return flag
    return not environ.get("NO_COLOR") and environ.get("TERM") != "dumb" and is_terminal(stream)


def width(stream: TextIO, environ: Mapping[str, str]) -> int | None:
    """Return the width in characters, COLUMNS before what the terminal says; None if it is unknown or no terminal."""
    if not is_terminal(stream):
        return None
    columns = environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdecimal() and len(columns) < 10 and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except OSError:
        return None


def pause(stream: TextIO, seconds: float) -> None:
    """Write out what `stream` holds and wait, but raise BrokenPipeError as soon as nobody reads `stream` any more."""
    stream.flush()
    if not hasattr(select, "poll"):
        time.sleep(seconds)  # on Windows the next write will tell
        return
    poll = select.poll()
    poll.register(stream, 0)
    if poll.poll(seconds * 1000):
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def utf8(stream: TextIO) -> TextIO:
    """Return `stream` set to write UTF-8, with line ends as given and never failing on text that it cannot hold.

    A terminal that shows another encoding is written to in that: the bytes of a letter in UTF-8 may be controls in it.
    """
    if isinstance(stream, TextIOWrapper):
        encoding = "utf-8" if shows_unicode(stream) else stream.encoding
        stream.reconfigure(encoding=encoding, errors=_ERRORS, newline="\n")
    return stream


def shows_unicode(stream: TextIO) -> bool:
    """Whether `stream` takes UTF-8: all do but a terminal that shows another encoding."""
    return not is_terminal(stream) or _is_utf8(stream)


def _is_utf8(stream: TextIO) -> bool:
    return stream.encoding.lower().replace("_", "-") in {"utf-8", "utf8", "utf-8-sig"}


@contextmanager
def pager(stream: TextIO, environ: Mapping[str, str]) -> Iterator[TextIO]:
    """Give a stream to write to that shows on `stream` page by page, or `stream` itself if that is not a terminal.

    The program is REQLOG_PAGER, else PAGER, else `less` if there is one; nothing or `cat` means none, and so does a
    program that cannot be started. It is run as it stands, without a shell. Leaving it early ends the block quietly;
    leaving the block waits for it.
    """
    command = _pager_command(environ) if is_terminal(stream) else []
    process = _started(command, stream, environ) if command else None
    if process is None:
        yield stream
        return
    try:
        with suppress(BrokenPipeError):
            yield _input_of(process)
    finally:
        _finish(process)


def _pager_command(environ: Mapping[str, str]) -> list[str]:
    """Return the words of the pager's command, none if there is to be no pager."""
    if environ.get("TERM") == "dumb":
        return []
    for variable in _PAGER_VARIABLES:
        if variable in environ:
            command = _words(variable, environ[variable])
            return [] if command == ["cat"] else command
    return ["less"]


def _words(variable: str, text: str) -> list[str]:
    try:
        from shlex import split

        return split(text)
    except ValueError as error:
        raise UsageError(f"{variable} is not a command that can be run, {text!r}: {error}.") from error


def _started(command: Sequence[str], stream: TextIO, environ: Mapping[str, str]) -> "Popen[str] | None":
    """Start the pager on the terminal of `stream`; None if there is no such program."""
    from subprocess import PIPE, Popen

    stream.flush()
    try:
        return Popen(  # noqa: S603 - the user's own choice of pager, without a shell
            command,
            stdin=PIPE,
            stdout=stream.fileno(),
            env={**(_FOR_LESS_IN_UTF8 if _is_utf8(stream) else _FOR_LESS), **environ},
            encoding=stream.encoding,
            errors=_ERRORS,
        )
    except OSError:
        return None


def _input_of(process: "Popen[str]") -> TextIO:
    return cast(TextIO, process.stdin)


def _finish(process: "Popen[str]") -> None:
    """Close the pager's input and wait until it is left; Ctrl-C in between is the pager's own."""
    with suppress(BrokenPipeError):
        _input_of(process).close()
    while process.poll() is None:
        with suppress(KeyboardInterrupt):
            process.wait()
