"""`requests` with the hook and without: what the program sees is the same, and what is recorded is what it saw."""

import gc
import io
import json
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
import requests
from loopback import LONG, Server, failure_of
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from reqlog.capture import capture_requests
from reqlog.filters import EVERYTHING
from reqlog.store.sqlite import SqliteStore

Story = Callable[[requests.Session, str], object]


def pieces() -> Iterator[bytes]:
    yield from (b"one ", b"two ", b"three")


def facts(response: requests.Response) -> object:
    headers = {name: value for name, value in response.headers.items() if name not in ("Date", "Server")}
    hops = [(each.status_code, each.url) for each in response.history]
    return (
        response.status_code,
        response.reason,
        response.url,
        headers,
        response.text,
        hops,
        response.elapsed is not None,
    )


def streamed(session: requests.Session, base: str) -> object:
    with session.get(f"{base}/chunks/3", stream=True) as response:
        return list(response.iter_content(None))


def lines(session: requests.Session, base: str) -> object:
    with session.get(f"{base}/chunks/3", stream=True) as response:
        return list(response.iter_lines(chunk_size=4))


def raw(session: requests.Session, base: str) -> object:
    with session.get(f"{base}/gzip", stream=True) as response:
        return response.raw.read(4), response.raw.tell(), len(response.raw.read()), response.raw.closed


def raw_decoded(session: requests.Session, base: str) -> object:
    with session.get(f"{base}/gzip", stream=True) as response:
        return response.raw.read(decode_content=True)


def copied(session: requests.Session, base: str) -> object:
    with session.get(f"{base}/long", stream=True) as response:
        return sum(len(piece) for piece in iter(lambda: response.raw.read(65536), b""))


def buffered(session: requests.Session, base: str) -> object:
    with session.get(f"{base}/chunks/0", stream=True) as response:
        return isinstance(response.raw, io.IOBase), type(response.raw).__name__, list(response.raw)


def closed_early(session: requests.Session, base: str) -> object:
    with session.get(f"{base}/long", stream=True) as response:
        return next(response.iter_content(10))


def never_read(session: requests.Session, base: str) -> object:
    session.get(f"{base}/long", stream=True).close()
    return None


def let_go(session: requests.Session, base: str) -> object:
    return session.get(f"{base}/long", stream=True).status_code


def read_late(session: requests.Session, base: str) -> object:
    response = session.get(f"{base}/chunks/2", stream=True)
    return response.content, response.content, response.text


def uploaded(session: requests.Session, base: str) -> object:
    body = io.BytesIO(LONG)
    return session.post(f"{base}/echo", data=body).json(), body.tell(), body.closed


def multipart(session: requests.Session, base: str) -> object:
    sent = session.post(f"{base}/echo", files={"file": ("a.txt", b"content")}, data={"purpose": "dispute_evidence"})
    return sent.json()["method"], isinstance(sent.request.body, bytes)


def body_is_the_callers(session: requests.Session, base: str) -> object:
    body = io.BytesIO(b"abc")
    sent: object = session.post(f"{base}/echo", data=body).request.body
    return sent is body


def redirected_upload(session: requests.Session, base: str) -> object:
    response = session.post(f"{base}/redirect/echo", data=io.BytesIO(b"a=1"))
    return facts(response)


def broken_generator(session: requests.Session, base: str) -> object:
    def broken() -> Iterator[bytes]:
        yield b"some"
        raise ValueError("the program's own")

    return session.post(f"{base}/echo", data=broken())


def repeated(session: requests.Session, base: str) -> object:
    session.mount("http://", HTTPAdapter(max_retries=Retry(2, status_forcelist=[503], backoff_factor=0)))
    return session.get(f"{base}/status/503")


STORIES: dict[str, tuple[Story, list[tuple[Any, ...]]]] = {
    "a get": (lambda s, b: facts(s.get(f"{b}/echo?a=1&b=%20")), [("GET", "/echo", 200, None, True, ())]),
    "an error": (lambda s, b: facts(s.get(f"{b}/status/404")), [("GET", "/status/404", 404, "status 404", False, ())]),
    "raised": (
        lambda s, b: s.get(f"{b}/status/500").raise_for_status(),
        [("GET", "/status/500", 500, "status 500", False, ())],
    ),
    "no content": (lambda s, b: facts(s.delete(f"{b}/status/204")), [("DELETE", "/status/204", 204, None, False, ())]),
    "a head": (lambda s, b: facts(s.head(f"{b}/status/200")), [("HEAD", "/status/200", 200, None, False, ())]),
    "a form": (lambda s, b: s.post(f"{b}/echo", data={"a": "1"}).json(), [("POST", "/echo", 200, None, True, ())]),
    "a generator": (
        lambda s, b: s.post(f"{b}/echo", data=pieces()).json(),
        [("POST", "/echo", 200, None, True, ())],
    ),
    "a file": (uploaded, [("POST", "/echo", 200, None, True, ("request_body",))]),
    "a multipart": (multipart, [("POST", "/echo", 200, None, True, ())]),
    "the caller's body": (body_is_the_callers, [("POST", "/echo", 200, None, True, ())]),
    "a redirect": (
        lambda s, b: facts(s.get(f"{b}/redirect/echo")),
        [("GET", "/redirect/echo", 307, "over there", False, ()), ("GET", "/echo", 200, None, True, ())],
    ),
    "a redirect not followed": (
        lambda s, b: facts(s.get(f"{b}/redirect/echo", allow_redirects=False)),
        [("GET", "/redirect/echo", 307, "over there", False, ())],
    ),
    "a redirected upload": (
        redirected_upload,
        [("POST", "/redirect/echo", 307, "over there", False, ()), ("POST", "/echo", 200, None, True, ())],
    ),
    "gzip": (lambda s, b: facts(s.get(f"{b}/gzip")), [("GET", "/gzip", 200, '{"packed": true}', False, ())]),
    "raw": (raw, [("GET", "/gzip", 200, '{"packed": true}', False, ())]),
    "raw decoded": (raw_decoded, [("GET", "/gzip", 200, '{"packed": true}', False, ())]),
    "cookies": (
        lambda s, b: (s.get(f"{b}/cookies").text, s.cookies.get_dict()),
        [("GET", "/cookies", 200, "{}", False, ())],
    ),
    "long": (
        lambda s, b: len(s.get(f"{b}/long").content),
        [("GET", "/long", 200, LONG[: 1024 * 1024].decode(), False, ("response_body",))],
    ),
    "copied": (copied, [("GET", "/long", 200, LONG[: 1024 * 1024].decode(), False, ("response_body",))]),
    "streamed": (streamed, [("GET", "/chunks/3", 200, "piece 00piece 01piece 02", False, ())]),
    "lines": (lines, [("GET", "/chunks/3", 200, "piece 00piece 01piece 02", False, ())]),
    "buffered": (buffered, [("GET", "/chunks/0", 200, None, False, ())]),
    "read late": (read_late, [("GET", "/chunks/2", 200, "piece 00piece 01", False, ())]),
    "closed early": (closed_early, [("GET", "/long", 200, "0123456789", False, ("response_body",))]),
    "never read": (never_read, [("GET", "/long", 200, None, False, ("response_body",))]),
    "let go": (let_go, [("GET", "/long", 200, None, False, ("response_body",))]),
    "dropped": (lambda s, b: s.get(f"{b}/drop"), [("GET", "/drop", None, None, False, ())]),
    "half": (lambda s, b: s.get(f"{b}/half"), [("GET", "/half", 200, None, False, ("response_body",))]),
    "a timeout": (lambda s, b: s.get(f"{b}/silence", timeout=0.2), [("GET", "/silence", None, None, False, ())]),
    "a timeout half way": (
        lambda s, b: s.get(f"{b}/stall", timeout=0.2),
        [("GET", "/stall", 200, None, False, ("response_body",))],
    ),
    "nobody there": (lambda s, b: s.get("http://127.0.0.1:9/"), [("GET", "/", None, None, False, ())]),
    "no such host": (lambda s, b: s.get("http://nosuch.invalid/x"), [("GET", "/x", None, None, False, ())]),
    "no url": (lambda s, b: s.get("nonsense"), []),
    "a generator that breaks": (broken_generator, [("POST", "/echo", None, None, False, ("request_body",))]),
    "repeated by urllib3": (repeated, [("GET", "/status/503", None, None, False, ())]),
}


def outcome(story: Story, base: str) -> object:
    with requests.Session() as session:
        try:
            return story(session, base)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is to be the same)
            return failure_of(error)


def gist(request: Any) -> tuple[Any, ...]:
    """Return what the stories say of a record: the echo's body is checked elsewhere."""
    is_echo = request.id == "req_Echo1234"
    return (
        request.method,
        request.path,
        request.status,
        None if is_echo else request.response_body,
        is_echo,
        request.truncated,
    )


@pytest.mark.parametrize(("story", "expected"), STORIES.values(), ids=STORIES)
def test_the_program_sees_the_same_and_what_it_saw_is_recorded(server: Server, base, store, recorded, story, expected):
    without = outcome(story, base)
    seen, server.seen = server.seen, []
    with capture_requests(store=store):
        with_hook = outcome(story, base)
        gc.collect()
    assert (with_hook, server.seen) == (without, seen)
    assert [gist(request) for request in recorded()] == expected


def test_the_record_is_whole(base, store, recorded):
    with capture_requests(store=store):
        response = requests.post(
            f"{base}/echo?expand[]=customer",
            data={"amount": "2000", "customer": "cus_A1b2C3d4E5f6G7"},
            headers={"Authorization": "Bearer sk_test_" + "a1B2" * 6, "Stripe-Version": "2024-06-20"},
            timeout=60,
        )
    (request,) = recorded()
    assert request.host == base.removeprefix("http://")
    assert (request.path, request.query) == ("/echo", "expand%5B%5D=customer")
    assert request.request_body == response.request.body == "amount=2000&customer=cus_A1b2C3d4E5f6G7"
    assert json.loads(request.response_body) == response.json()
    assert request.resources == ("cus_A1b2C3d4E5f6G7",)
    assert request.request_headers["authorization"] == "Bearer sk_test_…a1B2"
    assert request.request_headers["stripe-version"] == request.requested_version == "2024-06-20"
    assert request.response_headers["content-type"] == "application/json"
    assert request.duration_ms > 0
    assert request.error_type is None


@pytest.mark.parametrize(
    ("path", "said"),
    [("/drop", "ConnectionError: ('Connection aborted.', "), ("/silence", "ReadTimeout: HTTPConnectionPool(")],
)
def test_why_there_was_no_answer_is_recorded(base, store, recorded, path, said):
    with capture_requests(store=store), pytest.raises(requests.RequestException):
        requests.get(base + path, timeout=0.2)
    (request,) = recorded()
    assert (request.status, request.error_type) == (None, "api_connection_error")
    assert request.error_message.startswith(said)


def test_one_session_can_be_recorded_alone(base, store, recorded):
    with requests.Session() as session, capture_requests(session, store=store):
        session.get(f"{base}/status/201")
        requests.get(f"{base}/status/202", timeout=60)
    assert [request.status for request in recorded()] == [201]


def test_hosts_can_be_chosen(base, store, recorded):
    with capture_requests(store=store, hosts=["*.stripe.com", "localhost"]):
        requests.get(f"{base}/status/201", timeout=60)
        requests.get(f"{base}/status/202".replace("127.0.0.1", "localhost"), timeout=60)
    assert [request.status for request in recorded()] == [202]


def test_what_several_hooks_see_is_recorded_once_in_each_store(base, store, recorded, tmp_path):
    other = str(tmp_path / "other.db")
    with (
        requests.Session() as session,
        capture_requests(store=store),
        capture_requests(session, store=store),
        capture_requests(store=other),
    ):
        assert session.get(f"{base}/status/200").text == "status 200"
    assert [request.response_body for request in recorded()] == ["status 200"]
    with closing(SqliteStore(other, write=False)) as opened:
        assert [request.response_body for request in opened.find(EVERYTHING)] == ["status 200"]


def test_what_is_removed_leaves_nothing_behind(base, store, recorded):
    before = HTTPAdapter.send
    with requests.Session() as session:
        hooks = [capture_requests(store=store), capture_requests(session, store=store)]
        for hook in hooks:
            hook.remove()
        session.get(f"{base}/status/200")
        assert "send" not in vars(session.adapters["http://"])
    assert HTTPAdapter.send is before
    assert recorded() == []


def test_hooks_may_be_removed_in_any_order(base, store, recorded):
    first, second = capture_requests(store=store), capture_requests(store=store)
    first.remove()
    requests.get(f"{base}/status/201", timeout=60)
    second.remove()
    requests.get(f"{base}/status/202", timeout=60)
    assert [request.status for request in recorded()] == [201]


def test_an_answer_is_let_go_of_as_early_as_without(base, store):
    gc.disable()
    try:
        with capture_requests(store=store), requests.Session() as session:
            left = weakref.ref(session.get(f"{base}/chunks/2", stream=True).raw)
            assert left() is None
    finally:
        gc.enable()
