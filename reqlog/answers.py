"""What answers a question: the store, or captures that were named; only the one that is asked is imported."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reqlog.config import Config
    from reqlog.filters import Filter
    from reqlog.intake import Account, Reading, Unread
    from reqlog.render.base import Style
    from reqlog.request import Request
    from reqlog.store.base import Answers, Follows, Plain

_NAMED = 10
_ALONE = 4000
"""So many records are written before other processes are started; a guess at what their start is worth."""


def stored(where: str | None) -> "Answers":
    """Open the store that `where`, a path or a URL, names, to be asked."""
    from reqlog.store import open_store

    return open_store(where)


def captured(
    paths: Sequence[str],
    format: str | None,
    config: "Config",
    pseudonymized: Sequence[str] = (),
    *,
    say: Callable[..., None],
    interrupted: Callable[[], None],
    hold: bool,
) -> "Answers":
    """Return the captures at `paths`, to be asked; `say` is told what could not be read: how much, and what by name.

    What is of the kinds `pseudonymized` is given pseudonyms.

    Files are read anew for each question; what can be read once only is held with `hold`. Ctrl-C ends the
    standard input, which may have no other end: `interrupted` is told, and what came before it is answered from.
    """
    from reqlog.intake import Reading
    from reqlog.store.captures import CapturedAnswers

    reading = Reading(format, config.formats, config.redact, tuple(pseudonymized))
    reading.of(paths).check()
    requests = partial(_noted, paths, reading, cache(say), interrupted)
    if not (hold and are_read_once(paths)):
        return CapturedAnswers(requests)
    from reqlog.filters import EVERYTHING
    from reqlog.held import Held

    held = Held(partial(requests, EVERYTHING))
    return CapturedAnswers(lambda _: held(), held.close)


def encoded(requests: "Iterable[Request]", style: "Style", between: bytes) -> "Generator[tuple[int, bytes]] | None":
    """Return what yields the JSON of those `requests` that were not taken yet, if there is a shorter way to it.

    Each piece comes with the number of requests in it; they have `between` between them.
    """
    from reqlog.store.base import Plain

    return _encoded(requests, style, between) if isinstance(requests, Plain) else None


def _encoded(found: "Plain", style: "Style", between: bytes) -> "Generator[tuple[int, bytes]]":
    """Yield as `encoded` says; other processes are started, if they can help, when some thousands were written."""
    from itertools import islice

    from reqlog.sharing import processes
    from reqlog.whole_records import encoded_plain

    yield from encoded_plain(islice(found.plain(), _ALONE), style, between)
    if (count := processes()) and (parts := found.parts()) is not None:
        from reqlog.shared_records import encoded_by_several

        yield from encoded_plain(found.instant(), style, between)
        if (shared := encoded_by_several(parts, style, between, count)) is not None:
            yield from shared
            return
    yield from encoded_plain(found.plain(), style, between)


def awaited(where: str | None, *, say: Callable[[str], None], wait: Callable[[], None]) -> "Follows":
    """Open the store that `where` names, to be followed; where there is none, `say` so and `wait` until there is."""
    from reqlog.store import is_missing, open_store

    if missing := is_missing(where):
        say(f"There is no store at {missing} yet.")
    while is_missing(where):
        wait()
    return open_store(where)


def growing(
    paths: Sequence[str],
    format: str | None,
    config: "Config",
    pseudonymized: Sequence[str] = (),
    *,
    say: Callable[[str], None],
) -> "Follows":
    """Return the captures at `paths`, to be followed, otherwise as `captured` does."""
    from reqlog.following import GrowingCaptures
    from reqlog.intake import Captures, redactor_of

    captures = Captures(paths, format, config.formats, redactor_of(config.redact, pseudonymized))
    captures.check()
    return GrowingCaptures(captures, say)


def _noted(
    paths: Sequence[str],
    reading: "Reading",
    say: Callable[..., None],
    interrupted: Callable[[], None],
    filter: "Filter",
) -> "Iterator[Request]":
    """Yield what the captures at `paths` hold that matches, and `say` at the end what could not be read."""
    from dataclasses import replace

    from reqlog.intake import Account
    from reqlog.readers.base import Reject

    account, unread = Account(), list["Unread"]()

    def note(record: "Unread") -> None:
        if isinstance(record, Reject) and len(unread) < _NAMED:
            unread.append(record)

    try:
        yield from _read(paths, replace(reading, wanted=filter), account, note)
    except KeyboardInterrupt:
        if "-" not in paths:
            raise
        interrupted()
    finally:
        if account.rejects:
            say(f"{account.rejects} record{'s' * (account.rejects > 1)} could not be read:", *unread)


def _read(
    paths: Sequence[str], reading: "Reading", account: "Account", note: "Callable[[Unread], None]"
) -> "Iterator[Request]":
    """Yield the requests as `Captures.read` does, read by other processes where that is quicker."""
    from reqlog.sharing import processes_for

    if not (count := processes_for(paths)):
        yield from reading.of(paths).read(account, note)
        return
    from contextlib import closing

    from reqlog.exchange import packing
    from reqlog.shared_intake import SharedCaptures
    from reqlog.store.base import Packing

    with closing(SharedCaptures(paths, reading, Packing(packing.packed, packing.unpacked), count)) as shared:
        for piece in shared.read(account, note):
            yield from piece.items


def are_read_once(paths: Sequence[str]) -> bool:
    """Whether standard input or a pipe is among `paths`, which give what they hold only once."""
    return any(path == "-" or (os.path.exists(path) and not _is_kept(path)) for path in paths)


def _is_kept(path: str) -> bool:
    return os.path.isfile(path) or os.path.isdir(path)
