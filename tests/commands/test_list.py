import json
from pathlib import Path

import pytest

from reqlog.store.sqlite import SqliteStore

TABLE = """\
TIME                 STATUS  METHOD  ENDPOINT                  ERROR             API_VERSION  DURATION_MS  ID
2026-05-09 12:01:00     404  POST    /v1/customers/{customer}  resource_missing                            req_Tail2Missing
2026-05-09 12:00:00     404  POST    /v1/customers/{customer}  resource_missing                            req_Tail1Missing
2026-05-08 10:00:05     200  GET     /v1/customers/{customer}                    2023-10-16                req_Cass2Customer
2026-05-08 10:00:00     402  POST    /v1/payment_intents       card_declined     2024-06-20                req_Cass1Declined
2026-05-07 08:00:00     500  GET     /v1/balance                                                    120.5  req_Har1Broken
"""  # noqa: E501  (a table is as wide as it is)

ALL = ["req_Tail2Missing", "req_Tail1Missing", "req_Cass2Customer", "req_Cass1Declined", "req_Har1Broken"]
TAIL2, TAIL1, CUSTOMER, DECLINED, BROKEN = ALL


def test_requests_come_newest_first_in_columns(ask) -> None:
    assert ask("list") == (0, TABLE, "")


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], ALL),
        (["--status", "failed"], [TAIL2, TAIL1, DECLINED, BROKEN]),
        (["--status", "4xx", "--method", "post"], [TAIL2, TAIL1, DECLINED]),
        (["--status", "402,500"], [DECLINED, BROKEN]),
        (["--status", "402", "--status", "500"], [DECLINED, BROKEN]),
        (["--not-status", "4xx"], [CUSTOMER, BROKEN]),
        (["--not-error-type", "card_error"], [TAIL2, TAIL1, CUSTOMER, BROKEN]),
        (["--not-error-type", "card_error", "--not-status", "404"], [CUSTOMER, BROKEN]),
        (["--endpoint", "GET /v1/customers/:id"], [CUSTOMER]),
        (["--resource", "cus_TestA1b2C3d4E5"], [CUSTOMER, DECLINED]),
        (["--resource", "cus_TestA1b2C3d4E"], []),
        (["--text", "insufficient FUNDS"], [DECLINED]),
        (["--since", "2026-05-08T10:00:05Z"], [TAIL2, TAIL1, CUSTOMER]),
        (["--until", "2026-05-08T10:00:05Z"], [DECLINED, BROKEN]),
        (["--date", "yesterday"], [TAIL2, TAIL1]),
        (["--since", "36h"], [TAIL2, TAIL1]),
        (["--min-duration", "100ms"], [BROKEN]),
        (["--max-duration", "100ms"], []),
        (["--livemode"], [TAIL2, TAIL1]),
        (["--testmode"], [CUSTOMER, DECLINED]),
        (["--source", "dashboard"], [BROKEN]),
        (["--api-key", "sk_test_*4242"], [CUSTOMER, DECLINED]),
        (["--limit", "2"], ALL[:2]),
        (["--limit", "2", "--reverse"], [BROKEN, DECLINED]),
        (["--reverse"], ALL[::-1]),
    ],
)
def test_the_flags_choose(ask, flags, expected) -> None:
    code, out, _ = ask("list", "--fields", "id", "-o", "csv", *flags)
    assert (code, out.split()) == (0, ["id", *expected])


def test_json_is_whole_records_in_one_document(ask) -> None:
    code, out, err = ask("list", "--json", "--status", "402")
    (record,) = json.loads(out)
    assert (code, err) == (0, "")
    assert record == {
        "id": "req_Cass1Declined",
        "time": "2026-05-08T10:00:00.000Z",
        "created": 1778234400,
        "duration_ms": None,
        "method": "POST",
        "host": "api.stripe.com",
        "path": "/v1/payment_intents",
        "query": None,
        "endpoint": "/v1/payment_intents",
        "status": 402,
        "source": "api",
        "livemode": False,
        "account": None,
        "api_key": "sk_test_…4242",
        "ip_address": None,
        "user_agent": None,
        "api_version": "2024-06-20",
        "requested_version": "2024-06-20",
        "idempotency_key": "key-1",
        "idempotent_replayed": None,
        "original_request": None,
        "should_retry": None,
        "error_type": "card_error",
        "error_code": "card_declined",
        "decline_code": "insufficient_funds",
        "error_param": None,
        "error_message": "Your card has insufficient funds.",
        "request_headers": {
            "authorization": "Bearer sk_test_…4242",
            "stripe-version": "2024-06-20",
            "content-type": "application/x-www-form-urlencoded",
            "idempotency-key": "key-1",
        },
        "response_headers": {
            "date": "Fri, 08 May 2026 10:00:00 GMT",
            "request-id": "req_Cass1Declined",
            "stripe-version": "2024-06-20",
        },
        "request_body": "amount=2000&currency=eur&customer=cus_TestA1b2C3d4E5&items[0][price]=price_1TestX1y2Z3a4B5c6",
        "response_body": (
            '{"error": {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds", '
            '"message": "Your card has insufficient funds.", "payment_intent": {"id": "pi_3TestB2c3D4e5F6g7H8"}}}'
        ),
        "truncated": [],
        "resources": ["cus_TestA1b2C3d4E5", "price_1TestX1y2Z3a4B5c6", "pi_3TestB2c3D4e5F6g7H8"],
    }


def test_jsonl_is_read_back_as_what_it_was(ask, run) -> None:
    _, lines, _ = ask("list", "-o", "jsonl")
    assert run("import", "-", input=lines).returncode == 0
    assert run("list", "-o", "jsonl").stdout == lines


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("json", '[\n{"id":"req_Cass1Declined","status":402}\n]\n'),
        ("jsonl", '{"id":"req_Cass1Declined","status":402}\n'),
        ("csv", "id,status\nreq_Cass1Declined,402\n"),
        ("markdown", "| id | status |\n| --- | ---: |\n| req_Cass1Declined | 402 |\n"),
        ("table", "ID                 STATUS\nreq_Cass1Declined     402\n"),
    ],
)
def test_the_fields_that_were_asked_for_are_printed_in_their_order(ask, output, expected) -> None:
    assert ask("list", "--error-code", "card_declined", "--fields", "id, status", "-o", output) == (0, expected, "")


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--count"], "5\n"),
        (["--count", "--status", "4xx"], "3\n"),
        (["--count", "--json"], '{\n  "requests": 5\n}\n'),
    ],
)
def test_they_can_be_counted_only(ask, flags, expected) -> None:
    assert ask("list", *flags) == (0, expected, "")


@pytest.mark.parametrize(
    ("flags", "out", "err"),
    [
        (["--status", "418"], "", "No request matches: status is 418.\n"),
        (["--status", "418", "--json"], "[]\n", "No request matches: status is 418.\n"),
        (["--status", "418", "-o", "jsonl"], "", "No request matches: status is 418.\n"),
        (["--status", "418", "-o", "csv", "--fields", "id"], "id\n", "No request matches: status is 418.\n"),
        (["--status", "418", "--count"], "0\n", "No request matches: status is 418.\n"),
        (
            ["--error-code", "card_decline", "--status", "402"],
            "",
            (
                "No request matches: status is 402 and error_code is card_decline.\n"
                "No request has the error_code card_decline; near it is card_declined.\n"
            ),
        ),
    ],
)
def test_nothing_that_matches_is_no_failure_and_is_told(ask, flags, out, err) -> None:
    assert ask("list", *flags) == (0, out, err)


def test_where_there_is_nothing_at_all_it_says_how_to_bring_some_in(run, tmp_path) -> None:
    SqliteStore(tmp_path / "store" / "requests.db", write=True).close()
    done = run("list")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "There are no requests at all yet; `reqlog import PATH` brings some in.\n"


@pytest.mark.parametrize(
    ("flags", "code", "err"),
    [
        (["--fail-if-any"], 1, "reqlog: --fail-if-any: there are requests of that kind.\n"),
        (["--fail-if-any", "--status", "402"], 1, "reqlog: --fail-if-any: there are requests of that kind.\n"),
        (["--fail-if-none"], 0, ""),
        (
            ["--fail-if-none", "--status", "418"],
            1,
            "No request matches: status is 418.\nreqlog: --fail-if-none: there is no request of that kind.\n",
        ),
        (["--fail-if-any", "--status", "418"], 0, "No request matches: status is 418.\n"),
    ],
)
def test_a_gate_turns_the_answer_into_an_exit_code(ask, flags, code, err) -> None:
    done = ask("list", "--fields", "id", *flags)
    assert (done[0], done[2]) == (code, err)


def test_captures_are_asked_directly_and_what_could_not_be_read_is_told(run, captures: Path, tmp_path) -> None:
    done = run("list", "--file", captures, "--fields", "time,ip_address,path,query", "--until", "2026-05-07")
    assert done.stdout == (
        "TIME                 IP_ADDRESS   PATH                              QUERY\n"
        "2026-05-06 12:00:01  2001:db8::7  /v1/customers/cus_TestA1b2C3d4E5\n"
        "2026-05-06 12:00:00  203.0.113.7  /v1/charges                       limit=3\n"
    )
    assert done.stderr == (
        "2 records could not be read:\n"
        f"  {captures}/checkout.har:2: no response\n"
        f"  {captures}/tail.ndjson:3: not a record of `stripe logs tail`\n"
    )
    assert (done.returncode, (tmp_path / "store").exists()) == (0, False)


def test_standard_input_is_asked_directly_too(run, captures: Path) -> None:
    text = (captures / "checkout.har").read_text()
    done = run("list", "--file", "-", "--fields", "id,status", "-o", "csv", input=text)
    assert (done.returncode, done.stdout) == (0, "id,status\nreq_Har1Broken,500\n")


@pytest.mark.parametrize("flags", [[], ["--count"], ["--json"]])
def test_nothing_on_standard_input_that_matches_is_no_failure(run, captures: Path, flags) -> None:
    text = (captures / "access.log").read_text()
    done = run("list", "--file", "-", "--error-code", "nosuch", *flags, input=text)
    assert (done.returncode, done.stderr) == (0, "No request matches: error_code is nosuch.\n")


@pytest.mark.parametrize(
    ("zone", "flags", "expected"),
    [
        ("America/New_York", [], "2026-05-08 06:00:00"),
        ("America/New_York", ["--utc"], "2026-05-08 10:00:00"),
        ("America/New_York", ["-o", "csv"], "2026-05-08T10:00:00.000Z"),
    ],
)
def test_people_are_shown_local_time_or_utc_and_programs_utc(ask, zone, flags, expected) -> None:
    _, out, _ = ask("list", "--status", "402", "--fields", "time", *flags, TZ=zone)
    assert out.splitlines()[1] == expected
