"""Made-up secrets of every kind, planted in every place of requests, and captures of those in every format.

Nothing here is random: the same captures are made each time. What each request hides is known by its id.
"""

import json
import random
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from string import ascii_letters, digits
from typing import Any
from urllib.parse import quote, quote_plus

Headers = dict[str, str]


@dataclass(frozen=True)
class Secret:
    """Something that must go."""

    text: str
    """As it is planted."""
    needles: tuple[str, ...]
    """Its letters and digits, none of which may be found."""


@dataclass(frozen=True)
class Planted:
    """A request that hides a secret."""

    where: str
    """Which part of it does."""
    secret: Secret
    """What it hides."""
    path: str = "/v1/things"
    query: str = ""
    request_headers: Headers = field(default_factory=dict)
    response_headers: Headers = field(default_factory=dict)
    request_body: str = ""
    response_body: str = "{}"
    user: str = ""
    """User and password in the URL."""


class Plants:
    """Makes secrets, no two alike."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def word(self, length: int = 24) -> str:
        """Return letters and digits in no order."""
        while True:
            word = "".join(self._random.choices(ascii_letters + digits, k=length))
            if any(map(str.isdigit, word)) and word.lower() != word != word.upper() and word[0].isalpha():
                return word

    def number(self, length: int) -> str:
        """Return digits in no order."""
        return "".join(self._random.choices(digits[1:], k=length))

    def card(self) -> str:
        """Return a number that an issuer could have printed."""
        start = self._random.choice(["4242", "5555", "2223", "3782", "6011"])
        body = start + self.number(10 if start == "3782" else 11)
        doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))]
        return body + str(-sum(sum(divmod(value, 10)) for value in doubled) % 10)

    def prefixed(self, prefix: str) -> Secret:
        """Return a key."""
        word = self.word()
        return Secret(prefix + word, (word,))

    def plain(self) -> Secret:
        """Return what only its name tells."""
        word = self.word()
        return Secret(word, (word,))

    def grouped_card(self, separator: str) -> Secret:
        """Return a card number in groups of four."""
        card = self.card()
        groups = [card[place : place + 4] for place in range(0, len(card), 4)]
        if len(card) == 15:
            groups = [card[:4], card[4:10], card[10:]]
        return Secret(separator.join(groups), (card,))

    def jwt(self) -> Secret:
        """Return a JSON Web Token."""
        payload = b64encode(json.dumps({"sub": self.word()}).encode()).decode().rstrip("=")
        signature = self.word(43)
        return Secret(f"eyJhbGciOiJIUzI1NiJ9.{payload}.{signature}", (payload, signature))

    def basic(self) -> Secret:
        """Return basic credentials."""
        password = self.word()
        encoded = b64encode(f"user:{password}".encode()).decode()
        return Secret(f"Basic {encoded}", (encoded.rstrip("="), password))


def shaped(plants: Plants) -> Iterator[Secret]:
    """Yield a secret of each kind that is known by what it looks like."""
    for prefix in ("sk_live_", "sk_test_", "rk_live_", "ek_test_", "sk_org_live_", "sk_", "whsec_"):
        yield plants.prefixed(prefix)
    yield plants.prefixed(f"pi_{plants.word()}_secret_")
    yield plants.prefixed("src_client_secret_")
    yield plants.prefixed("Bearer ")
    yield plants.jwt()
    yield plants.basic()
    for separator in ("", " ", "-", "\xa0"):
        yield plants.grouped_card(separator)
    password = plants.word()
    yield Secret(f"https://ada:{password}@shop.example/x", (password,))


NAMES: dict[str, Callable[[Plants], str]] = {
    "password": Plants.word,
    "userPassword": Plants.word,
    "secret": Plants.word,
    "client-secret": Plants.word,
    "api_key": Plants.word,
    "access_token": Plants.word,
    "X-Auth-Token": Plants.word,
    "private_key": Plants.word,
    "cvc": Plants.word,
    "security_code": Plants.word,
    "card_number": lambda plants: plants.number(16),
    "account_number": lambda plants: plants.number(12),
    "routing_number": lambda plants: plants.number(9),
    "iban": lambda plants: f"DE{plants.number(20)}",
    "sort_code": lambda plants: plants.number(8),
    "id_number": lambda plants: plants.number(9),
    "ssn": lambda plants: plants.number(9),
}
"""Names under which anything is a secret, and what may stand under them."""
_CODES = ("cvc", "security_code")
"""What in a sentence is a secret only where it is three or four digits, too few to be sure that they are nowhere."""


def named(plants: Plants) -> Iterator[tuple[str, Secret]]:
    """Yield a secret for each name."""
    for name, make in NAMES.items():
        value = make(plants)
        yield name, Secret(value, (value,))


HEADERS = (
    *("Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "X-Auth-Token", "Private-Token"),
    *("Stripe-Signature", "X-Hub-Signature-256", "X-Amz-Security-Token", "X-Csrf-Token", "X-Vault-Token", "Api-Key"),
    *("X-Goog-Api-Key", "X-Shopify-Access-Token", "CF-Access-Client-Secret", "X-Password", "X-GitHub-OTP", "X-Auth"),
)
"""Headers of which nothing is kept, or no more than tells two apart."""


def _nested(depth: int, value: Any) -> Any:
    for level in range(depth):
        value = {"data": [{"a": level}, value]} if level % 2 else {"object": value, "amount": 4500}
    return value


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in text)


def _encoded(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


TEXT_BODIES: dict[str, Callable[[str], str]] = {
    "json": lambda text: json.dumps({"note": text, "amount": 1}),
    "deep json": lambda text: json.dumps(_nested(7, {"note": text}), indent=2),
    "json in json": lambda text: json.dumps({"note": json.dumps({"note": text})}),
    "form": lambda text: f"a=1&note={quote_plus(text)}&b=2",
    "sloppy form": lambda text: f"metadata[note]={text}",
    "xml": lambda text: f"<a><note>{text}</note></a>",
    "text": lambda text: f"It failed with {text}, sorry.\n",
    "multipart": lambda text: f'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\n{text}\r\n--b--\r\n',
    "escaped json": lambda text: f'{{"note": "{_escaped(text)}"}}',
    "escaped form": lambda text: f"note={_encoded(text)}",
    "error": lambda text: json.dumps({"error": {"type": "api_error", "message": f"No such thing: {text}."}}),
}
"""Bodies that have a text somewhere."""

NAMED_BODIES: dict[str, Callable[[str, str], str]] = {
    "json": lambda name, value: json.dumps({name: value}),
    "deep json": lambda name, value: json.dumps(_nested(8, {name: value}), indent=1),
    "list": lambda name, value: json.dumps({name: ["", value]}),
    "json in json": lambda name, value: json.dumps({"body": json.dumps({"x": json.dumps({name: value})})}),
    "json in json, quotes escaped": lambda name, value: f'{{"x": "{{\\u0022{name}\\u0022: \\u0022{value}\\u0022}}"}}',
    "name and value": lambda name, value: json.dumps([{"name": name, "value": value}]),
    "form": lambda name, value: f"a=1&{name}={value}&b=2",
    "brackets": lambda name, value: f"outer[{name}]={value}&outer[x]=1",
    "encoded brackets": lambda name, value: f"outer%5B{name}%5D={value}",
    "json in a form": lambda name, value: "payload=" + quote_plus(json.dumps({name: value})),
    "json in a form, encoded twice": lambda name, value: "payload=" + quote(quote_plus(json.dumps({name: value}))),
    "url in json": lambda name, value: json.dumps({"url": f"https://shop.example/?{name}={value}#a"}),
    "multipart": lambda name, value: _part(f'Content-Disposition: form-data; name="{name}"', value),
    "multipart, name last": lambda name, value: _part(
        f'Content-Type: text/plain\r\nX-A: b\r\nContent-Disposition: form-data; filename="x"; name="o[{name}]"', value
    ),
    "multipart, name first": lambda name, value: _part(
        f"content-disposition: form-data; name={name}\r\n" + "\r\n".join(f"X-{n}: y" for n in range(9)), value
    ),
    "element": lambda name, value: f"<a><ns:{name} b='c'>{value}</ns:{name}></a>",
    "attribute": lambda name, value: f'<a {name}="{value}"/>',
    "escaped name in json": lambda name, value: f'{{"{_escaped(name[0])}{name[1:]}": "{value}"}}',
    "escaped name in a form": lambda name, value: f"a=1&{_encoded(name[0])}{name[1:]}={value}",
    "sentence": lambda name, value: json.dumps({"error": {"message": f"Wrong {name}: {value}."}}),
    "cut json": lambda name, value: f'{{"{name}": "{value}',
}
"""Bodies that have a value under a name somewhere."""


def _part(headers: str, value: str) -> str:
    return f"--b\r\n{headers}\r\n\r\n{value}\r\n--b\r\nContent-Disposition: form-data; name=z\r\n\r\n1\r\n--b--\r\n"


def everything(plants: Plants) -> Iterator[Planted]:
    """Yield requests that hide a secret, of every kind in every place."""
    yield from _in_headers(plants)
    yield from _in_urls(plants)
    for number, make in enumerate(TEXT_BODIES.values()):
        for secret in shaped(plants):
            yield _in_body(make(secret.text), secret, answered=number % 2 == 0)
    for number, (kind, make_named) in enumerate(NAMED_BODIES.items()):
        for name, secret in named(plants):
            if kind == "sentence" and name in _CODES:
                continue
            yield _in_body(make_named(name, secret.text), secret, answered=number % 2 == 0)


def _in_body(body: str, secret: Secret, *, answered: bool) -> Planted:
    if answered or '"error"' in body:
        return Planted("response_body", secret, response_body=body)
    return Planted("request_body", secret, request_body=body)


def _in_headers(plants: Plants) -> Iterator[Planted]:
    for name in HEADERS:
        secret = plants.plain()
        value = f"sid={secret.text}; Path=/" if "Cookie" in name else secret.text
        yield Planted("request_headers", secret, request_headers={name: value})
        secret = plants.plain()
        value = f"sid={secret.text}; Path=/" if "Cookie" in name else secret.text
        yield Planted("response_headers", secret, response_headers={name: value})
    for secret in shaped(plants):
        if "\xa0" in secret.text:
            continue
        yield Planted("user_agent", secret, request_headers={"User-Agent": f"shop/1.0 ({secret.text})"})
    for secret in shaped(plants):
        if "\xa0" not in secret.text:
            yield Planted("request_headers", secret, request_headers={"X-Note": secret.text})
            yield Planted("response_headers", secret, response_headers={"X-Note": f"see {secret.text}"})
    for name, secret in named(plants):
        url = f"https://shop.example/x?a=1&{name}={secret.text}"
        yield Planted("referer", secret, request_headers={"Referer": url})
    for name, secret in named(plants):
        yield Planted("response_headers", secret, response_headers={"Location": f"/next?{name}={secret.text}#x"})


def _in_urls(plants: Plants) -> Iterator[Planted]:
    for name, secret in named(plants):
        yield Planted("query", secret, query=f"limit=3&{name}={secret.text}")
    for name in ("key", "sig", "signature", "token", "secret", "auth", "pwd"):
        secret = plants.plain()
        yield Planted("query", secret, query=f"{name}={secret.text}&limit=3")
    for secret in shaped(plants):
        yield Planted("query", secret, query=f"note={quote_plus(secret.text)}")
        yield Planted("query", secret, query=f"note={_encoded(secret.text)}")
        if secret.text.isascii() and " " not in secret.text and "://" not in secret.text:
            yield Planted("path", secret, path=f"/v1/things/{secret.text}/x")
    secret = plants.plain()
    yield Planted("user", secret, user=f"ada:{secret.text}@")
