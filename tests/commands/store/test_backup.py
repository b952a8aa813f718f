import json


def test_a_copy_opened_elsewhere_answers_as_the_store_does(run, store, tmp_path) -> None:
    copy = tmp_path / "elsewhere" / "copy.db"
    done = run("store", "backup", copy)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith(f"Wrote 30 requests to {copy}, ")
    assert run("list", "-o", "jsonl", "--store", copy).stdout == run("list", "-o", "jsonl").stdout
    assert run("store", "check", "--store", copy).returncode == 0


def test_in_json_it_is_what_info_says_of_the_copy(run, store, tmp_path) -> None:
    told = json.loads(run("store", "backup", tmp_path / "copy.db", "--json").stdout)
    assert told == json.loads(run("store", "info", "--json", "--store", tmp_path / "copy.db").stdout)


def test_what_is_there_is_not_written_over(run, store, tmp_path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    done = run("store", "backup", tmp_path / "copy.db")
    expected = f"reqlog: {tmp_path / 'copy.db'} is there already; name a file that is not, or remove it.\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", expected)
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_told(run, store) -> None:
    done = run("store", "backup", "/proc/none/copy.db")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert done.stderr.startswith("reqlog: The store /proc/none/copy.db cannot be used: ")
