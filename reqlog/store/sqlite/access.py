"""Who else can get at a store: through links that are not the user's own, and by rights that are too wide.

What is looked at here are names and rights. No file of a store is opened: closing it again would let go of the locks
that SQLite holds on it.
"""

import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from reqlog.exceptions import ReqlogWarning, StoreError

_MOST_LINKS = 40
_OTHERS = 0o066


def place_of(path: str) -> str:
    """Return the absolute path of the file that `path` leads to, with no symbolic link in it.

    Raises StoreError if a link on the way, of a folder or of the file, is owned by somebody else than the user or root:
    whoever owns a link decides where it leads. What does not exist is no link.

    Opened with NOFOLLOW, the path that is returned cannot be led elsewhere by a link that is put into it afterwards.
    Whoever may rename folders on the way can still exchange them; against such a person no name helps.
    """
    if not hasattr(os, "geteuid"):
        return os.path.realpath(path)  # on Windows whoever may make links is an administrator
    place, ahead, links = os.sep, _parts(os.path.abspath(path)), 0
    while ahead:
        part = ahead.pop()
        if part == "..":
            place = os.path.dirname(place)
            continue
        here = os.path.join(place, part)
        target = _target(here, path)
        if target is None:
            place = here
            continue
        links += 1
        if links > _MOST_LINKS:
            message = f"The store {path} cannot be reached, as its links lead in a circle; name the file itself."
            raise StoreError(message)
        place = os.sep if os.path.isabs(target) else place
        ahead += _parts(target)
    return place


def warn_of_others(path: str, place: str) -> None:
    """Warn, with the command that mends it, if the rights of the store's files, at `place`, let others in.

    Only those are told who can mend it: the owner, and root.
    """
    if not hasattr(os, "geteuid"):
        return
    if any(_is_open_to_others(place + suffix) for suffix in ("", "-wal", "-shm")):
        from shlex import quote  # noqa: PLC0415  (rarely needed)

        message = f"Others can get at the store {path}; `chmod 600 {quote(place)}*` keeps it to yourself."
        warnings.warn(message, ReqlogWarning, stacklevel=1)


@contextmanager
def for_owner_only() -> Iterator[None]:
    """Let what is made inside the block have the rights that it is to have for its owner, and none for others.

    It has those rights from the first, whatever the umask is: a change of rights afterwards may not be reached.
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def create(place: str) -> None:
    """Create the file, if there is none, and the folders that it lacks, with rights for their owner only."""
    with for_owner_only():
        with suppress(FileExistsError):
            os.makedirs(os.path.dirname(place), 0o700, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def private_folder() -> str:
    """Return a new folder that only its owner may enter, where there is room for large temporary files."""
    from tempfile import mkdtemp  # noqa: PLC0415  (a tenth of the start-up time, and rarely needed)

    roomy = "/var/tmp"  # noqa: S108  (/tmp is often held in memory; the folder that is made there is private)
    preferred = None if "TMPDIR" in os.environ or not os.access(roomy, os.W_OK | os.X_OK) else roomy
    try:
        return mkdtemp(prefix="reqlog-", dir=preferred)
    except OSError as error:
        message = f"What was found needs a temporary file, and there is no place for it ({error.strerror}); set TMPDIR."
        raise StoreError(message) from error


def is_there(place: str) -> bool:
    """Whether there is anything at `place`; raises PermissionError if that cannot be known."""
    try:
        os.stat(place)
    except PermissionError:
        raise
    except OSError:
        return False
    return True


def _parts(path: str) -> list[str]:
    """Return the names in `path`, the last first."""
    return [part for part in reversed(path.split(os.sep)) if part not in ("", ".")]


def _target(here: str, path: str) -> str | None:
    """Return where the link `here` leads, or None if it is none."""
    try:
        status = os.lstat(here)
        if not stat.S_ISLNK(status.st_mode):
            return None
        if status.st_uid not in (os.geteuid(), 0):
            message = (
                f"The way to the store {path} goes over {here}, a link of somebody else (user {status.st_uid}), who "
                "decides where it leads; name the file itself with --store."
            )
            raise StoreError(message)
        return os.readlink(here)
    except OSError:
        return None


def _is_open_to_others(name: str) -> bool:
    try:
        status = os.lstat(name)
    except OSError:
        return False
    return os.geteuid() in (status.st_uid, 0) and stat.S_ISREG(status.st_mode) and bool(status.st_mode & _OTHERS)
