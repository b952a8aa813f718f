from hypothesis import given
from hypothesis import strategies as st
from strategies import requests

from reqlog.exchange import local_id
from reqlog.exchange.packing import packed, unpacked
from reqlog.request import Request


@given(st.lists(requests, max_size=5))
def test_requests_come_back_as_they_were(some: list[Request]) -> None:
    assert unpacked(packed(some)) == some


def test_an_id_that_was_derived_comes_back_as_an_id() -> None:
    request = Request(local_id("content", within="cassette.yml"))
    (back,) = unpacked(packed([request]))
    assert (back, type(back.id)) == (request, str)
