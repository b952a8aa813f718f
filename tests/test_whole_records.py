import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reqlog.exceptions import StoreError
from reqlog.filters import EVERYTHING
from reqlog.render.base import Style
from reqlog.request import Request
from reqlog.store.sqlite import SqliteStore
from reqlog.whole_records import encoded_plain


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "requests.db", write=True)
    store.add(Request(f"req_{number}", path="/v1/é\u200b" if number == 3 else "/v1") for number in range(5))
    yield store
    store.close()


def test_what_was_not_taken_yet_is_encoded(store: SqliteStore) -> None:
    found = store.find(EVERYTHING)
    assert next(found).id == "req_4"
    ((count, piece),) = encoded_plain(found.plain(), Style(), b",\n")
    assert count == 4
    assert [record["id"] for record in json.loads(b"[" + piece + b"]")] == ["req_3", "req_2", "req_1", "req_0"]
    assert b"\\u200b" in piece
    assert list(found) == []


def test_pieces_are_large_and_not_larger(store: SqliteStore) -> None:
    store.add(Request(f"req_{number}", request_body="x" * 1000) for number in range(100, 500))
    sizes = [len(piece) for _, piece in encoded_plain(store.find(EVERYTHING).plain(), Style(), b"\n")]
    assert min(sizes[:-1]) > 100_000
    assert max(sizes) < 150_000


def test_what_comes_before_what_is_damaged_is_encoded(store: SqliteStore) -> None:
    store._connection.execute("UPDATE requests SET resources = '{' WHERE id = 'req_1'")
    pieces = encoded_plain(store.find(EVERYTHING).plain(), Style(), b"\n")
    assert next(pieces)[0] == 3
    with pytest.raises(StoreError, match="damaged"):
        next(pieces)
