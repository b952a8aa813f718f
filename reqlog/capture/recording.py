"""What all hooks share: the requests that are on their way, and the recorder of each store that they go to."""

import atexit
import logging
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

from reqlog.capture.bodies import Body

if TYPE_CHECKING:
    from reqlog.exchange import Exchange
    from reqlog.recording.recorder import Counts, Recorder

Headers = tuple[tuple[str, str], ...]
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_EXIT_SECONDS = 5.0
_BODY_HEADERS = frozenset({"content-length", "transfer-encoding"})
"""A message without any of these has no body."""

_SENTENCE = 500
_log = logging.getLogger("reqlog.capture")


def quietly(function: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Return `function` such that it raises nothing: a mistake of ours is not to become one of the program's."""

    @wraps(function)
    def quiet(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except Exception:  # noqa: BLE001  (that is the point)
            _log.debug("a request was not recorded", exc_info=True)

    return quiet


def attempted(function: Callable[[], Result]) -> Result | None:
    """Return what `function` gives, None if it fails: a mistake of ours is not to become one of the program's."""
    try:
        return function()
    except Exception:  # noqa: BLE001  (as above)
        _log.debug("a request was not recorded", exc_info=True)
        return None


class Recording:
    """The recorder of one store, for this process."""

    def __init__(self, store: str | None) -> None:
        self._recorder: Recorder = _recorder_into(store)
        self._passing: weakref.WeakSet[Passing] = weakref.WeakSet()
        self._told = False

    @property
    def counts(self) -> "Counts":
        """What became of the requests so far."""
        return self._recorder.counts

    @property
    def is_busy(self) -> bool:
        """Whether a hook around this one records what is being sent here."""
        return self in _BEING_SENT.get()

    def begin(self, method: str, url: str, headers: Headers, ip_address: str | None = None) -> "Passing":
        """Return a request that is now being sent, to be told of what becomes of it."""
        passing = Passing(self, method, url, headers, ip_address)
        passing.request_body.is_whole = not _BODY_HEADERS & {name.lower() for name, _ in headers}
        self._passing.add(passing)
        return passing

    def offer(self, exchange: "Exchange") -> None:
        """Give `exchange` to the recorder, and log it the first time that something is lost."""
        self._recorder.offer(exchange)
        self._tell()

    def flush(self, timeout: float | None) -> bool:
        """Wait until all that has ended so far is in the store or lost."""
        return self._recorder.drain(timeout)

    def close(self) -> None:
        """Record what is still on its way as far as it is known, and end."""
        for passing in list(self._passing):
            passing.end()
        self._recorder.close(_EXIT_SECONDS)
        self._tell()

    def _tell(self) -> None:
        if not self._told and (counts := self._recorder.counts).lost:
            self._told = True
            what = "a request" if counts.lost == 1 else f"{counts.lost} requests"
            why = counts.failure or "too many came at once."
            _log.warning("%s could not be recorded, and there may be more: %s", what, why)


def _recorder_into(store: str | None) -> "Recorder":
    """Return what records into `store`, by the user's own rules of redaction too.

    Where those cannot be read it records nothing, and counts it as lost: what they are to take out could be anything.
    """
    from reqlog import config, places  # noqa: PLC0415  (whoever only imports the package need not wait for it)
    from reqlog.recording.recorder import Recorder  # noqa: PLC0415  (as above)
    from reqlog.redact import redactor  # noqa: PLC0415  (as above)
    from reqlog.store import open_store  # noqa: PLC0415  (as above)

    try:
        rules = config.load(places.user_configuration(), places.working_folder(), None).redact
        return Recorder(lambda: open_store(store, write=True), redact=redactor(rules))
    except Exception as error:  # noqa: BLE001  (nothing that stands in a file is a matter of the program's)
        return Recorder(partial(_refuse, error))


def _refuse(reason: Exception) -> NoReturn:
    raise reason.with_traceback(None)  # which would grow with each raising


class Passing:
    """A request that is on its way, of which more becomes known until it ends. None of its methods raises.

    One that was on its way when the process was forked ends in the process that sent it.
    """

    def __init__(self, recording: Recording, method: str, url: str, headers: Headers, ip_address: str | None) -> None:
        self._recording = recording
        self._first: dict[str, Any] = {
            "method": method,
            "url": url,
            "request_headers": headers,
            "ip_address": ip_address,
            "time": datetime.now(UTC),
        }
        self._started = time.perf_counter()
        self._process = os.getpid()
        self._ended = False
        self._status: int | None = None
        self._response_headers: Headers | None = None
        self._decode: Callable[[Headers, bytes], bytes] | None = None
        self.request_body = Body()
        self.response_body = Body()

    @contextmanager
    def being_sent(self) -> Iterator[None]:
        """Let no other hook record it into the same store in this block."""
        token = _BEING_SENT.set((*_BEING_SENT.get(), self._recording))
        try:
            yield
        finally:
            _BEING_SENT.reset(token)

    def answer(
        self, status: int, headers: Headers | None, decode: Callable[[Headers, bytes], bytes] | None = None
    ) -> None:
        """Take note of how the answer begins; `decode` undoes encodings of its body that are not known to all."""
        self._status, self._response_headers, self._decode = status, headers, decode

    @quietly
    def receive(self, piece: bytes, *, whole: bool) -> None:
        """Take note of the next piece of the answer's body; if that makes it `whole`, it ends."""
        self.response_body.add(piece)
        if whole:
            self.response_body.is_whole = True
            self.end()

    @quietly
    def end(self, failure: BaseException | str | None = None) -> None:
        """Have it recorded as it is now, the first time; `failure` is why no more of it came."""
        if self._ended or self._process != os.getpid():
            return
        self._ended = True
        self._recording.offer(self._exchange(time.perf_counter() - self._started, failure))

    def _exchange(self, seconds: float, failure: BaseException | str | None) -> "Exchange":
        from reqlog.exchange import Exchange  # noqa: PLC0415  (long imported when there is anything to record)

        return Exchange(
            **self._first,
            request_body=self.request_body.kept or None,
            status=self._status,
            response_headers=self._response_headers,
            response_body=self._decoded(self.response_body.kept) or None,
            duration_ms=round(seconds * 1000, 3),
            truncated=tuple(self._cut(failed=failure is not None)),
            failure=_sentence(failure) if isinstance(failure, BaseException) else failure,
        )

    def _decoded(self, body: bytes) -> bytes:
        if not body or self._decode is None or self.response_body.is_cut:
            return body
        return self._decode(self._response_headers or (), body)

    def _cut(self, *, failed: bool) -> Iterator[str]:
        if self.request_body.is_cut and not _has_all(self.request_body, self._first["request_headers"]):
            yield "request_body"
        if self._response_headers is None or not self.response_body.is_cut:
            return
        if failed or (self._has_content and not _has_all(self.response_body, self._response_headers)):
            yield "response_body"

    @property
    def _has_content(self) -> bool:
        """Whether an answer of this kind has a body at all."""
        return self._first["method"].upper() != "HEAD" and self._status not in (204, 304)


_BEING_SENT: ContextVar[tuple[Recording, ...]] = ContextVar("being_sent", default=())
_RECORDINGS: dict[str | None, Recording] = {}
"""One for each store that a hook was installed for, by its path or URL."""
_LOCK = threading.Lock()


def recording_into(store: str | None) -> Recording:
    """Return the recording into `store`, as hooks take it; one for all hooks that name the same."""
    where = store or os.environ.get("REQLOG_STORE") or None
    if where is not None and "://" not in where:
        where = os.path.abspath(os.path.expanduser(where))  # noqa: PTH100, PTH111  (no other use of pathlib here)
    with _LOCK:
        if not _RECORDINGS:
            atexit.register(_close)
            if hasattr(os, "register_at_fork"):
                os.register_at_fork(after_in_child=_begin_in_child)
        if where not in _RECORDINGS:
            _RECORDINGS[where] = Recording(where)
        return _RECORDINGS[where]


def flush(timeout: float | None = None) -> bool:
    """Wait until all requests that have ended are in the store; return False if `timeout` seconds pass before that."""
    deadline = None if timeout is None else time.monotonic() + timeout
    done = True
    for recording in list(_RECORDINGS.values()):
        done &= recording.flush(None if deadline is None else max(0.0, deadline - time.monotonic()))
    return done


def counts() -> "Counts":
    """Return what became of the requests of this process so far, over all hooks."""
    from reqlog.recording.recorder import Counts  # noqa: PLC0415  (imported by whoever has installed a hook)

    each = [recording.counts for recording in _RECORDINGS.values()]
    return Counts(
        sum(count.recorded for count in each),
        sum(count.dropped for count in each),
        sum(count.failed for count in each),
        next((count.failure for count in each if count.failure), None),
    )


def _close() -> None:
    for recording in _RECORDINGS.values():
        recording.close()


def _begin_in_child() -> None:
    """See to it that a child of `multiprocessing`, which ends without what is registered with atexit, ends well."""
    if multiprocessing := sys.modules.get("multiprocessing.util"):
        multiprocessing.register_after_fork(_close, _close_with_child)


def _close_with_child(_key: object) -> None:
    sys.modules["multiprocessing.util"].Finalize(None, _close, exitpriority=0)


def _has_all(body: Body, headers: Headers) -> bool:
    """Whether a body of which the end was not seen is whole by its length."""
    lengths = [value for name, value in headers if name.lower() == "content-length"]
    return lengths[:1] == [str(body.size)] and len(body.kept) == body.size


def _sentence(failure: BaseException) -> str:
    text = " ".join(str(failure).split())
    return f"{type(failure).__name__}: {text}"[:_SENTENCE] if text else type(failure).__name__


def text_headers(pairs: Iterable[tuple[str | bytes, str | bytes]]) -> Headers:
    """Return headers as text, whichever way a library has them."""
    return tuple((_text(name), _text(value)) for name, value in pairs)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
