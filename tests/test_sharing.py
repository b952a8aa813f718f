import os
from pathlib import Path

import pytest

from reqlog.sharing import processes_for

LARGE = 8 * 1024 * 1024


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, size in (("small", 1000), ("large", LARGE)):
        Path(name).write_bytes(bytes(size))


@pytest.mark.usefixtures("files")
def test_processes_are_for_what_is_large():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    several = cores if cores > 1 else 0
    assert [processes_for(paths) for paths in (["small"], ["large"], ["small", "large"], ["-"])] == [
        0,
        several,
        several,
        0,
    ]
