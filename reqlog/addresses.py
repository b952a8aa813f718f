"""Text to IP addresses and networks; the one place that knows how they are written."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network


def address_of(text: str) -> str | None:
    """Return the IP address `text` in its canonical form; None if it is none.

    An IPv4 address that is mapped into IPv6 (`::ffff:203.0.113.7`) is given as IPv4.
    """
    from ipaddress import ip_address

    try:
        address = ip_address(text)
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def network_of(text: str) -> str | None:
    """Return the network `text`, as in 203.0.113.0/24, in its canonical form; None if it is none."""
    network = _network(text)
    return None if network is None else str(network)


def in_network(address: str, network: str) -> bool:
    """Whether the text `address` is an IP address in `network`."""
    from ipaddress import ip_address

    within = _network(network)
    canonical = address_of(address)
    return within is not None and canonical is not None and ip_address(canonical) in within


@lru_cache(maxsize=16)
def _network(text: str) -> "IPv4Network | IPv6Network | None":
    from ipaddress import ip_network

    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
