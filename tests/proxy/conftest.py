"""The API and the proxy before it, for each test its own."""

from collections.abc import Callable, Iterator

import pytest
from proxied import Api, Proxied


@pytest.fixture
def api() -> Iterator[Api]:
    """An API to pass requests on to."""
    api = Api()
    yield api
    api.close()


@pytest.fixture
def before() -> Iterator[Callable[..., Proxied]]:
    """Give a function that puts the proxy before an address."""
    proxies: list[Proxied] = []

    def before(upstream: str, **settings: object) -> Proxied:
        proxies.append(Proxied(upstream, **settings))  # type: ignore[arg-type]  # whatever the test gives
        return proxies[-1]

    yield before
    for proxy in proxies:
        proxy.close()


@pytest.fixture
def proxy(api: Api, before: Callable[..., Proxied]) -> Proxied:
    """The proxy before that API."""
    return before(f"http://{api.authority}")
