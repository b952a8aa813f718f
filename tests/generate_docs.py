"""Write the generated parts of the docs, and what their commands print: `PYTHONPATH=. python tests/generate_docs.py`.

In README.md and in the pages of docs/, three things are not typed by hand:

- what stands between `<!-- begin NAME -->` and `<!-- end NAME -->` is a part of `doc_parts.PARTS`;
- what follows a line `$ …` in a `console` block is what that command prints. The commands of a page are run in its
  order in one folder, shown as `/home/ada/shop`, with the samples under `reqlog/samples`, and with one store, which is
  empty at first;
- `<!-- run COMMAND -->` runs a command unseen, and `<!-- file NAME -->` writes the block after it to that file.

A command that needs a tool which is not installed is not run, and what stands there stays.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from doc_parts import PARTS

import reqlog

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
PACKAGE = Path(reqlog.__file__).parent
TOOLS = ("jq", "sqlite3")

_SHOWN_HOME, _SHOWN_FOLDER = "/home/ada", "/home/ada/shop"
_PART = re.compile(r"(<!-- begin (\S+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)
_RUN = re.compile(
    r"<!-- run (?P<unseen>[^\n]+?) -->"
    r"|<!-- file (?P<file>\S+) -->\n+```\w*\n(?P<content>.*?)^```"
    r"|^```console\n(?P<console>.*?)^```",
    re.DOTALL | re.MULTILINE,
)
_COMMAND = re.compile(r"^\$ ((?:[^\n]*\\\n)*[^\n]*)\n((?:(?!\$ )[^\n]*\n)*)", re.MULTILINE)


class Shell:
    """Runs the commands of one page in `folder`, one after the other; a class since `$?` is remembered."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.unrun: list[str] = []
        self._home = folder
        self._folder = folder / "work"
        self._code = 0
        shutil.copytree(PACKAGE / "samples", self._folder / "reqlog" / "samples")
        (folder / "bin").mkdir()
        command = folder / "bin" / "reqlog"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reqlog "$@"\n', encoding="utf-8")
        command.chmod(0o755)
        self._environ = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(PACKAGE.parent),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "COLUMNS": "80",
            "REQLOG_STORE": str(folder / "requests.db"),
            "REQLOG_NOW": "2026-11-07T00:00:00Z",
            **environ,
        }

    def output(self, command: str, before: str = "") -> str:
        """Return what `command` prints, standard error last; `before` if it needs a tool that is not installed."""
        if any(tool in re.findall(r"[\w-]+", command) and shutil.which(tool) is None for tool in TOOLS):
            self.unrun.append(command)
            return before
        done = subprocess.run(
            ["sh", "-c", f"(exit {self._code})\n{command}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            cwd=self._folder,
            env=self._environ,
            check=False,
        )
        self._code = done.returncode
        return (
            (done.stdout + done.stderr).replace(str(self._folder), _SHOWN_FOLDER).replace(str(self._home), _SHOWN_HOME)
        )

    def write(self, name: str, content: str) -> None:
        """Write a file for the commands that follow."""
        (self._folder / name).write_text(content, encoding="utf-8")


def generated(page: str, shell: Shell) -> str:
    """Return the text of a page with its parts made and its commands run anew."""
    with_parts = _PART.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}\n{found[3]}", page)
    return _RUN.sub(lambda found: _run(found, shell), with_parts)


def _run(found: re.Match[str], shell: Shell) -> str:
    if found["unseen"] is not None:
        shell.output(found["unseen"])
    elif found["file"] is not None:
        shell.write(found["file"], found["content"])
    else:
        block = _COMMAND.sub(lambda line: f"$ {line[1]}\n{_ended(shell.output(line[1], line[2]))}", found["console"])
        return f"```console\n{block}```"
    return found[0]


def _ended(output: str) -> str:
    return output if not output or output.endswith("\n") else f"{output}\n"


def main() -> None:
    """Write each page anew, and say which have changed."""
    for page in PAGES:
        before = page.read_text(encoding="utf-8")
        with TemporaryDirectory() as folder:
            after = generated(before, Shell(Path(folder)))
        if after != before:
            page.write_text(after, encoding="utf-8")
            sys.stdout.write(f"{page.relative_to(ROOT)} written anew\n")


if __name__ == "__main__":
    main()
