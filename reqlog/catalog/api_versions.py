"""The API's versions: their order, and which may be called the latest.

A version is a date, since 2024-09-30 followed by the name of its release (`2025-03-31.basil`). Previews
(`2025-03-31.preview`), `.dashboard` and beta suffixes (`2023-10-16; feature_beta=v1`) exist beside the releases.
"""

import re
from collections.abc import Iterable
from functools import cache

from reqlog.catalog.facts import lines

_DATED = r"(20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?![\w-])"
_RELEASE = rf"(?a:{_DATED}(?:\.(?!preview$|dashboard$)[a-z]+)?)"


@cache
def versions() -> tuple[str, ...]:
    """Return every version that the catalog knows, oldest first."""
    return tuple(sorted(lines("api_versions.txt"), key=version_key))


def latest_version(seen: Iterable[str] = ()) -> str:
    """Return the newest release of those the catalog knows and those in `seen`."""
    return max(filter(is_release, (*versions(), *seen)), key=version_key)


def is_release(version: str) -> bool:
    """Whether `version` is one that may be the latest: a date, with the name of a release or without."""
    return re.fullmatch(_RELEASE, version) is not None


def is_preview(version: str) -> bool:
    """Whether `version` has a date but is no release: a preview, `.dashboard`, or one with a beta suffix."""
    return bool(version_key(version)[0]) and not is_release(version)


def version_key(version: str) -> tuple[str, str]:
    """Return the key that sorts versions by their date; text without one sorts first."""
    match = re.match(rf"(?a:{_DATED})", version)
    return (match[1] if match else "", version)
