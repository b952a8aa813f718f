"""Pseudonyms: equal e-mail addresses, IP addresses and customers' ids become equal others, wherever in a text they are.

A pseudonym is a keyed digest (HMAC, SHA-256), so that only who has the key can tell whose it is. It is of the kind of
what it stands for: an address in the reserved domain `reqlog.invalid`, an IP address of the range of documentation, an
id `cus_Pseudo…`. A pseudonym is never given another.
"""

import hmac
import re
from base64 import b32encode
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from ipaddress import IPv6Address, IPv6Network
from typing import NamedTuple
from urllib.parse import unquote

from reqlog.addresses import address_of
from reqlog.redact.escapes import has_escapes, without_escapes
from reqlog.redact.tokens import begins

Digest = Callable[[str, str], bytes]
"""Give 32 bytes that tell the kind and the value, in its one spelling, from any other."""

DOMAIN = "reqlog.invalid"
"""The domain of pseudonyms of e-mail addresses."""

NETWORKS: Mapping[int, IPv6Network] = {4: IPv6Network("2001:db8:4::/48"), 6: IPv6Network("2001:db8:6::/48")}
"""The networks of pseudonyms of IP addresses, by the version of what they stand for."""

_WORD, _NUMBER = r"\w.+-", r"\w."
_ESCAPE = r"(?<!\\[bfnrtu])(?<!%[\s\S])"
_ESCAPED = r"\\{1,8}u"
_AT = rf"@|%(?:25){{0,4}}40|{_ESCAPED}0040"
_FAR = rf"%[89A-Fa-f][0-9A-Fa-f]|{_ESCAPED}00[89a-fA-F][0-9a-fA-F]"
_LABEL = rf"(?:\w|{_FAR})(?:[\w-]|{_FAR}){{0,62}}+"
_EMAIL = re.compile(
    rf"[\w+]{begins(1, _WORD)}{_ESCAPE}(?<!//[\s\S])(?<!\w'[\s\S])"
    rf"(?:[\w.+-]|'(?=\w)|{_FAR}|%(?:2[BbDdEe7]|5[Ff])|{_ESCAPED}002[bBdDeE7])*+(?P<at>{_AT})"
    rf"(?:{_LABEL}(?:\.|%2[eE]))+(?:[^\W\d_]{{2,24}}|[xX][nN]--[\w-]{{1,59}})(?![\w-])"
)
_FILES = re.compile(r".*\.(?:png|jpe?g|gif|svg|webp|avif|ico|css|m?js|map)", re.IGNORECASE)
_UNICODE = re.compile(rf"{_ESCAPED}([0-9A-Fa-f]{{4}})")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_DOTTED = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_COLON = r"(?::|%3[aA])"
_IP = re.compile(
    rf"(?P<four>(?:(?<![\w:.])::[fF]{{4}}:)?[0-9]{begins(1, _NUMBER)}{_ESCAPE}"
    rf"[0-9]{{0,2}}(?:\.[0-9]{{1,3}}){{3}}(?!\.?\w))"
    rf"|(?P<six>[0-9A-Fa-f]{begins(1, _NUMBER)}{_ESCAPE}[0-9A-Fa-f]{{0,3}}"
    rf"(?:{_COLON}{{1,2}}[0-9A-Fa-f]{{1,4}}){{1,7}}(?:{_COLON}{{0,2}}{_DOTTED}|{_COLON}{{2}})?(?![\w:]|\.\w))"
)
_NO_ONES = re.compile(r"0\..*|127\..*|255\.255\..*|[0-9]+\.0\.0\.0")
_CUSTOMER = re.compile(rf"cus_{begins(4, 'A-Za-z0-9_')}(?=[a-z]*[0-9A-Z])[A-Za-z0-9]+(?![A-Za-z0-9])", re.ASCII)
_PSEUDONYM = re.compile(r"cus_Pseudo[0-9A-Za-z]{14}")
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Pseudonyms(NamedTuple):
    """What gives pseudonyms."""

    in_text: Callable[[str], str]
    """To what stands in a text."""
    in_software_names: Callable[[str], str]
    """To what stands in a text where four numbers with dots are the version of a program."""


def pseudonyms(key: bytes, kinds: Iterable[str]) -> Pseudonyms | None:
    """Return what gives pseudonyms, made with `key`, to `kinds`, as `rules.PSEUDONYMIZED` has them; None for none."""

    @lru_cache(maxsize=65_536)
    def digest(kind: str, value: str) -> bytes:
        return hmac.digest(key, f"{kind}\0{value}".encode("utf-8", "surrogatepass"), "sha256")

    wanted = [kind for kind in _STEPS if kind in kinds]
    if not wanted:
        return None
    steps = tuple(partial(_STEPS[kind], digest) for kind in wanted)
    few = tuple(partial(_STEPS[kind], digest) for kind in wanted if kind != "ip_address")
    return Pseudonyms(partial(_pseudonymized, steps), partial(_pseudonymized, few))


def _pseudonymized(steps: tuple[Callable[[str], str], ...], text: str) -> str:
    text = _stepped(steps, text)
    if not has_escapes(text):
        return text
    plain = without_escapes(text)
    return text if (new := _stepped(steps, plain)) == plain else new


def _stepped(steps: tuple[Callable[[str], str], ...], text: str) -> str:
    for step in steps:
        text = step(text)
    return text


def _emails(digest: Digest, text: str) -> str:
    if "@" not in text and "40" not in text:
        return text

    def replaced(match: re.Match[str]) -> str:
        address = _plain(match.group()).lower()
        if address.endswith(f"@{DOMAIN}") or _FILES.fullmatch(address):
            return match.group()
        name = b32encode(digest("email", address)[:10]).decode().lower()
        return f"{name}{match['at']}{DOMAIN}"

    return _EMAIL.sub(replaced, text)


@lru_cache(maxsize=65_536)
def _plain(text: str) -> str:
    """Return an e-mail address without the escapes of URLs and of JSON."""
    while "%" in text and (decoded := unquote(text)) != text:
        text = decoded
    return _UNICODE.sub(lambda escape: chr(int(escape[1], 16)), text)


def _ip_addresses(digest: Digest, text: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        new = _ip_address(digest, match.group().replace("%3A", ":").replace("%3a", ":"))
        if new is None:
            return match.group()
        before, after = text[max(0, match.start() - 2) : match.start()], text[match.end() : match.end() + 1]
        return f"[{new}]" if match["four"] and (before == "//" or ":" in (before[-1:], after)) else new

    return _IP.sub(replaced, text)


def _ip_address(digest: Digest, text: str) -> str | None:
    """Return the pseudonym of an address; None if `text` is none, is one itself, or is nobody's."""
    address = _address(text)
    if address is None or _NO_ONES.fullmatch(address):
        return None
    version = 6 if ":" in address else 4
    if version == 6 and _is_nobodys(address):
        return None
    host = int.from_bytes(digest("ip_address", address)[:10], "big")
    return str(NETWORKS[version][host])


_address = lru_cache(maxsize=65_536)(address_of)


@lru_cache(maxsize=65_536)
def _is_nobodys(address: str) -> bool:
    known = IPv6Address(address)
    groups = sum(group not in ("", "0") for group in address.split(":"))
    is_word = groups < 2 or (groups < 4 and not any(map(str.isdigit, address)))
    return is_word or known.is_loopback or any(known in network for network in NETWORKS.values())


def _customers(digest: Digest, text: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        if _PSEUDONYM.fullmatch(match.group()):
            return match.group()
        number = int.from_bytes(digest("customer", match.group())[:12], "big")
        letters = []
        for _ in range(14):
            number, letter = divmod(number, 62)
            letters.append(_BASE62[letter])
        return f"cus_Pseudo{''.join(letters)}"

    return _CUSTOMER.sub(replaced, text) if "cus_" in text else text


_STEPS: Mapping[str, Callable[[Digest, str], str]] = {
    "email": _emails,
    "ip_address": _ip_addresses,
    "customer": _customers,
}
