import json
from contextlib import closing

import apsw


def test_what_can_be_read_is_saved_and_what_is_lost_is_told(run, store, tmp_path) -> None:
    before = run("list", "-o", "jsonl").stdout
    content = bytearray(store.read_bytes())
    content[:4096] = bytes(4096)
    store.write_bytes(content)
    done = run("store", "repair")
    place = f"{store}.repaired"
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == (
        f"Saved 30 requests; how many were lost cannot be told. They are in {place}: "
        "use it with --store, or move it to where the old one is.\n"
    )
    assert run("list", "-o", "jsonl", "--store", place).stdout == before
    assert store.read_bytes() == content


def test_a_store_with_a_wrong_index_is_saved_whole(run, store, tmp_path) -> None:
    with closing(apsw.Connection(str(store))) as connection:
        connection.execute("DELETE FROM requests_text_data")
    assert run("store", "check").returncode == 3
    done = run("store", "repair", "--into", tmp_path / "saved.db", "--json")
    assert json.loads(done.stdout) == {
        "place": str(tmp_path / "saved.db"),
        "requests": 30,
        "incomplete": 0,
        "lost": 0,
        "is_exact": True,
    }
    assert run("store", "check", "--store", tmp_path / "saved.db").returncode == 0
    assert run("list", "--text", "ch_7", "--count", "--store", tmp_path / "saved.db").stdout == "1\n"


def test_a_request_with_a_broken_part_is_told(run, store) -> None:
    with closing(apsw.Connection(str(store))) as connection:
        connection.execute("UPDATE requests SET response_body = x'00' WHERE id = 'req_07'")
    done = run("store", "repair")
    assert done.stderr.startswith(
        "Saved 30 requests; 1 of them without a part, which their field `truncated` names; 0 were lost. They are in "
    )


def test_what_is_no_store_gives_one_sentence(run, tmp_path) -> None:
    (tmp_path / "notes.txt").write_text("What this is.\n")
    done = run("store", "repair", "--store", tmp_path / "notes.txt")
    expected = f"reqlog: There is nothing of a reqlog store in {tmp_path / 'notes.txt'} that could be saved.\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, "", expected)
    assert not (tmp_path / "notes.txt.repaired").exists()
