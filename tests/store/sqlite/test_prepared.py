from datetime import UTC, datetime

from reqlog.exchange.local_ids import LocalId
from reqlog.request import Request
from reqlog.store.sqlite.prepared import merged, packed, prepared, unpacked
from reqlog.store.sqlite.rows import request_of

TAIL = Request("req_1", datetime(2025, 2, 24, tzinfo=UTC), method="POST", path="/v1/charges", status=402)
WHOLE = TAIL._replace(
    response_body='{"error":{"code":"card_declined"}}' * 20, error_code="card_declined", livemode=True
)


def test_what_travels_comes_as_what_is_made_here() -> None:
    came = unpacked(packed([TAIL, WHOLE, Request("req_2")]))
    made = [prepared(request) for request in (TAIL, WHOLE, Request("req_2"))]
    assert [(each.id, each.row, each.text) for each in came] == [(each.id, each.row, each.text) for each in made]
    assert request_of(came[1].row) == WHOLE


def test_an_id_that_was_derived_travels_as_text() -> None:
    (came,) = unpacked(packed([Request(LocalId("local_1"))]))
    assert type(came.id) is str


def test_what_is_known_is_the_same_object_if_the_other_tells_nothing_new() -> None:
    known = prepared(WHOLE)
    assert merged(known, prepared(WHOLE)) is known
    assert merged(known, prepared(TAIL)) is known


def test_what_is_known_is_filled_in() -> None:
    filled = merged(prepared(TAIL), prepared(WHOLE))
    assert request_of(filled.row) == WHOLE
    assert "card_declined" in filled.text
