"""Make up requests for the benchmark: `python3 -m tests.bench.generate REQUESTS FILE [--seed N] [--until TIME]`.

JSON lines as `reqlog list -o jsonl` writes them, null keys left out, in the order of time over thirty days that end at
`--until`. The same words after the command give the same bytes, whatever the machine and however many processes it has.
Secrets are in there as an API and its callers write them (client secrets, card numbers), so that importing has
something to redact; none is anybody's.
"""

import argparse
import multiprocessing
import string
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import accumulate, product
from pathlib import Path
from random import Random
from typing import Final, NamedTuple
from urllib.parse import quote_plus

from .shapes import USER_AGENTS, VERSIONS
from .templates import shapes

CHUNK: Final = 10_000
"""Requests that are made together, from a seed of their own."""
DAYS: Final = 30
SEED: Final = 20261101
UNTIL: Final = datetime(2026, 11, 1, tzinfo=UTC)
REQUESTS_PER_CUSTOMER: Final = 20
REQUESTS_PER_OBJECT: Final = 4

_LETTERS: Final = (string.digits + string.ascii_letters) * 5
_BASE62: Final = bytes(ord(_LETTERS[each % 62]) for each in range(256))
_ADDRESSES: Final = tuple(f"{network}.{host}" for network in ("198.51.100", "203.0.113") for host in range(1, 101))
_FIRST: Final = (
    "Jenny",
    "Amara",
    "Luca",
    "Noor",
    "Mateo",
    "Ingrid",
    "Kenji",
    "Zofia",
    "Tunde",
    "Chloé",
    "Priya",
    "Owen",
)
_LAST: Final = ("Rosen", "Okafor", "Bianchi", "Haddad", "García", "Larsen", "Sato", "Nowak", "Bello", "Martin", "Rao")
_CITIES: Final = (
    "San Francisco",
    "Berlin",
    "Lagos",
    "Osaka",
    "São Paulo",
    "Toronto",
    "Leeds",
    "Lyon",
    "Kraków",
    "Pune",
)
_STREETS: Final = ("Market Street", "Hauptstraße", "Allen Avenue", "Rua Augusta", "King Street West", "Rue Mercière")
_COUNTRIES: Final = ("US", "DE", "NG", "JP", "BR", "CA", "GB", "FR", "PL", "IN")
_PLAIN: Final = str.maketrans("éí", "ei")
_PREFIXES: Final = {
    "intent": "pi",
    "charge": "ch",
    "payment_method": "pm",
    "refund": "re",
    "transaction": "txn",
    "subscription": "sub",
    "invoice": "in",
    "price": "price",
}


class Plan(NamedTuple):
    """What is to be made."""

    requests: int
    seed: int = SEED
    until: datetime = UNTIL
    out_of_order: bool = False
    """Whether chunks come in a random order, as when files are imported as they turn up."""

    @property
    def since(self) -> datetime:
        return self.until - timedelta(days=DAYS)


def lines(plan: Plan) -> Iterator[str]:
    """Yield the requests, each a line that ends in a line feed."""
    for number in _order(plan):
        yield from _chunk(plan, number)


def write(plan: Plan, path: Path) -> None:
    """Write the requests to `path`, with all processors; a file that stands there is whole."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    with unfinished.open("wb") as file, multiprocessing.Pool() as pool:
        for piece in pool.imap(partial(_bytes, plan), _order(plan)):
            file.write(piece)
    unfinished.replace(path)


def _order(plan: Plan) -> list[int]:
    numbers = list(range(-(-plan.requests // CHUNK)))
    if plan.out_of_order:
        Random(plan.seed).shuffle(numbers)
    return numbers


def _bytes(plan: Plan, number: int) -> bytes:
    return "".join(_chunk(plan, number)).encode()


def _chunk(plan: Plan, number: int) -> Iterator[str]:
    """Yield the requests of one chunk, in the order of time."""
    random = Random(f"{plan.seed}:{number}")
    first = number * CHUNK
    count = min(CHUNK, plan.requests - first)
    templates, weights = _templates()
    columns = _times(plan, random, first, count) | _ids(random, count) | _facts(random, count)
    customers = _customers(plan)
    drawn = random.choices(range(len(customers)), k=count)
    people = _people()
    rows = zip(random.choices(templates, cum_weights=weights, k=count), drawn, *columns.values(), strict=True)
    for template, who, *values in rows:
        person = people[who % len(people)]
        box = f"{person['mailbox']}.{who}"
        of_customer = {"customer": customers[who], "email": f"{box}@example.com", "email_sent": f"{box}%40example.com"}
        yield template % {**person, **of_customer, **dict(zip(columns, values, strict=True))}


@cache
def _templates() -> tuple[list[str], list[float]]:
    """Return the templates of lines, and the sums of their weights."""
    made = shapes()
    return [f"{shape.template}\n" for shape in made], list(accumulate(shape.weight for shape in made))


def _times(plan: Plan, random: Random, first: int, count: int) -> dict[str, list[str]]:
    begin, step = plan.since.timestamp(), DAYS * 86400 / plan.requests
    instants = [begin + (first + each + random.random()) * step for each in range(count)]
    return {
        "time": [f"{datetime.fromtimestamp(each, UTC).isoformat(timespec='milliseconds')[:23]}Z" for each in instants],
        "created": [str(int(each)) for each in instants],
        "period_end": [str(int(each) + 2592000) for each in instants],
    }


def _base62(random: Random, length: int, count: int) -> Iterator[str]:
    """Yield `count` random texts of `length` letters and digits."""
    text = random.randbytes(length * count).translate(_BASE62).decode()
    return (text[at : at + length] for at in range(0, length * count, length))


def _ids(random: Random, count: int) -> dict[str, list[str]]:
    """Return ids: one for each request, and for other objects as many as are met a few times."""
    ids = {
        "id": [f"req_{each}" for each in _base62(random, 14, count)],
        "missing": [f"cus_{each}" for each in _base62(random, 14, count)],
        "secret": list(_base62(random, 25, count)),
    }
    for name, prefix in _PREFIXES.items():
        made = [f"{prefix}_{each}" for each in _base62(random, 24, -(-count // REQUESTS_PER_OBJECT))]
        ids[name] = random.choices(made, k=count)
    for name, prefix in (("item", "si"), ("product", "prod")):
        made = [f"{prefix}_{each}" for each in _base62(random, 14, -(-count // REQUESTS_PER_OBJECT))]
        ids[name] = random.choices(made, k=count)
    keys = random.randbytes(16 * count).hex()
    hexes = (keys[at : at + 32] for at in range(0, 32 * count, 32))
    return ids | {"idempotency_key": [f"{a[:8]}-{a[8:12]}-{a[12:16]}-{a[16:20]}-{a[20:]}" for a in hexes]}


def _facts(random: Random, count: int) -> dict[str, list[str]]:
    def drawn(*values: str, weights: Sequence[int] | None = None) -> list[str]:
        return random.choices(values, weights, k=count)

    numbers = [str(each) for each in range(100, 50_000)]
    return {
        "duration_ms": drawn(*(str(round(random.lognormvariate(5.2, 0.6), 1)) for _ in range(500))),
        "source": drawn("api", "dashboard", weights=(95, 5)),
        "livemode": drawn("true", "false", weights=(90, 10)),
        "key": drawn("4242", "h7Xq", "Zt0e"),
        "ip": drawn(*_ADDRESSES),
        "user_agent": drawn(*USER_AGENTS),
        "version": drawn(*VERSIONS, weights=tuple(VERSIONS.values())),
        "amount": drawn(*numbers),
        "quantity": drawn("1", "2", "3"),
        "currency": drawn("usd", "eur", "gbp"),
        "order": [str(random.getrandbits(33)) for _ in range(count)],
        "brand": drawn("visa", "mastercard", "amex"),
        "last4": drawn("4242", "4444", "0005", "1881"),
    }


@cache
def _customers(plan: Plan) -> list[str]:
    random = Random(f"{plan.seed}:customers")
    return [f"cus_{each}" for each in _base62(random, 14, -(-plan.requests // REQUESTS_PER_CUSTOMER))]


@cache
def _people() -> list[dict[str, str]]:
    """Return who customers are, in all that does not differ from one to the next."""
    return [_person(first, last, number) for number, (first, last) in enumerate(product(_FIRST * len(_CITIES), _LAST))]


def _person(first: str, last: str, number: int) -> dict[str, str]:
    place = number % len(_CITIES)
    person = {
        "name": f"{first} {last}",
        "mailbox": f"{first}.{last}".lower().translate(_PLAIN),
        "street": f"{_STREETS[number % len(_STREETS)]} {number % 199 + 1}",
        "city": _CITIES[place],
        "country": _COUNTRIES[place],
        "postal_code": str(10_000 + number * 61 % 89_999),
    }
    return person | {f"{name}_sent": quote_plus(person[name]) for name in ("name", "street", "city")}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.generate", description=__doc__.partition(":")[0])
    parser.add_argument("requests", type=amount, help="how many: 1000, 100k, 1m")
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--until", type=datetime.fromisoformat, default=UNTIL, help="where the thirty days end, RFC 3339"
    )
    parser.add_argument("--out-of-order", action="store_true", help=f"shuffle chunks of {CHUNK} requests")
    given = parser.parse_args(arguments)
    begun = time.monotonic()
    write(Plan(given.requests, given.seed, given.until, given.out_of_order), given.file)
    size, lasted = given.file.stat().st_size, time.monotonic() - begun
    sys.stdout.write(f"{given.requests} requests, {size / 1e6:.0f} MB, {lasted:.1f} s: {given.file}\n")
    return 0


def amount(text: str) -> int:
    """Return the number that `text` says: `1500`, `100k`, `10m`."""
    units = {"k": 1_000, "m": 1_000_000}
    return int(text[:-1]) * units[text[-1].lower()] if text[-1:].lower() in units else int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
