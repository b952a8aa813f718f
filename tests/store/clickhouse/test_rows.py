from datetime import UTC, datetime

import pytest
from hypothesis import given
from strategies import requests

from reqlog.request import Request
from reqlog.store.clickhouse.rows import (
    COLUMNS,
    GENERATION,
    LIVE,
    MOVED,
    UNDATED,
    WHOLE,
    Kept,
    generation_of,
    kept_of,
    moment_of,
    network_bounds,
    row_of,
    sortable_address,
    time_of,
    tombstone_of,
    version_after,
)


@given(request=requests)
def test_a_request_comes_back_as_it_was(request) -> None:
    row = row_of(request, 3, 4)
    assert kept_of(row[: len(WHOLE)]) == Kept(moment_of(request), 3, LIVE, 4, request)


def test_an_end_says_nothing_but_whose_end_it_is() -> None:
    end = dict(zip(COLUMNS, tombstone_of(5, "req_1", 2, MOVED), strict=True))
    told = {name: value for name, value in end.items() if value not in (None, (), 0)}
    assert told == {"moment": 5, "id": "req_1", "version": 2, "deleted": MOVED}


def test_a_later_version_is_of_the_next_generation_whatever_the_chance() -> None:
    first, second = version_after(None, 7), version_after(version_after(None, 7), GENERATION - 1)
    assert (generation_of(first), generation_of(second), generation_of(first + GENERATION)) == (0, 1, 1)
    assert generation_of(version_after(second, 0)) == 2


def test_what_has_no_time_stands_before_everything() -> None:
    assert moment_of(Request(id="a")) == UNDATED < moment_of(Request(id="a", time=datetime(1, 1, 1, tzinfo=UTC)))
    assert time_of(UNDATED) is None


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["9.255.255.255", "11.0.0.0", "::1"]),
        ("2001:db8::/32", ["2001:db8::", "2001:0DB8:ffff::1"], ["2001:db7::", "10.0.0.1"]),
        ("::/0", ["::1", "ffff::"], ["10.0.0.1", "host.example"]),
        ("no network", [], ["10.0.0.1", "::1"]),
    ],
)
def test_the_addresses_of_a_network_stand_side_by_side(network, inside, outside) -> None:
    first, last = network_bounds(network)

    def lies_within(address: str) -> bool:
        sortable = sortable_address(address)
        return sortable is not None and first <= sortable <= last

    assert [lies_within(address) for address in inside] == [True] * len(inside)
    assert [lies_within(address) for address in outside] == [False] * len(outside)
