import json
import shutil
from pathlib import Path

import pytest

from reqlog import catalog
from reqlog.catalog import refresh

DATA = Path(catalog.__file__).parent

SPEC = {
    "info": {"version": "2099-01-01.zebra"},
    "paths": {
        "/v1/gizmos/{gizmo}": {"get": {"operationId": "GetGizmosGizmo"}, "parameters": []},
        "/v1/webhook_endpoints": {
            "post": {"schema": {"properties": {"api_version": {"enum": ["2011-01-01", "2098-12-01.yak", "nightly"]}}}}
        },
    },
    "components": {
        "schemas": {
            "api_errors": {"properties": {"code": {"enum": ["gizmo_jammed"]}, "type": {"enum": ["gizmo_error"]}}}
        }
    },
}
FIXTURES = {"resources": {"gizmo": {"id": "giz_1Abc", "object": "gizmo", "parts": [{"id": "7", "object": "part"}]}}}


@pytest.fixture
def folder(tmp_path):
    for name in ("api_versions.txt", "endpoints.tsv", "error_codes.txt", "error_types.txt", "id_prefixes.tsv"):
        shutil.copyfile(DATA / name, tmp_path / name)
    return tmp_path


def added(folder):
    return {
        file.name: sorted(set(file.read_text().splitlines()) - set((DATA / file.name).read_text().splitlines()))
        for file in folder.glob("*.t*")
    }


def test_what_is_new_is_added_and_nothing_is_taken_away(folder, tmp_path):
    files = []
    for name, content in (("spec3.json", SPEC), ("fixtures3.json", FIXTURES)):
        (tmp_path / name).write_text(json.dumps(content))
        files.append(str(tmp_path / name))
    refresh.main([*files, "--into", str(folder)])
    assert added(folder) == {
        "api_versions.txt": ["2098-12-01.yak", "2099-01-01.zebra"],
        "endpoints.tsv": ["GET\t/v1/gizmos/{gizmo}\tGetGizmosGizmo", "POST\t/v1/webhook_endpoints\t"],
        "error_codes.txt": ["gizmo_jammed"],
        "error_types.txt": ["gizmo_error"],
        "id_prefixes.tsv": ["giz_\tgizmo\t1"],
    }
    assert (folder / "api_versions.txt").read_text().endswith("2098-12-01.yak\n2099-01-01.zebra\n")


@pytest.mark.parametrize("content", [[], {}, {"paths": None, "info": 7}, "text"])
def test_a_file_without_facts_changes_nothing(folder, content):
    before = {file.name: sorted(file.read_text().splitlines()) for file in folder.glob("*.t*")}
    refresh.refresh(content, folder)
    assert {file.name: sorted(file.read_text().splitlines()) for file in folder.glob("*.t*")} == before


def test_a_file_that_is_no_json_is_one_sentence(tmp_path):
    (tmp_path / "spec3.json").write_text("{")
    with pytest.raises(SystemExit, match=r"spec3\.json is not a JSON file that can be read"):
        refresh.main([str(tmp_path / "spec3.json")])
