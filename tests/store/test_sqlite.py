"""The store as a file: who may read it, which files it refuses, and what a stored file of each past schema gives.

What it answers is held by test_conformance.py. `schema_N.db.gz` is what `SqliteStore(…, write=True).add([WHOLE, BARE])`
left when N was the newest schema; a new schema brings one more, and none is ever made again.
"""

import gzip
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
import pytest

from reqlog import limits
from reqlog.exceptions import StoreError
from reqlog.filters import EVERYTHING, And, Compare, Filter, Glob, Mentions, Not, OneOf, Or, Present, Touches
from reqlog.request import FIELDS, Request
from reqlog.store import open_temporary
from reqlog.store.base import Added
from reqlog.store.sqlite import SqliteStore
from reqlog.store.sqlite.schema import APPLICATION_ID, MIGRATIONS

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NOBODY = 65534

WHOLE = Request(
    id="req_whole",
    time=datetime(2025, 2, 24, 10, 0, 0, 250_000, UTC),
    duration_ms=812.5,
    method="POST",
    host="api.stripe.com",
    path="/v1/payment_intents/pi_1/confirm",
    query="expand[]=customer",
    endpoint="/v1/payment_intents/{intent}/confirm",
    status=402,
    source="api",
    livemode=False,
    account="acct_1",
    api_key="sk_test_…4242",
    ip_address="203.0.113.7",
    user_agent="Stripe/v1 RubyBindings/10.1.0",
    api_version="2024-06-20",
    requested_version="2024-06-20",
    idempotency_key="key-1",
    idempotent_replayed=False,
    original_request="req_whole",
    should_retry=True,
    error_type="card_error",
    error_code="card_declined",
    decline_code="insufficient_funds",
    error_param="payment_method",
    error_message="Your card has insufficient funds.",
    request_headers={"stripe-version": "2024-06-20"},
    response_headers={"request-id": "req_whole", "x-long": "a" * 200},
    request_body="amount=2000&currency=eur",
    response_body='{"error":{"message":"Your card has insufficient funds.","note":"' + "é" * 200 + '"}}',
    truncated=("response_body",),
    resources=("pi_1", "cus_12"),
)
BARE = Request(id="req_bare")


def store(path: Path, *requests: Request) -> Path:
    with closing(SqliteStore(path, write=True)) as opened:
        opened.add(requests)
    return path


def found(path: Path, filter: Filter = EVERYTHING) -> list[Request]:
    with closing(SqliteStore(path, write=False)) as opened:
        return list(opened.find(filter))


def refusal(path: Path, *, write: bool) -> str:
    with pytest.raises(StoreError) as refused:
        SqliteStore(path, write=write).close()
    return str(refused.value)


BOTH = pytest.mark.parametrize("write", [False, True], ids=["to read", "to write"])


def test_what_is_kept_is_what_was_added(tmp_path) -> None:
    assert found(store(tmp_path / "requests.db", BARE, WHOLE)) == [WHOLE, BARE]


@pytest.mark.parametrize("number", range(1, len(MIGRATIONS) + 1))
def test_a_stored_file_of_every_schema_opens_and_gives_what_it_kept(number, tmp_path) -> None:
    path = tmp_path / "requests.db"
    path.write_bytes(gzip.decompress(Path(__file__).with_name(f"schema_{number}.db.gz").read_bytes()))
    assert found(path) == [WHOLE, BARE]
    assert found(path, And((Touches("cus_12"), Mentions(("insufficient", "funds"))))) == [WHOLE]
    assert found(path, Compare("idempotency_key", "=", "key-1")) == [WHOLE]
    with closing(SqliteStore(path, write=True)) as opened:
        assert opened.add([WHOLE, BARE._replace(status=200)]) == Added(0, 1, 1)


def test_what_can_be_read_of_a_damaged_file_of_the_fifth_schema_is_found_in_the_newest(tmp_path) -> None:
    path = tmp_path / "requests.db"
    path.write_bytes(gzip.decompress(Path(__file__).with_name("schema_5.db.gz").read_bytes()))
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("UPDATE requests SET truncated = 'no JSON' WHERE id = 'req_bare'")
    assert found(path, Mentions(("insufficient", "funds"))) == [WHOLE]
    with closing(SqliteStore(path, write=False)) as opened:
        assert list(opened.check()) == ["Of the request req_bare the truncated cannot be read."]


def test_what_a_newer_reqlog_has_taken_over_meanwhile_is_not_added_to(tmp_path) -> None:
    path = tmp_path / "requests.db"
    with closing(SqliteStore(path, write=True)) as opened:
        opened.add([BARE])
        with closing(apsw.Connection(str(path))) as newer:
            newer.pragma("user_version", len(MIGRATIONS) + 1)
        with pytest.raises(StoreError, match="was written by a newer reqlog"):
            opened.add([WHOLE])
        with closing(apsw.Connection(str(path))) as newer:
            newer.pragma("user_version", len(MIGRATIONS))
    assert found(path) == [BARE]


def test_a_new_store_carries_its_schema_and_says_that_it_is_a_store(tmp_path) -> None:
    path = store(tmp_path / "requests.db")
    with closing(apsw.Connection(str(path))) as connection:
        assert connection.pragma("user_version") == len(MIGRATIONS)
        assert connection.pragma("application_id") == APPLICATION_ID
        assert connection.pragma("journal_mode") == "wal"
        assert connection.pragma("integrity_check") == "ok"


def test_its_columns_are_the_fields_of_a_request(tmp_path) -> None:
    path = store(tmp_path / "requests.db")
    with closing(apsw.Connection(str(path))) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(requests)")]
    assert sorted(columns) == sorted([*FIELDS, "seq", "arrival", "kind", "parts"])


def test_a_person_can_read_it_with_plain_sql(tmp_path) -> None:
    short = WHOLE._replace(request_headers=None, response_headers=None, response_body=None)
    path = store(tmp_path / "requests.db", short)
    sql = "SELECT id, datetime(time / 1000, 'unixepoch'), status, livemode, request_body, resources FROM requests"
    with closing(apsw.Connection(str(path))) as connection:
        rows = connection.execute(sql).fetchall()
    assert rows == [("req_whole", "2025-02-24 10:00:00", 402, 0, "amount=2000&currency=eur", '["pi_1","cus_12"]')]


def test_what_is_in_its_parts_has_a_mark_in_the_column_of_its_own(tmp_path) -> None:
    path = store(tmp_path / "requests.db", WHOLE._replace(request_body=None))
    columns = "request_headers, response_headers, request_body, response_body, resources, typeof(parts)"
    with closing(apsw.Connection(str(path))) as connection:
        assert connection.execute(f"SELECT {columns} FROM requests").fetchall() == [(1, 1, None, 1, "1", "blob")]


def test_a_batch_is_written_once(tmp_path) -> None:
    batch = [Request(f"req_{number:04}", response_body=os.urandom(800).hex()) for number in range(2000)]
    with closing(SqliteStore(tmp_path / "requests.db", write=True)) as opened:
        opened.add(batch)
        spilled, _ = opened._connection.status(apsw.SQLITE_DBSTATUS_CACHE_SPILL)
    assert (tmp_path / "requests.db").stat().st_size > 2 * 1024 * 1024
    assert spilled == 0


def test_the_log_of_what_cannot_be_imported_again_is_moved_to_the_file_sooner(tmp_path) -> None:
    with closing(SqliteStore(tmp_path / "requests.db", write=True)) as opened:
        opened.add([BARE])
        recorded = opened._connection.pragma("wal_autocheckpoint")
        opened.add_unpacked(opened.packing.unpack(opened.packing.pack([WHOLE])))
        assert (recorded, opened._connection.pragma("wal_autocheckpoint")) == (10_000, 40_000)


def test_an_empty_file_becomes_a_store_when_it_is_written(tmp_path) -> None:
    path = tmp_path / "requests.db"
    path.touch()
    SqliteStore(path, write=True).close()
    assert found(path) == []


def test_an_empty_file_is_no_store_to_one_who_reads(tmp_path) -> None:
    path = tmp_path / "requests.db"
    path.touch()
    os.utime(path, (0, 0))
    assert refusal(path, write=False) == (
        f"The store {path} is empty, since what was making it was broken off; fill it with `reqlog import PATH`, or "
        "name another with --store."
    )
    assert path.read_bytes() == b""


def test_one_who_reads_waits_for_one_who_is_making_the_store(tmp_path) -> None:
    path = tmp_path / "requests.db"
    path.touch()
    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(found, path)
        store(path, WHOLE)
        assert reading.result() in ([WHOLE], [])


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_its_file_is_for_its_owner_only_and_so_are_the_folders_made_for_it(tmp_path, umask) -> None:
    path = tmp_path / "some" / "more" / "requests.db"
    before = os.umask(umask)
    try:
        with closing(SqliteStore(path, write=True)) as opened:
            opened.add([WHOLE])
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "some").rglob("*")}
    finally:
        os.umask(before)
    assert modes == {"more": 0o700, "requests.db": 0o600, "requests.db-wal": 0o600, "requests.db-shm": 0o600}
    assert stat.S_IMODE((tmp_path / "some").stat().st_mode) == 0o700


def test_the_rights_of_a_file_that_is_there_are_left_alone(tmp_path) -> None:
    path = store(tmp_path / "requests.db")
    path.chmod(0o640)
    store(path, WHOLE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_to_read_it_must_exist(tmp_path) -> None:
    path = tmp_path / "requests.db"
    expected = f"There is no store at {path}; fill one with `reqlog import PATH`, or name another with --store."
    assert refusal(path, write=False) == expected
    assert not path.exists()


@BOTH
def test_a_store_of_a_newer_reqlog_is_refused_and_left_alone(tmp_path, write) -> None:
    path = store(tmp_path / "requests.db", WHOLE)
    newer = len(MIGRATIONS) + 1
    with closing(apsw.Connection(str(path))) as connection:
        connection.pragma("user_version", newer)
    assert refusal(path, write=write) == (
        f"The store {path} was written by a newer reqlog (schema {newer}, this one knows {len(MIGRATIONS)}); "
        "update reqlog to read it."
    )
    with closing(apsw.Connection(str(path))) as connection:
        assert connection.pragma("user_version") == newer


@BOTH
@pytest.mark.parametrize("version", [0, 1, 99])
def test_another_sqlite_file_is_refused_and_left_alone(tmp_path, write, version) -> None:
    path = tmp_path / "other.db"
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("CREATE TABLE things (name)")
        connection.pragma("user_version", version)
    before = path.read_bytes()
    expected = f"{path} is an SQLite file, but not a reqlog store; name another place with --store."
    assert (refusal(path, write=write), path.read_bytes()) == (expected, before)


@BOTH
@pytest.mark.parametrize("content", [b"What this is.\n", b"\x00" * 5000, b"SQLite format 3\x00", os.urandom(5000)])
def test_what_is_no_sqlite_file_is_refused_and_left_alone(tmp_path, write, content) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    said = refusal(path, write=write)
    assert said.startswith((f"{path} is not a reqlog store", f"The store {path} "))
    assert path.read_bytes() == content


@BOTH
def test_a_folder_is_refused(tmp_path, write) -> None:
    assert refusal(tmp_path, write=write) == f"{tmp_path} is a folder, not a store; name a file with --store."


@BOTH
def test_what_is_neither_a_file_nor_a_folder_is_refused_without_waiting_for_it(tmp_path, write) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert refusal(path, write=write) == f"{path} is no file, not a store; name a file with --store."


@BOTH
@pytest.mark.parametrize("name", ["n\udcff.db", "n\x00.db"])
def test_a_name_that_no_store_can_have_is_refused(tmp_path, write, name) -> None:
    assert refusal(tmp_path / name, write=write).startswith(f"--store {str(tmp_path / name)!a}: ")


@pytest.mark.parametrize("name", ["file/requests.db", "file/more/requests.db", "n" * 300])
def test_a_place_where_no_file_can_be_is_told(tmp_path, name) -> None:
    (tmp_path / "file").touch()
    assert refusal(tmp_path / name, write=True).startswith(f"The store {tmp_path / name} cannot be used: ")


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder in which nothing may be written, not by root either: whoever runs this is nobody for as long."""
    is_root = os.geteuid() == 0
    with TemporaryDirectory() as name:
        folder = Path(name)
        store(folder / "requests.db", WHOLE).chmod(0o444)
        folder.chmod(0o555)
        if is_root:
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            if is_root:
                os.seteuid(0)
            folder.chmod(0o755)


@pytest.mark.parametrize("name", ["requests.db", "new.db", "more/new.db"])
def test_a_store_in_a_read_only_folder_cannot_be_written(read_only, name) -> None:
    path = read_only / name
    expected = f"The store {path} cannot be opened or written here; check its rights and those of its folder."
    assert refusal(path, write=True) == expected


def test_a_store_in_a_read_only_folder_is_read(read_only) -> None:
    assert found(read_only / "requests.db") == [WHOLE]


def test_a_temporary_store_leaves_nothing_behind_and_can_take_back_what_fails(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with closing(open_temporary()) as opened:
        opened.add([WHOLE])
        with pytest.raises(TypeError):
            opened.add([BARE, Request(id="req_odd", status=object())])  # type: ignore[arg-type]  # that is the point
        assert list(opened.find(EVERYTHING)) == [WHOLE]
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_store_is_told(tmp_path) -> None:
    path = store(tmp_path / "requests.db", *(WHOLE._replace(id=f"req_{number}") for number in range(500)))
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"):
        found(path)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("request_headers", '"'),
        ("request_headers", "[]"),
        ("response_headers", '{"a": 1}'),
        ("resources", "[1]"),
        ("truncated", "1"),
        ("response_body", b"no zstd"),
        ("request_body", b"\x28\xb5\x2f\xfd\x00\x58\x09\x00\x00\xff"),
        ("request_body", 2),
        ("parts", None),
        ("parts", b"no zstd"),
        ("time", 1 << 62),
    ],
)
def test_a_row_that_something_else_wrote_is_told(tmp_path, column, value) -> None:
    path = store(tmp_path / "requests.db", WHOLE)
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute(f"UPDATE requests SET {column} = ?", (value,))
    with pytest.raises(StoreError, match="is damaged"):
        found(path)


def test_text_in_a_store_that_is_no_text_is_told(tmp_path) -> None:
    path = store(tmp_path / "requests.db", WHOLE)
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("UPDATE requests SET path = CAST(x'ff' AS TEXT)")
    with pytest.raises(StoreError, match="is damaged"):
        found(path)


def test_times_that_something_else_wrote_are_told_when_they_are_counted(tmp_path) -> None:
    path = store(tmp_path / "requests.db", WHOLE)
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("UPDATE requests SET time = -5")
    with closing(SqliteStore(path, write=False)) as opened, pytest.raises(StoreError, match="is damaged"):
        opened.count_by(EVERYTHING, ["time"])


def test_what_fails_half_way_leaves_nothing_behind(tmp_path) -> None:
    path = store(tmp_path / "requests.db", WHOLE)
    with closing(SqliteStore(path, write=True)) as opened:
        with pytest.raises(TypeError):
            opened.add([BARE, Request(id="req_odd", status=object())])  # type: ignore[arg-type]  # that is the point
        assert opened.add([Request(id="req_2")]) == Added(1, 0, 0)
    assert [request.id for request in found(path)] == ["req_whole", "req_2"]


def test_a_reader_sees_what_was_added_while_it_is_open_and_never_waits(tmp_path) -> None:
    path = store(tmp_path / "requests.db")
    with closing(SqliteStore(path, write=False)) as reader, closing(SqliteStore(path, write=True)) as writer:
        assert list(reader.find(EVERYTHING)) == []
        writer.add([WHOLE])
        assert list(reader.find(EVERYTHING)) == [WHOLE]


def test_many_filters_at_once_are_no_matter(tmp_path) -> None:
    path = store(tmp_path / "requests.db", WHOLE)
    many = Or((*(Glob("path", f"/{number}*") for number in range(3000)), Compare("status", "=", 402)))
    assert found(path, many) == [WHOLE]
    assert found(path, And(tuple(Not(Touches(f"cus_{number}")) for number in range(100, 400)))) == [WHOLE]


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", '"', "*", "NEAR(", "a AND b", "\x00"])
def test_values_are_bound_and_never_part_of_the_sql(tmp_path, text) -> None:
    path = store(tmp_path / "requests.db", WHOLE, Request(id="req_odd", error_code=text, resources=(text,)))
    assert [request.id for request in found(path, Compare("error_code", "=", text))] == ["req_odd"]
    assert [request.id for request in found(path, Touches(text))] == ["req_odd"]
    assert [request.id for request in found(path, Present("error_code"))] == ["req_whole", "req_odd"]


SAME = datetime(2025, 2, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize("time", [SAME, None])
def test_many_requests_of_one_instant_come_in_the_order_of_their_ids(tmp_path, time) -> None:
    ids = [f"req_{number * 7919 % 10_007:05}" for number in range(10_007)]
    others = [Request("req_a", time=SAME - timedelta(days=1)), Request("req_z", time=SAME + timedelta(days=1))]
    path = store(tmp_path / "a.db", *(Request(id, time=time, status=200) for id in ids), *others)
    expected = sorted(ids, reverse=True)
    before = ["req_z"] if time else ["req_z", "req_a"]
    after = ["req_a"] if time else []
    with closing(SqliteStore(path, write=False)) as opened:
        assert [each.id for each in opened.find(EVERYTHING)] == [*before, *expected, *after]
        assert [each.id for each in opened.find(EVERYTHING, limit=300)] == [*before, *expected][:300]
        assert [each.id for each in opened.find(EVERYTHING, limit=3000)] == [*before, *expected][:3000]
        assert [each.id for each in opened.find(EVERYTHING, limit=5, reverse=True)] == [*after, *expected[::-1]][:5]
        assert [each.id for each in opened.find(Compare("status", "=", 200), limit=1)] == expected[:1]


def test_answers_that_sqlite_would_have_to_sort_come_in_order_too(tmp_path) -> None:
    requests = [
        Request(f"req_{n:03}", time=SAME + timedelta(milliseconds=n // 3), status=200 + n % 3) for n in range(300)
    ]
    path = store(tmp_path / "a.db", *requests)
    wanted = OneOf("status", (200, 202))
    expected = [request.id for request in reversed(requests) if request.status != 201]
    with closing(SqliteStore(path, write=False)) as opened:
        assert [each.id for each in opened.find(wanted)] == expected
        assert [each.id for each in opened.find(wanted, reverse=True)] == expected[::-1]


@pytest.mark.parametrize(
    "kept", [zstd.compress(b"a" * (limits.RECORD_BYTES + 1)), zstd.compress(b"a" * 1000)[:-5]], ids=["bomb", "cut"]
)
@pytest.mark.parametrize("column", ["response_body", "request_headers", "parts"])
def test_a_body_that_no_reqlog_wrote_is_told(tmp_path, column, kept) -> None:
    path = store(tmp_path / "a.db", WHOLE)
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute(f"UPDATE requests SET {column} = ?", (kept,))
    with pytest.raises(StoreError, match=r"is damaged \(request \S+: \w+_\w+( and \w+)* cannot be read\)"):
        found(path)


def test_nothing_is_sorted_in_a_shared_folder_and_no_schema_is_trusted(tmp_path) -> None:
    with closing(SqliteStore(store(tmp_path / "a.db"), write=False)) as opened:
        connection = opened._connection
        assert (connection.pragma("temp_store"), connection.pragma("trusted_schema")) == (2, 0)
