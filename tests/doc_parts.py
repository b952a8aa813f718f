"""The parts of the docs that are made from the code: tables of flags, fields, formats, limits, exit codes, and so on.

Each function here gives the text of the part under whose name it stands in `PARTS`. Where such a part stands in a page,
and how it gets there, is the matter of `generate_docs`.
"""

import ast
import inspect
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import click
from every_command import NAMES

from reqlog import exceptions, limits, redact, request
from reqlog.columns import RECORD
from reqlog.commands import command_of, versions
from reqlog.exceptions import ExitCode
from reqlog.flags import FLAGS
from reqlog.options.asking import WHEN
from reqlog.options.headings import HeadedOption
from reqlog.readers import FORMATS
from reqlog.readers.mapping import MAPPED
from reqlog.render import OUTPUTS
from reqlog.store import open_store

_CREATED = "The same as `time`, in whole unix seconds; it is derived and not kept."
_INDENT = re.compile(r"^    ", re.MULTILINE)
_KINDS = {
    "str": "text",
    "int": "integer",
    "float": "number",
    "bool": "true or false",
    "datetime": "time",
    "Mapping[str, str]": "object of texts",
    "tuple[str, ...]": "array of texts",
}


def flags() -> str:
    """Return a table of the filter flags for each of their headings."""
    headings = dict.fromkeys(flag.heading for flag in FLAGS)
    return "\n\n".join(f"**{heading}**\n\n{_flags_under(heading)}" for heading in headings)


def _flags_under(heading: str) -> str:
    rows = (
        (f"`--{flag.name} {flag.metavar}`", f"`--not-{flag.name}`", flag.help, "yes" if flag.splits else "no")
        for flag in FLAGS
        if flag.heading == heading
    )
    return table(("flag", "leaves out", "value", "commas separate"), rows)


def bounds() -> str:
    """Return a table of the flags of time, duration and mode, which have no `--not-` form."""
    named = [param for param in command_of("list").params if isinstance(param, HeadedOption)]
    chosen = [param for param in named if param.heading == WHEN or param.name == "livemode"]
    return table(("flag", "keeps requests"), ((f"`{_spelled(param)}`", param.help or "") for param in chosen))


def _spelled(option: click.Option) -> str:
    names = " / ".join((*option.opts, *option.secondary_opts))
    return names if option.is_flag else f"{names} {option.metavar}"


def outputs() -> str:
    """Return the names that `--output` takes, as a list in a sentence."""
    return f"{', '.join(f'`{name}`' for name in OUTPUTS)}."


def fields() -> str:
    """Return a table of the fields of a request, with what their docstrings say."""
    known = {name: (kind, text) for name, kind, text in documented(request, "Request")}
    known["created"] = ("int | None", _CREATED)
    return table(
        ("field", "type", "meaning"),
        ((f"`{name}`", _kind(known[name][0]), known[name][1]) for name in (column.name for column in RECORD)),
    )


def version_keys() -> str:
    """Return a table of the keys of one version in the JSON of `reqlog versions`."""
    rows = documented(versions, "Usage")
    return table(("key", "type", "meaning"), ((f"`{name}`", _kind(kind), text) for name, kind, text in rows))


def formats() -> str:
    """Return a table of the formats that `--format` takes."""
    return table(
        ("format", "what it is", "place of a reject"),
        (
            (
                f"`{row.name}`",
                f"{row.help}{' (`json-map`)' if row.preset else ''}",
                "line" if row.has_lines else "index",
            )
            for row in FORMATS.values()
        ),
    )


def mapped() -> str:
    """Return the names that the fields of a json-map may have, as a list in a sentence."""
    return f"{', '.join(f'`{name}`' for name in MAPPED)}."


def bounds_of_input() -> str:
    """Return a table of how much is taken from one input record."""
    return table(
        ("limit", "value", "meaning"),
        ((f"`{name}`", f"{getattr(limits, name):,}", text) for name, text in documented_constants(limits)),
    )


def redactions() -> str:
    """Return the table of rules that the package of redaction has in its docstring."""
    lines = (inspect.getdoc(redact) or "").splitlines()
    return "\n".join(line for line in lines if line.startswith("|"))


def exit_codes() -> str:
    """Return a table of the exit codes."""
    known = {name: text for name, _, text in documented(exceptions, "ExitCode")}
    return table(("exit code", "name", "means"), ((str(code.value), code.name, known[code.name]) for code in ExitCode))


def schema() -> str:
    """Return the SQL of the tables and indexes of a new store."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "requests.db"
        open_store(str(file), write=True).close()
        with closing(sqlite3.connect(file)) as connection:
            found = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
            version = connection.execute("PRAGMA user_version").fetchone()[0]
    statements = (f"{_INDENT.sub('', sql)};" for name, sql in found if not name.startswith("requests_text_"))
    return "\n".join((f"```sql\n-- PRAGMA user_version = {version}", *statements, "```"))


def helps() -> str:
    """Return a console block with `--help` for each command; what it prints is filled in as in any other block."""
    headed = (f"## reqlog {name}\n\n```console\n$ reqlog {name} --help\n```" for name in NAMES)
    return "\n\n".join(("```console\n$ reqlog --help\n```", *headed))


PARTS: Mapping[str, Callable[[], str]] = {
    "flags": flags,
    "bounds": bounds,
    "outputs": outputs,
    "fields": fields,
    "version-keys": version_keys,
    "formats": formats,
    "mapped": mapped,
    "limits": bounds_of_input,
    "redactions": redactions,
    "exit-codes": exit_codes,
    "schema": schema,
    "help": helps,
}
"""The generated parts by the name in their marker comments."""


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = (headings, ["---"] * len(headings), *([_cell(cell) for cell in row] for row in rows))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _kind(annotation: str) -> str:
    plain = annotation.removesuffix(" | None")
    return _KINDS[plain] + (", or null" if plain != annotation else "")


def documented(module: ModuleType, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield the fields or members of the class `name`, each with its annotation, if any, and its docstring."""
    tree = ast.parse(inspect.getsource(module))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    yield from _with_docstrings(body)


def documented_constants(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield the constants of a module that have a docstring, with it."""
    for name, _, text in _with_docstrings(ast.parse(inspect.getsource(module)).body):
        yield name, text


def _with_docstrings(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str, str]]:
    for node, following in pairwise(body):
        match node, following:
            case ast.AnnAssign(ast.Name(name), annotation), ast.Expr(ast.Constant(str(text))):
                yield name, ast.unparse(annotation), text
            case ast.Assign([ast.Name(name)]), ast.Expr(ast.Constant(str(text))):
                yield name, "", text
            case _:
                continue
