"""Record the requests of a Python program as they happen, from inside it.

One line each:

    capture_requests()                                # what `requests` sends; or capture_requests(session)
    capture_httpx()                                   # what `httpx` sends, sync and async; or capture_httpx(client)
    capture_stripe()                                  # what the `stripe` package sends, through either of the two
    application = WSGICapture(application)            # what a WSGI application serves
    app.add_middleware(ASGICapture)                   # what an ASGI application serves

What is recorded is redacted and kept in the store, by a thread of its own and a fifth of a second later at most. The
program never waits for it and never hears of it: nothing here raises, but for an argument that is wrong where a hook is
installed, and what could not be recorded is counted (`counts`) and logged once, under the name `reqlog.capture`.

Every `store` below is a path or a URL; without one it is what REQLOG_STORE says when the hook is installed, else the
user's own. `hosts` are the hosts to record the requests to, as globs.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reqlog.capture.asgi import ASGICapture
from reqlog.capture.hooks import Hook
from reqlog.capture.recording import counts, flush
from reqlog.capture.wsgi import WSGICapture

if TYPE_CHECKING:
    import httpx
    import requests

__all__ = [
    "ASGICapture",
    "Hook",
    "WSGICapture",
    "capture_httpx",
    "capture_requests",
    "capture_stripe",
    "counts",
    "flush",
]


def capture_requests(
    session: "requests.Session | None" = None, *, store: str | None = None, hosts: Sequence[str] = ("*",)
) -> Hook:
    """Record what `session` sends, or without one what every session of this process sends, from now on.

    An attempt is a request: each redirect that is followed is one, and what urllib3 repeats inside of an adapter is not
    seen. Adapters that are mounted later on `session` are not recorded.
    """
    from reqlog.capture import requests_hook

    return requests_hook.install(session, store, hosts)


def capture_httpx(
    client: "httpx.Client | httpx.AsyncClient | None" = None, *, store: str | None = None, hosts: Sequence[str] = ("*",)
) -> Hook:
    """Record what `client` sends, or without one what every client of this process sends over the network, from now on.

    Both kinds of client, the functions such as `httpx.get`, and streams. An attempt is a request, as above.
    """
    from reqlog.capture import httpx_hook

    return httpx_hook.install(client, store, hosts)


def capture_stripe(*, store: str | None = None) -> Hook:
    """Record what the `stripe` package sends through `requests` and `httpx`, whichever it uses, to whatever host.

    Each attempt of a call that the package repeats is a request.
    """
    from reqlog.capture import stripe_hook

    return stripe_hook.install(store)
