"""The SQL of filters for a dialect made up here; that it means what `matches` means is held by test_conformance.py."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from strategies import filters

from reqlog.filters import (
    And,
    Compare,
    Filter,
    Glob,
    InNetwork,
    Mentions,
    Not,
    OneOf,
    Or,
    Present,
    Touches,
)
from reqlog.store.sql import Dialect, where

PLAIN = Dialect(
    compare=lambda column, operator, value: (f"{column} {operator} ?", (value,)),
    one_of=lambda column, values: (f"{column} IN ({', '.join('?' * len(values))})", values),
    glob=lambda column, pattern: (f"{column} LIKES ?", (pattern,)),
    in_network=lambda column, network: (f"inside({column}, ?)", (network,)),
    touches=lambda resource: ("touches(?)", (resource,)),
    mentions=lambda words: ("mentions(?)", (words,)),
)


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (And(), ("1", ())),
        (Or(), ("0", ())),
        (Compare("status", ">=", 400), ("status >= ?", (400,))),
        (OneOf("error_type", ("a", "b")), ("error_type IN (?, ?)", ("a", "b"))),
        (OneOf("error_type", ()), ("error_type IN ()", ())),
        (Glob("path", "/v1/*"), ("path LIKES ?", ("/v1/*",))),
        (InNetwork("ip_address", "10.0.0.0/8"), ("inside(ip_address, ?)", ("10.0.0.0/8",))),
        (Touches("cus_1"), ("touches(?)", ("cus_1",))),
        (Mentions(("a", "b")), ("mentions(?)", (("a", "b"),))),
        (Present("time"), ("time IS NOT NULL", ())),
        (Not(Present("time")), ("NOT coalesce(time IS NOT NULL, 0)", ())),
        (Not(And()), ("NOT coalesce(1, 0)", ())),
        (And((Touches("a"),)), ("touches(?)", ("a",))),
        (And((Touches("a"), Touches("b"))), ("((touches(?)) AND (touches(?)))", ("a", "b"))),
        (
            Or((Touches("a"), Touches("b"), Touches("c"))),
            ("((touches(?)) OR ((touches(?)) OR (touches(?))))", ("a", "b", "c")),
        ),
        (
            Not(Or((Compare("status", "=", 1), Touches("b")))),
            ("NOT coalesce(((status = ?) OR (touches(?))), 0)", (1, "b")),
        ),
    ],
)
def test_a_filter_is_a_condition_and_the_values_bound_in_it(filter, expected) -> None:
    assert where(filter, PLAIN) == expected


@given(filter=filters)
def test_every_value_is_bound_in_its_order(filter: Filter) -> None:
    sql, values = where(filter, PLAIN)
    assert sql.count("?") == len(values)


@pytest.mark.parametrize(
    "filter", [Compare("nosuch", "=", 1), OneOf("1; DROP TABLE requests", ("a",)), Present("seq"), Not(Glob("", "*"))]
)
def test_only_names_of_fields_reach_the_sql(filter) -> None:
    with pytest.raises(KeyError):
        where(filter, PLAIN)


@pytest.mark.parametrize("kind", [And, Or])
def test_thousands_of_filters_make_a_condition_that_an_engine_takes(kind) -> None:
    sql, values = where(kind(tuple(Compare("status", "=", number) for number in range(5000))), PLAIN)
    with closing(sqlite3.connect(":memory:")) as engine:
        engine.execute("CREATE TABLE requests (status)")
        assert engine.execute(f"SELECT count(*) FROM requests WHERE {sql}", values).fetchone() == (0,)
