from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import requests

from reqlog import limits
from reqlog.exceptions import InputError
from reqlog.held import Held
from reqlog.request import Request

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
LARGE = Request(
    "req_large",
    time=NOON,
    duration_ms=0.5,
    livemode=False,
    request_headers={"a": "\udcff\x00"},
    request_body="x" * (limits.HELD_CHARACTERS + 1),
    truncated=("query",),
    resources=("cus_1", "cus_2"),
)
"""As large as all that is held in memory."""


def test_requests_are_asked_for_once_and_held(monkeypatch) -> None:
    asked = []

    def read() -> Iterator[Request]:
        asked.append("once")
        yield from (Request("req_1"), Request("req_2"))

    held = Held(read)
    assert asked == []
    assert [list(held()), list(held())] == [[Request("req_1"), Request("req_2")]] * 2
    assert asked == ["once"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without a cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def test_what_is_too_large_to_be_held_in_memory_comes_back_from_a_file(home) -> None:
    more = [LARGE._replace(id=f"req_{number}", request_body="x") for number in range(3)]
    with closing(Held(lambda: [LARGE, *more])) as held:
        assert [list(held()), list(held())] == [[LARGE, *more]] * 2
    assert list((home / "cache").rglob("*")) == [home / "cache" / "reqlog"]
    assert (home / "cache" / "reqlog").stat().st_mode & 0o077 == 0


def test_it_may_be_read_twice_at_once(home) -> None:
    ids = ["req_large", "req_0", "req_1", "req_2"]
    with closing(Held(lambda: [LARGE, *(Request(id) for id in ids[1:])])) as held:
        read = [(one.id, other.id) for one, other in zip(held(), held(), strict=True)]
    assert read == list(zip(ids, ids, strict=True))


@given(st.lists(requests, max_size=3))
def test_a_file_gives_everything_back(more) -> None:
    with closing(Held(lambda: [LARGE, *more])) as held:
        assert list(held()) == [LARGE, *more]


def test_without_a_place_for_the_file_it_says_what_to_do(home) -> None:
    (home / "cache").write_text("")
    with pytest.raises(InputError, match="set XDG_CACHE_HOME to a folder of your own, or import it first"):
        list(Held(lambda: [LARGE, Request("req_1")])())
