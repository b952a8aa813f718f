"""What is fuzzed: each target a check of bytes, what to begin with, and its share of the time.

The same checks run under hypothesis in `test_targets`, on fewer inputs.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from reqlog.flags import FLAGS

from . import seeds
from .asking import check_flag, check_time
from .comparing import check_yaml
from .keeping import check_row
from .reading import OWN, check_reading, check_sniffing, check_unpacking
from .redacting import check_redaction


class Target(NamedTuple):
    """One thing that is fuzzed."""

    name: str
    """As it is named on the command line."""
    check: Callable[[bytes], None]
    """Raises AssertionError, or anything else, if what must hold of these bytes does not."""
    seeds: Callable[[], Sequence[bytes]]
    """What to begin with."""
    share: int
    """Of the time, compared with the others."""
    words: tuple[bytes, ...] = ()
    """What is worth putting into an input, besides what the target was seen to compare it with."""
    longest: int = 4096
    """Bytes of the longest input."""


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _check_time(content: bytes) -> None:
    check_time(_text(content))


def _check_flag(content: bytes) -> None:
    check_flag(FLAGS[(content[:1] or b"\0")[0] % len(FLAGS)], _text(content[1:]))


def _check_status(content: bytes) -> None:
    check_flag(FLAGS[0], _text(content))


def _check_json_map(content: bytes) -> None:
    check_reading("json-map", content)
    check_reading(next(iter(OWN)), content)


_JSON = (b'{"', b'":', b'",', b"null", b"true", b"1e400", b'"\\ud800"', b"[[[[", b"]]]]", b'"id"', b'"status":', b'""')
_HTTP = (b"Content-Encoding", b"gzip", b"Content-Type", b"charset=utf-16", b"Request-Id", b"Date", b"base64")
_YAML = (
    b"!binary",
    b"!!python/tuple",
    b"&a ",
    b"*a",
    b"<<: ",
    b"- ",
    b": ",
    b"|-\n",
    b"---\n",
    b"? ",
    b"!ruby/object:",
)

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target("reqlog", partial(check_reading, "reqlog"), partial(seeds.of_format, "reqlog"), 5, _JSON),
        Target("stripe-cli", partial(check_reading, "stripe-cli"), partial(seeds.of_format, "stripe-cli"), 5, _JSON),
        Target("har", partial(check_reading, "har"), partial(seeds.of_format, "har"), 8, _JSON + _HTTP, 16_384),
        Target("vcr", partial(check_reading, "vcr"), partial(seeds.of_format, "vcr"), 12, _YAML + _HTTP, 16_384),
        Target("access-log", partial(check_reading, "access-log"), partial(seeds.of_format, "access-log"), 8),
        Target("json-map", _check_json_map, partial(seeds.of_format, "json-map"), 8, _JSON),
        Target("sniff", check_sniffing, seeds.of_all_formats, 5, _JSON + _YAML),
        Target("yaml", check_yaml, partial(seeds.of_format, "vcr"), 5, _YAML),
        Target("unpack", check_unpacking, seeds.of_all_formats, 3),
        Target("times", _check_time, lambda: seeds.TIMES, 5, longest=80),
        Target(
            "status", _check_status, lambda: [b"402", b"4xx", b"400-499", b">=400", b"failed,succeeded"], 2, longest=60
        ),
        Target("flags", _check_flag, seeds.of_flags, 5, longest=200),
        Target(
            "redact", check_redaction, seeds.of_redaction, 12, (b"secret", b"number", b"card", b'\\"', b"%22"), 1024
        ),
        Target("rows", check_row, seeds.of_rows, 3),
    )
}
"""The targets by name."""
