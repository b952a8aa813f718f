"""`reqlog import`: read captures into the store."""

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from reqlog import terminal
from reqlog.batches import Batches, Piece
from reqlog.exceptions import InputError, ReqlogError, StoppedError, StoreError
from reqlog.intake import Account, Captures, Reading, Unread
from reqlog.options.asking import config_of, format_option, json_option, store_option, where_of
from reqlog.options.headings import HeadedCommand
from reqlog.options.pseudonymizing import kinds_of, pseudonymize_option
from reqlog.readers import Progress
from reqlog.readers.inputs import expand
from reqlog.render import document
from reqlog.request import Request, weight
from reqlog.sharing import processes_for
from reqlog.store import open_store
from reqlog.store.base import Added, Store

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

_BATCH_REQUESTS = 2000
_BATCH_CHARACTERS = 16 * 1024 * 1024
_BATCH_SECONDS = 0.8

_Read = Callable[[Account, Callable[[Unread], None], Progress | None], Iterator[Piece[Any]]]

_ENDING = [
    number
    for name in ("SIGHUP", "SIGINT", "SIGTERM")
    if (number := getattr(signal, name, None))  # Windows has no SIGHUP
]
_USUAL = (signal.SIG_DFL, signal.default_int_handler)


@click.command("import", cls=HeadedCommand)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@store_option
@format_option
@pseudonymize_option
@json_option
@click.option("-v", "--verbose", is_flag=True, help="Name each record and file that could not be read.")
@click.pass_context
def command(
    context: click.Context,
    *,
    paths: tuple[str, ...],
    store: str | None,
    format: str | None,
    pseudonymize: tuple[str, ...],
    json: bool,
    verbose: bool,
) -> None:
    """Read captures into the store: files, folders (with all below them), and - for standard input.

    \b
    Examples:
      reqlog import test/vcr_cassettes
      reqlog import requests.har access.log.gz
      stripe logs tail --format json | reqlog import -
      reqlog import --format caddy /var/log/caddy

    What was imported before is recognised by its id and adds nothing, or fills in what was missing. Records that
    cannot be read are counted and left out.
    """
    config = config_of(context)
    reading = Reading(format, config.formats, config.redact, kinds_of(pseudonymize))
    captures = reading.of(paths)
    captures.check()
    account, added = Account(), Added()
    with (
        closing(open_store(where_of(context, store), write=True)) as kept,
        _progress(paths) as progress,
        _reads(captures, reading, kept) as (read, keep),
    ):
        pieces = read(account, terminal.say if verbose else _pass_over, progress)
        batches = Batches(pieces, count=_BATCH_REQUESTS, size=_BATCH_CHARACTERS, seconds=_BATCH_SECONDS)
        with _stopping(batches.stop) as signals:
            try:
                for batch in batches:
                    added = added.plus(keep(batch))
                failure: ReqlogError | None = None
            except (InputError, StoreError) as error:
                failure = error
    if json or account.files or failure is None:
        _print_summary(_summary(account, added), as_json=json)
    if signals:
        raise StoppedError(signals[0])
    if failure is not None:
        raise failure


@contextmanager
def _reads(
    captures: Captures, reading: Reading, kept: Store
) -> Iterator[tuple[_Read, Callable[[Sequence[Any]], Added]]]:
    """Give what reads `captures`, and what keeps what that gives.

    Other processes read, if there is enough to read and a second core, and else this one.
    """
    if count := processes_for(captures.paths):
        from reqlog.shared_intake import SharedCaptures  # noqa: PLC0415 - a small import does not need it

        with closing(SharedCaptures(captures.paths, reading, kept.packing, count)) as shared:
            yield shared.read, kept.add_unpacked
    else:
        yield partial(_read_here, captures), kept.add


def _read_here(
    captures: Captures, account: Account, note: Callable[[Unread], None], progress: Progress | None
) -> Iterator[Piece[Request]]:
    return (Piece([request], weight(request)) for request in captures.read(account, note, progress))


def _summary(account: Account, added: Added) -> dict[str, int]:
    return {"files": account.files, **added._asdict(), "rejects": account.rejects, "skipped": account.skipped}


def _print_summary(summary: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        document(summary, terminal.utf8(sys.stdout))
    else:
        terminal.say(", ".join(_counted(count, name) for name, count in summary.items()))


def _counted(count: int, name: str) -> str:
    return f"{count} {name.removesuffix('s') if count == 1 else name}"


def _pass_over(_unread: Unread) -> None:
    """Say nothing of a record that could not be read: it is counted."""


@contextmanager
def _progress(paths: tuple[str, ...]) -> Iterator[Progress | None]:
    """Give what is to be told of the bytes read: a bar, if there is a terminal to show it and files to measure."""
    size = sum(input.size or 0 for input in expand(paths)) if terminal.is_terminal(sys.stderr) else 0
    if not size:
        yield None
        return
    bar: ProgressBar[int] = click.progressbar(length=size, label="Reading", file=sys.stderr)
    shown = True
    with bar:
        yield lambda read: bar.update(read) if shown else None
        shown = False


@contextmanager
def _stopping(stop: Callable[[], None]) -> Iterator[list[int]]:
    """Let a signal that asks for the end call `stop` instead of breaking off; the list that is given then holds it.

    A second one breaks off. A signal whose effect is not the usual one, as nohup sees to, keeps it.
    """
    caught: list[int] = []
    before = {number: usual for number in _ENDING if (usual := signal.getsignal(number)) in _USUAL}

    def restore() -> None:
        for number, usual in before.items():
            signal.signal(number, usual)

    def catch(number: int, _frame: FrameType | None) -> None:
        caught.append(number)
        restore()
        stop()

    for number in before:
        signal.signal(number, catch)
    try:
        yield caught
    finally:
        restore()
