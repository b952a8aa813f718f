"""Where the programs of the benchmark are: PyPI's in environments of its own, Debian's wherever they are.

Whatever cannot be had is told with the reason, so that it can be left out.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

from .peers import LNAV_FORMAT, Peer
from .workspace import name

ROOT: Final = Path(__file__).resolve().parents[2]


class Missing(NamedTuple):
    """A peer that is not there, and why."""

    name: str
    reason: str


class Program(NamedTuple):
    """A program that is there."""

    folder: Path
    version: str


def reqlog(cache: Path) -> Program | Missing:
    """Return reqlog as users get it: this checkout, built and installed, with its modules compiled."""
    made = _environment(cache, "reqlog", str(ROOT))
    if isinstance(made, Missing) or not _installs(made, str(ROOT)):
        return Missing("reqlog", "it could not be built")
    return Program(made, f"{_package_version(made, 'reqlog-cli')} ({_commit()})")


def peer(of: Peer, cache: Path, requests: int) -> Program | Missing:
    """Return a peer's program, installed if need be."""
    if requests > of.most:
        return Missing(of.name, f"it takes too long with more than {name(of.most)} requests")
    if of.package is None:
        found = shutil.which(of.program)
        if found is None:
            return Missing(of.name, f"it is not installed; on Debian, apt install {of.name}")
        _write_lnav_format(cache)
        return Program(Path(found).parent, _program_version(found))
    folder = _environment(cache, of.name, of.package)
    return folder if isinstance(folder, Missing) else Program(folder, _package_version(folder, of.package))


def _environment(cache: Path, called: str, *packages: str) -> Path | Missing:
    """Return the folder of programs of an environment that has `packages`, made if need be."""
    folder = cache / "environments" / called
    finished = folder / "finished"
    if not finished.exists():
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=False)
        if made.returncode or not _installs(folder / "bin", *packages):
            return Missing(called, "it could not be installed")
        finished.touch()
    return folder / "bin"


def _installs(folder: Path, *words: str) -> bool:
    """Whether pip could install `words` into the environment of `folder`; it compiles what it installs."""
    command = [str(folder / "pip"), "install", "--quiet", "--disable-pip-version-check", *words]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


def _write_lnav_format(cache: Path) -> None:
    folder = cache / "lnav" / "formats" / "reqlog"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reqlog.json").write_text(json.dumps(LNAV_FORMAT))


def _package_version(folder: Path, package: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return _said(str(folder / "python"), "-c", code)


def _program_version(program: str) -> str:
    """Return the number in the first line of what a program says of its version."""
    words = _said(program, "--version").splitlines()[0].replace("-", " ").split()
    return next((word for word in words if word[0].isdigit()), "unknown")


def _commit() -> str:
    return _said("git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*")


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.strip()
