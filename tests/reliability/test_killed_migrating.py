"""`kill -9` while a store of the schema before the newest is brought up to date by whoever opens it."""

import random
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import apsw
import pytest
from reliability.captures import SEED, requests, written
from reliability.commands import Done, ended, run, start, wait
from reliability.soundness import WORD, copied, faults, places

from reqlog.store.sqlite import rows, words
from reqlog.store.sqlite.connection import equipped
from reqlog.store.sqlite.schema import APPLICATION_ID, MIGRATIONS

COUNT = 20_000
KILLS = 24
TRIES = 200
NEWEST = len(MIGRATIONS)

pytestmark = pytest.mark.skipif(NEWEST < 2, reason="there is one schema so far, and none to migrate from")


class Kill(NamedTuple):
    """What a kill left behind."""

    seed: int
    number: int
    code: int
    version: int
    """The schema that the kill left."""
    counted: Done
    """What `list --count` said next."""
    version_then: int
    places: int
    found: Done
    """What `list --count --text` said of a word that all have."""
    faults: list[str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("migrating")


@pytest.fixture(scope="module")
def older(home: Path) -> Path:
    """A store of the schema before the newest, with what the newest has."""
    newest, store = home / "newest" / "requests.db", home / "older" / "requests.db"
    capture = written(home / "capture.jsonl", requests(range(COUNT)))
    assert run(home, "import", "--store", newest, capture).code == 0
    store.parent.mkdir()
    store.touch(0o600)
    with closing(equipped(apsw.Connection(str(store)))) as connection:
        connection.pragma("journal_mode", "wal")
        for step in MIGRATIONS[:-1]:
            connection.execute(step)
        connection.pragma("application_id", APPLICATION_ID)
        connection.pragma("user_version", NEWEST - 1)
        connection.execute("ATTACH ? AS newest", (str(newest),))
        kept = [
            rows.spread(row) for row in connection.execute(f"SELECT {', '.join(rows.COLUMNS)} FROM newest.requests")
        ]
        for table in common_tables(connection):
            shared = ", ".join(common(connection, table))
            connection.execute(f"INSERT INTO main.{table} ({shared}) SELECT {shared} FROM newest.{table}")
        columns = common(connection, "requests")
        connection.execute(
            f"INSERT INTO main.requests ({', '.join(columns)}) SELECT {', '.join(columns)} FROM newest.requests"
        )
        alone = [name for name in rows.PARTS if name in columns]
        sets = ", ".join(f"{name} = ?" for name in alone)
        places = [rows.COLUMNS.index(name) for name in alone]
        texts_of_parts = ((*(row[place] for place in places), row[0]) for row in kept)
        connection.executemany(f"UPDATE main.requests SET {sets} WHERE seq = ?", texts_of_parts)
        texts = ((row[0], words.text_of(rows.request_of(row))) for row in kept)
        connection.executemany("INSERT INTO requests_text (rowid, text) VALUES (?, ?)", texts)
    return store


def common(connection: apsw.Connection, table: str) -> list[str]:
    """Return the columns that `table` has in both schemas."""
    one, other = (
        [row[1] for row in connection.execute(f"PRAGMA {schema}.table_info ({table})")] for schema in ("main", "newest")
    )
    return [name for name in one if name in other]


def common_tables(connection: apsw.Connection) -> list[str]:
    """Return the tables that both schemas have beside the requests and their text index."""
    one, other = (
        {str(row[0]) for row in connection.execute(f"SELECT name FROM {schema}.sqlite_schema WHERE type = 'table'")}
        for schema in ("main", "newest")
    )
    return sorted(name for name in one & other if not name.startswith(("requests", "sqlite_")))


@pytest.fixture(scope="module")
def kills(home, older) -> list[Kill]:
    """Two dozen kills or more, until enough of them landed, some before the migration was done and some after."""
    moments = random.Random(SEED)
    kills: list[Kill] = []
    while len(kills) < TRIES and (len(kills) < KILLS or not have_landed(kills)):
        kills.append(killed(home, older, len(kills), moments))
    return kills


def have_landed(kills: list[Kill]) -> bool:
    """Whether a quarter of a round of kills, or more, hit the command while it ran, before the migration and after."""
    landed = [kill.version for kill in kills if kill.code == -9]
    return len(landed) >= KILLS // 4 and set(landed) == {NEWEST - 1, NEWEST}


def killed(home: Path, older: Path, number: int, moments: random.Random) -> Kill:
    """Kill `list --count` when the migration is under way, as the `-wal` that grows tells, or just any time."""
    store = copied(older, home / "store")
    process = start(home, "list", "--count", "--store", store)
    log = store.with_name("requests.db-wal")
    if number % 2:
        wait(process, moments.uniform(0, 0.25 + number / 50))
    else:
        while process.poll() is None and not (log.exists() and log.stat().st_size):
            pass
        wait(process, moments.uniform(0, 0.5) ** 2)
    process.kill()
    code = ended(process).code
    version = version_of(copied(store, home / "copy"))
    counted = run(home, "list", "--count", "--store", store)
    found = run(home, "list", "--count", "--text", WORD, "--store", store)
    return Kill(SEED, number, code, version, counted, version_of(store), len(places(store)), found, faults(store))


def version_of(store: Path) -> int:
    with closing(apsw.Connection(str(store))) as connection:
        return int(str(connection.pragma("user_version")))


def test_kills_land_before_the_migration_is_done_and_after(kills) -> None:
    assert have_landed(kills)
    assert {kill.version for kill in kills} == {NEWEST - 1, NEWEST}


def test_a_step_is_done_or_not_and_is_done_by_the_next_who_opens_it(kills) -> None:
    assert [kill for kill in kills if kill.version not in (NEWEST - 1, NEWEST)] == []
    assert [kill for kill in kills if kill.version_then != NEWEST] == []


def test_everything_is_there(kills) -> None:
    told = (0, f"{COUNT}\n", "")
    assert [kill for kill in kills if kill.counted != told or kill.found != told or kill.places != COUNT] == []


def test_the_store_is_sound(kills) -> None:
    assert [kill for kill in kills if kill.faults] == []
