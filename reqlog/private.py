"""Files of this process alone: in a folder of the user's own, never in one that is shared, and without a name."""

import os
from contextlib import suppress
from typing import BinaryIO, cast

from reqlog.exceptions import InputError


def private_file() -> BinaryIO:
    """Open an empty file that no other user can open, and that is gone when it is closed or the process ends.

    Raises InputError if there is no place for it.
    """
    from tempfile import TemporaryFile

    folder = private_folder()
    try:
        _make(folder)
        return cast("BinaryIO", TemporaryFile(dir=folder))
    except OSError as error:
        message = (
            f"There is more than can be held in memory, and {folder} cannot take the rest: {error.strerror or error}; "
            "set XDG_CACHE_HOME to a folder of your own, or import it first."
        )
        raise InputError(message) from error


def _make(folder: str) -> None:
    """Make the folder, and those above it that are not there, for their owner only, whatever the umask says."""
    if os.path.isdir(folder):
        return
    _make(os.path.dirname(folder))
    with suppress(FileExistsError):
        os.mkdir(folder, 0o700)


def private_folder() -> str:
    """Return the folder of the user in which reqlog may keep what it does not need for long."""
    from platformdirs import user_cache_dir

    return user_cache_dir("reqlog", appauthor=False)
