import json
from pathlib import Path

import pytest

from reqlog.catalog import latest_version

LATEST = latest_version()

TABLE = f"""\
Default  2023-10-16 (which req_Cass2Customer got without asking for one)
Latest   {LATEST}

VERSION     LABELS   REQUESTS  SHARE  FIRST_SEEN           LAST_SEEN
2024-06-20                  1  20.0%  2026-05-08 10:00:00  2026-05-08 10:00:00
2023-10-16  Default         1  20.0%  2026-05-08 10:00:05  2026-05-08 10:00:05
                            3  60.0%  2026-05-07 08:00:00  2026-05-09 12:01:00
"""


def test_the_versions_of_the_last_week_come_newest_first_and_labelled(ask) -> None:
    assert ask("versions") == (0, TABLE, "")


def test_in_json_it_is_one_object(ask) -> None:
    code, out, err = ask("versions", "--json", "--api-version", "2024-06-20,2023-10-16")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "default": {"version": "2023-10-16", "known_from": "req_Cass2Customer"},
        "latest": LATEST,
        "since": "2026-05-03T12:00:00.000Z",
        "until": "2026-05-10T12:00:00.000Z",
        "versions": [
            {
                "version": "2024-06-20",
                "labels": [],
                "requests": 1,
                "share": 0.5,
                "first_seen": "2026-05-08T10:00:00.000Z",
                "last_seen": "2026-05-08T10:00:00.000Z",
            },
            {
                "version": "2023-10-16",
                "labels": ["Default"],
                "requests": 1,
                "share": 0.5,
                "first_seen": "2026-05-08T10:00:05.000Z",
                "last_seen": "2026-05-08T10:00:05.000Z",
            },
        ],
    }


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], ["2024-06-20,,1", "2023-10-16,Default,1", ",,3"]),
        (["--since", "2026-05-08T10:00:05Z"], ["2023-10-16,Default,1", ",,2"]),
        (["--testmode"], ["2024-06-20,,1", "2023-10-16,Default,1"]),
        (["--default-version", "2024-06-20"], ["2024-06-20,Default,1", "2023-10-16,,1", ",,3"]),
        (["--default-version", LATEST], ["2024-06-20,,1", "2023-10-16,,1", ",,3"]),
    ],
)
def test_the_flags_choose(ask, flags, expected) -> None:
    code, out, err = ask("versions", "-o", "csv", "--fields", "version,labels,requests", *flags)
    assert (code, out.splitlines()[1:], err) == (0, expected, "")


MIXED = "".join(
    f'{{"id":"req_{number}","time":"2026-05-09T10:00:0{number}.000Z","api_version":"{version}"}}\n'
    for number, version in enumerate(
        [LATEST, "2099-01-01.preview", "2023-10-16; feature_beta=v1", "2098-05-05.zebra", "odd"]
    )
)


def test_the_latest_is_a_release_be_it_of_the_catalog_or_seen_and_previews_are_shown_as_they_are(run) -> None:
    fields = ("-o", "csv", "--fields", "version,labels")
    done = run("versions", "--file", "-", *fields, input=MIXED)
    assert done.stdout.splitlines()[1:] == [
        "2099-01-01.preview,",
        "2098-05-05.zebra,Latest",
        f"{LATEST},",
        "2023-10-16; feature_beta=v1,",
        "odd,",
    ]


@pytest.mark.parametrize(
    ("flags", "environment", "config", "expected"),
    [
        ([], {}, "", {"version": None, "known_from": "unknown"}),
        ([], {}, 'default_version = "a"', {"version": "a", "known_from": "config"}),
        ([], {}, '[defaults.versions]\ndefault_version = "a"', {"version": "a", "known_from": "config"}),
        (
            [],
            {"REQLOG_DEFAULT_API_VERSION": "b"},
            'default_version = "a"',
            {"version": "b", "known_from": "environment"},
        ),
        (
            ["--default-version", "c"],
            {"REQLOG_DEFAULT_API_VERSION": "b"},
            'default_version = "a"',
            {"version": "c", "known_from": "flag"},
        ),
    ],
)
def test_the_default_is_known_from_the_nearest_that_names_it(
    run, captures: Path, tmp_path: Path, flags, environment, config, expected
) -> None:
    (tmp_path / "home" / ".reqlog.toml").write_text(config)
    done = run("versions", "--json", "--file", captures / "tail.ndjson", *flags, **environment)
    assert json.loads(done.stdout)["default"] == expected


def test_where_the_default_is_unknown_it_says_how_to_name_it(run, captures: Path) -> None:
    done = run("versions", "--file", captures / "tail.ndjson")
    assert done.stdout.splitlines()[:2] == ["Default  unknown (--default-version names it)", f"Latest   {LATEST}"]


@pytest.mark.parametrize(
    ("flags", "err"),
    [
        (
            ["--since", "1h"],
            "Nothing was sent in that time; the newest request is req_Tail2Missing, 2026-05-09 12:01:00 UTC.\n",
        ),
        (
            ["--since", "1h", "--testmode"],
            "Nothing was sent in that time; the newest request is req_Cass2Customer, 2026-05-08 10:00:05 UTC.\n",
        ),
    ],
)
def test_when_nothing_was_sent_it_says_when_something_last_was(ask, flags, err) -> None:
    code, out, said = ask("versions", "--json", *flags)
    assert (code, json.loads(out)["versions"], said) == (0, [], err)
