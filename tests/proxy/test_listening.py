import pytest

from reqlog.exceptions import UsageError
from reqlog.proxy.listening import Listening, parse_listening


@pytest.mark.parametrize(
    ("text", "host", "port", "url"),
    [
        ("12111", "127.0.0.1", 12111, "http://127.0.0.1:5"),
        (":0", "127.0.0.1", 0, "http://127.0.0.1:5"),
        ("127.0.0.2:80", "127.0.0.2", 80, "http://127.0.0.2:5"),
        ("localhost:80", "localhost", 80, "http://localhost:5"),
        ("[::1]:80", "::1", 80, "http://[::1]:5"),
    ],
)
def test_an_address_of_this_machine_is_listened_on(text, host, port, url):
    listening = parse_listening(text, is_open=False)
    assert (listening, listening.url(5)) == (Listening(host, port), url)


@pytest.mark.parametrize(("text", "url"), [("0.0.0.0:80", "http://127.0.0.1:5"), ("[::]:80", "http://[::1]:5")])
def test_an_address_that_others_can_reach_has_to_be_allowed(text, url):
    with pytest.raises(UsageError) as raised:
        parse_listening(text, is_open=False)
    assert str(raised.value) == (
        f"--listen {text}: other machines could reach that address and send requests through this one; "
        "listen on 127.0.0.1, or allow it with --open-to-network."
    )
    assert parse_listening(text, is_open=True).url(5) == url


@pytest.mark.parametrize("text", ["", "a", "1.2.3.4", "127.0.0.1:", "127.0.0.1:65536", "::1:80", "a b:1", "http://a:1"])
def test_what_is_no_address_is_said(text):
    with pytest.raises(UsageError) as raised:
        parse_listening(text, is_open=True)
    assert str(raised.value) == f"--listen {text}: not an address; give HOST:PORT such as 127.0.0.1:12111, or a port."
