import gzip
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reqlog.exceptions import InputError, UsageError
from reqlog.filters import EVERYTHING, And, Compare, Filter, Not, Or, Touches, describe, matches
from reqlog.intake import Account, Captures, Unread, redactor_of
from reqlog.redact import redact
from reqlog.request import Request
from reqlog.rules import OwnRules

GOOD = '{"id":"req_1","time":"2025-02-24T10:00:00.000Z","status":200,"api_key":"sk_test_abcdefgh12344242"}\n'
BAD = '{"id":"req_2","time":"2025-02-24T10:00:00.000Z","created":1740391200,"status":"what"}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(*paths: str, format: str | None = None, formats=None) -> tuple[list[str], Account, list[str], str | None]:
    """Return the ids that were read, the account, what was noted, and the failure if there was one."""
    account, noted, ids = Account(), [], []
    failure = None
    try:
        for request in Captures(paths, format, formats or {}).read(account, lambda unread: noted.append(str(unread))):
            assert request == redact(request)
            ids.append(request.id)
    except InputError as error:
        failure = str(error)
    return ids, account, noted, failure


def test_what_is_read_is_accounted_for(folder: Path) -> None:
    (folder / "some").mkdir()
    (folder / "some" / "a.jsonl").write_text(GOOD + BAD)
    (folder / "some" / "b.jsonl").write_text(GOOD.replace("req_1", "req_3"))
    (folder / "some" / "README").write_text("What this is.\n")
    assert read("some") == (
        ["req_1", "req_3"],
        Account(files=2, requests=2, rejects=1, skipped=1),
        ["some/README: not a capture that reqlog knows", "some/a.jsonl:2: status: expected int but is str"],
        None,
    )


UNREAD = "{}: not one request could be read from it; the first reason is {}"
UNKNOWN = (
    "not a capture that reqlog knows (reqlog, stripe-cli, har, vcr, access-log, json-map); "
    "name its format with --format"
)


def test_nothing_gets_past_redaction(folder: Path) -> None:
    (folder / "a.jsonl").write_text(GOOD)
    assert [request.api_key for request in Captures(["a.jsonl"]).read(Account(), print)] == ["sk_test_…4242"]


def test_what_was_redacted_cannot_be_tried_out_on_the_id(folder: Path) -> None:
    line = '203.0.113.7 - - [24/Feb/2025:10:00:01 +0000] "GET /?{} HTTP/2.0" 200 - "-" "-"\n'
    (folder / "a.log").write_text(line.format("password=hunter2") + line.format("password=hunter2"))
    (folder / "b.log").write_text(line.format("password=swordfish"))
    (folder / "c.log").write_text(line.format("limit=3"))
    ids = {name: read(f"{name}.log")[0] for name in "abc"}
    assert ids["a"] == read("a.log")[0]
    assert len(set(ids["a"])) == 2
    assert ids["b"] == ids["a"][:1]
    assert not {*ids["c"]} & {*ids["a"]}


def test_nothing_gets_past_the_users_own_rules_and_pseudonyms(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQLOG_PSEUDONYM_KEY", "a key for tests!")
    (folder / "a.jsonl").write_text('{"id":"req_1","status":400,"error_message":"of jane@example.com: tax_id=DE1"}\n')
    cleaning = redactor_of(OwnRules(fields=("tax_id",)), ("email",))
    found = Captures(["a.jsonl"], redact=cleaning).read(Account(), print)
    assert [request.error_message for request in found] == ["of 5dfpnbnx47skufmy@reqlog.invalid: tax_id=[redacted]"]


def test_the_key_of_pseudonyms_is_asked_for_only_if_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQLOG_PSEUDONYM_KEY", "short")
    assert redactor_of(OwnRules(), ()) is redact
    with pytest.raises(UsageError, match=r"^REQLOG_PSEUDONYM_KEY"):
        redactor_of(OwnRules(), ("email",))


@pytest.mark.parametrize(
    ("files", "paths", "ids", "failure"),
    [
        ({"a": ""}, ["a"], [], "a: it is empty"),
        ({"a": "what\n"}, ["a"], [], "a: " + UNKNOWN),
        (
            {"a.jsonl": BAD},
            ["a.jsonl"],
            [],
            UNREAD.format("a.jsonl", "a.jsonl:1: status: expected int but is str"),
        ),
        ({"a.jsonl": GOOD, "b": ""}, ["b", "a.jsonl"], ["req_1"], "b: it is empty"),
        ({"a.jsonl": GOOD, "b": ""}, ["a.jsonl", "b"], ["req_1"], "b: it is empty"),
        ({"a": "", "b": ""}, ["a", "b"], [], "a: it is empty; b: it is empty"),
        (
            {"some/a": ""},
            ["some"],
            [],
            UNREAD.format("some", "some/a: it is empty"),
        ),
        ({"some/a": "", "some/b.jsonl": GOOD}, ["some"], ["req_1"], None),
        ({"some/.hidden": GOOD}, ["some"], [], "some: there are no files in it"),
        ({"a.jsonl": GOOD}, ["a.jsonl", "a.jsonl"], ["req_1"], None),
        ({"a.jsonl": GOOD}, ["a.jsonl", "nosuch"], [], "nosuch: no such file or directory"),
        ({"a.har": '{"log":{"entries":[]}}'}, ["a.har"], [], "a.har: there are no requests in it"),
    ],
)
def test_a_path_that_gives_no_request_fails_after_all_others_were_read(folder, files, paths, ids, failure) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    found, _, _, said = read(*paths)
    assert (found, said) == (ids, failure)


def test_a_format_that_is_named_is_used_and_an_unknown_one_refused(folder: Path) -> None:
    (folder / "a.jsonl").write_text(GOOD)
    assert read("a.jsonl", format="reqlog")[0] == ["req_1"]
    with pytest.raises(UsageError, match="there is no format 'nosuch'"):
        read("a.jsonl", format="nosuch")


def test_the_formats_of_the_user_are_known_by_name_and_refused_with_their_place(folder: Path) -> None:
    (folder / "a.log").write_text('{"m":"GET","u":"/v1/plans","s":200,"r":"req_own1"}\n')
    table = {"fields": {"id": "r", "method": "m", "path": "u", "status": "s"}}
    assert read("a.log", format="mine", formats={"mine": ("x.toml:1", table)})[0] == ["req_own1"]
    with pytest.raises(UsageError, match=r"^x\.toml:1: "):
        read("a.log", format="mine", formats={"mine": ("x.toml:1", {"fields": {"nosuch": "m"}})})


def test_what_was_read_before_a_file_broke_off_is_given(folder: Path) -> None:
    whole = gzip.compress("".join(GOOD.replace("req_1", f"req_{n}") for n in range(3)).encode())
    (folder / "a.jsonl.gz").write_bytes(whole[:-10])
    ids, _, noted, failure = read("a.jsonl.gz")
    assert (set(ids) <= {"req_0", "req_1", "req_2"}, noted) == (True, [])
    assert failure is not None
    assert failure.startswith("a.jsonl.gz: ")


SECRET = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
ODD = (
    '{"id":"req_ok1","time":"2025-02-24T10:00:00.000Z","status":200}',
    '{"id":"req_ok2","time":"2025-02-24T10:00:00.000Z","status":500}',
    '{"id":"req_ok3","time":"2025-02-24T10:00:00.000Z","status":200,"response_body":7}',
    '{"id":"req_ok4","time":"2025-02-24T10:00:00.000Z","status":200,"resources":"cus_1"}',
    '{"id":"req_ok5","time":"2025-02-24T10:00:00","status":200}',
    '{"id":"req_ok6","time":"1825-02-24T10:00:00Z","status":200}',
    '{"id":"req_ok7","time":"2025-02-24T10:00:00.0004Z","status":200}',
    '{"id":"req_ok8","created":1740391200,"status":200}',
    '{"id":"req_ok9","status":20}',
    '{"id":"","status":200,"time":"2025-02-24T10:00:00.000Z"}',
    '{"status":200,"time":"2025-02-24T10:00:00.000Z"}',
    '{"status":500,"time":"2025-02-24T10:00:00.000Z"}',
    f'{{"id":"{SECRET}","status":500,"path":"/a"}}',
    f'{{"id":"{SECRET}","status":200,"path":"/a"}}',
    '{"id":"req_no","status":200,"path":"half \\ud800 pair"}',
    '{"id":"req_no","status":200',
    "what",
    "",
)
QUESTIONS: tuple[Filter, ...] = (
    Compare("status", ">=", 500),
    And((Compare("status", ">=", 200), Compare("status", "<", 300))),
    Compare("time", ">=", datetime(2025, 2, 24, 10, tzinfo=UTC)),
    Not(Compare("duration_ms", ">", 100.0)),
    And((Compare("livemode", "=", False), Compare("method", "=", "POST"))),
    Or((Compare("status", ">=", 500), Touches("cus_1"))),
    Or(),
    EVERYTHING,
)


def answers_with_and_without_a_look_before(paths: Sequence[str], filter: Filter) -> list[Any]:
    """Return what comes of all requests that match, and of those alone that are wanted."""
    found = []
    for captures in (Captures(paths), Captures(paths, wanted=filter)):
        account, noted = Account(), list[Unread]()
        try:
            requests = [each for each in captures.read(account, noted.append) if matches(filter, each)]
        except InputError:
            requests = []
        found.append((requests, account, noted))
    return found


@given(st.lists(st.sampled_from(ODD), max_size=12), st.sampled_from(QUESTIONS))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_look_before_redaction_changes_no_answer(folder: Path, lines: list[str], filter: Filter) -> None:
    (folder / "a.jsonl").write_text("\n".join((GOOD.strip(), *lines)))
    whole, wanted = answers_with_and_without_a_look_before(["a.jsonl"], filter)
    assert wanted == whole


@pytest.mark.parametrize("filter", QUESTIONS, ids=describe)
def test_a_look_before_redaction_changes_no_answer_about_recordings(data: Path, filter: Filter) -> None:
    whole, wanted = answers_with_and_without_a_look_before([str(data)], filter)
    assert wanted == whole
    assert whole[1].requests > 1000


def test_what_was_passed_over_was_there_however_its_file_ends(folder: Path) -> None:
    (folder / "some").mkdir()
    (folder / "some" / "a.jsonl.gz").write_bytes(gzip.compress(GOOD.encode() * 2, mtime=0)[:-4])
    whole, wanted = answers_with_and_without_a_look_before(["some"], QUESTIONS[0])
    assert wanted == whole
    assert (wanted[1].requests, wanted[1].failures) == (2, [])


def test_only_what_is_wanted_is_redacted(folder: Path) -> None:
    (folder / "a.jsonl").write_text("".join(GOOD.replace("req_1", f"req_a{number}") for number in range(100)) + GOOD)
    redacted = list[str]()

    def counting(request: Request) -> Request:
        redacted.append(request.path or "")
        return redact(request)

    found = Captures(["a.jsonl"], redact=counting, wanted=Compare("status", "=", 500)).read(Account(), print)
    assert list(found) == []
    assert len(redacted) == 101  # of their ids alone
