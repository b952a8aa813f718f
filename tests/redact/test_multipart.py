"""A part of a multipart form is known by its name, whatever headers it has and in which order."""

from collections import Counter

import pytest

from reqlog.redact.multipart import is_multipart, redact_multipart

SECRET = "hunter2-S3cret"


def body(*headers: str, content: str = SECRET, end: str = "\r\n") -> str:
    parts = ("--b", *headers, "", content, "--b", 'Content-Disposition: form-data; name="a"', "", "1", "--b--", "")
    return end.join(parts)


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize(
    "headers",
    [
        ['Content-Disposition: form-data; name="password"'],
        ["content-disposition: form-data; name=password"],
        ['Content-Type: text/plain; charset="x"', 'Content-Disposition: form-data; name="user[password]"'],
        ['Content-Disposition: form-data; name="password"; filename="' + "x" * 200 + '"', *["X-A: b"] * 9],
        ['CONTENT-DISPOSITION: form-data; filename="x"; name="password"', "Content-Transfer-Encoding: base64"],
        ["Content-Disposition: form-data; name*=UTF-8''pass%77ord"],
        ["Content-Disposition: form-data;", ' name="password"'],
    ],
)
def test_the_content_goes_and_the_rest_stays(headers, end):
    text = body(*headers, end=end)
    assert redact_multipart(text, Counter()) == text.replace(SECRET, "[redacted]")


@pytest.mark.parametrize(
    "content", [f"{SECRET}\r\n{SECRET}", f"{SECRET}\r\n--{SECRET}", f"--{SECRET}", f"\r\n\r\n{SECRET}"]
)
def test_a_content_goes_up_to_the_boundary(content):
    text = body('Content-Disposition: form-data; name="password"', content=content)
    assert redact_multipart(text, Counter()) == text.replace(content, "[redacted]")


def test_a_content_that_is_cut_goes():
    text = f'--b\r\nContent-Disposition: form-data; name="card[number]"\r\n\r\n{"4242424242424241"}'
    assert redact_multipart(text, Counter()) == text.replace("4242424242424241", "[card …4241]")


def test_other_parts_stay():
    text = body('Content-Disposition: form-data; name="file"; filename="password.txt"')
    assert redact_multipart(text, Counter()) == text


def test_parts_are_counted_by_rule_and_known_by_whatever_knows_names():
    tally: Counter[str] = Counter()
    text = body('Content-Disposition: form-data; name="cvc"')
    redact_multipart(text, tally)
    redact_multipart(text, tally, lambda name: "own" if name == "a" else None)
    assert tally == {"cvc": 1, "own": 1}


@pytest.mark.parametrize(("text", "expected"), [("--b\r\n", True), ("\r\n--b\r\n", True), ('{"a": "--b"}', False)])
def test_a_multipart_body_is_known_by_its_beginning(text, expected):
    assert is_multipart(text) is expected
