"""The key of pseudonyms: of the environment, else of a file of the user's own that is made when it is first needed.

Who has it can tell whose a pseudonym is; who has not cannot. So the file is for its owner only, is not in the store,
and is refused when others can read it.
"""

import os
from collections.abc import Mapping
from contextlib import suppress

from reqlog import places
from reqlog.exceptions import PseudonymKeyError, UsageError

VARIABLE = "REQLOG_PSEUDONYM_KEY"
"""The environment variable that goes before the file."""

FILE = "pseudonym.key"
"""The name of the file, in the folder of the user's data."""

_SHORTEST = 16
_NEW_BYTES = 32
_OTHERS = 0o077


def pseudonym_key(environ: Mapping[str, str]) -> bytes:
    """Return the key: what the environment says, else what the file says, which is made if there is none.

    Raises UsageError if the environment's is too short to keep a secret, PseudonymKeyError if the file is not for its
    owner only, has no key in it, or can be neither read nor made.
    """
    given = environ.get(VARIABLE)
    if given is None:
        return _kept(os.path.join(places.data_folder(), FILE))
    if len(given) < _SHORTEST:
        message = f"{VARIABLE} must have {_SHORTEST} characters at least; make one with `openssl rand -hex 32`."
        raise UsageError(message)
    return given.encode("utf-8", "surrogateescape")


def _kept(path: str) -> bytes:
    try:
        if not os.path.exists(path):
            _make(path)
        return _read(path)
    except OSError as error:
        message = f"The key of pseudonyms {path} cannot be used: {error.strerror or error}; or set {VARIABLE}."
        raise PseudonymKeyError(message) from error


def _make(path: str) -> None:
    """Make the file with a new key in it, whole from the first moment; that of a process which was faster stays."""
    places.make_folder(os.path.dirname(path))
    unfinished = f"{path}.{os.urandom(8).hex()}"
    file = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(file, "wb") as opened:
            os.fchmod(file, 0o600)
            opened.write(f"{os.urandom(_NEW_BYTES).hex()}\n".encode())
            opened.flush()
            os.fsync(file)
        with suppress(FileExistsError):
            os.link(unfinished, path)
    finally:
        os.unlink(unfinished)


def _read(path: str) -> bytes:
    with open(path, "rb") as opened:
        facts = os.fstat(opened.fileno())
        key = opened.read().strip()
    if os.name == "posix" and (facts.st_mode & _OTHERS or facts.st_uid != os.geteuid()):
        message = f"The key of pseudonyms {path} is not yours alone; take it from the others: chmod 600 {path}"
        raise PseudonymKeyError(message)
    if len(key) < _SHORTEST:
        message = f"There is no key of pseudonyms in {path}; put the one it had back, or delete it to get a new one."
        raise PseudonymKeyError(message)
    return key
