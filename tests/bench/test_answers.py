"""Whoever answers, and however it is written, an answer is the same."""

import pytest
from bench.answers import answered

RECORDS = (
    '[{"error_type": "card_error", "error_code": "expired_card", "method": "POST", "endpoint": "/v1/refunds",'
    ' "requests": 2}, {"error_type": "api_error", "error_code": null, "method": "GET", "endpoint": "/v1/charges",'
    ' "requests": 1}]'
)
COUNTED = '      2 ["card_error","expired_card","POST","/v1/refunds"]\n      1 ["api_error",null,"GET","/v1/charges"]\n'
GROUPS = {("card_error", "expired_card", "POST", "/v1/refunds"): 2, ("api_error", None, "GET", "/v1/charges"): 1}


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("ids", '[\n{"id":"req_aaaaaaaaaaaaa1"},\n{"id":"req_aaaaaaaaaaaaa2"}\n]\n', 2),
        ("ids", '{"id":"req_aaaaaaaaaaaaa1","log":"/logs/req_aaaaaaaaaaaaa1?t=1"}\n{"id":"req_aaaaaaaaaaaaa2"}\n', 2),
        ("ids", "12:00  402  req_aaaaaaaaaaaaa1\n12:01  402  req_aaaaaaaaaaaaa2\n", 2),
        ("one", "Request  req_aaaaaaaaaaaaa1\nrequest-id: req_aaaaaaaaaaaaa1\n", 1),
        ("ids", "", 0),
        ("ids", "[]\n", 0),
    ],
)
def test_ids_are_found_in_their_order(kind, text, expected, tmp_path) -> None:
    (tmp_path / "said").write_text(text)
    assert answered(kind, tmp_path / "said") == ["req_aaaaaaaaaaaaa1", "req_aaaaaaaaaaaaa2"][:expected]


@pytest.mark.parametrize("text", ["7059\n", '{"n": 7059}\n', '{\n  "requests": 7059\n}\n', '[\n{"n":"7059"}\n]'])
def test_a_number_is_a_number(text, tmp_path) -> None:
    (tmp_path / "said").write_text(text)
    assert answered("number", tmp_path / "said") == 7059


@pytest.mark.parametrize(
    "text",
    [
        '{"versions": [{"version": "2024-06-20", "requests": 3}, {"version": "2020-08-27", "requests": 1}]}',
        '{"api_version": "2020-08-27", "requests": 1}\n{"api_version": "2024-06-20", "requests": "3"}\n',
        "      1 2020-08-27\n      3 2024-06-20\n",
    ],
)
def test_versions_are_counted(text, tmp_path) -> None:
    (tmp_path / "said").write_text(text)
    assert answered("versions", tmp_path / "said") == {"2024-06-20": 3, "2020-08-27": 1}


@pytest.mark.parametrize("text", [RECORDS, COUNTED])
def test_errors_are_counted_by_group(text, tmp_path) -> None:
    (tmp_path / "said").write_text(text)
    assert answered("errors", tmp_path / "said") == GROUPS
