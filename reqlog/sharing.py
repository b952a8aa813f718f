"""Whether it pays to read captures by processes of their own, and by how many."""

import os
from collections.abc import Sequence
from itertools import accumulate

from reqlog.exceptions import InputError
from reqlog.readers.inputs import expand

_LARGE_BYTES = 8 * 1024 * 1024
"""From so much on it pays to start processes that read it; each file is as costly as `_FILE_BYTES` more."""
_FILE_BYTES = 8 * 1024


def processes_for(paths: Sequence[str]) -> int:
    """Return by how many processes, beside this one, to read the captures at `paths`; 0 if it does best alone."""
    return processes() if _are_large(paths) else 0


def processes() -> int:
    """Return by how many processes, beside this one, to do what is worth it; 0 if there is but one core."""
    cores = _cores()
    return cores if cores > 1 else 0


def _are_large(paths: Sequence[str]) -> bool:
    sizes = accumulate(input.size + _FILE_BYTES for input in expand(paths) if input.size is not None)
    try:
        return any(size >= _LARGE_BYTES for size in sizes)
    except InputError:
        return False  # a folder cannot be read, as is said when its turn comes


def _cores() -> int:
    """Return on how many cores this process may run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
