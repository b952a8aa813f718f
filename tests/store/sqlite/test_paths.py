from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog.catalog import endpoint_of
from reqlog.filters import And, Compare, Filter, Glob, matches
from reqlog.request import Request
from reqlog.store import open_temporary
from reqlog.store.sqlite import SqliteStore
from reqlog.store.sqlite.kinds import are_counted_right
from reqlog.store.sqlite.paths import fits, pattern_of
from reqlog.store.sqlite.questions import asked, by_kind
from reqlog.store.sqlite.schema import MIGRATIONS

CHARGES = "/v1/charges"
CHARGE = "/v1/charges/ch_1a2b3c4d5e6f7a8b"
PATHS = (
    None,
    "",
    "/",
    CHARGES,
    CHARGE,
    f"{CHARGE}/capture",
    "/v1/charges/",
    "/v1/[a]",
    "/v1/x\0y",
    "/v1/ü",
    "/{id}",
    "a*",
)
ENDPOINTS = (
    *PATHS, "/v1/charges/{charge}", "/v1/charges/{charge}/capture", "/v1/{id}", "/{a}{b}", "/{a/b}", "/}{", "/{id}" * 9
)  # fmt: skip
GLOBS = (
    *("*", "?*", "/v1/charges*", "/v1/charges/*", "/v1/charges/ch_*", "/v1/charges/*/capture"),
    *("/v1/?harges", "/v1/charges/?*", "*capture", "/v1/x\0*"),
)
ASKED: tuple[Filter, ...] = (
    *(Compare("path", "=", path) for path in PATHS if path is not None),
    *(Glob("path", path) for path in (*filter(None, PATHS), *GLOBS)),
    Compare("path", ">", "/v1/c"),
)  # fmt: skip
STEP = next(number for number, step in enumerate(MIGRATIONS) if "ADD COLUMN paths" in step)
"""The schema before kinds told of paths."""


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with closing(open_temporary()) as opened:
        yield opened


def as_read(number: int, path: str | None) -> Request:
    return Request(f"req_{number}", method="GET", path=path, endpoint=endpoint_of("GET", path) if path else None)


def counted(store: SqliteStore, filter: Filter) -> int:
    return sum(group.requests for group in store.count_by(filter, ()))


@pytest.mark.parametrize(
    ("endpoint", "pattern"),
    [
        (None, ""),
        ("", None),
        (CHARGES, CHARGES),
        ("/v1/{a}/x/{b}", "/v1/*/x/*"),
        ("/{a/b}", "/{a/b}"),
        ("/a*", None),
        ("/[a]", None),
        ("/a\0", None),
        ("/{id}" * 9, None),
        ("/" * 1001, None),
    ],
)
def test_an_endpoint_tells_what_its_paths_are_like(endpoint, pattern) -> None:
    assert pattern_of(endpoint) == pattern


@pytest.mark.parametrize(
    ("path", "endpoint", "expected"),
    [
        (None, None, True),
        (CHARGES, CHARGES, True),
        (CHARGE, "/v1/charges/{charge}", True),
        ("/v1/charges/", "/v1/charges/{charge}", True),
        (f"{CHARGE}/capture", "/v1/charges/{charge}", True),
        (f"{CHARGE}/refund", "/v1/charges/{charge}/capture", False),
        ("/v1/charge/x/capture", "/v1/charges/{charge}/capture", False),
        ("/v1/charges/capture", "/v1/charges/{charge}/capture", False),
        ("/v1/charges//capture", "/v1/charges/{charge}/capture", True),
        ("/v1/a/x/b/y", "/v1/{a}/x/{b}/y", True),
        ("/v1/a/y/b/y", "/v1/{a}/x/{b}/y", False),
        ("/v1/ab", "/v1/{a}b{c}b", False),
        ("/v1/charges/a\0b", "/v1/charges/{charge}", False),
        (None, CHARGES, False),
        (CHARGES, None, False),
        ("/v1/chargesX", CHARGES, False),
    ],
)
def test_a_path_fits_its_endpoint(path, endpoint, expected) -> None:
    assert fits(path, endpoint) is expected


def test_a_path_of_many_braces_is_looked_at_once() -> None:
    endpoint, path = "/" + "{a}-" * 8 + "x/{id}", "/" + "a-" * 30_000
    assert not fits(path, endpoint)
    assert not fits(path + "x/1", "/" + "{a}-" * 7 + "y/{id}")
    assert fits(path + "x/1", "/" + "{a}-" * 7 + "x/{id}")


@pytest.mark.parametrize("path", PATHS, ids=repr)
def test_what_is_asked_of_paths_is_found_whatever_their_endpoints_are(path) -> None:
    for request in (Request("req_1", path=path, endpoint=endpoint) for endpoint in ENDPOINTS):
        with closing(open_temporary()) as store:
            store.add([request])
            assert are_counted_right(store._connection)
            assert [counted(store, filter) for filter in ASKED] == [matches(filter, request) for filter in ASKED]


@given(st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(ENDPOINTS)), max_size=8), st.sampled_from(ASKED))
def test_what_is_asked_of_paths_is_found_among_any_requests(made, filter) -> None:
    requests = [Request(f"req_{number}", path=path, endpoint=end) for number, (path, end) in enumerate(made)]
    with closing(open_temporary()) as store:
        store.add(requests)
        wanted = {request.id for request in requests if matches(filter, request)}
        assert counted(store, filter) == len(wanted)
        assert {request.id for request in store.find(filter)} == wanted
        assert {request.id for request in store.find(And((filter, Compare("method", "=", "GET"))), limit=5)} == set()


@pytest.mark.parametrize(
    ("filter", "is_told"),
    [
        (Compare("path", "=", CHARGES), True),
        (Compare("path", "=", CHARGE), False),
        (Compare("path", "=", "/v1/never"), True),
        (Glob("path", "/v1/charges*"), True),
        (Glob("path", "/v1/charges/*"), True),
        (Glob("path", "/v1/c?arges"), False),
        (Glob("path", "/v1/charges/ch_*"), False),
        (Glob("path", "*/capture"), False),
    ],
    ids=str,
)
def test_paths_are_told_by_kinds_without_reading_a_request(filter, is_told, store) -> None:
    store.add([as_read(number, path) for number, path in enumerate((CHARGES, CHARGE, f"{CHARGE}/capture", None))])
    question = asked(store._connection, filter)
    assert question.is_of_kind_and_time is is_told


def test_a_path_that_does_not_fit_takes_the_pattern_from_its_kind(store) -> None:
    store.add([as_read(1, CHARGES)])
    assert asked(store._connection, Compare("path", "=", CHARGES)).is_of_kind_and_time
    store.add([as_read(2, CHARGES)._replace(path="/v1/other")])
    assert not asked(store._connection, Compare("path", "=", CHARGES)).is_of_kind_and_time
    assert counted(store, Compare("path", "=", CHARGES)) == 1


def test_a_path_with_an_id_in_it_is_led_to_by_its_words(store) -> None:
    store.add([as_read(1, CHARGE)])
    condition, _ = by_kind(store._connection, asked(store._connection, Compare("path", "=", CHARGE)))
    assert condition.startswith("seq IN (SELECT rowid FROM requests_text")


def test_a_store_that_is_migrated_tells_what_it_would_if_it_were_new(tmp_path: Path) -> None:
    told = [(path, endpoint) for path in PATHS for endpoint in ENDPOINTS if fits(path, endpoint)]
    told += [("/v1/y", "/v1/charges/{charge}/capture"), (None, CHARGES)]
    with closing(SqliteStore(tmp_path / "new.db", write=True)) as new:
        new.add(
            [Request(f"req_{number}", path=path, endpoint=endpoint) for number, (path, endpoint) in enumerate(told)]
        )
        kinds = "SELECT endpoint, paths FROM kinds ORDER BY 1"
        expected = new._connection.execute(kinds).fetchall()
        new._connection.execute("ALTER TABLE kinds DROP COLUMN paths")
        new._connection.pragma("user_version", STEP)
    with closing(SqliteStore(tmp_path / "new.db", write=True)) as migrated:
        found = migrated._connection.execute(kinds).fetchall()
        assert are_counted_right(migrated._connection)
    assert [pair for pair in found if pair[0] != "/{a/b}"] == [pair for pair in expected if pair[0] != "/{a/b}"]


def test_a_pattern_that_does_not_fit_is_told_by_a_check(store) -> None:
    store.add([as_read(1, CHARGES)])
    store._connection.execute("UPDATE kinds SET paths = '/v1/other'")
    assert not are_counted_right(store._connection)
