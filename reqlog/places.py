"""Where on this machine reqlog keeps what it keeps, and making folders there that are for their owner only."""

import os


def data_folder() -> str:
    """Return the folder of the user's data, in which the store is if no other is named."""
    from platformdirs import user_data_dir

    return user_data_dir("reqlog", appauthor=False)


def cache_folder() -> str:
    """Return the folder of the user in which reqlog may keep what it does not need for long."""
    from platformdirs import user_cache_dir

    return user_cache_dir("reqlog", appauthor=False)


def make_folder(path: str) -> None:
    """Make the folder at `path`, and those above that it lacks, for its owner only, whatever the umask says."""
    if os.path.isdir(path):
        return
    make_folder(os.path.dirname(path))
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    os.chmod(path, 0o700)
