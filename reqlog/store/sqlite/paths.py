"""What the endpoint of a kind tells of the paths of its requests: a pattern that all of them fit.

An endpoint without parameters is the path itself, and one with parameters says where its paths may differ. So which
requests are of a path, or of a glob of paths, is mostly told by their kinds, and no request is read. Nothing depends
on how endpoints are made: a request whose path does not fit takes the pattern from its kind for good, and then the
kind tells nothing.

A pattern is as SQLite's GLOB has it, with no other wildcard than `*`; the empty one means that there are no paths.
What it says of a request is part of the schema.
"""

import re
from functools import lru_cache

import apsw

from reqlog.filters import Compare, Filter, Glob
from reqlog.store.sql import Where
from reqlog.store.sqlite.dialect import DIALECT

_PARAMETER = re.compile(r"\{[^{}/]*\}")
_LONGEST = 1000
_MOST_PARAMETERS = 8
_OF_MANY = "instr(paths, '*')"
_START = f"iif({_OF_MANY}, substr(paths, 1, instr(paths, '*') - 1), paths)"

FITS = f"coalesce(iif(paths = '', path IS NULL, path = paths OR {_OF_MANY} AND path GLOB paths), paths IS NULL)"
"""The condition that the path of a request is as its kind says."""


@lru_cache(maxsize=1000)
def pattern_of(endpoint: str | None) -> str | None:
    """Return the pattern of the paths of `endpoint`; None if it tells nothing of them."""
    if endpoint is None:
        return ""
    if not endpoint or len(endpoint) > _LONGEST or any(mark in endpoint for mark in "*?[\0"):
        return None
    pattern, parameters = _PARAMETER.subn("*", endpoint)
    return pattern if parameters <= _MOST_PARAMETERS else None


def fits(path: str | None, endpoint: str | None) -> bool:
    """Whether `path` is as the pattern of `endpoint` says, if there is one; in a time that follows their lengths."""
    if path == endpoint:
        return True
    pattern = None if path is None or endpoint is None else pattern_of(endpoint)
    if path is None or pattern is None or "\0" in path:
        return False
    first, *others = pattern.split("*")
    if not others:
        return False
    *between, last = others
    place, end = len(first), len(path) - len(last)
    if place > end or not (path.startswith(first) and path.endswith(last)):
        return False
    for part in between:
        found = path.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def are_told(connection: apsw.Connection, part: Filter) -> bool:
    """Whether `part` is about paths, and the kinds that there are tell for each request whether it holds."""
    if not _is_of_paths(part):
        return False
    (sure, sure_values), (maybe, values) = surely(part), _perhaps(part)
    sql = f"SELECT 1 FROM kinds WHERE {maybe} AND NOT coalesce({sure}, 0) LIMIT 1"
    return connection.execute(sql, (*values, *sure_values)).fetchone() is None


def _is_of_paths(part: Filter) -> bool:
    match part:
        case Compare("path", "=", str(text)) | Glob("path", text):
            return bool(text) and "\0" not in text
        case _:
            return False


def surely(part: Filter) -> Where:
    """Return the condition over `kinds` that `part`, which is about paths, holds for all requests of a kind."""
    match part:
        case Glob("path", glob) if glob.endswith("*"):
            condition, values = DIALECT.glob(_START, glob)
            return f"(paths <> '' AND {condition})", values
        case Glob("path", glob):
            condition, values = DIALECT.glob("paths", glob)
            return f"(paths <> '' AND NOT {_OF_MANY} AND {condition})", values
        case Compare(_, _, path):
            return f"(NOT {_OF_MANY} AND paths = ?)", (str(path),)
        case _:
            return "0", ()


def _perhaps(part: Filter) -> Where:
    """Return the condition over `kinds` that `part` may hold for some requests of a kind, and does for all `surely`."""
    match part:
        case Glob(_, glob):
            start = re.split(r"[*?]", glob, maxsplit=1)[0]
            alike = f"substr({_START}, 1, ?) = substr(?, 1, length({_START}))"
            sure, values = surely(part)
            return f"(paths IS NULL OR {sure} OR ({_OF_MANY} AND {alike}))", (*values, len(start), start)
        case Compare(_, _, path):
            return "(paths IS NULL OR paths = ? OR ? GLOB paths)", (str(path), str(path))
        case _:
            return "1", ()
