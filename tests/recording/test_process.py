import re
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reqlog.exchange import Exchange
from reqlog.filters import EVERYTHING, And
from reqlog.recording.backlog import Counts
from reqlog.recording.process import RecordingProcess
from reqlog.request import Request
from reqlog.rules import OwnRules
from reqlog.store import open_store
from reqlog.store.sqlite import SqliteStore

LONG = 60.0
"""Seconds that no test waits for."""

ANSWER = '{"error": {"type": "card_error", "code": "card_declined"}}'
WHOLE = Exchange(
    method="POST",
    url="https://api.stripe.com/v1/charges?a=b",
    request_headers=(("Authorization", "Bearer sk_test_" + "4242" * 6), ("X-A", "é")),
    request_body=b"amount=1\xc3\xa9",
    status=402,
    response_headers=(("Request-Id", "req_OjRu7V5jecRDlM"),),
    response_body=ANSWER.encode(),
    time=datetime(2026, 5, 10, 12, 0, 0, 5000, tzinfo=UTC),
    duration_ms=1.5,
    ip_address="127.0.0.1",
    truncated=("request_body",),
)


def found_in(path: str) -> list[Request]:
    with closing(open_store(path)) as store:
        return [*store.find(And(()))]


def test_an_exchange_is_in_the_store_as_if_it_had_been_recorded_here(tmp_path):
    path = str(tmp_path / "requests.db")
    told: list[Request] = []
    recorder = RecordingProcess(path, note=told.extend)
    assert recorder.offer(WHOLE)
    assert recorder.close(LONG)
    assert recorder.counts == Counts(recorded=1)
    (request,) = found_in(path)
    assert (request.api_key, request.request_body, request.response_body, request.truncated) == (
        "sk_test_…4242", "amount=1é", ANSWER, ("request_body",)
    )  # fmt: skip
    assert (request.request_headers or {})["x-a"] == "é"
    assert told == [
        request._replace(request_headers=None, response_headers=None, request_body=None, response_body=None)
    ]


def test_only_what_failed_is_told(tmp_path):
    told: list[Request] = []
    recorder = RecordingProcess(str(tmp_path / "requests.db"), note=told.extend)
    for status, failure in ((200, None), (404, None), (302, None), (None, "Nobody listens there."), (200, "It broke.")):
        recorder.offer(Exchange(method="GET", url="/v1/plans", status=status, failure=failure))
    assert recorder.close(LONG)
    assert recorder.counts.recorded == 5
    assert [request.status for request in told] == [404, None, 200]


def test_a_store_that_cannot_be_opened_is_counted(tmp_path):
    recorder = RecordingProcess(str(tmp_path), note=lambda _: None)
    recorder.offer(WHOLE)
    assert recorder.close(LONG)
    assert (recorder.counts.failed, recorder.counts.failure) == (
        1, f"{tmp_path} is a folder, not a store; name a file with --store."
    )  # fmt: skip


@pytest.mark.parametrize("code", ["", "import sys; sys.stdin.read(1)", "import os; os.kill(os.getpid(), 9)"])
def test_a_process_that_ends_before_its_time_costs_what_it_had_in_hand_and_no_more(code, tmp_path):
    recorder = RecordingProcess(
        str(tmp_path / "requests.db"), note=lambda _: None, command=(sys.executable, "-c", code)
    )
    recorder.offer(WHOLE)
    recorder.offer(WHOLE)
    assert recorder.close(LONG)
    assert recorder.counts.failed == 2
    assert (recorder.counts.failure or "").startswith("The process that writes the store failed: ")


def test_a_program_that_is_not_there_costs_no_more_either(tmp_path):
    recorder = RecordingProcess(None, note=lambda _: None, command=(str(tmp_path / "nothing"),))
    recorder.offer(WHOLE)
    assert recorder.close(LONG)
    assert recorder.counts.failed == 1


def test_a_users_own_rules_hold_too(tmp_path: Path) -> None:
    rules = OwnRules(fields=("pin",), headers=("x-badge",), patterns=(re.compile(r"emp-\d+"),))
    recorder = RecordingProcess(str(tmp_path / "requests.db"), note=lambda _: None, rules=rules)
    sent = '{"pin":"1","a":"emp-77"}'
    recorder.offer(Exchange(url="/v1/plans", status=200, request_headers=(("X-Badge", "b7"),), request_body=sent))
    assert recorder.close(LONG)
    with closing(SqliteStore(tmp_path / "requests.db", write=False)) as store:
        (request,) = store.find(EVERYTHING)
    assert request.request_headers == {"x-badge": "[redacted]"}
    assert request.request_body == '{"pin":"[redacted]","a":"[redacted]"}'
