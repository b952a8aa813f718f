from contextlib import closing
from pathlib import Path

import apsw

from reqlog.store.sqlite import SqliteStore, connection
from reqlog.store.sqlite.temporary_files import temporary_files_beside

IN_FILES, IN_MEMORY = 1, 2


def where(opened: apsw.Connection) -> tuple[object, object]:
    return opened.pragma("temp_store"), opened.pragma("temp_store_directory") or None


def test_what_is_temporary_is_written_beside_the_store_and_for_as_long_only(store: Path) -> None:
    with closing(apsw.Connection(str(store))) as opened:
        with temporary_files_beside(opened):
            assert where(opened) == (IN_FILES, str(store.parent))
        assert where(opened) == (IN_MEMORY, None)


def test_what_a_migration_may_take_back_is_not_held_in_memory(store: Path, monkeypatch) -> None:
    with closing(apsw.Connection(str(store))) as opened:
        opened.pragma("user_version", opened.pragma("user_version") - 1)
    seen = []
    monkeypatch.setattr(connection, "_migrate", lambda opened: seen.append(where(opened)))
    SqliteStore(store, write=True).close()
    assert seen == [(IN_FILES, str(store.parent))]
