import gzip
import json
import socket
import threading
import zlib

import pytest
from proxied import LONG, received, rest

from reqlog import limits
from reqlog.exchange import request_of

GET = b"GET /v1/customers HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def test_a_request_arrives_as_it_was_sent_but_for_the_host_and_the_connection(api, proxy):
    proxy.ask(
        b"POST /v1/customers HTTP/1.1\r\nX-Z: 1\r\nhost: localhost:1\r\nx-a: 2\r\nX-Z: 3 \r\nAccept-Encoding: br, x\r\n"
        b"Connection: close, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nCONTENT-length: 3\r\nUser-Agent:\r\n\r\na=b"
    )
    assert api.requests.get(timeout=LONG) == (
        b"POST /v1/customers HTTP/1.1\r\nX-Z: 1\r\nhost: %b\r\nx-a: 2\r\nX-Z: 3\r\nAccept-Encoding: br, x\r\n"
        b"CONTENT-length: 3\r\nUser-Agent: \r\n\r\na=b" % api.authority.encode()
    )


def test_nothing_is_added_to_a_request_without_a_body(api, proxy):
    proxy.ask(b"POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert api.requests.get(timeout=LONG) == b"POST /a HTTP/1.1\r\nHost: %b\r\n\r\n" % api.authority.encode()


def test_an_answer_arrives_as_it_was_sent_but_for_the_connection(api, proxy):
    api.answer = (
        b"HTTP/1.1 299 Fine  as it is\r\nx-b: 1\r\nX-A: caf\xe9 \xc3\xa9\r\nx-b: 2\r\nSet-Cookie: a=1\r\n"
        b"Set-Cookie: b=2\r\n"
        b"Keep-Alive: timeout=5\r\nConnection: keep-alive\r\ncontent-LENGTH: 4\r\n\r\nbody"
    )
    assert proxy.ask(GET) == (
        b"HTTP/1.1 299 Fine  as it is\r\nx-b: 1\r\nX-A: caf\xe9 \xc3\xa9\r\nx-b: 2\r\nSet-Cookie: a=1\r\n"
        b"Set-Cookie: b=2\r\n"
        b"content-LENGTH: 4\r\nConnection: close\r\n\r\nbody"
    )


@pytest.mark.parametrize(
    "target",
    ["/", "/?", "/a?", "/v1/a?x=%2f%2F+%20%5B0%5d[];&&b=&=", "//a//b/", "/a/../b/./c", "/%7Euser/~", "/a?b?c", "/a:b@c",
     "/a?q=\"<>|^`{}", "/%zz%", "*"],
)  # fmt: skip
def test_a_target_arrives_byte_for_byte(api, proxy, target):
    proxy.ask(f"OPTIONS {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert api.requests.get(timeout=LONG).split(b"\r\n")[0] == f"OPTIONS {target} HTTP/1.1".encode()


def test_the_path_of_the_upstream_comes_first(api, before):
    before(f"http://{api.authority}/base/").ask(GET)
    assert api.requests.get(timeout=LONG).startswith(b"GET /base/v1/customers HTTP/1.1\r\n")


def test_what_happened_is_recorded(api, proxy):
    api.answer = b"HTTP/1.1 402 Payment Required\r\nRequest-Id: req_abcd1234\r\nContent-Length: 3\r\n\r\n{ }"
    proxy.ask(
        b"POST /v1/charges?a=b HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\nConnection: close\r\n"
        b"Content-Length: 3\r\n\r\na=b"
    )
    exchange = proxy.exchange()
    assert (exchange.method, exchange.url, exchange.status) == (
        "POST", f"http://{api.authority}/v1/charges?a=b", 402
    )  # fmt: skip
    assert (exchange.request_body, exchange.response_body, exchange.truncated, exchange.failure) == (
        b"a=b", b"{ }", (), None
    )  # fmt: skip
    assert exchange.request_headers == (
        ("Host", api.authority), ("X-A", "1"), ("x-a", "2"), ("Content-Length", "3")
    )  # fmt: skip
    assert exchange.response_headers == (("Request-Id", "req_abcd1234"), ("Content-Length", "3"))
    assert exchange.time is not None
    assert exchange.duration_ms is not None
    assert exchange.ip_address == "127.0.0.1"


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\nX: 1\r\n"),
        ("GET", b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 99\r\n'),
        ("GET", b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n"),
        ("GET", b"HTTP/1.1 200 \r\nContent-Length: 0\r\n"),
    ],
)
def test_an_answer_without_a_body_stays_one(api, proxy, method, answer):
    api.answer = answer + b"\r\n"
    asked = f"{method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    assert proxy.ask(asked) == answer + b"Connection: close\r\n\r\n"
    assert proxy.exchange().failure is None


CHUNKED = b"HTTP/1.1 200 OK\r\nA: 1\r\ntransfer-encoding: chunked\r\nB: 2\r\n\r\n4\r\nbody\r\n0\r\n\r\n"


def test_chunks_stay_chunks(api, proxy):
    api.answer = CHUNKED
    assert proxy.ask(GET) == CHUNKED.replace(b"B: 2\r\n", b"B: 2\r\nConnection: close\r\n")


def test_a_client_of_http_1_0_gets_no_chunks(api, proxy):
    api.answer = CHUNKED
    answer = proxy.ask(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert answer == b"HTTP/1.0 200 OK\r\nA: 1\r\nB: 2\r\nConnection: close\r\n\r\nbody"


def test_a_client_of_http_1_0_may_keep_its_connection(proxy):
    with proxy.connect() as connection:
        for _ in range(2):
            connection.sendall(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert received(connection) == b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}"


def test_an_answer_that_ends_with_the_connection_becomes_chunks(api, proxy):
    api.answer = lambda connection, _: connection.sendall(b"HTTP/1.0 200 OK\r\nA: 1\r\n\r\nbody")
    assert proxy.ask(GET) == (
        b"HTTP/1.1 200 OK\r\nA: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
    )


def test_a_body_in_chunks_arrives_in_chunks(api, proxy):
    sent = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\na=b\r\n0\r\n\r\n"
    proxy.ask(sent)
    arrived = api.requests.get(timeout=LONG)
    assert arrived.endswith(b"\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n")
    assert b"Content-Length" not in arrived
    assert proxy.exchange().request_body == b"a=b"


def test_what_is_compressed_stays_so_and_is_recorded_as_text(api, proxy):
    sent, answered = zlib.compress(b"a=b"), gzip.compress(b'{"id": "cus_1"}', mtime=0)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(answered)
    api.answer = head + answered
    got = proxy.ask(
        b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: deflate\r\nContent-Length: %d\r\n\r\n%b"
        % (len(sent), sent)
    )
    assert got.endswith(b"\r\n\r\n" + answered)
    assert api.requests.get(timeout=LONG).endswith(b"\r\n\r\n" + sent)
    request = request_of(proxy.exchange())
    assert (request.request_body, request.response_body, request.truncated) == ("a=b", '{"id": "cus_1"}', ())


def test_connections_are_kept_alive_on_both_sides(api, proxy):
    with proxy.connect() as connection:
        for _ in range(3):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert received(connection) == OK
    assert api.connections == 1


def test_requests_sent_at_once_are_answered_in_turn(proxy):
    with proxy.connect() as connection:
        connection.sendall(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\n" * 4 + GET)
        assert rest(connection).count(b"HTTP/1.1 200 OK") == 5


EXPECTING = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"


def test_the_client_is_asked_for_its_body_when_the_api_asks_for_it(api, proxy):
    def answer(connection: socket.socket, request: bytes) -> None:
        assert b"Expect: 100-continue\r\n" in request
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert connection.recv(100) == b"a=b"
        connection.sendall(OK)

    api.answer = answer
    with proxy.connect() as connection:
        connection.sendall(EXPECTING)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"a=b")
        assert rest(connection).endswith(b"{}")
    assert proxy.exchange().request_body == b"a=b"


def test_an_api_that_refuses_a_body_is_not_sent_it(api, proxy):
    refusal = b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n"
    api.answer = refusal + b"\r\n{}"
    with proxy.connect() as connection:
        connection.sendall(EXPECTING)
        assert received(connection) == refusal + b"Connection: close\r\n\r\n{}"
    assert proxy.exchange().status == 417


def test_an_api_that_does_not_know_what_is_expected_gets_the_body_in_the_end(api, proxy):
    def answer(connection: socket.socket, _request: bytes) -> None:
        assert connection.recv(100) == b"a=b"
        connection.sendall(OK)

    api.answer = answer
    with proxy.connect() as connection:
        connection.sendall(EXPECTING)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"a=b")
        assert rest(connection).endswith(b"{}")


def test_a_body_goes_through_piece_by_piece_in_both_directions(api, proxy):
    def answer(connection: socket.socket, request: bytes) -> None:
        arrived.set()
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        assert read.wait(LONG)
        connection.sendall(b"3\r\ntwo\r\n0\r\n\r\n")

    arrived, read = threading.Event(), threading.Event()
    api.answer = answer
    with proxy.connect() as connection:
        connection.sendall(GET)
        data = b""
        while not data.endswith(b"3\r\none\r\n"):
            data += connection.recv(100)
        read.set()
        assert rest(connection).endswith(b"3\r\ntwo\r\n0\r\n\r\n")


def test_a_request_arrives_before_its_end_is_sent(api, proxy):
    def answer(connection: socket.socket, _request: bytes) -> None:
        assert connection.recv(3) == b"one"
        begun.set()
        assert connection.recv(3) == b"two"
        connection.sendall(OK)

    begun = threading.Event()
    api.answer = answer
    with proxy.connect() as connection:
        connection.sendall(EXPECTING.replace(b": 3", b": 6") + b"one")
        assert begun.wait(LONG)
        connection.sendall(b"two")
        assert rest(connection).endswith(b"{}")
    assert proxy.exchange().request_body == b"onetwo"


def test_of_a_long_body_the_beginning_is_recorded_and_all_of_it_passed_on(api, proxy):
    long = b"a" * (limits.BODY_CHARACTERS + 5)
    api.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(long), long)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(long)
    assert proxy.ask(head + long).endswith(b"\r\n\r\n" + long)
    assert api.requests.get(timeout=LONG).endswith(b"\r\n\r\n" + long)
    exchange = proxy.exchange()
    assert exchange.request_body == exchange.response_body == long[:-5]
    assert exchange.truncated == ("request_body", "response_body")


def error_of(answer: bytes) -> tuple[bytes, str, str]:
    """Return the status line of an answer in the API's place, and what its body says."""
    head, _, body = answer.partition(b"\r\n\r\n")
    error = json.loads(body)["error"]
    assert b"\r\nContent-Type: application/json\r\n" in head
    return head.split(b"\r\n")[0], error["type"], error["message"]


def test_a_websocket_is_refused_and_recorded(api, proxy):
    answer = proxy.ask(
        b"GET /v1/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\n\r\n"
    )
    status, type, message = error_of(answer)
    assert (status, type) == (b"HTTP/1.1 501 Not Implemented", "invalid_request_error")
    assert message.startswith("reqlog record: WebSocket connections are not passed on")
    assert api.connections == 0
    assert (proxy.exchange().failure or "").startswith("WebSocket")


def test_an_offer_of_http_2_is_passed_over(api, proxy):
    got = proxy.ask(
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\n"
        b"HTTP2-Settings: AA\r\n\r\n"
    )
    assert got.startswith(b"HTTP/1.1 200 OK")
    assert api.requests.get(timeout=LONG) == b"GET / HTTP/1.1\r\nHost: %b\r\n\r\n" % api.authority.encode()


def test_a_tunnel_is_refused(proxy):
    status, _, message = error_of(
        proxy.ask(b"CONNECT api.stripe.com:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    )
    assert status == b"HTTP/1.1 501 Not Implemented"
    assert "no forward proxy" in message


def test_the_whole_url_of_the_api_is_a_target_and_that_of_another_host_is_not(api, proxy):
    proxy.ask(b"GET http://%b/a?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % api.authority.encode())
    assert api.requests.get(timeout=LONG).startswith(b"GET /a?b HTTP/1.1\r\n")
    got = proxy.ask(b"GET http://example.com/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert error_of(got)[0] == b"HTTP/1.1 421 Misdirected Request"
    assert api.requests.empty()


def test_a_header_that_could_not_be_passed_on_is_refused_rather_than_changed(api, proxy):
    got = proxy.ask(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: caf\xe9\r\nConnection: close\r\n\r\n")
    assert error_of(got) == (
        b"HTTP/1.1 400 Bad Request",
        "invalid_request_error",
        "reqlog record: The request could not be passed on: a header is not text in UTF-8.",
    )
    assert api.connections == 0


def test_what_is_not_http_is_refused_without_a_word_on_standard_error(proxy, capfd):
    assert proxy.ask(b"GET / HTTP/1.1\r\nno header\r\n\r\n").startswith(b"HTTP/1.0 400 Bad Request")
    assert capfd.readouterr().err == ""


def test_a_client_that_leaves_before_its_request_is_complete_is_recorded(api, proxy):
    api.answer = lambda connection, _: connection.recv(100)
    with proxy.connect() as connection:
        connection.sendall(EXPECTING)
        assert received(connection) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"a=")
    exchange = proxy.exchange()
    assert (exchange.status, exchange.failure) == (
        None, "The client closed the connection before the answer was complete."
    )  # fmt: skip
    assert exchange.truncated == ("request_body",)


def broken(answer: bytes):
    """Return what answers with `answer` and closes the connection."""
    return lambda connection, _: connection.sendall(answer)


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody", b"\r\nConnection: close\r\n\r\nbody"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n", b"\r\n\r\n4\r\nbody\r\n"),
    ],
)
def test_an_answer_that_breaks_off_breaks_off_for_the_client(api, proxy, answer, got):
    api.answer = broken(answer)
    assert proxy.ask(GET).endswith(got)
    exchange = proxy.exchange()
    assert (exchange.status, exchange.response_body, exchange.truncated) == (200, b"body", ("response_body",))
    assert exchange.failure == f"http://{api.authority} closed the connection before its answer was complete."


def test_a_client_that_waits_for_the_connection_to_end_sees_it_broken(api, proxy):
    api.answer = broken(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n")
    with proxy.connect() as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            all(iter(lambda: connection.recv(100), b""))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "{api} closed the connection without an answer."),
        (b"HTTP/1.1 200 OK\r\nContent-", "{api} closed the connection without an answer."),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "{api} sent an answer that is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", "{api} sent an answer that is not HTTP"),
    ],
)
def test_an_api_that_gives_no_answer_is_a_bad_gateway(api, proxy, answer, message):
    api.answer = broken(answer)
    status, type, said = error_of(proxy.ask(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    assert (status, type) == (b"HTTP/1.1 502 Bad Gateway", "api_connection_error")
    assert said.startswith("reqlog record: " + message.format(api=f"http://{api.authority}"))
    exchange = proxy.exchange()
    assert (exchange.status, exchange.response_headers, exchange.response_body) == (None, None, b"")
    assert f"reqlog record: {exchange.failure}" == said


def test_an_api_that_is_down_is_a_bad_gateway_and_the_connection_stays(api, proxy):
    api.close()
    with proxy.connect() as connection:
        for _ in range(2):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert error_of(received(connection))[2] == (
                f"reqlog record: http://{api.authority} cannot be reached: Connection refused."
            )


def test_a_head_is_refused_without_a_body(api, proxy):
    api.close()
    got = proxy.ask(b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert got.endswith(b"\r\n\r\n")


def test_an_api_that_is_slow_is_a_gateway_timeout(api, before):
    api.answer = lambda connection, _: connection.recv(1)
    proxy = before(f"http://{api.authority}", timeout=0.05)
    status, _, message = error_of(proxy.ask(GET))
    assert status == b"HTTP/1.1 504 Gateway Timeout"
    assert message == f"reqlog record: http://{api.authority} did not answer in time."


def test_an_answer_that_gets_stuck_breaks_off(api, before):
    def answer(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody")
        connection.recv(1)

    api.answer = answer
    proxy = before(f"http://{api.authority}", timeout=0.05)
    assert proxy.ask(GET).endswith(b"body")
    assert proxy.exchange().failure == f"http://{api.authority} did not send the rest of its answer in time."


def test_a_client_that_leaves_ends_the_request_and_is_recorded(api, proxy):
    api.answer = lambda connection, _: connection.recv(1)
    with proxy.connect() as connection:
        connection.sendall(b"GET /v1/slow HTTP/1.1\r\nHost: x\r\n\r\n")
        api.requests.get(timeout=LONG)
    assert api.gone.get(timeout=LONG)
    exchange = proxy.exchange()
    assert (exchange.status, exchange.failure) == (
        None, "The client closed the connection before the answer was complete."
    )  # fmt: skip


def test_a_client_that_leaves_in_the_middle_of_an_answer_is_recorded_with_what_it_got(api, proxy):
    def answer(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody")
        connection.recv(1)

    api.answer = answer
    with proxy.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while not connection.recv(1000).endswith(b"body"):
            pass
    exchange = proxy.exchange()
    assert (exchange.status, exchange.response_body) == (200, b"body")
    assert (exchange.failure, exchange.truncated) == (
        "The client closed the connection before the answer was complete.", ("response_body",)
    )  # fmt: skip


def test_what_is_under_way_when_the_proxy_ends_is_recorded(api, proxy):
    api.answer = lambda connection, _: connection.recv(1)
    with proxy.connect() as connection:
        connection.sendall(b"GET /v1/slow HTTP/1.1\r\nHost: x\r\n\r\n")
        api.requests.get(timeout=LONG)
        proxy.close()
    assert proxy.exchange().failure == "reqlog record ended before the answer was complete."
