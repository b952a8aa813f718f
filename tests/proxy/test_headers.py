import pytest

from reqlog.proxy.headers import as_text, head_of, passed_on, to_upstream


def test_what_is_about_the_connection_is_not_passed_on():
    headers = [(b"Connection", b"close, X-Hop,TE"), (b"connection", b"host, Transfer-Encoding"), (b"x-hop", b"1")]
    more = [
        (b"Keep-Alive", b"1"),
        (b"Proxy-Connection", b"x"),
        (b"TE", b"trailers"),
        (b"Trailer", b"x"),
        (b"Upgrade", b"h2c"),
    ]
    kept = [(b"Host", b"x"), (b"X-A", b"1"), (b"Transfer-Encoding", b"chunked"), (b"x-a", b"2")]
    assert passed_on([*headers, *kept, *more]) == kept


def test_the_host_is_put_where_the_host_was():
    assert to_upstream([(b"A", b"1"), (b"hOst", b"x"), (b"a", b"\xc3\xa9")], "y") == (
        ("A", "1"), ("hOst", "y"), ("a", "é")
    )  # fmt: skip


def test_a_header_that_is_not_utf_8_is_no_text():
    with pytest.raises(UnicodeDecodeError):
        to_upstream([(b"A", b"\xe9")], "y")
    assert as_text([(b"A", b"\xe9")]) == (("A", "\ufffd"),)


def test_a_head_is_written_byte_for_byte():
    assert head_of("HTTP/1.1 200 caf\udce9", [(b"A", b"\xe9"), (b"a", b"")]) == (
        b"HTTP/1.1 200 caf\xe9\r\nA: \xe9\r\na: \r\n\r\n"
    )
