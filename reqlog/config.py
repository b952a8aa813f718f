"""The configuration files: what they may say, read and checked.

Two files, both optional, both TOML: the user's, and the project's `.reqlog.toml`, found in the working folder or the
nearest one above it. What the project says goes before what the user says; flags and the environment go before both.
A key that nobody knows is an error that names the file and the line.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from reqlog import limits
from reqlog.exceptions import UsageError
from reqlog.rules import OwnRules, name_from, pattern_from

PROJECT_FILE = ".reqlog.toml"

_MOST_PARTS = 64
_ENDLESS_KEY = rf"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{_MOST_PARTS}}}"""
"""A key of so many parts that reading it would take its square of time."""


class Config(NamedTuple):
    """What the configuration files say."""

    store: str | None = None
    """Path or URL of the store, as `--store` takes it; a relative path is relative to the file that says it."""
    default_version: str | None = None
    """The account's default API version, as `versions --default-version` takes it."""
    formats: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType({})
    """json-map formats of the user's own: name to its place, as file and line, and its table."""
    defaults: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    """Option defaults: command to option, with underscores, to value."""
    redact: OwnRules = OwnRules()
    """Rules of redaction of the user's own; what both files say adds up."""


Take = Callable[[object], object]
"""Take what TOML says of an option and return its default; raise ValueError, saying what it must be."""

OptionsOf = Callable[[str], Mapping[str, Take] | None]
"""The options of a command by name, with underscores; None if there is no such command."""


def load(user_file: str, folder: str, options_of: OptionsOf | None) -> Config:
    """Return what the files at `user_file` and at or above `folder` say, the latter first.

    Without `options_of`, what they say of defaults is neither checked nor taken, for those who have no commands.

    Raises UsageError, naming file and line, if one is not TOML or has a key or a type of value that nobody knows.
    """
    config = Config()
    for file in (user_file, *_project_file(folder)):
        if os.path.isfile(file):
            config = _over(config, _read(file, options_of))
    return config


def _project_file(folder: str) -> list[str]:
    while not os.path.isfile(file := os.path.join(folder, PROJECT_FILE)):
        above = os.path.dirname(folder)
        if above == folder:
            return []
        folder = above
    return [file]


def _over(below: Config, above: Config) -> Config:
    commands = {*below.defaults, *above.defaults}
    return Config(
        store=above.store or below.store,
        default_version=above.default_version or below.default_version,
        formats={**below.formats, **above.formats},
        defaults={name: {**below.defaults.get(name, {}), **above.defaults.get(name, {})} for name in commands},
        redact=below.redact.plus(above.redact),
    )


def _read(file: str, options_of: OptionsOf | None) -> Config:
    import tomllib

    text = _text(file)
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        broken = isinstance(error, tomllib.TOMLDecodeError)
        reason = error if broken else "it is nested too deep, or has a number of too many digits"
        message = f"{file}: not valid TOML: {reason}."
        raise UsageError(message) from error
    for key, value in table.items():
        if key not in _CHECKS:
            raise _at(file, text, key, f"unknown key {key!r}; known are {', '.join(_CHECKS)}")
        if (expected := _CHECKS[key](value)) is not None:
            raise _at(file, text, key, f"{key} must be {expected}")
    return Config(
        store=_beside(file, table.get("store")),
        default_version=table.get("default_version"),
        formats={
            name: (f"{file}:{line_of(text, 'formats', name)}", format)
            for name, format in table.get("formats", {}).items()
        },
        defaults=dict(_checked_defaults(file, text, table.get("defaults", {}), options_of)) if options_of else {},
        redact=_own_rules(file, text, table.get("redact", {})),
    )


def _beside(file: str, store: str | None) -> str | None:
    path = (store or "").removeprefix("sqlite:///")
    if store is None or "://" in path:
        return store
    return os.path.join(os.path.dirname(file), os.path.expanduser(path))


def _checked_defaults(
    file: str, text: str, defaults: Mapping[str, Mapping[str, Any]], options_of: OptionsOf
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for command, table in defaults.items():
        known = options_of(command)
        if known is None:
            raise _at(file, text, "defaults", f"there is no command {command!r}", command)
        values = {}
        for option, value in table.items():
            name = option.replace("-", "_")
            if name not in known:
                raise _at(file, text, "defaults", f"{command} has no option {option!r}", command, name)
            try:
                values[name] = known[name](value)
            except ValueError as error:
                reason = f"{option} of {command} must be {error}"
                raise _at(file, text, "defaults", reason, command, name) from error
        yield command, values


def _own_rules(file: str, text: str, table: Mapping[str, object]) -> OwnRules:
    for key in table:
        if key not in OwnRules._fields:
            reason = f"redact has no key {key!r}; it has {', '.join(OwnRules._fields)}"
            raise _at(file, text, "redact", reason, key)

    def taken(key: str, take: Callable[[str], Any]) -> tuple[Any, ...]:
        return tuple(_taken(file, text, key, value, take) for value in _listed(file, text, key, table.get(key, [])))

    return OwnRules(taken("fields", name_from), taken("headers", name_from), taken("patterns", pattern_from))


def _listed(file: str, text: str, key: str, value: object) -> list[str]:
    values = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    if values in (value, [value]):
        return values
    raise _at(file, text, "redact", f"{key} of redact must be a text, or a list of texts", key)


def _taken(file: str, text: str, key: str, value: str, take: Callable[[str], Any]) -> object:
    try:
        return take(value)
    except ValueError as error:
        line = line_of_value(text, value, line_of(text, "redact", key))
        message = f"{file}:{line}: '{value}' in {key} of redact must be {error}."
        raise UsageError(message) from error


def _text(file: str) -> str:
    try:
        with open(file, encoding="utf-8") as opened:
            text = opened.read(limits.CONFIG_BYTES + 1)
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file}: cannot be read: {error}."
        raise UsageError(message) from error
    if len(text) > limits.CONFIG_BYTES:
        message = f"{file}: it is longer than {limits.CONFIG_BYTES // 1024} KiB, which no configuration has to be."
        raise UsageError(message)
    if re.search(_ENDLESS_KEY, text):
        message = f"{file}: not valid TOML for reqlog: a key has more than {_MOST_PARTS} parts, and none has so many."
        raise UsageError(message)
    return text


def _is_text(value: object) -> str | None:
    return None if isinstance(value, str) and value else "a text"


def _is_tables(value: object) -> str | None:
    whole = isinstance(value, dict) and all(isinstance(table, dict) for table in value.values())
    return None if whole else "a table of tables"


def _is_table(value: object) -> str | None:
    return None if isinstance(value, dict) else "a table"


_CHECKS = {
    "store": _is_text,
    "default_version": _is_text,
    "formats": _is_tables,
    "defaults": _is_tables,
    "redact": _is_table,
}


def _at(file: str, text: str, key: str, reason: str, *path: str) -> UsageError:
    return UsageError(f"{file}:{line_of(text, key, *path)}: {reason}.")


def line_of(text: str, *path: str) -> int:
    """Return the number of the line of the TOML `text` on which the key at `path` is set, as far as can be told."""
    lines = text.splitlines()
    place = 0
    for depth, key in enumerate(path):
        names = re.escape(key).replace("_", "[_-]")
        pattern = re.compile(rf"""\s*(?:\[+\s*)?(?:[\w"'-]+\s*\.\s*){{0,{depth}}}["']?{names}["']?\s*[\].=]""")
        place = next((number for number in range(place, len(lines)) if pattern.match(lines[number])), place)
    return place + 1


def line_of_value(text: str, value: str, first: int) -> int:
    """Return the number of the line of the TOML `text`, not before `first`, that has `value`, as far as can be told."""
    spelled = (value, value.replace("\\", "\\\\"))
    numbered = enumerate(text.splitlines()[first - 1 :], first)
    return next((number for number, line in numbered if any(one in line for one in spelled)), first)
