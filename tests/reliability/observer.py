"""Run the command line and keep a journal of its commits: `python observer.py JOURNAL ARGUMENT…`.

This is the real command: it is watched through the hooks that SQLite has for that, and nothing of it is changed. Before
each commit a line is added to JOURNAL with the places (`seq`) of the requests that it adds (`+`) and takes away (`-`).
Whoever commits holds the store's lock for writing, so the lines of several processes stand in the order of the commits.
"""

import os
import sys

import apsw

from reqlog.__main__ import main as command


def observe(journal: int, connection: apsw.Connection) -> None:
    changes: list[str] = []

    def note(kind: int, _database: str, table: str, seq: int) -> None:
        if table == "requests":
            changes.append(f"{'-' if kind == apsw.SQLITE_DELETE else '+'}{seq}")

    def write() -> bool:
        os.write(journal, (" ".join(changes) + "\n").encode())
        changes.clear()
        return False

    connection.set_update_hook(note)
    connection.set_commit_hook(write)
    connection.set_rollback_hook(changes.clear)


def main() -> None:
    _, name, *arguments = sys.argv
    journal = os.open(name, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    apsw.connection_hooks.append(lambda connection: observe(journal, connection))
    sys.argv = ["reqlog", *arguments]
    command()


if __name__ == "__main__":
    main()
