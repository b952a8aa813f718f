"""What `requests` sends, recorded where an adapter sends it: one attempt at a time, with whatever became of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import requests
from requests.adapters import HTTPAdapter

from reqlog.capture.bodies import Body
from reqlog.capture.hooks import Hook, is_one_of, method_of
from reqlog.capture.recording import Passing, Recording, attempted, quietly, recording_into, text_headers
from reqlog.capture.sent import tapped
from reqlog.capture.urllib3_answer import tap

Wanted: TypeAlias = Callable[[requests.PreparedRequest], bool]
Send: TypeAlias = Callable[..., requests.Response]


def install(session: requests.Session | None, store: str | None, hosts: Sequence[str]) -> Hook:
    """Have what `session`, or every session, sends to `hosts` recorded into `store`."""
    hook = Hook()
    place(hook, session, recording_into(store), lambda request: is_one_of(hosts, request.url or ""))
    return hook


def place(hook: Hook, session: requests.Session | None, recording: Recording, wanted: Wanted) -> None:
    """Place in `hook` what records the `wanted` requests of `session`, or of every one."""
    around = partial(_sent, hook, recording, wanted)
    if session is None:
        send = HTTPAdapter.send

        def send_of_all(self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  (requests' own)
            return around(partial(send, self), request, *args, **kwargs)

        hook.place(HTTPAdapter, "send", send_of_all)
        return
    for adapter in {id(adapter): adapter for adapter in session.adapters.values()}.values():
        hook.place(adapter, "send", partial(around, method_of(adapter, "send")))


def _sent(
    hook: Hook,
    recording: Recording,
    wanted: Wanted,
    send: Send,
    request: requests.PreparedRequest,
    *args: Any,  # noqa: ANN401  (requests' own)
    **kwargs: Any,  # noqa: ANN401  (requests' own)
) -> requests.Response:
    """Send `request` and have it recorded, if it is wanted and nobody else does that."""
    passing = None
    if hook.is_active and not recording.is_busy:
        passing = attempted(lambda: _begun(recording, request) if wanted(request) else None)
    if passing is None:
        return send(request, *args, **kwargs)
    with passing.being_sent(), _seen(request, passing.request_body):
        try:
            response = send(request, *args, **kwargs)
        except BaseException as error:
            passing.end(error)
            raise
    _answered(passing, response)
    return response


def _begun(recording: Recording, request: requests.PreparedRequest) -> Passing:
    return recording.begin(request.method or "", request.url or "", text_headers((request.headers or {}).items()))


@contextmanager
def _seen(request: requests.PreparedRequest, kept: Body) -> Iterator[None]:
    """Have the body of `request` kept as it is sent in this block."""
    body = request.body
    seen = attempted(lambda: tapped(body, kept))
    if seen is None or seen is body:
        yield
        return
    request.body = seen
    try:
        yield
    finally:
        request.body = body


@quietly
def _answered(passing: Passing, response: requests.Response) -> None:
    raw = response.raw
    headers = raw.headers if hasattr(raw, "headers") else response.headers
    passing.answer(response.status_code, text_headers(headers.items()))
    if not tap(raw, passing):
        passing.end()
