import json
from pathlib import Path

import pytest

from reqlog.catalog import doc_url, error_hint

DECLINED = """\
POST /v1/payment_intents  402

Request           req_Cass1Declined
Time              2026-05-08 10:00:00 UTC
Host              api.stripe.com
API version       2024-06-20
Source            api
Mode              test
API key           sk_test_…4242
Idempotency key   key-1
Resources         cus_TestA1b2C3d4E5 price_1TestX1y2Z3a4B5c6 pi_3TestB2c3D4e5F6g7H8

Reason
Type              card_error
Code              card_declined
Decline code      insufficient_funds
Message           Your card has insufficient funds.
Hint              {hint}
Documentation     {page}

Request headers
authorization: Bearer sk_test_…4242
stripe-version: 2024-06-20
content-type: application/x-www-form-urlencoded
idempotency-key: key-1

Request body
{{
  "amount": "2000",
  "currency": "eur",
  "customer": "cus_TestA1b2C3d4E5",
  "items": [
    {{
      "price": "price_1TestX1y2Z3a4B5c6"
    }}
  ]
}}

Response headers
date: Fri, 08 May 2026 10:00:00 GMT
request-id: req_Cass1Declined
stripe-version: 2024-06-20

Response body
{{
  "error": {{
    "type": "card_error",
    "code": "card_declined",
    "decline_code": "insufficient_funds",
    "message": "Your card has insufficient funds.",
    "payment_intent": {{
      "id": "pi_3TestB2c3D4e5F6g7H8"
    }}
  }}
}}
"""


def test_a_request_is_shown_in_full_with_what_the_catalog_knows_of_its_failure(ask) -> None:
    hint, page = error_hint("card_declined", "insufficient_funds"), doc_url("card_declined")
    assert ask("show", "req_Cass1Declined") == (0, DECLINED.format(hint=hint, page=page), "")


@pytest.mark.parametrize(
    ("arguments", "id"),
    [
        (["req_Cass2Customer"], "req_Cass2Customer"),
        (["req_Cass2"], "req_Cass2Customer"),
        ([], "req_Tail2Missing"),
        (["--status", "5xx"], "req_Har1Broken"),
        (["req_Tail", "--until", "2026-05-09T12:01:00Z"], "req_Tail1Missing"),
    ],
)
def test_one_is_named_by_its_id_the_beginning_of_it_or_as_the_newest_that_matches(ask, arguments, id) -> None:
    code, out, err = ask("show", *arguments, "--json")
    assert (code, json.loads(out)["id"], err) == (0, id, "")


@pytest.mark.parametrize(
    ("arguments", "code", "err"),
    [
        (
            ["req_nosuch"],
            1,
            "reqlog: There is no request req_nosuch; `reqlog list` shows those that there are.\n",
        ),
        (
            ["req_Cass*"],
            1,
            "reqlog: There is no request req_Cass*; `reqlog list` shows those that there are.\n",
        ),
        (
            ["req_Tail"],
            2,
            "reqlog: req_Tail is the beginning of several ids: req_Tail2Missing, req_Tail1Missing; give more of it.\n",
        ),
        (
            [""],
            2,
            "reqlog: ID is empty; give an id or the beginning of one, or leave it out for the newest request.\n",
        ),
        (["req_?"], 1, "reqlog: There is no request req_?; `reqlog list` shows those that there are.\n"),
        (["--status", "418"], 1, "reqlog: No request matches: status is 418.\n"),
        (["b\udcffd"], 2, "reqlog: ID 'b\\udcffd': not text in UTF-8, so nothing can match it.\n"),
    ],
)
def test_no_request_or_more_than_one_is_told(ask, arguments, code, err) -> None:
    assert ask("show", *arguments) == (code, "", err)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--json"], '{\n  "id": "req_Cass2Customer",\n  "status": 200\n}\n'),
        (["-o", "jsonl"], '{"id":"req_Cass2Customer","status":200}\n'),
        (["-o", "csv"], "id,status\nreq_Cass2Customer,200\n"),
        ([], "ID                 STATUS\nreq_Cass2Customer     200\n"),
    ],
)
def test_fields_are_printed_as_everywhere(ask, flags, expected) -> None:
    assert ask("show", "req_Cass2Customer", "--fields", "id,status", *flags) == (0, expected, "")


def test_a_capture_that_can_be_read_once_is_asked_as_often_as_it_takes(run, captures: Path) -> None:
    text = (captures / "tail.ndjson").read_text()
    done = run("show", "req_Tail1", "--file", "-", "--fields", "id", "-o", "csv", input=text)
    assert (done.returncode, done.stdout) == (0, "id\nreq_Tail1Missing\n")


def test_strangers_text_never_reaches_the_terminal_as_it_is(run) -> None:
    text = '{"id":"req_1","time":"2025-02-24T10:00:00.000Z","path":"/\\u001b[31m","error_message":"a\\u0007\\u202eb"}\n'
    done = run("show", "req_1", "--file", "-", "--format", "reqlog", input=text)
    assert done.returncode == 0
    assert [character for character in "\x1b\x07\u202e" if character in done.stdout] == []
