import json

from reqlog.store.sqlite.schema import MIGRATIONS


def test_it_says_where_the_store_is_and_what_is_in_it(run, store) -> None:
    done = run("store", "info")
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in lines if line[0] in {"Place", "Requests", "Oldest", "Newest", "Schema"}] == [
        ["Place", str(store)],
        ["Requests", "30"],
        ["Oldest", "2026-04-01 10:00:00 UTC"],
        ["Newest", "2026-04-30 10:00:00 UTC"],
        ["Schema", str(len(MIGRATIONS))],
    ]
    assert {line[0] for line in lines} >= {"Size", "requests", "words", "indexes", "free"}


def test_in_json_it_is_one_object(run, store) -> None:
    info = json.loads(run("store", "info", "--json").stdout)
    assert sum(info.pop("room").values()) == info.pop("bytes")
    assert info == {
        "place": str(store),
        "requests": 30,
        "oldest": "2026-04-01T10:00:00.000Z",
        "newest": "2026-04-30T10:00:00.000Z",
        "schema_version": len(MIGRATIONS),
        "is_purged": True,
    }


def test_there_must_be_a_store(run) -> None:
    done = run("store", "info")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("reqlog: There is no store at ")
