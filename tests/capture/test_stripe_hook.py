"""The real `stripe` package through its own HTTP clients: what is recorded is, field by field, what the client saw."""

import asyncio
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import stripe
from loopback import free_port

from reqlog.capture import Hook, capture_stripe
from reqlog.redact import redact
from reqlog.request import Request

KEY = "sk_test_" + "a1B2" * 6
GUARD_SECONDS = 60

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the package's own way with httpx


@pytest.fixture(scope="module")
def localstripe() -> Iterator[str]:
    """The address of a Stripe look-alike on loopback."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"]},
    )
    try:
        _await(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _await(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + GUARD_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            threading.Event().wait(0.05)
        else:
            return
    pytest.fail("localstripe did not start")


@pytest.fixture
def hook(store: str) -> Iterator[Hook]:
    with capture_stripe(store=store) as hook:
        yield hook


Call = Callable[..., Any]
"""Calls a method of a service, as `call(client.v1.customers, "create", {…})`."""


def sync_call(service: Any, method: str, *args: Any) -> Any:
    return getattr(service, method)(*args)


KINDS: dict[str, Callable[[], stripe.HTTPClient]] = {
    "requests": stripe.RequestsClient,
    "httpx": lambda: stripe.HTTPXClient(allow_sync_methods=True),
}


@pytest.fixture(params=["requests", "httpx", "httpx, async"])
def kind(request: pytest.FixtureRequest) -> Iterator[tuple[stripe.HTTPClient, Call]]:
    """An HTTP client of the package, and how a call is made through it."""
    if request.param != "httpx, async":
        client = KINDS[request.param]()
        yield client, sync_call
        client.close()
        return
    with asyncio.Runner() as runner:
        client = stripe.HTTPXClient()

        def call(service: Any, method: str, *args: Any) -> Any:
            return runner.run(getattr(service, f"{method}_async")(*args))

        yield client, call
        runner.run(client.close_async())


def client_at(base: str, http_client: stripe.HTTPClient, key: str = KEY, retries: int = 0) -> stripe.StripeClient:
    http_client.INITIAL_DELAY = http_client.MAX_DELAY = 0  # nobody waits here
    return stripe.StripeClient(
        key, http_client=http_client, base_addresses={"api": base, "files": base}, max_network_retries=retries
    )


class Seen:
    """What the client saw of one call."""

    def __init__(self, call: Call, service: Any, method: str, *args: Any) -> None:
        try:
            self.result = call(service, method, *args)
            self.error: Any = None
        except stripe.StripeError as error:
            self.error = error
        answer = self.error or self.result.last_response
        self.status = self.error.http_status if self.error else answer.code
        self.body = self.error.http_body if self.error else answer.body
        self.headers = dict(answer.headers)

    def check(self, request: Any) -> None:
        """Hold the record to what was seen."""
        expected = redact(Request("req_1", response_body=self.body)).response_body
        assert (request.status, request.response_body) == (self.status, expected)
        assert request.response_headers == {name.lower(): value for name, value in self.headers.items()}
        told = json.loads(self.body).get("error", {})
        names = ("type", "code", "decline_code", "param", "message")
        fields = ("error_type", "error_code", "decline_code", "error_param", "error_message")
        assert [getattr(request, field) for field in fields] == [told.get(name) for name in names]
        assert request.api_key == "sk_test_…a1B2"
        assert request.requested_version == request.api_version == stripe.api_version
        assert request.user_agent.startswith("Stripe/v1 PythonBindings/")
        assert request.livemode is (json.loads(self.body).get("livemode", False))


def test_what_is_recorded_is_what_the_client_saw(localstripe, hook, store, recorded, kind) -> None:
    http_client, call = kind
    v1 = client_at(localstripe, http_client).v1
    customer = Seen(call, v1.customers, "create", {"name": "Zoë & Sons", "metadata": {"order": "1"}})
    id = customer.result.id
    card = {"number": "4000000000000002", "exp_month": 12, "exp_year": 2034, "cvc": "123"}
    method = Seen(call, v1.payment_methods, "create", {"type": "card", "card": card})
    attached = Seen(call, v1.payment_methods, "attach", method.result.id, {"customer": id})
    intent = Seen(call, v1.payment_intents, "create", {"amount": 1000, "currency": "eur", "customer": id})
    seen = {
        "POST /v1/customers": customer,
        "POST /v1/payment_methods": method,
        f"POST /v1/payment_methods/{method.result.id}/attach": attached,
        "POST /v1/payment_intents": intent,
        f"GET /v1/payment_intents/{intent.result.id}": Seen(
            call, v1.payment_intents, "retrieve", intent.result.id, {"expand": ["customer"]}
        ),
        "GET /v1/customers/cus_nosuch": Seen(call, v1.customers, "retrieve", "cus_nosuch"),
        "POST /v1/tokens": Seen(call, v1.tokens, "create", {"card": {"number": "4242"}}),
    }
    requests = {f"{request.method} {request.path}": request for request in recorded()}
    assert list(requests) == list(seen)
    for name, request in requests.items():
        seen[name].check(request)
    assert parse_qs(requests["POST /v1/customers"].request_body) == {"name": ["Zoë & Sons"], "metadata[order]": ["1"]}
    assert "card[number]=[card …0002]" in requests["POST /v1/payment_methods"].request_body
    assert requests[f"GET /v1/payment_intents/{intent.result.id}"].query in (
        "expand[0]=customer",
        "expand%5B0%5D=customer",
    )
    assert id in requests["POST /v1/payment_intents"].resources
    statuses = [request.status for request in requests.values()]
    assert statuses == [200, 200, 402, 200, 200, 404, 400]
    assert requests[f"POST /v1/payment_methods/{method.result.id}/attach"].error_code == "card_declined"


def test_pages_are_requests(localstripe, hook, recorded, kind) -> None:
    http_client, call = kind
    v1 = client_at(localstripe, http_client).v1
    for name in ("a", "b", "c"):
        call(v1.customers, "create", {"name": name})
    page = call(v1.customers, "list", {"limit": 2})
    following = call(v1.customers, "list", {"limit": 2, "starting_after": page.data[-1].id})
    queries = [request.query for request in recorded() if request.method == "GET"]
    assert queries == ["limit=2", f"limit=2&starting_after={page.data[-1].id}"]
    assert following.data


def test_a_wrong_key_is_recorded_without_it(localstripe, hook, recorded, kind) -> None:
    http_client, call = kind
    with pytest.raises(stripe.AuthenticationError):
        call(client_at(localstripe, http_client, "wrong_" + "a1B2" * 6).v1.customers, "list")
    (request,) = recorded()
    assert (request.status, request.error_type) == (401, "invalid_request_error")
    assert request.api_key == "[redacted …a1B2]"
    assert "a1B2a1B2" not in repr(request)


def test_each_attempt_of_a_call_is_a_request_with_the_same_idempotency_key(base, hook, recorded, kind) -> None:
    http_client, call = kind
    customer = call(client_at(base, http_client, retries=2).v1.customers, "create", {"name": "a"})
    assert customer.id == "cus_A1b2C3d4E5f6G7"
    first, second = recorded()
    assert [(each.id, each.status, each.should_retry) for each in (first, second)] == [
        ("req_First123", 503, True),
        ("req_Second12", 200, None),
    ]
    assert first.idempotency_key == second.idempotency_key is not None


def test_an_upload_is_recorded(base, hook, recorded, kind) -> None:
    http_client, call = kind
    file = io.BytesIO(b"evidence of a dispute")
    file.name = "evidence.txt"
    sent = call(client_at(base, http_client).v1.files, "create", {"purpose": "dispute_evidence", "file": file})
    assert sent.id == "file_A1b2C3d4E5f6G7"
    (request,) = recorded()
    assert (request.id, request.status, request.truncated) == ("req_File1234", 200, ())
    assert "evidence of a dispute" in request.request_body
    assert 'name="purpose"' in request.request_body


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_stream_still_streams(base, hook, recorded, kind) -> None:
    http_client = kind()
    pieces, status, _ = http_client.request_stream(
        "get", f"{base}/v1/files/contents", {"X-Stripe-Client-User-Agent": "{}"}
    )
    assert (b"".join(iter(pieces)), status) == (b"what is in it", 200)
    http_client.close()
    assert [(request.path, request.response_body) for request in recorded()] == [
        ("/v1/files/contents", "what is in it")
    ]


def test_why_nobody_answered_is_recorded_for_each_attempt(hook, recorded, kind) -> None:
    http_client, call = kind
    client = client_at(f"http://127.0.0.1:{free_port()}", http_client, retries=1)
    with pytest.raises(stripe.APIConnectionError):
        call(client.v1.customers, "create", {"name": "a"})
    found = recorded()
    assert [(request.status, request.error_type) for request in found] == [(None, "api_connection_error")] * 2
    assert {request.idempotency_key for request in found} == {found[0].idempotency_key}
    assert [request.request_body for request in found] == ["name=a"] * 2


def test_what_others_send_is_left_alone(base, hook, recorded) -> None:
    requests.get(f"{base}/status/200", timeout=GUARD_SECONDS)
    assert recorded() == []
