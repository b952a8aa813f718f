"""Random requests and filters, made of what goes wrong: missing values, wildcards, cases, escapes, ids within ids."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

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
    words_of,
)
from reqlog.request import Request

_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)

texts = st.text("abA01_-%?*[]'\"\\ éß́\x00\n", min_size=1, max_size=6)
"""Short texts of the characters that go wrong."""

ids = st.one_of(
    st.text("abAB01", min_size=1, max_size=4).map("req_".__add__),
    st.text("abAB01", min_size=1, max_size=4).map("local_".__add__),
    texts,
)
times = st.integers(0, 5).flatmap(
    lambda second: st.integers(0, 2).map(lambda ms: _EPOCH + timedelta(seconds=second, milliseconds=ms))
)
resources = st.sampled_from(["cus_1", "cus_12", "CUS_1", "pi_3QY", "small-monthly", "a.b", "tok:1~"])
bodies = st.one_of(
    texts,
    st.lists(st.sampled_from(["insufficient", "funds", "Funds", "cus_1", "cus_12", "é", "İx", "caf\u00e9"])).map(
        " ".join
    ),
    st.just("funds that are insufficient, of cus_1 and of CUS_1, in a body long enough to be packed with others"),
    st.sampled_from(['{"a": "l1\\nl2 \\u00e9"}', "a%5Bb%5D=caf%C3%A9+x", '{"é": "STRASSE ß"}', "100% sure", "\\u12"]),
)
addresses = st.sampled_from(["10.1.2.3", "10.1.2.30", "192.168.0.1", "::1", "2001:db8::7", "host.example"])
headers = st.dictionaries(st.sampled_from(["date", "x-a"]), texts, max_size=2)

requests = st.builds(
    Request,
    id=ids,
    time=st.none() | times,
    duration_ms=st.none() | st.sampled_from([0.5, 12.0, 800.25]),
    method=st.none() | st.sampled_from(["GET", "POST"]),
    path=st.none() | texts,
    endpoint=st.none() | texts,
    status=st.none() | st.sampled_from([200, 400, 402, 404, 500]),
    livemode=st.none() | st.booleans(),
    ip_address=st.none() | addresses,
    error_type=st.none() | st.sampled_from(["card_error", "api_error"]),
    error_code=st.none() | texts,
    error_message=st.none() | bodies,
    request_headers=st.none() | headers,
    response_headers=st.none() | headers,
    request_body=st.none() | bodies,
    response_body=st.none() | bodies,
    truncated=st.sampled_from([(), ("response_body",)]),
    resources=st.lists(resources, unique=True, max_size=3).map(tuple),
)
"""Requests that have and lack everything."""

_globs = st.text("ab01*?[]-\0", min_size=1, max_size=4)
_words = st.one_of(
    bodies.map(words_of).map(tuple),
    st.sampled_from(["funds", "l2", "café", "cus_1", "é", "i"]).map(lambda word: (word,)),
)
_operators = st.sampled_from(["=", "<", "<=", ">", ">="])

leaves: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Compare, st.just("status"), _operators, st.sampled_from([200, 400, 404])),
    st.builds(Compare, st.just("time"), _operators, times),
    st.builds(Compare, st.just("duration_ms"), _operators, st.sampled_from([0.5, 12.0])),
    st.builds(Compare, st.just("livemode"), st.just("="), st.booleans()),
    st.builds(Compare, st.sampled_from(["path", "error_code", "id"]), st.just("="), texts | ids),
    st.builds(OneOf, st.just("error_type"), st.lists(st.sampled_from(["card_error", "x", "Card_error"])).map(tuple)),
    st.builds(OneOf, st.just("endpoint"), st.lists(texts).map(tuple)),
    st.builds(Glob, st.sampled_from(["path", "endpoint", "id", "error_code"]), _globs),
    st.builds(
        InNetwork,
        st.just("ip_address"),
        st.sampled_from(["10.0.0.0/8", "10.1.2.3/32", "2001:db8::/32", "::/0"]),
    ),
    st.builds(Touches, resources | texts),
    st.builds(Mentions, _words),
    st.builds(Present, st.sampled_from(["time", "error_type", "request_body", "request_headers"])),
)
filters: st.SearchStrategy[Filter] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)
"""Trees of every node."""
