"""Run one command and print what it took, as JSON: `python3 -I -S launch.py OUTPUT ERRORS COMMAND …`.

A program of its own, so that it is small: Linux counts what the process that starts another one holds towards the peak
of that other one. It knows nothing of the benchmark and imports next to nothing.
"""

import os
import sys
import threading
import time

_EVERY = 0.1
"""Seconds between looks at the memory of a command that has processes of its own."""


def main(output: str, errors: str, *command: str) -> int:
    create = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = (
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, create, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, errors, create, 0o600),
    )
    begun = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    ended, most = threading.Event(), [0]
    threading.Thread(target=_look, args=(pid, ended, most), daemon=True).start()
    _, status, usage = os.wait4(pid, 0)
    lasted = time.perf_counter() - begun
    ended.set()
    peak = max(usage.ru_maxrss * 1024, most[0])
    code, cpu = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
    sys.stdout.write(f'{{"seconds": {lasted}, "cpu": {cpu}, "peak": {peak}, "code": {code}}}\n')
    return 0


def _look(pid: int, ended: threading.Event, most: list[int]) -> None:
    """Keep in `most` the most memory that the processes of a command have held together."""
    while not ended.wait(_EVERY):
        tree = _tree(pid)
        if len(tree) > 1:
            most[0] = max(most[0], sum(map(_held, tree)))


def _tree(pid: int) -> list[int]:
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208  (pathlib would be most of what this imports)
        children = " ".join(_text(f"/proc/{pid}/task/{task}/children") for task in tasks).split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in _tree(int(child)))]


def _held(pid: int) -> int:
    """Return how many bytes of memory a process holds, what it shares with others in part."""
    try:
        lines = _text(f"/proc/{pid}/smaps_rollup").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _text(path: str) -> str:
    with open(path, encoding="ascii") as file:  # noqa: PTH123  (likewise)
        return file.read()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
