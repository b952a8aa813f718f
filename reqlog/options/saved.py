"""Options of which a default is saved in the configuration: what TOML may say of each, and the value it then has."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import partial

import click

Take = Callable[[object], object]
"""Take what TOML says of an option and return its default; raise ValueError, saying what it must be."""

_WORDS = (str, int, float, date, time)


def takes(command: click.Command) -> Mapping[str, Take]:
    """Return for each option of `command`, by its name with underscores, what takes its default."""
    return {
        parameter.name: partial(_default, parameter)
        for parameter in command.params
        if isinstance(parameter, click.Option) and parameter.name
    }


def _default(option: click.Option, value: object) -> object:
    if option.is_flag:
        return _checked(value, bool, "true or false")
    if isinstance(option.type, click.IntRange):
        return _checked(value, int, "a whole number")
    if not option.multiple:
        return _word(option, value)
    return [_word(option, one) for one in (value if isinstance(value, list) else [value])]


def _checked(value: object, type: type, what: str) -> object:
    if not isinstance(value, type) or isinstance(value, bool) is not (type is bool):
        raise ValueError(what)
    return value


def _word(option: click.Option, value: object) -> str:
    if not _is_word(value):
        raise ValueError("a text, or a list of texts" if option.multiple else "a text")
    word = value.isoformat() if isinstance(value, datetime) else str(value)
    if isinstance(option.type, click.Choice) and word not in option.type.choices:
        raise ValueError(f"one of {', '.join(option.type.choices)}")
    return word


def _is_word(value: object) -> bool:
    return isinstance(value, _WORDS) and not isinstance(value, bool)
