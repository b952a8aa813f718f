"""Where on this machine reqlog keeps what it keeps, and making folders there that are for their owner only."""

import os


def data_folder() -> str:
    """Return the folder of the user's data, in which the store is if no other is named."""
    from platformdirs import user_data_dir

    return user_data_dir("reqlog", appauthor=False)


def user_configuration() -> str:
    """Return the path of the user's configuration file, which need not be there; it is where click has it, too."""
    from platformdirs import user_config_dir

    return os.path.join(user_config_dir("reqlog", appauthor=False, roaming=True), "config.toml")


def working_folder() -> str:
    """Return the folder in which the process works."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return os.sep  # it was removed, and with it any project


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
