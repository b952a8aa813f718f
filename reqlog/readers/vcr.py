"""Cassettes: HTTP interactions recorded for tests, in YAML and JSON.

Those of Ruby's VCR, vcrpy, Betamax, go-vcr, exvcr and PHP-VCR. One interaction is held at a time. What their parts are
called is the matter of `interaction`.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

from reqlog.bounds import bounded
from reqlog.exchange import Occurrences, request_of
from reqlog.readers.base import Reject, Sample
from reqlog.readers.interaction import UnreadableError, exchange_of
from reqlog.readers.json_records import CROWDED, NotDecoded, is_crowded, reason
from reqlog.readers.json_stream import BrokenJsonError, array_items
from reqlog.readers.lines import beginning, buffered
from reqlog.readers.unpack import HEAD_BYTES, Stream
from reqlog.readers.yaml_stream import OVERSIZED, BrokenYamlError, Unreadable, sequence_items
from reqlog.request import Request

_KEYS: Final = ("http_interactions", "interactions")
_JSON_KEY = re.compile(rb'"((?:http_)?interactions)"\s*:')


def read(stream: BinaryIO, name: str) -> Iterator[Request | Reject]:
    """Yield the requests of a cassette; the place of a reject is the index of its interaction from 1.

    Tests record the same call over and over: those without an id are kept apart by the name of their cassette.
    """
    occurrences = Occurrences()
    cassette = name.rpartition("/")[2].removesuffix(".gz").removesuffix(".zst")
    place = 0
    try:
        for place, interaction in enumerate(_interactions(buffered(stream)), start=1):
            if isinstance(interaction, Unreadable):
                yield Reject(name, place, interaction.reason)
                continue
            try:
                exchange = exchange_of(interaction)
            except UnreadableError as error:
                yield Reject(name, place, str(error))
            else:
                yield bounded(request_of(exchange, occurrence_of=occurrences, within=cassette))
    except (BrokenYamlError, BrokenJsonError) as broken:
        yield Reject(name, place + 1, str(broken)) if place else Reject(name, None, f"not a cassette: {broken}")


def _interactions(stream: Stream) -> Iterator[object]:
    """Yield each interaction as plain data, or as `Unreadable`."""
    first = beginning(stream)[:1]
    if first == b"[":
        return map(_from_json, array_items(stream, ()))
    if first == b"{":
        return map(_from_json, array_items(stream, (_key(stream),)))
    return sequence_items(stream, _KEYS)


def _key(stream: Stream) -> str:
    """Return the key that the interactions are under, as far as the beginning tells."""
    while (found := _JSON_KEY.search(stream.head()[:HEAD_BYTES])) is None and stream.look_further():
        pass
    return found[1].decode() if found else _KEYS[0]


def _from_json(element: bytes) -> object:
    if not element:
        return Unreadable(OVERSIZED)
    if is_crowded(element):
        return Unreadable(CROWDED)
    try:
        return msgspec.json.decode(element)
    except NotDecoded as error:
        return Unreadable(reason(error))


SAMPLES = (
    Sample(
        b"""---
http_interactions:
- request:
    method: post
    uri: https://api.stripe.com/v1/charges
    body:
      encoding: UTF-8
      string: amount=1
    headers:
      Stripe-Version:
      - '2020-08-27'
  response:
    status:
      code: 402
      message: Payment Required
    headers:
      Request-Id:
      - req_Vcr00000000001
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        eyJlcnJvciI6eyJ0eXBlIjoiY2FyZF9lcnJvciIsImNvZGUiOiJjYXJkX2RlY2xpbmVkIn19
  recorded_at: Mon, 10 Nov 2025 18:26:24 GMT
- request:
    method: get
    uri: https://api.stripe.com/v1/charges
    headers: {}
recorded_with: VCR 6.3.1
""",
        (
            {
                "id": "req_Vcr00000000001",
                "method": "POST",
                "path": "/v1/charges",
                "status": 402,
                "requested_version": "2020-08-27",
                "error_code": "card_declined",
                "request_body": "amount=1",
            },
            "SAMPLE:2: no response",
        ),
    ),
    Sample(
        b"""interactions:
- request:
    body: null
    headers: {Accept: ['*/*']}
    method: GET
    uri: https://api.stripe.com/v1/plans?limit=3
  response:
    body: {string: !!python/unicode '{"object": "list"}'}
    headers:
    - !!python/tuple [request-id, [req_Vcrpy000000001]]
    status: {code: 200, message: OK}
version: 1
""",
        ({"id": "req_Vcrpy000000001", "query": "limit=3", "status": 200, "response_body": '{"object": "list"}'},),
    ),
    Sample(
        b'{"http_interactions": [{"request": '
        b'{"method": "GET", "uri": "https://example.com/x", "headers": {}, "body": ""}, '
        b'"response": {"status": {"code": 204, "message": "None"}, "headers": {"Request-Id": ["req_Betamax00001"]}, '
        b'"body": {"base64_string": "", "encoding": null}}, "recorded_at": "2015-06-21T19:22:54"}],'
        b' "recorded_with": "betamax/0.9.0"}',
        ({"id": "req_Betamax00001", "host": "example.com", "status": 204, "response_body": None},),
    ),
    Sample(
        b"""version: 2
interactions:
- id: 0
  request:
    body: ""
    form: {name: [Jenny]}
    headers: {Stripe-Account: [acct_1]}
    url: https://api.stripe.com/v1/customers
    method: POST
  response:
    headers: {Request-Id: [req_Go000000000001]}
    body: "{}"
    status: 200 OK
    code: 200
    duration: 1.25s
""",
        ({"id": "req_Go000000000001", "request_body": "name=Jenny", "account": "acct_1", "duration_ms": 1250.0},),
    ),
)
"""Cassettes of Ruby's VCR, vcrpy, Betamax and go-vcr."""
