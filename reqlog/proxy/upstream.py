"""The API that requests are passed on to: its address, and requests that reach it as the client sent them."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from aiohttp import ClientRequest, hdrs
from aiohttp.payload import PAYLOAD_REGISTRY
from multidict import CIMultiDict
from yarl import URL

from reqlog.exceptions import UsageError

_PATIENCE = 1.0
"""Seconds after which a body is sent to a server that was asked whether it wants it and says nothing."""

_PORTS = {"http": 80, "https": 443}
_ABSOLUTE = re.compile(r"https?://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where requests go."""

    scheme: str
    """`http` or `https`."""
    host: str
    """Without brackets, where it is an IPv6 address."""
    port: int
    base: str = ""
    """What comes before the path of every request."""

    @property
    def authority(self) -> str:
        """Host and port as the header `Host` has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.base}"

    def url_of(self, target: str) -> URL:
        """Return the URL at which aiohttp asks for `target`, byte for byte.

        All of the target goes as a path, since a URL that is taken apart loses an empty query.
        """
        return URL.build(scheme=self.scheme, host=self.host, port=self.port, path=f"{self.base}{target}", encoded=True)

    def target_of(self, path: str) -> str | None:
        """Return what a request line asks for here; None if it names another host, as one for a forward proxy does."""
        absolute = _ABSOLUTE.fullmatch(path)
        if absolute is None:
            return path
        if absolute[1].lower() not in {self.authority, f"{self.authority}:{self.port}"}:
            return None
        return absolute[2] if absolute[2].startswith("/") else f"/{absolute[2]}"


def parse_upstream(text: str) -> Upstream:
    """Return the API at the URL `text`; raise UsageError if it names none."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"--upstream {text}: not a URL ({error}); give one such as https://api.stripe.com.") from error
    if flaw := _flaw(parts):
        raise UsageError(f"--upstream {text}: {flaw}; give one such as https://api.stripe.com.")
    scheme = parts.scheme.lower()
    return Upstream(scheme, parts.hostname or "", port or _PORTS[scheme], parts.path.rstrip("/"))


def _flaw(parts: SplitResult) -> str | None:
    if parts.scheme.lower() not in _PORTS:
        return "not a URL that starts with http:// or https://"
    if not parts.hostname:
        return "names no host"
    if "@" in parts.netloc:
        return "holds a user name, which would go into every request"
    if parts.query or parts.fragment:
        return "holds more than a host and a path"
    return None


class AsSent(ClientRequest):
    """A request with the headers that it is given and no others, in their order, spelling and number."""

    def update_headers(self, headers: Any) -> None:  # noqa: ANN401  (aiohttp's signature)
        """Take `headers` as they are, the host included."""
        self.headers = headers

    def update_auto_headers(self, skip_auto_headers: Any) -> None:  # noqa: ANN401, ARG002  (aiohttp's signature)
        """Add none, not even later."""
        self._skip_auto_headers = CIMultiDict({hdrs.CONTENT_TYPE: None})

    def update_body_from_data(self, body: Any, _stacklevel: int = 3) -> None:  # noqa: ANN401  (aiohttp's signature)
        """Take `body`, framed as the headers say."""
        self._body = None if body is None else PAYLOAD_REGISTRY.get(body, disposition=None)

    def update_transfer_encoding(self) -> None:
        """Frame the body in chunks where the headers say so."""
        self.chunked = True if hdrs.TRANSFER_ENCODING in self.headers else None

    def update_expect_continue(self, expect: bool = False) -> None:  # noqa: FBT001, FBT002  (aiohttp's signature)
        """Wait for the server to ask for the body where the headers say so, but not for ever."""
        super().update_expect_continue(expect)
        if (wanted := self._continue) is not None:
            self.loop.call_later(_PATIENCE, _settle, wanted)


def _settle(wanted: "asyncio.Future[bool]") -> None:
    if not wanted.done():
        wanted.set_result(True)
