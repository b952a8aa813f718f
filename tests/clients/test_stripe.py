"""The real `stripe` package through the proxy: what is in the store is, field by field, what the client saw."""

import asyncio
import io
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import stripe
from proxied import Api
from requests import Request as Prepared
from stripe import HTTPXClient, RequestsClient

from reqlog.request import Request

KEY = "sk_test_" + "4242" * 6
SHOWN_KEY = "sk_test_…4242"
_OF_THE_CONNECTION = {"connection", "keep-alive"}


class Seen(NamedTuple):
    """One exchange as the client saw it, retries apart."""

    method: str
    url: str
    sent: Mapping[str, str]
    post_data: Any
    status: int
    received: Mapping[str, str]
    content: bytes


class Seeing(RequestsClient):
    """The package's own client, and what it saw."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Seen] = []

    def request(self, method, url, headers, post_data=None, **more):
        content, status, received = super().request(method, url, headers, post_data, **more)
        self.seen.append(Seen(method.upper(), url, headers, post_data, status, received, content))
        return content, status, received


class AsyncSeeing(HTTPXClient):
    """The package's own client for asyncio, and what it saw."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Seen] = []

    async def request_async(self, method, url, headers, post_data=None):
        content, status, received = await super().request_async(method, url, headers, post_data)
        self.seen.append(Seen(method.upper(), url, headers, post_data, status, received, content))
        return content, status, received


@pytest.fixture
def client_of():
    """Give a function that returns a client for a URL, and what it will have seen."""
    made: list[Seeing] = []

    def client_of(url: str, *, key: str = KEY, retries: int = 0):
        made.append(Seeing())
        return _client(url, made[-1], key, retries).v1, made[-1].seen

    yield client_of
    for seeing in made:
        seeing.close()


def _client(url: str, seeing: Seeing | AsyncSeeing, key: str = KEY, retries: int = 0) -> Any:
    return stripe.StripeClient(
        key, base_addresses={"api": url, "files": url}, http_client=seeing, max_network_retries=retries
    )


def without_secrets(text: str | None) -> str | None:
    """Return what redaction leaves of the texts that are sent here."""
    if text is None:
        return None
    text = re.sub(r"(_secret_)[A-Za-z0-9]+", r"\1[redacted]", text)
    text = re.sub(r"(card\[number\]=)\d+(\d{4})", r"\1[card …\2]", text)
    return re.sub(r"(card\[cvc\]=)\d+", r"\1[redacted]", text)


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower() not in _OF_THE_CONNECTION}


def check(request: Request, seen: Seen, address: str) -> None:
    """Assert that `request` is what the client saw."""
    url = urlsplit(Prepared(seen.method, seen.url).prepare().url or "")
    sent = {**lower(seen.sent), "authorization": f"Bearer {SHOWN_KEY}"}
    recorded = request.request_headers or {}
    body = seen.post_data.decode() if isinstance(seen.post_data, bytes) else seen.post_data
    assert (request.method, request.host, request.path, request.query) == (
        seen.method, address, url.path, url.query or None
    )  # fmt: skip
    assert {name: recorded.get(name) for name in sent} == sent
    assert recorded["host"] == address
    assert request.request_body == without_secrets(body or None)
    assert (request.status, request.response_headers) == (seen.status, lower(seen.received))
    assert request.response_body == without_secrets(seen.content.decode() or None)
    assert (request.api_key, request.livemode, request.truncated) == (SHOWN_KEY, False, ())
    assert request.user_agent == seen.sent["User-Agent"]
    assert request.requested_version == request.api_version == stripe.api_version
    assert request.idempotency_key == seen.sent.get("Idempotency-Key")
    assert request.time is not None
    assert request.duration_ms is not None
    check_error(request, seen)


def check_error(request: Request, seen: Seen) -> None:
    try:
        error = json.loads(seen.content).get("error", {})
    except ValueError:
        error = {}
    told = (error.get("type"), error.get("code"), error.get("decline_code"), error.get("param"), error.get("message"))
    assert told == (
        request.error_type, request.error_code, request.decline_code, request.error_param, request.error_message
    )  # fmt: skip


def check_all(requests: list[Request], seen: list[Seen], address: str) -> None:
    """Assert that the store has everything that the client saw, in order, and nothing else."""
    assert [(request.method, request.path) for request in requests] == [
        (each.method, urlsplit(each.url).path) for each in seen
    ]
    for request, each in zip(requests, seen, strict=True):
        check(request, each, address)


def test_customers_are_recorded_as_they_are_created_read_changed_and_deleted(localstripe, record, client_of):
    recording = record(localstripe)
    client, seen = client_of(recording.url)
    customer = client.customers.create({"email": "jenny@example.com", "metadata": {"a b": "ü&=+%", "order": "6735"}})
    client.customers.update(customer.id, {"description": ""})
    assert client.customers.retrieve(customer.id).email == "jenny@example.com"
    client.customers.delete(customer.id)
    requests = recording.requests()
    check_all(requests, seen, localstripe)
    assert [request.status for request in requests] == [200] * 4
    assert all(customer.id in request.resources for request in requests)
    assert [request.endpoint for request in requests] == ["/v1/customers", *["/v1/customers/{customer}"] * 3]


def test_a_payment_is_recorded_from_its_method_to_its_charge(localstripe, record, client_of):
    recording = record(localstripe)
    client, seen = client_of(recording.url)
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    method = client.payment_methods.create({"type": "card", "card": card})
    intent = client.payment_intents.create(
        {"amount": 1000, "currency": "usd", "payment_method": method.id, "confirm": True}
    )
    assert intent.status == "succeeded"
    client.payment_intents.retrieve(intent.id, {"expand": ["payment_method", "customer"]})
    requests = recording.requests()
    check_all(requests, seen, localstripe)
    assert requests[0].request_body is not None
    assert "4242424242424242" not in requests[0].request_body
    assert requests[2].query == "expand%5B0%5D=payment_method&expand%5B1%5D=customer"
    assert {intent.id, method.id} <= {*requests[1].resources}


def test_what_is_refused_is_recorded_with_the_reason_that_the_client_was_given(localstripe, record, client_of):
    recording = record(localstripe)
    client, seen = client_of(recording.url)
    customer = client.customers.create({"email": "jenny@example.com"})
    declined = {"number": "4000000000000002", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    method = client.payment_methods.create({"type": "card", "card": declined})
    with pytest.raises(stripe.CardError) as refused:
        client.payment_methods.attach(method.id, {"customer": customer.id})
    with pytest.raises(stripe.InvalidRequestError):
        client.payment_intents.create({"currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError):
        client.customers.retrieve("cus_thereisnone")
    requests = recording.requests()
    check_all(requests, seen, localstripe)
    assert [request.status for request in requests] == [200, 200, 402, 400, 404]
    assert (requests[2].error_code, requests[2].error_message) == (refused.value.code, refused.value.user_message)


def test_a_wrong_key_is_recorded_as_it_was_refused(localstripe, record, client_of):
    recording = record(localstripe)
    client, _ = client_of(recording.url, key="no_key_at_all")
    with pytest.raises(stripe.AuthenticationError) as refused:
        client.customers.list()
    (request,) = recording.requests()
    assert (request.status, request.error_message) == (401, refused.value.user_message)
    assert "no_key_at_all" not in str(request)


def test_every_page_of_a_list_is_recorded(localstripe, record, client_of):
    recording = record(localstripe)
    client, seen = client_of(recording.url)
    made = {client.products.create({"name": f"Product {number}", "type": "service"}).id for number in range(5)}
    page = client.products.list({"limit": 2})
    found = {product.id for product in page.auto_paging_iter()}
    assert made <= found
    requests = recording.requests()
    check_all(requests, seen, localstripe)
    assert sum(request.method == "GET" for request in requests) >= 3
    assert requests[-1].query is not None
    assert "starting_after=" in requests[-1].query


def test_a_file_is_recorded_where_it_is_text_and_named_as_left_out_where_it_is_not(record, api, client_of):
    api.answer = answered({"id": "file_1Mr4LDLkdIwHu7ix", "object": "file"})
    recording = record(api.authority)
    client, seen = client_of(recording.url)
    for content in (b"some evidence", b"\x89PNG\r\n\x1a\n\0\xff"):
        client.files.create({"purpose": "dispute_evidence", "file": io.BytesIO(content)})
    text, binary = recording.requests()
    check(text, seen[0], api.authority)
    assert text.request_body is not None
    assert "some evidence" in text.request_body
    assert (binary.request_body, binary.truncated) == (None, ("request_body",))
    assert (binary.request_headers or {})["content-type"].startswith("multipart/form-data; boundary=")
    sent = [api.requests.get_nowait() for _ in range(2)]
    assert sent[1].endswith(seen[1].post_data)


def answered(body: object, **headers: str) -> bytes:
    """Return an answer of JSON as the API sends it."""
    content = json.dumps(body).encode()
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return b"HTTP/1.1 200 OK\r\n%bContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        more.encode(), len(content), content
    )  # fmt: skip


@pytest.fixture
def api():
    """An API of which the test decides every byte."""
    api = Api()
    yield api
    api.close()


def test_a_retry_is_a_request_of_its_own_under_the_same_idempotency_key(record, api, client_of):
    def answer(connection, _request) -> None:
        if api.requests.qsize() > 1:
            connection.sendall(answered({"id": "cus_NffrFeUfNV2Hib"}, Request_Id="req_OjRu7V5jecRDlM"))

    api.answer = answer
    recording = record(api.authority)
    client, seen = client_of(recording.url, retries=2)
    assert client.customers.create({"email": "jenny@example.com"}).id == "cus_NffrFeUfNV2Hib"
    first, second = recording.requests()
    assert first.idempotency_key == second.idempotency_key == seen[0].sent["Idempotency-Key"]
    assert (first.status, first.error_type, first.response_body) == (None, "api_connection_error", None)
    assert seen[0].status == 502
    assert json.loads(seen[0].content)["error"]["message"] == f"reqlog record: {first.error_message}"
    check(second, seen[1], api.authority)
    assert second.id == "req_OjRu7V5jecRDlM"


def test_a_replayed_answer_is_recorded_as_one(record, api, client_of):
    api.answer = answered(
        {}, Idempotent_Replayed="true", Original_Request="req_OjRu7V5jecRDlM", Request_Id="req_New12345"
    )
    recording = record(api.authority)
    client, seen = client_of(recording.url)
    client.customers.create({}, {"idempotency_key": "my-key", "stripe_account": "acct_1032D82eZvKYlo2C"})
    (request,) = recording.requests()
    check(request, seen[0], api.authority)
    assert (request.idempotent_replayed, request.original_request, request.account) == (
        True, "req_OjRu7V5jecRDlM", "acct_1032D82eZvKYlo2C"
    )  # fmt: skip


@pytest.mark.filterwarnings("ignore:Use .content=:DeprecationWarning:httpx")
def test_what_an_async_client_sends_at_once_is_all_recorded(localstripe, record):
    async def run() -> list[Seen]:
        seeing = AsyncSeeing()
        client = _client(recording.url, seeing).v1
        created = [client.customers.create_async({"email": f"{number}@example.com"}) for number in range(20)]
        customers = await asyncio.gather(*created)
        await asyncio.gather(*(client.customers.retrieve_async(customer.id) for customer in customers))
        await seeing.close_async()
        return seeing.seen

    recording = record(localstripe)
    seen = asyncio.run(run())
    requests = recording.requests()
    assert len(requests) == len(seen) == 40
    by_content = {(each.method, each.content.decode()): each for each in seen}
    for request in requests:
        check(request, by_content[request.method or "", request.response_body or ""], localstripe)
