"""What is put on urllib3's object; what it does with real answers is held by test_requests_hook.py."""

import io

import pytest
import urllib3

from reqlog.capture.recording import recording_into
from reqlog.capture.urllib3_answer import tap


@pytest.fixture
def passing(store):
    return recording_into(store).begin("GET", "https://api.stripe.com/v1/charges", ())


def test_the_object_stays_what_it_was(passing) -> None:
    raw = urllib3.HTTPResponse(io.BytesIO(b"content"), preload_content=False)
    assert tap(raw, passing)
    assert isinstance(raw, urllib3.HTTPResponse)
    assert (type(raw).__name__, type(raw).__module__) == ("HTTPResponse", "urllib3.response")
    assert (raw.read(3), raw.read(), raw.read()) == (b"con", b"tent", b"")
    assert passing.response_body.kept == b"content"


def test_two_who_look_at_one_answer_see_the_same(passing, store) -> None:
    raw = urllib3.HTTPResponse(io.BytesIO(b"content"), preload_content=False)
    other = recording_into(store).begin("GET", "https://api.stripe.com/v1/charges", ())
    assert tap(raw, passing)
    assert tap(raw, other)
    assert b"".join(raw.stream(2)) == b"content"
    assert passing.response_body.kept == other.response_body.kept == b"content"


@pytest.mark.parametrize("raw", [None, io.BytesIO(b"content"), object()])
def test_what_is_none_of_urllib3_is_left_alone(passing, raw) -> None:
    assert tap(raw, passing) is False
