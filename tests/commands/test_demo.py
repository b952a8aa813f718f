def test_the_demo_shows_what_there_is_to_see_and_keeps_nothing(run, tmp_path) -> None:
    done = run("demo", REQLOG_STORE="")
    assert done.returncode == 0
    assert done.stderr == "3 files, 19 imported, 0 duplicates, 0 enriched, 0 rejects, 0 skipped\n"
    shown = done.stdout.split("$ reqlog ")
    assert [part.split()[0] for part in shown[1:]] == ["import", "list", "errors", "versions"]
    assert [len(part.splitlines()) for part in shown[2:]] == [13, 9, 10]
    assert "card_declined" in shown[3]
    assert "Latest" in shown[4]
    assert list((tmp_path / "home").iterdir()) == []


def test_the_demo_keeps_its_store_where_it_is_told(run, tmp_path) -> None:
    run("demo", "--store", tmp_path / "demo.db")
    assert run("list", "--store", tmp_path / "demo.db", "--count").stdout == "19\n"
