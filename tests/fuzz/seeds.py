"""What fuzzing begins with: the samples that readers carry, what the documentation gives as examples, and recordings.

Recordings are read where they are, and never copied into the project.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import cast

from reqlog.flags import FLAGS
from reqlog.readers import FORMATS
from reqlog.readers.base import Sample
from reqlog.readers.mapping import Mapping
from reqlog.readers.presets import PRESETS
from reqlog.request import Request
from reqlog.store.sqlite import rows

from .keeping import bytes_of
from .reading import OWN

ROOT = Path(__file__).resolve().parents[2]
RECORDINGS = ROOT.parent / "shared" / "data"
LARGEST = 12_000
"""Bytes of the largest recording that is taken: larger ones make fuzzing slow."""

_FOLDERS = {
    "vcr": ("vcr", "vcr_other"),
    "yaml": ("vcr_other",),
    "har": ("har",),
    "access-log": ("access",),
    "stripe-cli": ("stripe_cli",),
    "sniff": ("vcr_other", "har", "access", "stripe_cli"),
}
_VALUES = {
    "time": "2025-02-24T10:00:00.250Z",
    "status": 201,
    "duration_ms": 2.5,
    "request_line": "POST /a?b=c HTTP/1.1",
    "url": "/a?b=c",
    "ip_address": "203.0.113.7",
    "request_headers": {"Accept": ["a", "b"]},
    "response_headers": {"server": "x"},
    "livemode": True,
}


def of_format(format: str) -> list[bytes]:
    """Return the samples of a reader; of a mapping an object that has all it says."""
    if format in PRESETS or format in OWN:
        return [_object_of(PRESETS.get(format) or OWN[format])]
    samples = cast("tuple[Sample, ...]", import_module(FORMATS[format].module).SAMPLES)
    more = [_object_of(mapping) for mapping in PRESETS.values()] if format == "json-map" else []
    return [sample.text for sample in samples] + more


def of_all_formats() -> list[bytes]:
    """Return the samples of all readers."""
    return [sample for format in FORMATS for sample in of_format(format)]


def _object_of(mapping: Mapping) -> bytes:
    log: dict[str, object] = {}
    for name, (path, *_) in mapping.fields.items():
        _put(log, path, _VALUES.get(name, name))
    for path in mapping.requires:
        _put(log, path, "x")
    return json.dumps(log).encode() + b"\n"


def _put(log: dict[str, object], path: tuple[str, ...], value: object) -> None:
    *outer, last = path
    for key in outer:
        log = cast("dict[str, object]", log.setdefault(key, {}))
    if last.endswith("*"):
        log[f"{last[:-1]}accept"] = "a, b"
    else:
        log.setdefault(last, value)


def recordings(target: str) -> Iterator[Path]:
    """Yield the small recordings, where there are any, that are of use to `target`."""
    for folder in _FOLDERS.get(target, ()):
        for path in sorted((RECORDINGS / folder).rglob("*")):
            if path.is_file() and path.stat().st_size <= LARGEST:
                yield path


TIMES = (
    *(b"now", b"30m", b"24h", b"7d", b"2w", b"1h30m", b"90s", b"800ms", b"1.5s", b"today", b"yesterday", b"tomorrow"),
    *(b"2025-02-24", b"2025-02-24T10:30:00Z", b"2025-02-24T12:30:00.123456789+02:00", b"2025-W09-1", b"10:30"),
    *(b"1740000000", b"24 Feb 2025", b"Feb 24 2025 3pm", b"2025-02-24 10:30:00 +0000", b"20250224T103000Z"),
    *(b"Mon, 24 Feb 2025 10:00:00 GMT", b"Monday, 24-Feb-25 10:00:00 GMT", b"Mon Feb 24 10:00:00 2025"),
    b"24/Feb/2025:12:00:00 +0200",
)

_FLAG_TEXTS = (
    ("402", "4xx", "400-499", ">=400", "< 300", "succeeded", "failed", "402,404\n500"),
    ("GET", "post,DELETE"),
    ("/v1/customers/{customer}", "/v1/payment_intents*", "POST /v1/charges", "/v1/customers/:id"),
    ("/v1/charges?", "*'\"%_[a]"),
    ("203.0.113.7", "203.0.113.0/24", "::ffff:203.0.113.7", "2001:db8::/32"),
    ("insufficient funds", "caf\u00e9 \u0130x", "cus_1"),
)


def of_flags() -> list[bytes]:
    """Return values of flags behind a byte that chooses the flag."""
    chosen = range(len(FLAGS))
    return [bytes((number,)) + text.encode() for number in chosen for texts in _FLAG_TEXTS for text in texts[:3]]


_KEY = "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc"
_CARD = "4242424242424242"

_TEXTS = tuple(
    text.encode()
    for text in (
        f"Bearer {_KEY}",
        f'{{"a": "{_KEY}", "client_secret": "pi_3abc_secret_xyz", "number": {_CARD}}}',
        'Invalid API Key provided: sk_test_****4242 "password": "x\\"y"',
        "card[number]=4242+4242+4242+4242&card[cvc]=123&amount=100&source%5Bnumber%5D=1",
        "https://user:pass@example.com/?token=abc&key=def#x",
        '{\\"secret\\": \\"{\\\\\\"token\\\\\\": \\\\\\"abc\\\\\\"}\\"}',
        "%7B%22password%22%3A%22abc%22%7D",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl Basic dXNlcjpwYXNzd29yZA==",
        'Content-Disposition: form-data; name="api_key"\r\n\r\nabc\r\n--b',
        "a=1; session_token=[abc, 'def'] => [redacted] whsec_abcdefghijklmnop",
        "iban: DE89370400440532013000 account_number=000123456789",
    )
)


def of_redaction() -> list[bytes]:
    """Return texts with secrets in them, and some pieces of what redaction looks at."""
    return [*_TEXTS, *(bytes((0, *range(first, first + 6))) for first in range(0, 60, 6))]


def of_rows() -> list[bytes]:
    """Return a row of a request that has everything, one that has nothing, and ones that no reqlog wrote."""
    whole = Request(
        id="req_1",
        time=datetime(2025, 2, 24, 10, tzinfo=UTC),
        duration_ms=12.5,
        status=402,
        livemode=True,
        path="/v1/charges",
        request_headers={"a": "b"},
        response_body="{}" + " " * 200,
        truncated=("response_body",),
        resources=("cus_1",),
    )
    kept = [rows.row_of(rows.sequence(request), request) for request in (whole, Request(id="req_2"))]
    return [bytes_of(list(row)) for row in kept]
