"""What is read from: files, the files of folders, and the standard input.

An input is opened as a stream of plain bytes whatever it is packed in, whose beginning can be looked at before a reader
is chosen. Which reader that is, is decided in `reqlog.readers`.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from reqlog.exceptions import InputError
from reqlog.readers.unpack import Stream, unpacked

STDIN: Final = "<stdin>"
"""Name of the standard input, which the user types as `-`."""

_DASH = "-"
_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Input:
    """One file, or the standard input."""

    name: str
    """As the user would type it; the standard input is `<stdin>`."""
    argument: str
    """The path the user gave that led to it."""
    explicit: bool
    """Whether the user named it, and not a folder that it is in."""
    size: int | None
    """In bytes, as it is stored; missing if that cannot be known."""

    @contextmanager
    def open(self, progress: Callable[[int], None] | None = None) -> Iterator[Stream]:
        """Open it as a stream of unpacked bytes; `progress` is told how many stored bytes each read consumed.

        What cannot be opened or read, or unpacked to its end, raises InputError; the bytes before that are given.
        """
        file = self._file()
        try:
            with Stream(unpacked(_chunks(file, self.name, progress), self.name)) as stream:
                yield stream
        finally:
            if self.argument != _DASH:
                file.close()

    def _file(self) -> BinaryIO:
        if self.argument == _DASH:
            return _stdin()
        try:
            return cast("BinaryIO", Path(self.name).open("rb", buffering=0))
        except OSError as error:
            raise InputError(f"{self.name}: {reason_of(error)}") from error


def expand(paths: Sequence[str]) -> Iterator[Input]:
    """Yield the inputs that `paths` stand for: files, `-`, and what is in folders, in order of their names.

    Hidden files and folders inside a folder are passed over, and so is a folder that was already gone through. A path
    that does not exist raises InputError before the first is yielded, and one given twice counts once.
    """
    facts = {path: None if path == _DASH else _facts(path) for path in paths}
    for path, fact in facts.items():
        if fact is None:
            yield Input(STDIN, path, explicit=True, size=None)
        elif stat.S_ISDIR(fact.st_mode):
            yield from _inside(path, fact)
        else:
            yield Input(path, path, explicit=True, size=_size(fact))


def reason_of(error: OSError) -> str:
    """Return in a few words what the system says went wrong."""
    return (error.strerror or "cannot be read").lower()


def _facts(path: str) -> os.stat_result:
    """Return what the system knows of `path`, links followed."""
    try:
        return Path(path).stat()
    except OSError as error:
        raise InputError(f"{path}: {reason_of(error)}") from error
    except ValueError as error:
        raise InputError(f"{path!r} is not a path: it holds a null character") from error


def _inside(folder: str, facts: os.stat_result) -> Iterator[Input]:
    """Yield the files below `folder`, those of a folder before those of its folders, and unreadable folders."""
    seen = {(facts.st_dev, facts.st_ino)}
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            names = _names(current)
        except OSError as error:
            if current == folder:
                raise InputError(f"{folder}: {reason_of(error)}") from error
            yield Input(current, folder, explicit=False, size=None)
            continue
        folders = []
        for path in (os.path.join(current, name) for name in names):  # noqa: PTH118 - keeps `./` as the user typed it
            found = _found(path)
            if found is None or stat.S_ISREG(found.st_mode):
                yield Input(path, folder, explicit=False, size=found and _size(found))
            elif stat.S_ISDIR(found.st_mode) and (found.st_dev, found.st_ino) not in seen:
                seen.add((found.st_dev, found.st_ino))
                folders.append(path)
        waiting.extend(reversed(folders))


def _names(folder: str) -> list[str]:
    """Return the names in `folder` that are not hidden, sorted."""
    return sorted(name for name in os.listdir(folder) if not name.startswith("."))  # noqa: PTH208 - names are wanted


def _found(path: str) -> os.stat_result | None:
    """Return what the system knows of `path`; `None` if it cannot be reached, as opening it will say."""
    try:
        return Path(path).stat()
    except OSError:
        return None


def _size(facts: os.stat_result) -> int | None:
    return facts.st_size if stat.S_ISREG(facts.st_mode) else None


def _stdin() -> BinaryIO:
    if sys.stdin is None or sys.stdin.closed:
        raise InputError(f"{STDIN}: it is closed; give it something to read, or a path")
    return sys.stdin.buffer


def _chunks(file: BinaryIO, name: str, progress: Callable[[int], None] | None) -> Iterator[bytes]:
    """Yield what `file` holds in pieces, each as soon as it is there."""
    read = getattr(file, "read1", file.read)
    while True:
        try:
            chunk: bytes = read(_CHUNK_BYTES)
        except OSError as error:
            raise InputError(f"{name}: {reason_of(error)}") from error
        if not chunk:
            return
        if progress is not None:
            progress(len(chunk))
        yield chunk
