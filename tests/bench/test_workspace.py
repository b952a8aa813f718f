"""Where requests are kept, and what is asked about."""

import pytest
from bench.generate import Plan, write
from bench.growth import TENTHS, bounds
from bench.workspace import Place, delete, facts, lacking, name, place, size


@pytest.mark.parametrize(("requests", "expected"), [(100_000, "100k"), (10_000_000, "10m"), (1_500, "1500")])
def test_an_amount_has_a_short_name(requests, expected) -> None:
    assert name(requests) == expected


def test_requests_are_made_once(tmp_path) -> None:
    made = place(tmp_path, 1000).raw
    made.write_text(made.read_text()[:1])
    assert place(tmp_path, 1000).raw.stat().st_size == 1


def test_what_is_asked_about_is_there(tmp_path) -> None:
    asked = facts(place(tmp_path, 1000))
    lines = place(tmp_path, 1000).raw.read_text().splitlines()
    assert [line.count(asked.customer) > 1 for line in lines if f'"id":"{asked.request}"' in line] == [True]
    assert asked.since == "2026-10-25T00:17:03.000Z"


def test_tenths_are_whole_lines(tmp_path) -> None:
    there = Place(tmp_path, 1000)
    write(Plan(1000), there.raw)
    text = there.raw.read_bytes()
    tenths = [text[begin:end] for begin, end in bounds(there)]
    assert b"".join(tenths) == text
    assert [tenth[-1:] for tenth in tenths] == [b"\n"] * TENTHS


def test_a_store_goes_with_what_stands_beside_it(tmp_path) -> None:
    for file in ("requests.db", "requests.db-wal", "requests.jsonl"):
        (tmp_path / file).write_text("four")
    assert size(tmp_path / "requests.db") == 8
    delete(tmp_path / "requests.db")
    assert [path.name for path in tmp_path.iterdir()] == ["requests.jsonl"]


def test_a_disk_that_is_too_small_is_told(tmp_path) -> None:
    assert lacking(tmp_path, 1000) == 0
    assert lacking(tmp_path, 10**12) > 10**15
