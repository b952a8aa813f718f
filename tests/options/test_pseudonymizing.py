"""The option is taken apart as the user means it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from reqlog.exceptions import UsageError
from reqlog.options.pseudonymizing import kinds_of


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), ()),
        (("email",), ("email",)),
        (("email,customer", "ip_address"), ("email", "customer", "ip_address")),
        (("ip-address , email", "email"), ("ip_address", "email")),
    ],
)
def test_values_are_repeated_or_separated_by_commas(given, expected):
    assert kinds_of(given) == expected


@pytest.mark.parametrize("given", ["emial", "", "email,", "EMAIL"])
def test_what_cannot_have_a_pseudonym_is_refused(given):
    with pytest.raises(UsageError, match="there is no such field; it takes email, ip_address, customer"):
        kinds_of((given,))


def test_what_it_takes_is_completed(run):
    words = {"COMP_WORDS": "reqlog import --pseudonymize ", "COMP_CWORD": "3", "_REQLOG_COMPLETE": "bash_complete"}
    assert run(**words).stdout.split() == ["plain,email", "plain,ip_address", "plain,customer"]


@pytest.mark.parametrize("command", ["list", "errors", "versions"])
def test_it_is_about_captures(run, command):
    done = run(command, "--pseudonymize", "email")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "reqlog: --pseudonymize is about captures, and none are named; name them with --file.\n"
    done = run(command, REQLOG_LIST_PSEUDONYMIZE="email")
    assert "There is no store at" in done.stderr


PEOPLE = (
    {
        "id": "req_1",
        "time": "2026-05-09T10:00:00.000Z",
        "status": 402,
        "ip_address": "198.51.100.20",
        "path": "/v1/customers/cus_Ada00001",
        "query": "email=zelda%2Bshop%40example.com",
        "user_agent": "Tool/1.2.3.4",
        "error_message": "The card of Zelda+Shop@example.com was declined.",
        "request_headers": {"x-forwarded-for": "198.51.100.20, 198.51.100.21", "user-agent": "Tool/1.2.3.4"},
        "request_body": "customer=cus_Ada00001&metadata[ip]=198.51.100.20",
        "response_body": '{"id":"cus_Ada00001","email":"zelda+shop@example.com"}',
        "resources": ["cus_Ada00001"],
    },
    {"id": "req_2", "time": "2026-05-09T10:00:01.000Z", "status": 200, "ip_address": "198.51.100.20"},
    {"id": "req_3", "time": "2026-05-09T10:00:02.000Z", "status": 200, "ip_address": "198.51.100.21"},
)
NAMES = ("198.51.100.2", "cus_Ada", "zelda", "Zelda")
KEY = {"REQLOG_PSEUDONYM_KEY": "a key for tests!"}


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A capture that names people."""
    file = tmp_path / "people.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in PEOPLE))
    return file


ALL = ("--pseudonymize", "email,ip_address", "--pseudonymize", "customer")


def test_nobody_is_named_in_the_store(run, people: Path, tmp_path: Path) -> None:
    assert run("import", *ALL, people, **KEY).returncode == 0
    listed = run("list", "-o", "jsonl").stdout
    assert [name for name in NAMES if name in listed] == []
    with closing(sqlite3.connect(tmp_path / "store" / "requests.db")) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, requests_text, row)")
        words = {word for (word,) in connection.execute("SELECT term FROM temp.words")}
    assert {"zelda", "cus_ada00001", "198"} & words == set()
    assert "declined" in words


def test_what_is_asked_of_captures_is_what_is_stored(run, people: Path) -> None:
    run("import", *ALL, people, **KEY)
    asked = run("list", "-o", "jsonl", "--file", people, *ALL, **KEY)
    assert asked.stdout == run("list", "-o", "jsonl").stdout
    for command in (("show", "req_1"), ("errors", "--json"), ("versions", "--json")):
        shown = run(*command, "--file", people, *ALL, **KEY)
        assert (shown.returncode, [name for name in NAMES if name in shown.stdout]) == (0, [])


def test_requests_are_joined_by_pseudonyms(run, people: Path) -> None:
    run("import", *ALL, people, **KEY)
    record = json.loads(run("show", "req_1", "--json").stdout)
    address, customer = record["ip_address"], record["resources"][0]
    assert run("list", "--ip", address, "-o", "csv", "--fields", "id").stdout.split() == ["id", "req_2", "req_1"]
    assert run("list", "--ip", "2001:db8:4::/48", "--count").stdout == "3\n"
    assert run("list", "--resource", customer, "-o", "csv", "--fields", "id").stdout.split() == ["id", "req_1"]
    assert run("list", "--text", customer, "--count").stdout == "1\n"
    assert record["request_headers"]["x-forwarded-for"].split(", ")[0] == address
    assert record["user_agent"] == "Tool/1.2.3.4"
    assert record["endpoint"] in (None, "/v1/customers/{customer}")


def test_what_was_printed_can_be_imported_again_with_and_without(run, people: Path, tmp_path: Path) -> None:
    run("import", *ALL, people, **KEY)
    listed = run("list", "-o", "jsonl").stdout
    for number, given in enumerate([(), ALL]):
        store = {"REQLOG_STORE": str(tmp_path / f"{number}.db"), "REQLOG_PSEUDONYM_KEY": "another key of it"}
        assert run("import", *given, "-", input=listed, **store).returncode == 0
        assert run("list", "-o", "jsonl", **store).stdout == listed
    summary = json.loads(run("import", "--json", *ALL, "-", input=listed, **KEY).stdout)
    assert (summary["duplicates"], summary["enriched"]) == (3, 0)


def test_it_is_a_default_that_can_be_configured(run, people: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / ".reqlog.toml").write_text('[defaults.import]\npseudonymize = ["customer", "email"]\n')
    assert run("import", people).returncode == 0
    body = json.loads(run("show", "req_1", "--json").stdout)["response_body"]
    assert ("cus_Pseudo" in body, "@reqlog.invalid" in body) == (True, True)
    key = tmp_path / "home" / ".local" / "share" / "reqlog" / "pseudonym.key"
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_default_for_what_asks_is_no_matter_where_a_store_is_asked(run, people: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / ".reqlog.toml").write_text('[defaults.list]\npseudonymize = "ip_address"\n')
    run("import", people)
    ask = ("list", "-o", "csv", "--fields", "ip_address", "--status", "402")
    assert run(*ask).stdout.split()[1] == "198.51.100.20"
    assert run(*ask, "--file", people, **KEY).stdout.split()[1].startswith("2001:db8:4:")


def test_a_record_without_an_id_tells_nothing_of_whom_it_is_about(run, tmp_path: Path) -> None:
    line = '{} - - [09/May/2026:10:00:00 +0000] "GET /x HTTP/1.1" 200 9 "-" "-"\n'
    ids = []
    for address in ("198.51.100.20", "198.51.100.21", "198.51.100.20"):
        (tmp_path / "a.log").write_text(line.format(address))
        ask = ("list", "--file", tmp_path / "a.log", "-o", "csv", "--fields", "id")
        ids.append((run(*ask).stdout.split()[1], run(*ask, "--pseudonymize", "ip_address", **KEY).stdout.split()[1]))
    assert ids[0] == ids[2]
    assert len({id for pair in ids for id in pair}) == 4
