"""That the process that records gives way to the traffic, as the system itself tells."""

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

_TOLD = """
import os, pathlib
from reqlog.recording.giving_way import give_way
give_way()
print(os.nice(0), *(path.read_text() for path in map(pathlib.Path, {paths!r}) if path.exists()), sep="\\n")
"""


def _told(*paths: str) -> str:
    """Return the niceness, and what is in the files of /proc, of a process that gave way."""
    command = [sys.executable, "-c", _TOLD.format(paths=paths)]
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8", start_new_session=True).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no niceness")
def test_it_is_nicer_than_whoever_started_it() -> None:
    assert int(_told()) >= 10


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="this system does not go by sessions")
def test_so_is_its_session() -> None:
    niceness, session = _told("/proc/self/autogroup").split(maxsplit=1)
    assert session.split()[-1] == niceness


def _has_turns() -> bool:
    """Whether this is a Linux, from 6.12 on, that lets turns be asked for, and tells of them."""
    tells = Path("/proc/self/sched")
    release = re.match(r"(\d+)\.(\d+)", platform.release())
    is_new = release is not None and tuple(map(int, release.groups())) >= (6, 12)
    return is_new and tells.exists() and "se.slice" in tells.read_text()


@pytest.mark.skipif(not _has_turns(), reason="this system has no turns that can be asked for, or does not tell")
def test_its_turns_may_be_broken_off() -> None:
    assert re.search(r"^se\.slice\s*:\s*100000000$", _told("/proc/self/sched"), re.MULTILINE)
