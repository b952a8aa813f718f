"""Facts of the Stripe API, as data files, and the functions that read them, each file once and not before it is asked.

Where the facts come from, how old they are and how to refresh them is in `sources.toml`.
"""

from reqlog.catalog.api_versions import is_preview, is_release, latest_version, version_key, versions
from reqlog.catalog.codes import decline_codes, doc_url, error_codes, error_hint, error_types, is_known
from reqlog.catalog.ids import ids_in
from reqlog.catalog.templates import endpoint_of, endpoints, located, path_parameters

__all__ = [
    "decline_codes",
    "doc_url",
    "endpoint_of",
    "endpoints",
    "error_codes",
    "error_hint",
    "error_types",
    "ids_in",
    "is_known",
    "is_preview",
    "is_release",
    "latest_version",
    "located",
    "path_parameters",
    "version_key",
    "versions",
]
