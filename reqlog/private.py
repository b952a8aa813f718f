"""Files of this process alone: in a folder of the user's own, never in one that is shared, and without a name."""

from typing import BinaryIO, cast

from reqlog import places
from reqlog.exceptions import InputError


def private_file() -> BinaryIO:
    """Open an empty file that no other user can open, and that is gone when it is closed or the process ends.

    Raises InputError if there is no place for it.
    """
    from tempfile import TemporaryFile

    folder = places.cache_folder()
    try:
        places.make_folder(folder)
        return cast("BinaryIO", TemporaryFile(dir=folder))
    except OSError as error:
        message = (
            f"There is more than can be held in memory, and {folder} cannot take the rest: {error.strerror or error}; "
            "set XDG_CACHE_HOME to a folder of your own, or import it first."
        )
        raise InputError(message) from error
