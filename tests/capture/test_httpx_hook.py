"""`httpx` with the hook and without: what the program sees is the same, and what is recorded is what it saw."""

import asyncio
import gc
import io
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from loopback import LONG, Server, failure_of

from reqlog.capture import capture_httpx

Story = Callable[[httpx.Client, str], object]
AsyncStory = Callable[[httpx.AsyncClient, str], Awaitable[object]]

ECHO = (200, None, True, ())
CUT = ("response_body",)
KEPT = LONG[: 1024 * 1024].decode()


def facts(response: httpx.Response) -> object:
    headers = [(name, value) for name, value in response.headers.items() if name not in ("date", "server")]
    hops = [(each.status_code, str(each.url)) for each in response.history]
    known = response.status_code, str(response.url), headers, response.text, hops, response.http_version
    return (*known, response.elapsed is not None, response.is_closed, response.num_bytes_downloaded)


def pieces() -> Iterator[bytes]:
    yield from (b"one ", b"two ", b"three")


async def async_pieces() -> AsyncIterator[bytes]:
    for piece in pieces():
        yield piece


def streamed(client: httpx.Client, base: str) -> object:
    with client.stream("GET", f"{base}/chunks/3") as response:
        return list(response.iter_bytes()), response.is_stream_consumed, response.elapsed is not None


async def async_streamed(client: httpx.AsyncClient, base: str) -> object:
    async with client.stream("GET", f"{base}/chunks/3") as response:
        return [piece async for piece in response.aiter_bytes()], response.is_stream_consumed


def raw(client: httpx.Client, base: str) -> object:
    with client.stream("GET", f"{base}/gzip") as response:
        return len(b"".join(response.iter_raw()))


async def async_lines(client: httpx.AsyncClient, base: str) -> object:
    async with client.stream("GET", f"{base}/gzip") as response:
        return [line async for line in response.aiter_lines()]


def closed_early(client: httpx.Client, base: str) -> object:
    with client.stream("GET", f"{base}/long") as response:
        return next(response.iter_bytes(10))


async def async_closed_early(client: httpx.AsyncClient, base: str) -> object:
    async with client.stream("GET", f"{base}/long") as response:
        async for piece in response.aiter_bytes(10):
            return piece
    return None


def never_read(client: httpx.Client, base: str) -> object:
    response = client.send(client.build_request("GET", f"{base}/long"), stream=True)
    response.close()
    return response.is_closed


async def async_never_read(client: httpx.AsyncClient, base: str) -> object:
    response = await client.send(client.build_request("GET", f"{base}/long"), stream=True)
    await response.aclose()
    return response.is_closed


def uploaded(client: httpx.Client, base: str) -> object:
    return client.post(f"{base}/echo", content=io.BytesIO(LONG)).json()


def multipart(client: httpx.Client, base: str) -> object:
    response = client.post(f"{base}/echo", files={"file": ("a.txt", io.BytesIO(b"content"))}, data={"purpose": "x"})
    return response.json()["method"], type(response.request.stream).__name__


async def cancelled(client: httpx.AsyncClient, base: str) -> object:
    return await asyncio.wait_for(client.get(f"{base}/silence"), 0.2)


async def together(client: httpx.AsyncClient, base: str) -> object:
    found = await asyncio.gather(*(client.get(f"{base}/status/{status}") for status in range(200, 204)))
    return sorted(response.text for response in found)


def broken_generator(client: httpx.Client, base: str) -> object:
    def broken() -> Iterator[bytes]:
        yield b"some"
        raise ValueError("the program's own")

    return client.post(f"{base}/echo", content=broken())


def rerouted(client: httpx.Client, base: str) -> object:
    return client.get(f"{base}/redirect/echo", follow_redirects=True).history[0].next_request is not None


Expected = list[tuple[str, str, int | None, str | None, bool, tuple[str, ...]]]

STORIES: dict[str, tuple[Story, Expected]] = {
    "a get": (lambda c, b: facts(c.get(f"{b}/echo?a=1&b=%20")), [("GET", "/echo", *ECHO)]),
    "an error": (lambda c, b: facts(c.get(f"{b}/status/404")), [("GET", "/status/404", 404, "status 404", False, ())]),
    "raised": (
        lambda c, b: c.get(f"{b}/status/500").raise_for_status(),
        [("GET", "/status/500", 500, "status 500", False, ())],
    ),
    "no content": (lambda c, b: facts(c.delete(f"{b}/status/204")), [("DELETE", "/status/204", 204, None, False, ())]),
    "a head": (lambda c, b: facts(c.head(f"{b}/status/200")), [("HEAD", "/status/200", 200, None, False, ())]),
    "a form": (lambda c, b: c.post(f"{b}/echo", data={"a": "1"}).json(), [("POST", "/echo", *ECHO)]),
    "a generator": (lambda c, b: c.post(f"{b}/echo", content=pieces()).json(), [("POST", "/echo", *ECHO)]),
    "a generator that breaks": (broken_generator, [("POST", "/echo", None, None, False, ("request_body",))]),
    "a file": (uploaded, [("POST", "/echo", 200, None, True, ("request_body",))]),
    "a multipart": (multipart, [("POST", "/echo", *ECHO)]),
    "a redirect": (
        lambda c, b: facts(c.get(f"{b}/redirect/echo", follow_redirects=True)),
        [("GET", "/redirect/echo", 307, "over there", False, ()), ("GET", "/echo", *ECHO)],
    ),
    "a redirected upload": (
        lambda c, b: facts(c.post(f"{b}/redirect/echo", content=b"a=1", follow_redirects=True)),
        [("POST", "/redirect/echo", 307, "over there", False, ()), ("POST", "/echo", *ECHO)],
    ),
    "a redirect not followed": (
        lambda c, b: c.get(f"{b}/redirect/echo").has_redirect_location,
        [("GET", "/redirect/echo", 307, "over there", False, ())],
    ),
    "rerouted": (
        rerouted,
        [("GET", "/redirect/echo", 307, "over there", False, ()), ("GET", "/echo", *ECHO)],
    ),
    "gzip": (lambda c, b: facts(c.get(f"{b}/gzip")), [("GET", "/gzip", 200, '{"packed": true}', False, ())]),
    "raw": (raw, [("GET", "/gzip", 200, '{"packed": true}', False, ())]),
    "cookies": (
        lambda c, b: (c.get(f"{b}/cookies").text, dict(c.cookies)),
        [("GET", "/cookies", 200, "{}", False, ())],
    ),
    "long": (lambda c, b: len(c.get(f"{b}/long").content), [("GET", "/long", 200, KEPT, False, CUT)]),
    "streamed": (streamed, [("GET", "/chunks/3", 200, "piece 00piece 01piece 02", False, ())]),
    "never read": (never_read, [("GET", "/long", 200, None, False, CUT)]),
    "dropped": (lambda c, b: c.get(f"{b}/drop"), [("GET", "/drop", None, None, False, ())]),
    "half": (lambda c, b: c.get(f"{b}/half"), [("GET", "/half", 200, "only this", False, CUT)]),
    "a timeout": (lambda c, b: c.get(f"{b}/silence", timeout=0.2), [("GET", "/silence", None, None, False, ())]),
    "a timeout half way": (
        lambda c, b: c.get(f"{b}/stall", timeout=0.2),
        [("GET", "/stall", 200, "begun", False, CUT)],
    ),
    "nobody there": (lambda c, b: c.get("http://127.0.0.1:9/"), [("GET", "/", None, None, False, ())]),
    "no url": (lambda c, b: c.get("nonsense"), []),
}

ASYNC_STORIES: dict[str, tuple[AsyncStory, Expected]] = {
    "a generator": (
        lambda c, b: c.post(f"{b}/echo", content=async_pieces()),
        [("POST", "/echo", *ECHO)],
    ),
    "streamed": (async_streamed, [("GET", "/chunks/3", 200, "piece 00piece 01piece 02", False, ())]),
    "lines": (async_lines, [("GET", "/gzip", 200, '{"packed": true}', False, ())]),
    "never read": (async_never_read, [("GET", "/long", 200, None, False, CUT)]),
    "cancelled": (cancelled, [("GET", "/silence", None, None, False, ())]),
    "a timeout": (lambda c, b: c.get(f"{b}/silence", timeout=0.2), [("GET", "/silence", None, None, False, ())]),
    "a timeout half way": (
        lambda c, b: c.get(f"{b}/stall", timeout=0.2),
        [("GET", "/stall", 200, "begun", False, CUT)],
    ),
    "dropped": (lambda c, b: c.get(f"{b}/drop"), [("GET", "/drop", None, None, False, ())]),
    "half": (lambda c, b: c.get(f"{b}/half"), [("GET", "/half", 200, "only this", False, CUT)]),
    "a redirect": (
        lambda c, b: c.get(f"{b}/redirect/echo", follow_redirects=True),
        [("GET", "/redirect/echo", 307, "over there", False, ()), ("GET", "/echo", *ECHO)],
    ),
}


def outcome(story: Story, base: str) -> object:
    with httpx.Client(timeout=60) as client:
        try:
            return story(client, base)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is to be the same)
            return failure_of(error)


def async_outcome(story: AsyncStory, base: str) -> object:
    async def tell() -> object:
        async with httpx.AsyncClient(timeout=60) as client:
            try:
                found = await story(client, base)
            except Exception as error:  # noqa: BLE001  (whatever it is, it is to be the same)
                return failure_of(error)
        return facts(found) if isinstance(found, httpx.Response) else found

    return asyncio.run(tell())


def gist(request: Any) -> tuple[Any, ...]:
    """Return what the stories say of a record: the echo's body is checked elsewhere."""
    is_echo = request.id == "req_Echo1234"
    body = None if is_echo else request.response_body
    return request.method, request.path, request.status, body, is_echo, request.truncated


def check(server: Server, recorded: Any, tell: Callable[[], object], store: str, expected: Expected) -> None:
    without = tell()
    seen, server.seen = server.seen, []
    with capture_httpx(store=store):
        with_hook = tell()
        gc.collect()
    assert (with_hook, server.seen) == (without, seen)
    assert [gist(request) for request in recorded()] == expected


@pytest.mark.parametrize(("story", "expected"), STORIES.values(), ids=STORIES)
def test_the_program_sees_the_same_and_what_it_saw_is_recorded(server, base, store, recorded, story, expected):
    check(server, recorded, lambda: outcome(story, base), store, expected)


@pytest.mark.parametrize(("story", "expected"), ASYNC_STORIES.values(), ids=ASYNC_STORIES)
def test_so_does_an_async_one(server, base, store, recorded, story, expected):
    check(server, recorded, lambda: async_outcome(story, base), store, expected)


@pytest.mark.parametrize(
    "tell", [lambda base: outcome(closed_early, base), lambda b: async_outcome(async_closed_early, b)]
)
def test_what_is_closed_early_is_recorded_as_far_as_it_was_read(base, store, recorded, tell):
    with capture_httpx(store=store):
        assert tell(base) == b"0123456789"
        gc.collect()
    (request,) = recorded()
    assert request.truncated == ("response_body",)
    assert KEPT.startswith(request.response_body)


def test_many_at_once_are_each_recorded(base, store, recorded):
    with capture_httpx(store=store):
        async_outcome(together, base)
    assert sorted(request.status for request in recorded()) == [200, 201, 202, 203]


def test_the_record_is_whole(base, store, recorded):
    with capture_httpx(store=store):
        response = httpx.post(
            f"{base}/echo?expand%5B%5D=customer",
            data={"amount": "2000", "customer": "cus_A1b2C3d4E5f6G7"},
            headers={"Authorization": "Bearer sk_test_" + "a1B2" * 6, "Stripe-Version": "2024-06-20"},
        )
    (request,) = recorded()
    assert request.host == base.removeprefix("http://")
    assert (request.path, request.query) == ("/echo", "expand%5B%5D=customer")
    assert request.request_body == "amount=2000&customer=cus_A1b2C3d4E5f6G7"
    assert json.loads(request.response_body) == response.json()
    assert request.resources == ("cus_A1b2C3d4E5f6G7",)
    assert request.request_headers["authorization"] == "Bearer sk_test_…a1B2"
    assert request.request_headers["host"] == request.host
    assert request.response_headers["content-type"] == "application/json"
    assert request.duration_ms > 0


def test_why_there_was_no_answer_is_recorded(base, store, recorded):
    with capture_httpx(store=store), suppress(httpx.HTTPError):
        httpx.get(f"{base}/silence", timeout=0.2)
    (request,) = recorded()
    assert (request.error_type, request.error_message) == ("api_connection_error", "ReadTimeout: timed out")


def test_one_client_can_be_recorded_alone(base, store, recorded):
    with httpx.Client() as client, capture_httpx(client, store=store):
        client.get(f"{base}/status/201")
        httpx.get(f"{base}/status/202")
    assert [request.status for request in recorded()] == [201]


def test_one_client_is_recorded_whatever_its_transport_is(store, recorded):
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"said": request.content.decode()}))
    with httpx.Client(transport=transport) as client, capture_httpx(client, store=store):
        assert client.post("https://api.stripe.com/v1/charges", content=b"a=1").json() == {"said": "a=1"}
    (request,) = recorded()
    assert (request.request_body, request.response_body) == ("a=1", '{"said":"a=1"}')


def test_an_encoding_that_httpx_knows_is_undone(store, recorded):
    squeezed = zlib.compress(b'{"packed": true}')
    transport = httpx.MockTransport(
        lambda request: httpx.Response(
            200, headers={"Content-Encoding": "identity, deflate"}, stream=httpx.ByteStream(squeezed)
        )
    )
    with httpx.Client(transport=transport) as client, capture_httpx(client, store=store):
        assert client.get("https://api.stripe.com/").json() == {"packed": True}
    assert [request.response_body for request in recorded()] == ['{"packed": true}']


def test_hosts_can_be_chosen(base, store, recorded):
    with capture_httpx(store=store, hosts=["*.stripe.com", base.removeprefix("http://")]):
        httpx.get(f"{base}/status/201")
        httpx.get(f"{base}/status/202".replace("127.0.0.1", "localhost"))
    assert [request.status for request in recorded()] == [201]


def test_what_is_removed_leaves_nothing_behind(base, store, recorded):
    before = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request
    with httpx.Client() as client:
        hooks = [capture_httpx(store=store), capture_httpx(client, store=store)]
        for hook in hooks:
            hook.remove()
        client.get(f"{base}/status/200")
    assert (httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request) == before
    assert recorded() == []
