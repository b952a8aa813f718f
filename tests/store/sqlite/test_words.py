from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import requests

from reqlog.filters import EVERYTHING, And, Compare, Mentions, Not, OneOf, Or, matches, searchable, words_of
from reqlog.request import Request
from reqlog.store import open_temporary
from reqlog.store.sqlite import rows
from reqlog.store.sqlite.dialect import match_all
from reqlog.store.sqlite.questions import asked
from reqlog.store.sqlite.words import SEARCHED, key_word, text_if_readable, text_of, text_of_columns

KEY = "Key-7 §é"
OF_KEY = Compare("idempotency_key", "=", KEY)
SAME_WORD = ("plumless", "buckeroo")
"""Two keys of one checksum."""


@given(requests, st.none() | st.text())
def test_the_text_of_a_row_is_that_of_its_request(request: Request, key: str | None) -> None:
    request = request._replace(idempotency_key=key)
    row = dict(zip(rows.COLUMNS, rows.row_of(1, request), strict=True))
    assert text_of_columns(*(row[name] for name in SEARCHED)) == text_of(request)


@given(requests, st.text())
def test_a_key_adds_a_word_that_no_text_has(request: Request, key: str) -> None:
    request = request._replace(idempotency_key=None)
    assert text_of(request._replace(idempotency_key=key)) == f"{text_of(request)}\n{key_word(key)}"
    assert words_of(key_word(key)) != [key_word(key)]
    assert key_word(key) not in words_of(text_of(request._replace(path=f"/{key_word(key)}")))


def test_what_cannot_be_read_has_no_text() -> None:
    row = dict.fromkeys(SEARCHED) | {"path": "/v1/a", "resources": "no JSON"}
    assert text_if_readable(*row.values()) is None
    assert text_if_readable(*(row | {"resources": None}).values()) == "/v1/a"


@pytest.fixture(scope="module")
def store():
    keys = (KEY, KEY.lower(), "another", *SAME_WORD, "", None)
    kept = [Request(f"req_{n}", path=f"/v1/{n % 3} {KEY}", idempotency_key=keys[n % 7]) for n in range(70)]
    with closing(open_temporary()) as opened:
        opened.add(kept)
        yield opened


@pytest.mark.parametrize(
    "filter",
    [
        OF_KEY,
        Compare("idempotency_key", "=", ""),
        Compare("idempotency_key", "=", SAME_WORD[0]),
        Compare("idempotency_key", ">", "b"),
        OneOf("idempotency_key", (KEY, "another", "none")),
        OneOf("idempotency_key", ()),
        Not(OF_KEY),
        Not(OneOf("idempotency_key", (KEY, "another"))),
        Or((OF_KEY, Compare("id", "=", "req_1"))),
        Or((OneOf("idempotency_key", (KEY,)), Compare("id", "=", "req_1"))),
        And((OF_KEY, Mentions(("1",)))),
        And((OneOf("idempotency_key", (KEY, "")), Mentions(("1",)))),
        And((OF_KEY, OneOf("idempotency_key", ("another",)))),
    ],
)
def test_a_question_about_keys_is_answered_as_its_filter_says(filter, store) -> None:
    expected = {request.id for request in store.find(EVERYTHING) if matches(filter, request)}
    assert {request.id for request in store.find(filter)} == expected
    assert {request.id for request in store.find(filter, limit=100)} == expected
    assert sum(group.requests for group in store.count_by(filter, ())) == len(expected)


@pytest.mark.parametrize("filter", [OF_KEY, OneOf("idempotency_key", (KEY, "another"))])
def test_no_request_is_looked_at_that_has_another_key(filter, store) -> None:
    condition, values = asked(store._connection, filter).whole
    plan = store._connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM requests WHERE {condition}", values)
    assert "SEARCH requests USING INTEGER PRIMARY KEY (rowid=?)" in [step[-1] for step in plan]


def test_two_keys_may_have_one_word() -> None:
    assert len(set(map(key_word, SAME_WORD))) == 1
    assert match_all((key_word(KEY),)).startswith('"§')


def test_text_is_searched_as_the_filter_has_it() -> None:
    assert words_of(text_of(Request("req_1", path="/v1/É§b"))) == words_of(searchable(Request("req_1", path="/v1/É§b")))
