"""The body of an answer as urllib3 gives it, kept while the program reads it.

The object is given a class of its own below its class, so that it stays what it was for everybody who has it: reading,
streaming and closing do what they did, and it is let go of as early.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from reqlog.capture.recording import Passing

_TAP = "_reqlog_tap"


class _Tap:
    """What goes through one answer, told to the requests that it is the answer of."""

    def __init__(self) -> None:
        self.passing: list[Passing] = []
        self.is_busy = False

    def took(self, piece: Any, *, whole: bool) -> None:  # noqa: ANN401  (the program's own)
        for passing in self.passing:
            passing.receive(piece, whole=whole)

    def end(self, failure: BaseException | None = None) -> None:
        for passing in self.passing:
            passing.end(failure)


def tap(raw: Any, passing: Passing) -> bool:  # noqa: ANN401  (whatever an adapter made)
    """Have `passing` told of what is read of `raw`, and of its end; return False if that cannot be done."""
    if not all(hasattr(raw, name) for name in ("read", "stream", "close", "__dict__")):
        return False
    if _TAP not in vars(raw):
        try:
            raw.__class__ = _tapped(type(raw))  # type: ignore[arg-type]  # classes are hashable
        except TypeError:
            return False
        setattr(raw, _TAP, _Tap())
    vars(raw)[_TAP].passing.append(passing)
    return True


@cache
def _tapped(cls: type) -> type:
    """Return a class below `cls` that tells of what goes through it."""
    named = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}
    methods = {
        name: make(getattr(cls, name))
        for name, make in (
            ("read", _reading),
            ("read1", _reading),
            ("stream", _streaming),
            ("read_chunked", _streaming),
            ("close", _closing),
        )
        if hasattr(cls, name)
    }
    return type(cls.__name__, (cls,), {**named, **methods})


def _reading(read: Callable[..., Any]) -> Callable[..., Any]:
    def reading(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  (urllib3's own)
        seen: _Tap = vars(self)[_TAP]
        if seen.is_busy:
            return read(self, *args, **kwargs)
        seen.is_busy = True
        try:
            data = read(self, *args, **kwargs)
        except BaseException as error:
            seen.end(error)
            raise
        finally:
            seen.is_busy = False
        wanted = kwargs.get("amt", args[0] if args else None)
        seen.took(data, whole=wanted is None or wanted < 0 or (wanted > 0 and not data))
        return data

    return reading


def _streaming(stream: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def streaming(self: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:  # noqa: ANN401  (urllib3's own)
        return _streamed(vars(self)[_TAP], stream(self, *args, **kwargs))

    return streaming


def _streamed(seen: _Tap, pieces: Iterator[Any]) -> Iterator[Any]:
    if seen.is_busy:
        yield from pieces
        return
    while True:
        seen.is_busy = True
        try:
            piece = next(pieces)
        except StopIteration:
            seen.took(b"", whole=True)
            return
        except BaseException as error:
            seen.end(error)
            raise
        finally:
            seen.is_busy = False
        seen.took(piece, whole=False)
        yield piece


def _closing(close: Callable[..., Any]) -> Callable[..., Any]:
    def closing(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  (urllib3's own)
        seen: _Tap = vars(self)[_TAP]
        try:
            return close(self, *args, **kwargs)
        finally:
            if not seen.is_busy:
                seen.end()

    return closing
