"""Programs that are no Stripe library, through the proxy: what they print, and what is in the store."""

import json
import shutil
import subprocess

import pytest
from clients.conftest import json_of
from proxied import Api

KEY = "sk_test_" + "4242" * 6
FETCH = """
const [url, key] = process.argv.slice(1)
const headers = { Authorization: `Bearer ${key}` }
const body = new URLSearchParams({ email: 'jenny@example.com', 'metadata[a b]': 'ü' })
const sent = await fetch(`${url}/v1/customers`, { method: 'POST', headers, body })
const customer = await sent.json()
const again = `${url}/v1/customers/${customer.id}?a=%2f+b;c&`
const read = await Promise.all([...Array(5)].map(() => fetch(again, { headers })))
const lost = await fetch(`${url}/v1/customers/cus_none`, { headers })
console.log(JSON.stringify([sent.status, customer.id, read.map((each) => each.status), lost.status, await lost.json()]))
"""


def program(name: str) -> str:
    """Return the path of the program `name`; the test is skipped where there is none."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"there is no {name} here")
    return path


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout


@pytest.fixture
def api():
    """An API of which the test decides every byte."""
    api = Api()
    yield api
    api.close()


def test_curl_gets_what_is_recorded(localstripe, record):
    curl = program("curl")
    recording = record(localstripe)
    created = output(curl, "-sS", f"{recording.url}/v1/customers", "-u", f"{KEY}:", "-d", "email=jenny@example.com")
    refused = output(
        curl, "-sS", "-i", f"{recording.url}/v1/customers/cus_none?a=%2F+b", "-H", f"Authorization: Bearer {KEY}"
    )
    head = output(curl, "-sS", "-I", f"{recording.url}/v1/customers", "-u", f"{KEY}:")
    first, second, third = recording.requests()
    assert (first.status, first.request_body, first.response_body) == (200, "email=jenny@example.com", created)
    assert (first.api_key, (first.request_headers or {})["authorization"]) == ("sk_test_…4242", "Basic [redacted]")
    assert (second.status, second.query, second.response_body) == (404, "a=%2F+b", refused.partition("\n\n")[2])
    assert (third.method, third.status, third.response_body) == ("HEAD", int(head.split()[1]), None)


def test_curl_waits_for_the_api_before_it_sends_a_large_body(record, api):
    curl = program("curl")

    def answer(connection, _request) -> None:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        left = 2_000_000
        while left:
            left -= len(connection.recv(left))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    api.answer = answer
    recording = record(api.authority)
    sent = subprocess.run(
        [curl, "-sS", "-v", "-H", "Expect: 100-continue", "--data-binary", "@-", f"{recording.url}/v1/files"],
        input=b"a" * 2_000_000,
        capture_output=True,
        check=True,
    )
    assert (sent.stdout, b"HTTP/1.1 100 Continue" in sent.stderr) == (b"{}", True)
    (request,) = recording.requests()
    assert (request.truncated, len(request.request_body or "")) == (("request_body",), 1024 * 1024)


def test_nodes_fetch_gets_what_is_recorded(localstripe, record):
    node = program("node")
    recording = record(localstripe)
    said = json.loads(output(node, "--input-type=module", "-e", FETCH, recording.url, KEY))
    created, *read, lost = recording.requests()
    status, id, statuses, refusal, error = said
    assert (created.status, json_of(created)["id"], created.request_body) == (
        status, id, "email=jenny%40example.com&metadata%5Ba+b%5D=%C3%BC"
    )  # fmt: skip
    assert [request.status for request in read] == statuses == [200] * 5
    assert {request.query for request in read} == {"a=%2f+b;c&"}
    assert (lost.status, json_of(lost)) == (refusal, error)
    assert created.user_agent == "node"


def answer_at_once(api: Api) -> None:
    api.answer = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"id": "a_1"}'


def test_ab_is_answered_and_recorded_to_the_last_request(record, api):
    ab = program("ab")
    answer_at_once(api)
    recording = record(api.authority)
    said = output(ab, "-q", "-k", "-n", "1000", "-c", "8", f"{recording.url}/v1/charges?limit=3")
    assert "Complete requests:      1000\n" in said
    assert "Failed requests:        0\n" in said
    assert "Keep-Alive requests:    1000\n" in said
    assert len(recording.requests()) == 1000


def test_wrk_is_answered_and_recorded_to_the_last_request(record, api):
    wrk = program("wrk")
    answer_at_once(api)
    recording = record(api.authority)
    said = output(wrk, "-t", "1", "-c", "8", "-d", "1s", f"{recording.url}/v1/charges")
    assert "Socket errors" not in said
    assert "Non-2xx" not in said
    answered = int(said.partition(" requests in ")[0].split()[-1])
    # It leaves without waiting for what it sent last.
    assert answered <= len(recording.requests()) <= answered + 8
