"""The checks of the fuzz targets, on samples, on mutated samples and on any bytes; no fuzzer is needed."""

import json
import re
import subprocess
import sys

import pytest
from fuzz import seeds
from fuzz.mutations import mutated
from fuzz.reading import OWN, check_reading, check_unpacking, records_of
from fuzz.redacting import CARD, CODE, KEY, PIECES, PLANTED, check_redaction
from fuzz.targets import TARGETS
from hypothesis import given, settings
from hypothesis import strategies as st

from reqlog.readers import FORMATS
from reqlog.redact import redact
from reqlog.request import Request

NAMED = (*FORMATS, *OWN)
by_name = pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.name)


@by_name
def test_what_a_target_begins_with_is_well(target):
    for seed in target.seeds():
        target.check(seed)


@by_name
@settings(max_examples=100, derandomize=True)  # new finds are for `python -m tests.fuzz`, not for whoever lands next
@given(data=st.data())
def test_mutated_seeds_are_well(target, data):
    target.check(data.draw(mutated(target.seeds())))


@by_name
@settings(max_examples=50)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_well(target, content):
    target.check(content)


@pytest.mark.parametrize("format", NAMED)
@settings(max_examples=50)
@given(data=st.data())
def test_every_format_reads_the_samples_of_any_other(format, data):
    check_reading(format, data.draw(mutated(seeds.of_format(format) + seeds.of_all_formats())))


@pytest.mark.parametrize("format", NAMED)
@settings(max_examples=15)
@given(sizes=st.lists(st.integers(1, 90), min_size=1, max_size=3))
def test_a_sample_is_the_same_whatever_pieces_it_comes_in(format, sizes):
    for sample in seeds.of_format(format):
        assert records_of(format, sample, *sizes) == records_of(format, sample)


@given(st.binary(max_size=400))
@settings(max_examples=50)
def test_packed_bytes_are_unpacked_as_far_as_they_are_whole(content):
    check_unpacking(content)


@st.composite
def bodies(draw):
    """Return JSON with secrets in it at any depth, under names that tell them or where they tell themselves."""
    texts = st.text(max_size=8) | st.lists(st.sampled_from(PIECES), max_size=5).map("".join)
    secrets = st.sampled_from(
        (
            {"client_secret": PLANTED},
            {"a": f"x {KEY} y"},
            {"card": {"number": CARD}},
            {"cvc": CODE},
            {"token": [PLANTED]},
        )
    )
    values = st.recursive(
        st.none() | st.booleans() | st.integers(0, 99) | texts | secrets,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(texts, inner, max_size=3)
            | inner.map(json.dumps)
            | inner.map(lambda value: json.dumps(value, ensure_ascii=False))
        ),
        max_leaves=6,
    )
    return json.dumps({"a": draw(values), **draw(secrets)}, ensure_ascii=draw(st.booleans()))


@settings(max_examples=150)
@given(bodies())
def test_no_secret_is_left_in_json_of_any_shape_and_it_stays_json(body):
    redacted = redact(Request(id="req_1", response_body=body))
    left = redacted.response_body or ""
    assert [planted for planted in (PLANTED, CARD, CODE) if planted in left] == []
    assert json.loads(left).keys() == json.loads(body).keys()


@pytest.mark.parametrize("start", ["", "%22password%22:%22", "{\"a\":\"'password':'", "a=1&token="])
@pytest.mark.parametrize("piece", ["\\", '\\"', "%5c", '"secret":["', "eyJ", "_secret_a"])
def test_a_long_text_would_take_minutes_if_the_time_of_redaction_were_not_linear(start, piece):
    text = start + piece * (200_000 // len(piece))
    assert len(redact(Request(id="req_1", request_body=text)).request_body or "") <= 2 * len(text)


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_redaction_holds_around_any_text(text):
    check_redaction(text.encode("utf-8", "surrogatepass"))


def test_the_docs_name_every_target():
    rows = re.findall(r"^\| (`[^|]+) \|[^|]+\|[^|]+\|$", (seeds.ROOT / "docs" / "fuzzing.md").read_text(), re.MULTILINE)
    assert sorted(re.findall(r"`([\w-]+)`", "".join(rows))) == sorted(TARGETS)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nothing",), 2, "no such target: nothing; the targets are reqlog, "),
        (("times", "--input", "/dev/null"), 0, ""),
    ],
)
def test_the_command_says_what_it_cannot_do_and_tries_an_input_again(arguments, code, said):
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *arguments], cwd=seeds.ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, said in done.stderr) == (code, True)
