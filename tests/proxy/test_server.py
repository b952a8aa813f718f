import asyncio
import json
import shutil
import socket
import ssl
import subprocess
import threading

import pytest
from proxied import Api, received, rest

from reqlog.exceptions import UsageError
from reqlog.proxy.listening import Listening
from reqlog.proxy.server import Settings, serving, trust_of
from reqlog.proxy.upstream import parse_upstream

GET = b"GET /v1/plans HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate of 127.0.0.1 that nobody vouches for, in a file, and its key in another."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("authority")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate, "-keyout", key],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


@pytest.fixture
def secure(authority):
    """An API that shows that certificate."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(*authority)
    api = Api(trust)
    yield api
    api.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(secure, before):
    answer = before(f"https://{secure.authority}").ask(GET)
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    message = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["message"]
    assert message.startswith(f"reqlog record: The certificate of https://{secure.authority} is not valid: self")
    assert message.endswith("; --ca FILE adds an authority to trust.")
    assert secure.requests.empty()


def test_an_authority_that_is_added_vouches_for_it(secure, authority, before):
    proxy = before(f"https://{secure.authority}", trust=trust_of(str(authority[0])))
    assert proxy.ask(GET).endswith(b"{}")
    assert proxy.exchange().url == f"https://{secure.authority}/v1/plans"


def test_a_certificate_of_another_host_is_refused(secure, authority, before):
    proxy = before(f"https://localhost:{secure.authority.rpartition(':')[2]}", trust=trust_of(str(authority[0])))
    assert b"is not valid: Hostname mismatch" in proxy.ask(GET)


def test_an_api_that_speaks_no_tls_is_said(before):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                rest(connection)

        answering = threading.Thread(target=answer)
        answering.start()
        got = before(f"https://127.0.0.1:{server.getsockname()[1]}").ask(GET)
        answering.join()
    assert b"speaks no TLS that could be used" in got


def test_a_host_that_is_not_there_is_said(before):
    assert b"There is no address to be found for http://nothing.invalid" in before("http://nothing.invalid").ask(GET)


def test_a_certificate_is_asked_for_where_it_cannot_be_found(tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("no certificate")
    for path, flaw in ((empty, "holds no certificate in PEM format."), (tmp_path / "none", "cannot be read: No such")):
        with pytest.raises(UsageError) as raised:
            trust_of(str(path))
        assert str(raised.value).startswith(f"--ca {path}: {flaw}")


def test_a_port_that_is_taken_is_said(api):
    async def serve() -> None:
        port = int(api.authority.rpartition(":")[2])
        settings = Settings(parse_upstream("http://a"), Listening("127.0.0.1", port), trust_of(None), 1)
        async with serving(settings, print):
            pass

    with pytest.raises(UsageError) as raised:
        asyncio.run(serve())
    assert str(raised.value) == (
        f"--listen {api.authority}: nobody can listen there: address already in use; "
        "give another port, or none for a free one."
    )


def test_headers_may_be_many_and_long(api, proxy):
    many = b"".join(b"X-%d: %b\r\n" % (number, b"a" * 100) for number in range(500)) + b"Long: %b\r\n" % (
        b"a" * 100_000
    )
    api.answer = b"HTTP/1.1 200 OK\r\n" + many + b"Content-Length: 0\r\n\r\n"
    target = b"/" + b"a" * 100_000
    with proxy.connect() as connection:
        connection.sendall(b"GET %b HTTP/1.1\r\nHost: x\r\n%b\r\n" % (target, many))
        assert received(connection) == api.answer
    arrived = api.requests.get(timeout=60)
    assert arrived.startswith(b"GET %b HTTP/1.1\r\n" % target)
    assert many in arrived


def test_ipv6_is_spoken_on_both_sides():
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("there is no IPv6 here")
    server.close()

    async def ask() -> str:
        settings = Settings(parse_upstream("http://[::1]:1"), Listening("::1", 0), trust_of(None), 1)
        async with serving(settings, exchanges.append) as url:
            reader, writer = await asyncio.open_connection("::1", int(url.rpartition(":")[2]))
            writer.write(GET)
            await reader.read()
            writer.close()
            return url

    exchanges: list[object] = []
    assert asyncio.run(ask()).startswith("http://[::1]:")
    assert len(exchanges) == 1
