"""A hook: a method of a library's class, or of one of its objects, with another in its place."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any, Self
from urllib.parse import urlsplit


class Hook:
    """What was installed. `remove` it, or use it as a context manager that does."""

    def __init__(self) -> None:
        self._placed: list[tuple[object, str, Any, Any]] = []
        self.is_active = True
        """Whether it records."""

    def place(self, owner: Any, name: str, put: Any) -> None:  # noqa: ANN401  (whatever a library has there)
        """Put `put` in the place of the attribute `name` of `owner`."""
        self._placed.append((owner, name, vars(owner).get(name), put))
        setattr(owner, name, put)

    def remove(self) -> None:
        """Record no more and leave the library as it was, as far as nobody else has put something in the same place."""
        self.is_active = False
        while self._placed:
            owner, name, before, put = self._placed.pop()
            if vars(owner).get(name) is not put:
                continue
            if before is None:
                delattr(owner, name)
            else:
                setattr(owner, name, before)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.remove()


def method_of(owner: Any, name: str) -> Callable[..., Any]:  # noqa: ANN401  (any object of a library)
    """Return the method `name` of the object `owner` as it is without what is placed on `owner` from now on.

    The class's own is looked up at each call, since somebody may place another there.
    """
    placed: Callable[..., Any] | None = vars(owner).get(name)

    def of_class(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  (the method's own)
        return getattr(type(owner), name)(owner, *args, **kwargs)

    return placed or of_class


def is_one_of(hosts: Sequence[str], url: str) -> bool:
    """Whether the host of `url` fits one of the globs `hosts`, with its port or without."""
    if "*" in hosts:
        return True
    parts = urlsplit(url)
    names = ((parts.hostname or "").lower(), parts.netloc.rpartition("@")[2].lower())
    return any(fnmatchcase(name, glob.lower()) for name in names for glob in hosts)
