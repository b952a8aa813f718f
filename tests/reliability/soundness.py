"""What is asked of a store after whatever befell it, from outside."""

import shutil
from contextlib import closing
from pathlib import Path

import apsw

from reqlog.store.sqlite import SqliteStore

WORD = "marker"
"""A word of every request that these tests store."""


def is_made(store: Path) -> bool:
    """Whether there is a store, and not only the file of one."""
    if not store.exists():
        return False
    with closing(apsw.Connection(str(store))) as connection:
        return bool(connection.pragma("user_version"))


def faults(store: Path) -> list[str]:
    """Return what is wrong with the file, its text index, and between that and the rows; nothing if all is well.

    SQLite is asked as well as the store's own check, which the tests need not trust.
    """
    with closing(apsw.Connection(str(store))) as connection:
        found = [f"integrity: {row[0]}" for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        try:
            connection.execute("INSERT INTO requests_text (requests_text) VALUES ('integrity-check')")
        except apsw.CorruptError as error:
            found.append(f"text index: {error}")
        indexed = "SELECT rowid FROM requests_text WHERE requests_text MATCH ?"
        for one, other in ((indexed, "SELECT seq FROM requests"), ("SELECT seq FROM requests", indexed)):
            amiss = connection.execute(f"SELECT count(*) FROM ({one} EXCEPT {other})", (WORD,)).get
            found += [f"{amiss} of {one} are not in {other}"] * bool(amiss)
    with closing(SqliteStore(store, write=False)) as opened:
        return [*found, *opened.check()]


def places(store: Path) -> list[int]:
    """Return the places of the requests in `store`, in their order."""
    with closing(apsw.Connection(str(store))) as connection:
        return [row[0] for row in connection.execute("SELECT seq FROM requests ORDER BY seq")]


def strangers(store: Path, whole: Path) -> int:
    """Return how many requests of `store` are not, in every column, in `whole`."""
    with closing(apsw.Connection(str(store))) as connection:
        connection.execute("ATTACH ? AS whole", (str(whole),))
        columns = [row[1] for row in connection.execute("PRAGMA main.table_info (requests)")]
        differ = " OR ".join(f"one.{column} IS NOT other.{column}" for column in columns)
        sql = f"SELECT count(*) FROM main.requests AS one LEFT JOIN whole.requests AS other USING (seq) WHERE {differ}"
        return int(str(connection.execute(sql).get))


def copied(store: Path, folder: Path) -> Path:
    """Return a copy of `store` as it lies, so that looking at it does not put it in order."""
    shutil.rmtree(folder, ignore_errors=True)
    if store.parent.exists():
        shutil.copytree(store.parent, folder)
    return folder / store.name
