"""What the `stripe` package sends: it goes through `requests` or `httpx`, and says of itself who it is."""

from collections.abc import Mapping
from importlib.util import find_spec

from reqlog.capture.hooks import Hook
from reqlog.capture.recording import recording_into

_SIGN = "x-stripe-client-user-agent"
"""A header that the package puts on whatever it sends, to whatever host."""


def install(store: str | None) -> Hook:
    """Have what the package sends recorded into `store`."""
    hook, recording = Hook(), recording_into(store)
    if find_spec("requests"):
        from reqlog.capture import requests_hook

        requests_hook.place(hook, None, recording, lambda request: _is_signed(request.headers))
    if find_spec("httpx"):
        from reqlog.capture import httpx_hook

        httpx_hook.place(hook, None, recording, lambda request: _is_signed(request.headers))
    return hook


def _is_signed(headers: Mapping[str, object]) -> bool:
    return _SIGN in headers
