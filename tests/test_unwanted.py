import re
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import filters, requests

from reqlog.filters import And, Compare, Filter, Not, OneOf, Or, Present, Touches, matches
from reqlog.flags import FAILED
from reqlog.redact import redact, redactor
from reqlog.request import Request
from reqlog.rules import OwnRules
from reqlog.unwanted import unwanted

FAILING = Compare("status", ">=", 500)
ONE = Request("req_1a", time=datetime(2025, 2, 24, 10, tzinfo=UTC), status=402, duration_ms=12.0, livemode=True)
plain_ids = st.from_regex(r"\Areq_[0-9A-Za-z]{1,40}\Z")


@given(
    requests, st.one_of(plain_ids, st.just("req_1")), st.one_of(filters, st.builds(And, st.tuples(filters, filters)))
)
def test_what_is_unwanted_does_not_match_whatever_redaction_leaves(request, id, filter):
    is_unwanted = unwanted(filter, redact)
    found = request._replace(id=id)
    assert is_unwanted is None or not is_unwanted(found) or not matches(filter, redact(found))


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (FAILING, True),
        (Compare("status", "=", 402), False),
        (And((FAILING, Touches("cus_1"))), True),
        (And((And((Compare("status", ">=", 400), Compare("status", "<", 402))),)), True),
        (And((Compare("status", ">=", 400), Compare("livemode", "=", True), Compare("duration_ms", ">", 20))), True),
        (Or((FAILING, OneOf("status", (404, 409)))), True),
        (Or((FAILING, OneOf("status", (404, 402)))), False),
        (Not(Present("duration_ms")), True),
        (Not(FAILING), False),
        (Compare("time", ">=", datetime(2025, 2, 25, tzinfo=UTC)), True),
    ],
)
def test_numbers_times_and_truths_tell(filter, expected):
    is_unwanted = unwanted(filter, redact)
    assert is_unwanted is not None
    assert is_unwanted(ONE) is expected


@pytest.mark.parametrize("filter", [And(), FAILED, Touches("cus_1"), Or((FAILING, Touches("cus_1")))])
def test_texts_tell_nothing(filter: Filter):
    assert unwanted(filter, redact) is None


@given(plain_ids)
@example("req_a" + "4242424242424242")
@example("req_0123456789012345")
def test_an_id_that_redaction_changes_tells_nothing(id):
    is_unwanted = unwanted(FAILING, redact)
    assert is_unwanted is not None
    assert not is_unwanted(ONE._replace(id=id)) or redact(ONE._replace(id=id)).id == id


def test_neither_does_one_that_was_derived_or_that_a_rule_of_the_users_own_changes():
    found = unwanted(FAILING, redactor(OwnRules(patterns=(re.compile("1a"),))))
    assert found is not None
    assert [found(ONE), found(ONE._replace(id="req_2b"))] == [False, True]
    assert not found(ONE._replace(id="local_2b"))
