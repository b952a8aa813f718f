import pytest

from reqlog.exceptions import UsageError
from reqlog.proxy.upstream import Upstream, parse_upstream


@pytest.mark.parametrize(
    ("text", "upstream", "shown", "authority"),
    [
        ("https://api.stripe.com", Upstream("https", "api.stripe.com", 443), None, "api.stripe.com"),
        ("HTTPS://API.Stripe.com:443/", Upstream("https", "api.stripe.com", 443), "https://api.stripe.com", None),
        ("http://localhost:8420", Upstream("http", "localhost", 8420), None, "localhost:8420"),
        ("http://[::1]:80/a/b//", Upstream("http", "::1", 80, "/a/b"), "http://[::1]/a/b", "[::1]"),
    ],
)
def test_an_upstream_is_a_host_and_perhaps_a_path(text, upstream, shown, authority):
    assert parse_upstream(text) == upstream
    assert str(upstream) == (shown or text)
    assert upstream.authority == (authority or upstream.host)


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("api.stripe.com", "not a URL that starts with http:// or https://"),
        ("ftp://a", "not a URL that starts with http:// or https://"),
        ("https://", "names no host"),
        ("https://:443", "names no host"),
        ("https://user:word@a", "holds a user name, which would go into every request"),
        ("https://a?b", "holds more than a host and a path"),
        ("https://a/#b", "holds more than a host and a path"),
        ("https://a:port", "not a URL"),
        ("https://a:99999", "not a URL"),
        ("https://[::1", "not a URL"),
    ],
)
def test_what_is_no_upstream_is_said(text, flaw):
    with pytest.raises(UsageError) as raised:
        parse_upstream(text)
    assert str(raised.value).startswith(f"--upstream {text}: {flaw}")
    assert str(raised.value).endswith("; give one such as https://api.stripe.com.")


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/a?b", "/a?b"),
        ("*", "*"),
        ("https://api.stripe.com/a?b", "/a?b"),
        ("HTTP://API.stripe.com", "/"),
        ("http://api.stripe.com:443?a", "/?a"),
        ("http://api.stripe.com:80/", None),
        ("http://example.com/", None),
        ("http://user@api.stripe.com/", None),
    ],
)
def test_a_target_is_of_this_upstream_or_of_none(path, target):
    assert parse_upstream("https://api.stripe.com").target_of(path) == target
