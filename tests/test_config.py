"""What the configuration files say, through the real command line, since what is worth holding is who beats whom."""

import json
from pathlib import Path

import pytest

from reqlog.config import line_of, line_of_value

LINES = "".join(
    f'{{"id":"req_{number}","time":"2026-05-09T10:00:0{number}.000Z","status":{status}}}\n'
    for number, status in enumerate((200, 402, 404, 500))
)


@pytest.fixture
def configured(run, tmp_path: Path):
    """Run a question of four requests with the user's and the project's configuration as given."""
    home = tmp_path / "home"
    (home / "four.jsonl").write_text(LINES)

    def configured(*arguments: str, user: str = "", project: str = "", **more: str) -> tuple[int, str, str]:
        user_file = home / ".config" / "reqlog" / "config.toml"
        user_file.parent.mkdir(parents=True, exist_ok=True)
        user_file.write_text(user)
        (home / ".reqlog.toml").write_text(project)
        done = run(*arguments, XDG_CONFIG_HOME=str(home / ".config"), **more)
        return done.returncode, done.stdout, done.stderr

    return configured


def statuses(answer: tuple[int, str, str]) -> list[str]:
    code, out, err = answer
    assert (code, err) == (0, "")
    return out.splitlines()[1:]


ASK = ("list", "--file", "four.jsonl", "-o", "csv", "--fields", "status")


@pytest.mark.parametrize(
    ("user", "project", "environment", "flags", "expected"),
    [
        ("", "", {}, [], ["500", "404", "402", "200"]),
        ("[defaults.list]\nlimit = 1", "", {}, [], ["500"]),
        ("[defaults.list]\nlimit = 1", "[defaults.list]\nlimit = 2", {}, [], ["500", "404"]),
        (
            "[defaults.list]\nlimit = 1",
            "[defaults.list]\nlimit = 2",
            {"REQLOG_LIST_LIMIT": "3"},
            [],
            ["500", "404", "402"],
        ),
        (
            "[defaults.list]\nlimit = 1",
            "[defaults.list]\nlimit = 2",
            {"REQLOG_LIST_LIMIT": "3"},
            ["--limit", "4"],
            ["500", "404", "402", "200"],
        ),
        ("[defaults.list]\nreverse = true\nlimit = 2", "[defaults.list]\nlimit = 1", {}, [], ["200"]),
        ("[defaults.errors]\nlimit = 1", "", {}, [], ["500", "404", "402", "200"]),
        ("", '[defaults.list]\nstatus = "4xx"', {}, [], ["404", "402"]),
        ("", "[defaults.list]\nstatus = 404", {}, [], ["404"]),
        ("", '[defaults.list]\nstatus = [404, "5xx"]', {}, [], ["500", "404"]),
        ("", '[defaults.list]\nstatus = "4xx"', {}, ["--status", "500"], ["500"]),
        ("", '[defaults.list]\nnot-status = "4xx"', {}, [], ["500", "200"]),
        ("", '[defaults.list]\nnot_status = "4xx"', {}, [], ["500", "200"]),
        ("", "[defaults.list]\nuntil = 2026-05-09T10:00:01Z", {}, [], ["200"]),
        ("", "[defaults.list]\nsince = 2026-05-09", {}, [], ["500", "404", "402", "200"]),
        ("", "[defaults.list]\njson = true", {}, [], ["500", "404", "402", "200"]),
        ("", "", {"REQLOG_LIST_JSON": "1"}, [], ["500", "404", "402", "200"]),
    ],
)
def test_flags_beat_environment_beats_project_beats_user(
    configured, user, project, environment, flags, expected
) -> None:
    assert statuses(configured(*ASK, *flags, user=user, project=project, **environment)) == expected


@pytest.mark.parametrize(
    ("project", "environment", "flags", "expected"),
    [
        ("[defaults.list]\njson = true", {}, [], '[\n{"status":500}\n]\n'),
        ('[defaults.list]\noutput = "json"', {}, [], '[\n{"status":500}\n]\n'),
        ('[defaults.list]\noutput = "json"', {}, ["-o", "csv"], "status\n500\n"),
        ("[defaults.list]\njson = true", {}, ["-o", "csv"], "status\n500\n"),
        ("[defaults.list]\njson = true", {"REQLOG_LIST_OUTPUT": "csv"}, [], "status\n500\n"),
        ('[defaults.list]\noutput = "csv"', {}, ["--json"], '[\n{"status":500}\n]\n'),
        ('[defaults.list]\noutput = "csv"', {"REQLOG_LIST_JSON": "1"}, [], '[\n{"status":500}\n]\n'),
        ("", {}, ["-o", "csv", "--json"], '[\n{"status":500}\n]\n'),
    ],
)
def test_of_json_and_output_the_nearer_one_holds(configured, project, environment, flags, expected) -> None:
    ask = ("list", "--file", "four.jsonl", "--fields", "status", "--limit", "1")
    assert configured(*ask, *flags, project=project, **environment) == (0, expected, "")


@pytest.mark.parametrize(
    ("project", "sentence"),
    [
        ("\ncolour = true\n", "2: unknown key 'colour'; known are store, default_version, formats, defaults, redact."),
        ("store = 1\n", "1: store must be a text."),
        ('\n\nstore = ""\n', "3: store must be a text."),
        ("default_version = 2024-06-20\n", "1: default_version must be a text."),
        ("formats = 1\n", "1: formats must be a table of tables."),
        ("[formats]\nx = 1\n", "1: formats must be a table of tables."),
        ("[defaults]\nlist = 1\n", "1: defaults must be a table of tables."),
        ("[defaults.lst]\nlimit = 1\n", "1: there is no command 'lst'."),
        ("[defaults.list]\nlimit = 1\nlimt = 1\n", "3: list has no option 'limt'."),
        ("[defaults]\nlist.limit = 1\nlist.limt = 1\n", "3: list has no option 'limt'."),
        (
            "[defaults.list]\nlimit = 1\n\n[defaults.errors]\nlimit = 1\nfail-if-sny = 1\n",
            "6: errors has no option 'fail-if-sny'.",
        ),
        ('[defaults.show]\nrequest_id = "req_1"\n', "2: show has no option 'request_id'."),
        ("[defaults.list]\nlimit = 1.5\n", "2: limit of list must be a whole number."),
        ("[defaults.list]\nlimit = true\n", "2: limit of list must be a whole number."),
        ('[defaults.list]\njson = "yes"\n', "2: json of list must be true or false."),
        ("[defaults.list]\nutc = 1\n", "2: utc of list must be true or false."),
        ('[defaults.list]\nfields = ["id"]\n', "2: fields of list must be a text."),
        ("[defaults.list]\nstatus = [true]\n", "2: status of list must be a text, or a list of texts."),
        ("[defaults.list.status]\nx = 1\n", "1: status of list must be a text, or a list of texts."),
        ("redact = 1\n", "1: redact must be a table."),
        ("[redact]\nfeilds = []\n", "2: redact has no key 'feilds'; it has fields, headers, patterns."),
        ("[redact]\nfields = 1\n", "2: fields of redact must be a text, or a list of texts."),
        ('[redact]\nfields = ["a", 1]\n', "2: fields of redact must be a text, or a list of texts."),
        (
            '[redact]\nheaders = "x[y]"\n',
            "2: 'x[y]' in headers of redact must be a name of letters, digits, _, - and ., with * for anything.",
        ),
        (
            "[redact]\npatterns = [\n  \"a\",\n  'a[',\n]\n",
            "4: 'a[' in patterns of redact must be a regular expression: unterminated character set at position 1.",
        ),
        (
            '[redact]\nfields = "a"\npatterns = ["b", "\\\\d*"]\n',
            "3: '\\d*' in patterns of redact must be a regular expression that does not match the empty text.",
        ),
        (
            '[defaults.list]\noutput = "xml"\n',
            "2: output of list must be one of table, json, jsonl, csv, markdown.",
        ),
    ],
)
def test_what_nobody_knows_is_told_with_file_and_line(configured, tmp_path, project, sentence) -> None:
    code, out, err = configured("list", project=project)
    assert (code, out, err) == (2, "", f"reqlog: {tmp_path}/home/.reqlog.toml:{sentence}\n")


@pytest.mark.parametrize(
    ("content", "beginning"),
    [
        (b"store = \n", ": not valid TOML: "),
        (b"store = 'a'\nstore = 'b'\n", ": not valid TOML: "),
        (b"\xff\xfe", ": cannot be read: "),
        (b"a = " + b"[" * 60_000, ": not valid TOML: it is nested too deep, or has a number of too many digits."),
        (b"a = " + b"{a=" * 10_000, ": not valid TOML: it is nested too deep, or has a number of too many digits."),
        (b"a = " + b"9" * 10_000, ": not valid TOML: it is nested too deep, or has a number of too many digits."),
        (b"a." * 32_000 + b"a = 1", ": not valid TOML for reqlog: a key has more than 64 parts"),
        (b'[x."y". ' + b"a ." * 20_000 + b"a]", ": not valid TOML for reqlog: a key has more than 64 parts"),
        (b"#" * 64 * 1024 + b"\n", ": it is longer than 64 KiB"),
    ],
)
def test_what_is_no_toml_is_told(run, tmp_path, content, beginning) -> None:
    file = tmp_path / "home" / ".reqlog.toml"
    file.write_bytes(content)
    done = run("list")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"reqlog: {file}{beginning}")
    assert len(done.stderr.splitlines()) == 1


def test_a_format_of_the_users_own_is_told_with_file_and_line_when_it_is_wrong(configured, tmp_path) -> None:
    code, _, err = configured("list", "--file", "four.jsonl", project="\n[formats.mine]\nfoo = 1\n")
    assert (code, err.startswith(f"reqlog: {tmp_path}/home/.reqlog.toml:2: ")) == (2, True)


def test_a_format_of_the_users_own_is_known_by_its_name(configured, tmp_path) -> None:
    (tmp_path / "home" / "own.log").write_text('{"m":"GET","u":"/v1/plans","s":200}\n')
    project = '[formats.mine]\nfields = { method = "m", path = "u", status = "s" }\n'
    ask = ("list", "--file", "own.log", "--format", "mine", "--fields", "method,path,status", "-o", "csv")
    assert configured(*ask, project=project) == (0, "method,path,status\nGET,/v1/plans,200\n", "")


@pytest.mark.parametrize(
    ("store", "file"),
    [
        ("here.db", "here.db"),
        ("some/more.db", "some/more.db"),
        ("~/there.db", "home/there.db"),
        ("sqlite:///url.db", "url.db"),
    ],
)
def test_a_relative_store_lies_beside_the_file_that_names_it(run, tmp_path, store, file) -> None:
    (tmp_path / ".reqlog.toml").write_text(f'store = "{store}"\n')
    done = run("import", "-", input=LINES, REQLOG_STORE="")
    assert (done.returncode, (tmp_path / file).is_file()) == (0, True)


@pytest.mark.parametrize("environment", [{}, {"REQLOG_STORE": "environment.db"}])
@pytest.mark.parametrize("flags", [[], ["--store", "flag.db"]])
def test_a_store_named_nearer_goes_before_the_configured_one(configured, tmp_path, environment, flags) -> None:
    more = {"REQLOG_STORE": "", **environment}
    assert configured("import", "four.jsonl", *flags, project='store = "project.db"', **more)[0] == 0
    expected = "flag.db" if flags else "environment.db" if environment else "project.db"
    assert [path.name for path in (tmp_path / "home").glob("*.db")] == [expected]


def test_the_nearest_project_file_above_counts_and_no_other(run, tmp_path) -> None:
    (tmp_path / ".reqlog.toml").write_text("[defaults.list]\nlimit = 1\nreverse = true\n")
    near = tmp_path / "home" / ".reqlog.toml"
    (tmp_path / "home" / "four.jsonl").write_text(LINES)
    assert run(*ASK).stdout.split() == ["status", "200"]
    near.write_text("[defaults.list]\nlimit = 2\n")
    assert run(*ASK).stdout.split() == ["status", "500", "404"]


SECRETS = (
    '{"id":"req_1","status":200,"request_headers":{"x-acme":"a"},"request_body":"tax_id=DE1&note=ACME-12&pin=3"}\n'
)


@pytest.mark.parametrize(
    ("user", "project", "expected"),
    [
        ("", "", ["a", "tax_id=DE1&note=ACME-12&pin=3"]),
        ('[redact]\nfields = ["tax_id"]', "", ["a", "tax_id=[redacted]&note=ACME-12&pin=3"]),
        (
            '[redact]\nfields = "pin"\npatterns = "ACME-[0-9]+"',
            '[redact]\nfields = "tax_id"\nheaders = ["X-Acme"]',
            ["[redacted]", "tax_id=[redacted]&note=[redacted]&pin=[redacted]"],
        ),
        ('[redact]\nfields = ["tax_id"]', "[redact]\nfields = []", ["a", "tax_id=[redacted]&note=ACME-12&pin=3"]),
    ],
)
def test_the_rules_of_both_files_add_up_in_what_is_asked_and_in_what_is_imported(
    configured, tmp_path, user, project, expected
) -> None:
    (tmp_path / "home" / "secrets.jsonl").write_text(SECRETS)
    fields = ("-o", "jsonl", "--fields", "request_headers,request_body")
    asked = configured("list", "--file", "secrets.jsonl", *fields, user=user, project=project)
    assert configured("import", "secrets.jsonl", user=user, project=project)[0] == 0
    stored = configured("list", *fields, user=user, project=project)
    for code, out, err in (asked, stored):
        assert (code, err) == (0, "")
        record = json.loads(out)
        assert [record["request_headers"]["x-acme"], record["request_body"]] == expected


@pytest.mark.parametrize(
    ("text", "value", "first", "line"),
    [
        ('a = [\n"b",\n"c",\n]', "c", 1, 3),
        ("a = 'b'\nc = 'b'\n", "b", 2, 2),
        ('a = "\\\\d"\n', "\\d", 1, 1),
        ("a = 1\n", "nosuch", 1, 1),
    ],
)
def test_the_line_of_a_value_is_found_as_far_as_can_be_told(text, value, first, line) -> None:
    assert line_of_value(text, value, first) == line


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2\n", ("b",), 2),
        ('"b" = 2\n', ("b",), 1),
        ("[x]\nb = 1\n[y]\nb = 2\n", ("y", "b"), 4),
        ("[x.y]\nb = 1\n", ("x", "y", "b"), 2),
        ("[x]\ny.b = 1\n", ("x", "y", "b"), 2),
        ("x = {y = 1}\n", ("x", "y"), 1),
        ("[ x . 'y' ]\nnot-b = 1\n", ("x", "y", "not_b"), 2),
        ("a = 1\n", ("nosuch",), 1),
        ("", ("nosuch",), 1),
    ],
)
def test_the_line_of_a_key_is_found_as_far_as_can_be_told(text, path, line) -> None:
    assert line_of(text, *path) == line
