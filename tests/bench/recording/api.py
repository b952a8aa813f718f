"""An API that costs next to nothing: it answers every request with the same customer, under an id of its own."""

import asyncio
import json
import random
import sys
import time
from email.utils import formatdate

_BODY = json.dumps(
    {
        "id": "cus_NffrFeUfNV2Hib",
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": 1680893993,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": "A customer of the benchmark",
        "email": "jennyrosen@example.com",
        "invoice_prefix": "0759376C",
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None},
        "livemode": False,
        "metadata": {"order": "6735"},
        "name": "Jenny Rosen",
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    },
    indent=2,
).encode()
_HEAD = (
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: %b\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\nConnection: keep-alive\r\naccess-control-allow-credentials: true\r\n"
    b"access-control-allow-methods: GET, HEAD, PUT, PATCH, POST, DELETE\r\naccess-control-allow-origin: *\r\n"
    b"access-control-max-age: 300\r\ncache-control: no-cache, no-store\r\nrequest-id: req_%b\r\n"
    b"stripe-version: 2025-03-31.basil\r\nvary: Origin\r\nstrict-transport-security: max-age=63072000\r\n\r\n"
)


_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _answer() -> bytes:
    date = formatdate(int(time.time()), usegmt=True).encode()
    return _HEAD % (date, len(_BODY), bytes(random.choices(_LETTERS, k=14))) + _BODY


class _Api(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._data = b""

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            self._data = self._data[end + 4 :]
            self._transport.write(_answer())  # type: ignore[attr-defined]  # it is one


async def _main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Api, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
