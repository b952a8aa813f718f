"""What both kinds of middleware share: a request that is served, the id that it is given, and which are left out."""

import os
from collections.abc import Sequence
from fnmatch import fnmatchcase

from reqlog.capture.recording import Headers, Passing

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LETTERS = 22


ID_KEY = "reqlog.request_id"
"""Under this key of `environ` or of the scope an application finds the id of the request that it serves."""

REQUEST_ID = "Request-Id"
"""The header that tells it to whoever called."""


class Served:
    """A request that is being served, and what the application has answered so far."""

    def __init__(self, passing: Passing, id: str) -> None:
        self.passing = passing
        self.id = id
        self.has_begun = False
        """Whether the answer has begun."""

    def begin_answer(self, status: int, headers: Headers) -> bool:
        """Take note of how the answer begins; return whether it is to be given the id, as it has none of its own."""
        self.has_begun = True
        is_named = any(name.lower() == "request-id" for name, _ in headers)
        self.passing.answer(status, headers if is_named else (*headers, (REQUEST_ID, self.id)))
        return not is_named

    def fail(self, error: BaseException) -> None:
        """Take note that the application failed: the server says 500 then, unless it has begun to answer."""
        if not self.has_begun and isinstance(error, Exception):
            self.passing.answer(500, None)
        self.passing.end(error)


def new_id() -> str:
    """Return an id that no other request has."""
    number = int.from_bytes(os.urandom(17))
    return "req_" + "".join(_ALPHABET[number // 62**place % 62] for place in range(_LETTERS))


def is_skipped(skip: Sequence[str], path: str) -> bool:
    """Whether `path` fits one of the globs `skip`."""
    return any(fnmatchcase(path, glob) for glob in skip)
