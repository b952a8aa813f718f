"""The counts of `expected.json`, made by an independent script, as the answers of the real command line.

`expected.json` counts interactions; a store counts requests. The two differ in one place: in pay-rails__pay one request
id is on two interactions, which are one request. Interactions without an id (its 401s) are told apart by their content
and by the name of their cassette.
"""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from reqlog.catalog import ids_in
from reqlog.readers import read
from reqlog.readers.inputs import expand
from reqlog.redact import redact, redactions
from reqlog.request import Request

SETS = ("spree__spree_stripe", "liberapay__liberapay.com", "texastribune__donations", "pay-rails__pay")
REPEATED = {"pay-rails__pay": 1}
"""Interactions that repeat the id of another, by data set."""

Record = Mapping[str, Any]


@pytest.fixture(params=SETS)
def name(request) -> str:
    """Each data set in turn."""
    return str(request.param)


@pytest.fixture
def expected(data: Path, name: str) -> Any:
    """What `expected.json` says of the data set, its two sections in one."""
    counts = json.loads((data / "expected.json").read_text())
    return {**counts["vcr"][name], **counts["queries"][name]}


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the store of each data set, which is imported once."""
    return tmp_path_factory.mktemp("imported")


@pytest.fixture
def store(data: Path, name: str, run, imported: Path, tmp_path: Path) -> Path:
    """The data set, which a store of the test's own has; its import has been held to say so."""
    folder = data / "vcr" / name
    once = imported / f"{name}.db"
    if not once.exists():
        assert run("import", folder, REQLOG_STORE=str(once)).returncode == 0
    (tmp_path / "store").mkdir()
    shutil.copy(once, tmp_path / "store" / "requests.db")
    return folder


def records(run, *arguments: object) -> list[Record]:
    return [json.loads(line) for line in run("list", "-o", "jsonl", *arguments).stdout.splitlines()]


def counted(run, *flags: object) -> int:
    return int(run("list", "--count", *flags).stdout)


def tally(values: Any) -> dict[str, int]:
    """Count values as `expected.json` does: as text, and missing ones as `(none)`."""
    return dict(Counter("(none)" if value is None else str(value) for value in values))


def failures(expected: Mapping[str, Any]) -> int:
    return sum(count for status, count in expected["status"].items() if int(status) >= 400)


def almost(found: Mapping[str, int], wanted: Mapping[str, int], missing: int) -> bool:
    """Whether `found` is `wanted` but for so many that are missing."""
    return (
        set(found) <= set(wanted)
        and sum(wanted.values()) - sum(found.values()) == missing
        and all(found.get(key, 0) <= count for key, count in wanted.items())
    )


def test_every_interaction_is_a_request(run, name, store, expected) -> None:
    assert counted(run) == expected["interactions_all_hosts"] - REPEATED.get(name, 0)
    assert counted(run, "--host", "api.stripe.com") == expected["stripe"] - REPEATED.get(name, 0)


def test_the_fields_have_the_values_that_were_recorded(run, name, store, expected) -> None:
    kept = records(run)
    missing = REPEATED.get(name, 0)
    wanted = {
        "status": expected["status"],
        "method": expected["method"],
        "api_version": expected["stripe_version_response"],
        "requested_version": expected["stripe_version_request"],
    }
    for field, counts in wanted.items():
        values = [record[field] for record in kept]
        if field == "api_version":  # a call without an answered version was served by the one it asked for
            values = [(record["response_headers"] or {}).get("stripe-version") for record in kept]
        assert almost(tally(values), counts, missing), field
    for field in ("error_type", "error_code", "decline_code"):
        assert tally(record[field] for record in kept if record[field] is not None) == expected[field]
    ids = [record["id"] for record in kept if not record["id"].startswith("local_")]
    assert len(ids) == expected["request_id_distinct"]


def test_filters_count_what_is_expected(run, name, store, expected) -> None:
    missing = REPEATED.get(name, 0)
    failed = failures(expected)
    without_type = expected["interactions_all_hosts"] - sum(expected["error_type"].values()) - missing
    questions: dict[tuple[str, ...], int] = {
        ("--status", "failed"): failed,
        ("--status", "4xx"): expected["status class"].get("4xx", 0),
        ("--status", "5xx"): expected["status class"].get("5xx", 0),
        ("--status", "400-499", "--not-status", "401"): failed - expected["status"].get("401", 0),
        ("--error-type", "card_error"): expected["error_type"].get("card_error", 0),
        ("--not-error-type", "card_error,invalid_request_error"): without_type,
        ("--error-code", "resource_missing"): expected["error_code"].get("resource_missing", 0),
        ("--decline-code", "generic_decline"): expected["decline_code"].get("generic_decline", 0),
        ("--path", "/v1/payment_intents"): expected["path exactly /v1/payment_intents"],
        ("--path", "/v1/payment_intents*"): expected["path starts with /v1/payment_intents"],
        ("--path", "/v1/customers*"): expected["path starts with /v1/customers"],
    }
    assert {flags: counted(run, *flags) for flags in questions} == questions


@pytest.mark.parametrize("flag", ["api-version", "requested-version"])
def test_versions_are_counted_and_so_is_their_absence(run, flag, name, store, expected) -> None:
    """In pay-rails__pay 17 answers have no version and count for what was asked; a comma is in none of the versions."""
    side = "request" if flag == "requested-version" or name == "pay-rails__pay" else "response"
    wanted = expected[f"stripe_version_{side}"]
    versions = [version for version in wanted if version != "(none)"]
    found = {version: counted(run, f"--{flag}", version) for version in versions}
    if versions:
        found["(none)"] = counted(run, f"--not-{flag}", ",".join(versions))
    else:
        found["(none)"] = counted(run, f"--not-{flag}", "2024-06-20")
    assert almost({version: count for version, count in found.items() if count}, wanted, REPEATED.get(name, 0))


def test_failures_by_what_was_wrong_and_by_version(run, name, store, expected) -> None:
    failed = records(run, "--status", "failed")
    fields = ("status", "error_type", "error_code", "decline_code")
    found = Counter(" ".join(str(record[field]) for field in fields) for record in failed)
    assert found == expected["status x error type x code x decline_code"]
    answered = tally((record["response_headers"] or {}).get("stripe-version") for record in failed)
    assert answered == expected["version (response) x failed"]
    params = Counter(record["error_param"] for record in failed if record["error_param"])
    assert params == expected["error param (top 10)"]


def test_status_and_method_together(run, name, store, expected) -> None:
    crossed = {key: count for key, count in expected["status x method"].items() if not key.startswith("200")}
    found = {key: counted(run, "--status", key.split()[0], "--method", key.split()[1]) for key in crossed}
    assert found == crossed


def test_days_are_those_of_the_servers_dates(run, name, store, expected) -> None:
    """Where a sanitiser broke the date (470 in pay-rails__pay) the recorder's clock serves: there may be more."""
    days = {day: count for day, count in expected["requests per UTC day (top 10)"].items() if day != "(none)"}
    found = {day: counted(run, "--date", day) for day in days}
    if name == "pay-rails__pay":
        assert all(found[day] >= days[day] - REPEATED[name] for day in days)
        assert counted(run, "--since", "2015-01-01") == expected["interactions_all_hosts"] - REPEATED[name]
    else:
        assert found == days


def test_resources_are_found_by_whole_ids(run, name, store, expected) -> None:
    kept = records(run, "--fields", "path")
    for resource in expected["resource id as a path segment (top 8)"]:
        segments = sum(resource in record["path"].split("/") for record in kept)
        assert counted(run, "--resource", resource, "--path", f"*/{resource}*") == segments
        assert counted(run, "--resource", resource[:-1]) == 0


def test_errors_are_grouped_by_endpoint(run, name, store, expected) -> None:
    done = run("errors", "--since", "2015-01-01", "--by", "method,endpoint", "--json")
    groups = {f"{group['method']} {group['endpoint']}": group["requests"] for group in json.loads(done.stdout)}
    catalogued = {key: count for key, count in expected["failed (>=400) by endpoint"].items() if " /v1/" in key}
    assert {key: groups.get(key) for key in catalogued} == catalogued
    assert sum(groups.values()) == failures(expected)


def test_the_first_failed_requests_can_be_shown(run, name, store, expected) -> None:
    for line in expected["first failed requests"]:
        id, status, method, path, *_ = line.split()
        shown = json.loads(run("show", id, "--json").stdout)
        assert [str(shown["status"]), shown["method"], shown["path"]] == [status, method, path]


def test_captures_that_are_asked_directly_answer_the_same(run, name, store) -> None:
    asked = run("list", "-o", "jsonl")
    assert run("list", "-o", "jsonl", "--file", store).stdout == asked.stdout
    errors = ("errors", "--since", "2015-01-01", "--json")
    assert run(*errors, "--file", store).stdout == run(*errors).stdout
    versions = ("versions", "--since", "2015-01-01", "--json")
    assert run(*versions, "--file", store).stdout == run(*versions).stdout


def test_importing_again_adds_nothing_and_what_is_listed_can_be_imported(run, tmp_path, name, store) -> None:
    listed = run("list", "-o", "jsonl").stdout
    summary = json.loads(run("import", "--json", store).stdout)
    assert (summary["imported"], summary["enriched"]) == (0, 0)
    copy = {"REQLOG_STORE": str(tmp_path / "copy.db")}
    assert run("import", "-", input=listed, **copy).returncode == 0
    assert run("list", "-o", "jsonl", **copy).stdout == listed


def test_har_entries_with_an_answer_are_requests(run, data) -> None:
    expected = json.loads((data / "expected.json").read_text())["har"]
    entries = {file: facts["status"] for file, facts in expected.items() if facts.get("entries")}
    for file in (
        "mitmproxy__mitmproxy/test/mitmproxy/data/har_files/chrome.har",
        "mrichman__hargo/test/golang.org.har",
    ):
        answered = {status: count for status, count in entries[file].items() if int(status) > 0}
        assert tally(record["status"] for record in records(run, "--file", data / "har" / file)) == answered
    total = sum(count for statuses in entries.values() for status, count in statuses.items() if int(status) > 0)
    asked = run("list", "--count", "--file", data / "har")
    same = 1  # with-bom.har is postdata.har with a byte order mark before it
    assert int(asked.stdout) == total - same


def test_access_logs_give_a_request_a_line(run, data) -> None:
    expected = json.loads((data / "expected.json").read_text())["access"]
    plain = {file: facts for file, facts in expected.items() if facts["kind"] == "clf/combined"}
    for file, facts in plain.items():
        done = run("list", "-o", "jsonl", "--fields", "status", "--file", data / "access" / file)
        assert tally(json.loads(line)["status"] for line in done.stdout.splitlines()) == facts["status"], file


REDACTIONS: dict[str, dict[str, int]] = {
    "vcr/liberapay__liberapay.com": {"client_secret": 25, "bank": 8, "identity": 1},
    "vcr/pay-rails__pay": {"client_secret": 12, "bank": 7},
    "vcr/spree__spree_stripe": {"client_secret": 33, "key": 4, "bank": 6},
    "vcr/texastribune__donations": {"client_secret": 1},
    "vcr_other/betamaxpy__betamax": {"cookie": 4, "authorization": 1},
    "vcr_other/kevin1024__vcrpy": {"cookie": 1},
    "vcr_other/vcr__vcr": {"cookie": 1},
    "har/Netflix__pollyjs": {"cookie": 8},
    "har/microsoft__playwright": {"cookie": 4},
    "har/mitmproxy__mitmproxy": {"api_key": 3, "cookie": 6, "key": 1, "authorization": 3},
    "har/mrichman__hargo": {"cookie": 17, "api_key": 1},
    "access/crowdsecurity__hub": {},
    "access/tstack__lnav": {},
    "stripe_cli": {},
}
"""How often each rule finds something in each data set. All were looked at, and each is a secret.

Most keys and passwords had been taken out of the cassettes before. `key` is, of spree's, the secret of ephemeral keys,
and of mitmproxy's a token of the API that signed a call; `api_key` is keys of Google and of a websocket in queries.
"""

ORDINARY: dict[str, Callable[[str], list[str]]] = {
    "id": ids_in,
    "number in json": re.compile(r'"[\w.]+" ?: ?-?[0-9.]+(?=[\s,}\]])').findall,
    "number in a form": re.compile(r"[\w%\[\]]*(?:amount|quantity|limit|created|exp_)[\w%\[\]]*=[0-9]+").findall,
    "time": re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9]{2} [A-Z][a-z]{2} 20[0-9 :]+"
    ).findall,
    "phone": re.compile(r"phone[^,&\n]*[0-9][^,&\n]*").findall,
    "version": re.compile(r"20[12][0-9]-[0-9]{2}-[0-9]{2}(?:\.[a-z]+)?").findall,
    "uuid": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").findall,
}
"""What is no secret, and what finds it."""


def texts_of(request: Request) -> str:
    headers = [
        {name: value for name, value in (each or {}).items() if not re.search("cookie|auth", name)}
        for each in request[-6:-4]
    ]
    return "\n".join(map(str, (*request[:-6], *request[-4:], *headers)))


@pytest.fixture(params=REDACTIONS)
def recorded(request, data: Path) -> tuple[str, list[Request]]:
    """The name of each data set in turn, and its requests as they are before redaction."""
    folder = str(data / request.param)
    return request.param, [one for input in expand([folder]) for one in read(input) if isinstance(one, Request)]


def test_each_rule_finds_what_there_is(recorded: tuple[str, list[Request]]) -> None:
    name, requests = recorded
    assert sum((redactions(request) for request in requests), Counter()) == REDACTIONS[name]


def test_what_is_redacted_is_redacted_once(recorded: tuple[str, list[Request]]) -> None:
    redacted = [redact(request) for request in recorded[1]]
    assert [redact(request) for request in redacted] == redacted


def test_ids_times_amounts_and_phone_numbers_stay(recorded: tuple[str, list[Request]]) -> None:
    requests = recorded[1]
    before, after = ("\n".join(map(texts_of, each)) for each in (requests, map(redact, requests)))
    for kind, find in ORDINARY.items():
        assert Counter(find(after)) == Counter(find(before)), kind


def test_there_are_ids_times_amounts_and_phone_numbers_to_stay(data: Path) -> None:
    texts = "\n".join(texts_of(one) for input in expand([str(data)]) for one in read(input) if isinstance(one, Request))
    assert {kind: len(find(texts)) > 40 for kind, find in ORDINARY.items()} == dict.fromkeys(ORDINARY, True)
