"""That these conditions mean what `matches` means is held by tests/store/test_conformance.py, on every server."""

import pytest

from reqlog.filters import Compare, Glob, InNetwork, Mentions, OneOf, Touches
from reqlog.store.clickhouse.dialect import DIALECT
from reqlog.store.clickhouse.rows import UNDATED
from reqlog.store.sql import where


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (Compare("status", ">=", 400), ("status >= ?", (400,))),
        (Compare("time", "<", 5), (f"(moment > {UNDATED} AND moment < ?)", (5,))),
        (OneOf("error_code", ()), ("0", ())),
        (OneOf("error_code", ("a", "b")), ("error_code IN (?, ?)", ("a", "b"))),
        (Glob("path", "/v1/*"), ("startsWith(path, ?)", ("/v1/",))),
        (Glob("path", "/v1/*\0x"), ("startsWith(path, ?)", ("/v1/",))),
        (Touches("cus_1"), ("has(resources, ?)", ("cus_1",))),
        (Mentions(("a", "b")), ("has(words, ?) AND has(words, ?)", ("a", "b"))),
        (Mentions(()), ("1", ())),
    ],
)
def test_a_leaf_is_a_condition(filter, expected) -> None:
    assert where(filter, DIALECT) == expected


def test_only_the_address_is_kept_as_one() -> None:
    with pytest.raises(KeyError):
        where(InNetwork("path", "10.0.0.0/8"), DIALECT)
