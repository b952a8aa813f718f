import pytest

from reqlog.addresses import address_of, in_network, network_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::1", "::1"),
        ("203.0.113", None),
        ("203.0.113.07", None),
        ("203.0.113.7:443", None),
        ("10.0.0.0/8", None),
        ("host.example", None),
        ("", None),
    ],
)
def test_an_address_is_written_in_one_way(text, expected) -> None:
    assert address_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("203.0.113.7/24", "203.0.113.0/24"),
        ("203.0.113.7", "203.0.113.7/32"),
        ("2001:DB8::7/32", "2001:db8::/32"),
        ("10.0.0.0/99", None),
        ("10.0.0/8", None),
        ("", None),
    ],
)
def test_a_network_is_written_in_one_way(text, expected) -> None:
    assert network_of(text) == expected


@pytest.mark.parametrize(
    ("address", "network", "expected"),
    [
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.3/32", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("::ffff:10.1.2.3", "10.0.0.0/8", True),
        ("2001:db8::7", "2001:db8::/32", True),
        ("2001:db8::7", "0.0.0.0/0", False),
        ("10.1.2.3", "::/0", False),
        ("host.example", "0.0.0.0/0", False),
        ("", "::/0", False),
        ("10.1.2.3:443", "10.0.0.0/8", False),
    ],
)
def test_an_address_lies_in_a_network_or_not(address, network, expected) -> None:
    assert in_network(address, network) is expected
