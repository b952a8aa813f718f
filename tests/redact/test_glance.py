"""The quick look misses no marker that is there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlog.redact.glance import AT, CARD, JWT, KEY, SSN, folded, markers_in
from reqlog.redact.members import WORDS

MARKERS = (AT, CARD, JWT, KEY, SSN, "whsec", "bearer", "basic", *(word for word in WORDS if word != "cv"))
PIECES = (*MARKERS, "security_code", "sort_code", *"abcdeiknorstuwy_0=:", "to", "ken", "se", "cret", "who", "umb", "er")


def test_a_text_is_folded_to_what_matters():
    assert folded("Sk_Live 42-43\né=ß\u2009;") == "sk_live0000=;"


@pytest.mark.parametrize("marker", MARKERS)
def test_each_marker_is_found(marker):
    assert marker in markers_in(marker)
    assert marker in markers_in(f"abc{marker}xyz")


@pytest.mark.parametrize("name", ["cvc", "cvv", "cvn", "cvc2", "acvvb"])
def test_a_card_verification_code_is_told_from_other_letters(name):
    assert "cv" in markers_in(name)
    assert "cv" not in markers_in("xcvz8cv_cv")


@pytest.mark.parametrize(("text", "marker"), [("security_code", "securitycode"), ("sort_code", "sortcode")])
def test_a_joint_within_a_word_does_not_hide_it(text, marker):
    assert marker in markers_in(text)


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_what_is_there_is_found_whatever_is_beside_it(fold):
    assert {marker for marker in MARKERS if marker in fold} <= markers_in(fold)
