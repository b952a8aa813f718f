from datetime import UTC, datetime

import pytest

from reqlog.columns import OFTEN_UNKNOWN, OVERVIEW, RECORD
from reqlog.request import FIELDS, Request

MOMENT = datetime(2025, 2, 24, 10, 0, 0, 999_000, UTC)


def values(columns, request: Request) -> dict[str, object]:
    return {column.name: column.value(request) for column in columns}


def test_a_record_is_every_field_with_created_after_time() -> None:
    assert tuple(column.name for column in RECORD) == ("id", "time", "created", *FIELDS[2:])


@pytest.mark.parametrize(("time", "created"), [(MOMENT, 1740391200), (None, None)])
def test_created_is_the_time_in_whole_seconds_since_1970(time, created) -> None:
    assert values(RECORD, Request(id="req_1", time=time, status=200)) == {
        **dict.fromkeys(FIELDS),
        "id": "req_1",
        "time": time,
        "created": created,
        "status": 200,
        "truncated": (),
        "resources": (),
    }


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, {"endpoint": None, "error": None}),
        ({"path": "/a", "endpoint": "/{id}"}, {"endpoint": "/{id}", "error": None}),
        ({"path": "/a"}, {"endpoint": "/a", "error": None}),
        ({"error_type": "card_error"}, {"endpoint": None, "error": "card_error"}),
        ({"error_type": "card_error", "error_code": "card_declined"}, {"endpoint": None, "error": "card_declined"}),
    ],
)
def test_the_overview_shows_the_best_that_is_known(fields, shown) -> None:
    unknown = {column.name: None for column in OVERVIEW}
    assert values(OVERVIEW, Request(id="req_1", **fields)) == {**unknown, "id": "req_1", **shown}


def test_what_is_often_unknown_is_part_of_the_overview() -> None:
    assert set(OFTEN_UNKNOWN) <= {column.name for column in OVERVIEW}
