"""Bytes to requests: which formats there are, which one an input is in, and reading it.

A reader is imported when an input in its format is met, and no other is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from reqlog.exceptions import InputError, UsageError

if TYPE_CHECKING:
    from reqlog.readers.base import Passed, Read, Reject
    from reqlog.readers.inputs import Input
    from reqlog.readers.json_map import Mapping as JsonMapping
    from reqlog.readers.unpack import Stream
    from reqlog.request import Request

__all__ = [
    "FORMATS",
    "Format",
    "Progress",
    "Skipped",
    "check_format",
    "followable",
    "format_names",
    "own_mappings",
    "read",
]

Progress = Callable[[int], None]
"""Is told how many more bytes of an input, as it is stored, have been read."""


class Format(NamedTuple):
    """One format that can be named with `--format`."""

    name: str
    """As the user types it."""
    module: str
    """The module of its reader."""
    help: str
    """What it is, in one line."""
    has_lines: bool
    """Whether the place of a reject is a line, and not the index of the record."""
    skims: bool = False
    """Whether its reader can tell what is not wanted of a record before the rest of it is looked at."""
    preset: bool = False
    """Whether it is one of the mappings that come with `json-map`."""


_JSON_MAP: Final = "reqlog.readers.json_map"

FORMATS: Final[Mapping[str, Format]] = {
    row.name: row
    for row in (
        Format(
            "reqlog",
            "reqlog.readers.reqlog",
            "what `reqlog list -o jsonl` and `-o json` write",
            has_lines=True,
            skims=True,
        ),
        Format(
            "stripe-cli", "reqlog.readers.stripe_cli", "what `stripe logs tail` prints, as JSON or text", has_lines=True
        ),
        Format("har", "reqlog.readers.har", "HTTP archives of browsers and proxies", has_lines=False),
        Format("vcr", "reqlog.readers.vcr", "cassettes of VCR and its kin, YAML or JSON", has_lines=False),
        Format("access-log", "reqlog.readers.access_log", "Apache and nginx, common and combined", has_lines=True),
        Format("json-map", _JSON_MAP, "JSON lines of any of the mappings below, or of your own", has_lines=True),
        Format("caddy", _JSON_MAP, "Caddy's access log", has_lines=True, preset=True),
        Format("traefik", _JSON_MAP, "Traefik's access log in JSON", has_lines=True, preset=True),
        Format("nginx-json", _JSON_MAP, "nginx with a JSON `log_format`", has_lines=True, preset=True),
        Format("cloudflare", _JSON_MAP, "Cloudflare Logpush, HTTP requests", has_lines=True, preset=True),
        Format("envoy", _JSON_MAP, "Envoy's access log in JSON", has_lines=True, preset=True),
        Format("alb", _JSON_MAP, "AWS load balancer logs as JSON lines", has_lines=True, preset=True),
    )
}
"""The formats by name."""


class Skipped(NamedTuple):
    """A file of a folder that was not read, or not to its end."""

    file: str
    """Name of the input."""
    reason: str
    """Why, in a few words."""

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"


def format_names(mappings: Mapping[str, JsonMapping] | None = None) -> tuple[str, ...]:
    """Return the names that `--format` takes, those of the user's own `mappings` last."""
    return (*FORMATS, *(name for name in mappings or {} if name not in FORMATS))


def read(
    input: Input,
    format: str | None = None,
    mappings: Mapping[str, JsonMapping] | None = None,
    progress: Progress | None = None,
    unwanted: Callable[[Any], bool] | None = None,
) -> Iterator[Request | Reject | Skipped | Passed]:
    """Yield what `input` holds, in its order, read as `format` or, without one, as what its first bytes tell.

    `mappings` are the user's own formats by name. An unknown `format` raises UsageError at once. An input that cannot
    be read, is empty or in no known format raises InputError if the user named it, and is `Skipped` if it was found in
    a folder; of one that ends early the records before are yielded first.

    A record may be passed over where `unwanted` says so of what has the fields of a request as attributes.
    """
    if format is not None:
        check_format(format, mappings or {})
    return _guarded(input, format, mappings or {}, progress, unwanted)


def _guarded(
    input: Input,
    format: str | None,
    mappings: Mapping[str, JsonMapping],
    progress: Progress | None,
    unwanted: Callable[[Any], bool] | None,
) -> Iterator[Request | Reject | Skipped | Passed]:
    try:
        with input.open(progress) as stream:
            name = format or _sniffed(stream, input)
            if unwanted is not None and name in FORMATS and FORMATS[name].skims:
                yield from import_module(FORMATS[name].module).skim(stream, input.name, unwanted)
            else:
                yield from _reader(name, mappings)(stream, input.name)
    except InputError as error:
        if input.explicit:
            raise
        yield Skipped(input.name, str(error).removeprefix(f"{input.name}: "))


def _sniffed(stream: Stream, input: Input) -> str:
    """Return the format of what `stream` begins with, looking no further than it takes to tell."""
    from reqlog.readers.sniff import sniff

    while (name := sniff(stream.head())) is None and stream.look_further():
        pass
    if name is not None:
        return name
    if not stream.head().strip():
        raise InputError(f"{input.name}: it is empty")
    known = ", ".join(row.name for row in FORMATS.values() if not row.preset)
    advice = f" ({known}); name its format with --format" if input.explicit else ""
    raise InputError(f"{input.name}: not a capture that reqlog knows{advice}")


def followable(input: Input, format: str | None, idle: Callable[[], None]) -> Input:
    """Return `input` such that, if it is a file, it is read on while it grows; a pipe does that by itself.

    `idle` is called when there is no more. Raises InputError if it is compressed, or has to be whole to be read.
    """
    from reqlog.readers.growing import GrowingInput, check_plain
    from reqlog.readers.sniff import sniff

    if input.size is None:
        return input
    check_plain(input.name)
    with input.open() as stream:
        while (found := sniff(stream.head())) is None and stream.look_further():
            pass
    if (row := FORMATS.get(format or found or "")) and not row.has_lines:
        raise InputError(f"{input.name}: {row.name} has to be whole to be read, and cannot be followed")
    return GrowingInput(input.name, input.argument, input.explicit, input.size, idle)


def check_format(name: str | None, mappings: Mapping[str, JsonMapping]) -> None:
    """Raise UsageError if `name` is given and is no format, neither one of ours nor one of the user's `mappings`."""
    if name is not None and name not in FORMATS and name not in mappings:
        raise UsageError(f"there is no format {name!r}; the formats are {', '.join(format_names(mappings))}")


def _reader(name: str, mappings: Mapping[str, JsonMapping]) -> Read:
    """Return the reader of the format called `name`."""
    check_format(name, mappings)
    row = FORMATS.get(name)
    if row is not None and row.module != _JSON_MAP:
        return cast("Read", import_module(row.module).read)
    from reqlog.readers import json_map

    if row is None:
        return json_map.reader(mappings[name])
    if row.preset:
        return json_map.reader(json_map.PRESETS[name])
    return json_map.reader(*mappings.values(), *json_map.PRESETS.values())


def own_mappings(tables: Mapping[str, tuple[str, Mapping[str, Any]]]) -> Mapping[str, JsonMapping]:
    """Return the user's own formats by name; `tables` has for each its place, as file and line, and its table."""
    if not tables:
        return {}
    from reqlog.readers import json_map

    mappings = {}
    for name, (place, table) in tables.items():
        try:
            mappings[name] = json_map.mapping_from(name, dict(table))
        except UsageError as error:
            raise UsageError(f"{place}: {error}") from error
    return mappings
