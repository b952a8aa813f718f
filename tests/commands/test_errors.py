import json
from pathlib import Path

import pytest

TABLE = """\
REQUESTS  ERROR_TYPE             ERROR_CODE        METHOD  ENDPOINT                  STATUS  LAST_SEEN            RESOURCES                                                          ERROR_MESSAGE                      ID
       2  invalid_request_error  resource_missing  POST    /v1/customers/{customer}     404  2026-05-09 12:01:00                                                                     No such customer: 'cus_yyy'        req_Tail2Missing
       1  card_error             card_declined     POST    /v1/payment_intents          402  2026-05-08 10:00:00  cus_TestA1b2C3d4E5 price_1TestX1y2Z3a4B5c6 pi_3TestB2c3D4e5F6g7H8  Your card has insufficient funds.  req_Cass1Declined
       1                                           GET     /v1/balance                  500  2026-05-07 08:00:00                                                                                                        req_Har1Broken
"""  # noqa: E501  (a table is as wide as it is)


def test_failed_requests_are_grouped_the_most_frequent_first(ask) -> None:
    assert ask("errors") == (0, TABLE, "")


def test_a_group_in_json_is_whole(ask) -> None:
    code, out, err = ask("errors", "--error-type", "invalid_request_error", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == [
        {
            "requests": 2,
            "error_type": "invalid_request_error",
            "error_code": "resource_missing",
            "method": "POST",
            "endpoint": "/v1/customers/{customer}",
            "status": 404,
            "first_seen": "2026-05-09T12:00:00.000Z",
            "last_seen": "2026-05-09T12:01:00.000Z",
            "resources": [],
            "error_message": "No such customer: 'cus_yyy'",
            "id": "req_Tail2Missing",
        }
    ]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--by", "status", "--fields", "requests,status"], ["2,404", "1,402", "1,500"]),
        (["--by", "method", "--fields", "requests,method"], ["3,POST", "1,GET"]),
        (
            ["--by", "error_code,account", "--fields", "requests,error_code,account,status"],
            ["2,resource_missing,,404", "1,card_declined,,402", "1,,,500"],
        ),
        (["--limit", "1", "--fields", "id"], ["req_Tail2Missing"]),
        (["--reverse", "--limit", "1", "--fields", "id"], ["req_Har1Broken"]),
        (["--not-status", "4xx", "--fields", "id"], ["req_Har1Broken"]),
        (["--since", "2d", "--fields", "id"], ["req_Tail2Missing"]),
        (["--until", "2026-05-08", "--fields", "id"], ["req_Har1Broken"]),
        (["--resource", "pi_3TestB2c3D4e5F6g7H8", "--fields", "id"], ["req_Cass1Declined"]),
        (["--status", "200", "--fields", "id"], []),
    ],
)
def test_the_flags_choose_and_by_groups(ask, flags, expected) -> None:
    code, out, _ = ask("errors", "-o", "csv", *flags)
    assert (code, out.splitlines()[1:]) == (0, expected)


CODED = """\
{"id":"req_1","time":"2026-05-09T10:00:00.000Z","status":400,"error_code":"x","resources":["cus_1","cus_2"]}
{"id":"req_2","time":"2026-05-09T11:00:00.000Z","status":409,"error_code":"x","resources":["cus_3","cus_1"]}
{"id":"req_3","time":"2026-05-09T12:00:00.000Z","status":500}
{"id":"req_4","time":"2026-05-09T13:00:00.000Z","status":503}
{"id":"req_5","time":"2026-05-09T14:00:00.000Z","status":503}
{"id":"req_6","time":"2026-05-09T15:00:00.000Z","status":200}
{"id":"req_7","status":500}
"""


def test_one_code_is_one_group_whatever_its_status_and_without_a_code_each_status_is_one(run) -> None:
    done = run("errors", "--file", "-", "--fields", "requests,error_code,status,resources,id", "--json", input=CODED)
    assert json.loads(done.stdout) == [
        {"requests": 2, "error_code": None, "status": 503, "resources": [], "id": "req_5"},
        {
            "requests": 2,
            "error_code": "x",
            "status": None,
            "resources": ["cus_3", "cus_1", "cus_2"],
            "id": "req_2",
        },
        {"requests": 1, "error_code": None, "status": 500, "resources": [], "id": "req_3"},
    ]


@pytest.mark.parametrize(
    ("flags", "err"),
    [
        (
            ["--since", "5m"],
            "Nothing failed in that time; the newest failure is req_Tail2Missing, 2026-05-09 12:01:00 UTC.\n",
        ),
        (
            ["--since", "5m", "--error-type", "card_error"],
            "Nothing failed in that time; the newest failure is req_Cass1Declined, 2026-05-08 10:00:00 UTC.\n",
        ),
        (
            ["--error-type", "card_eror", "--since", "2026-05-01T00:00:00Z"],
            (
                "No request matches: time is at least 2026-05-01 00:00:00+00:00 and ((status is at least 400 and "
                "status is below 600) or error_type is api_connection_error) and error_type is card_eror.\n"
                "No request has the error_type card_eror; near it is card_error.\n"
            ),
        ),
    ],
)
def test_when_nothing_failed_it_says_when_something_last_did(ask, flags, err) -> None:
    assert ask("errors", *flags) == (0, "", err)


@pytest.mark.parametrize(
    ("by", "beginning"),
    [
        ("nosuch", "reqlog: --by nosuch: requests cannot be grouped by that; there are id, time, "),
        ("error_code,response_body", "reqlog: --by response_body: requests cannot be grouped by that; there are "),
        ("", "reqlog: --by: no field to group by was named; there are id, time, "),
    ],
)
def test_what_requests_cannot_be_grouped_by_is_refused(ask, by, beginning) -> None:
    code, out, err = ask("errors", "--by", by)
    assert (code, out, err.startswith(beginning)) == (2, "", True)


@pytest.mark.parametrize(
    ("flags", "code", "err"),
    [
        (["--fail-if-any"], 1, "reqlog: --fail-if-any: there are requests of that kind.\n"),
        (["--fail-if-any", "--limit", "1"], 1, "reqlog: --fail-if-any: there are requests of that kind.\n"),
        (["--fail-if-none"], 0, ""),
    ],
)
def test_a_gate_counts_requests_and_not_groups(ask, flags, code, err) -> None:
    done = ask("errors", "--fields", "id", *flags)
    assert (done[0], done[2]) == (code, err)


def test_captures_are_asked_directly(run, captures: Path) -> None:
    done = run("errors", "--file", captures / "cassette.yml", "--fields", "requests,id", "-o", "csv")
    assert (done.returncode, done.stdout, done.stderr) == (0, "requests,id\n1,req_Cass1Declined\n", "")
