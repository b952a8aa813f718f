import tomllib
from pathlib import Path

import pytest

from reqlog import catalog
from reqlog.catalog.facts import lines, rows

FOLDER = Path(catalog.__file__).parent
SOURCES = tomllib.loads((FOLDER / "sources.toml").read_text(encoding="utf-8"))
FILES = sorted(file.name for file in FOLDER.iterdir() if file.suffix in {".txt", ".tsv"})


def test_every_data_file_has_its_source():
    assert sorted(SOURCES["files"]) == FILES


def test_the_newest_version_is_the_one_that_the_sources_state():
    assert catalog.latest_version() == SOURCES["latest_version"]


@pytest.mark.parametrize("name", FILES)
def test_no_data_file_says_a_thing_twice(name):
    assert len(set(lines(name))) == len(lines(name))


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".tsv")])
def test_every_row_has_three_columns(name):
    assert {len(row) for row in rows(name)} == {3}
