import subprocess
import sys
from importlib import import_module

import pytest

from reqlog.exceptions import UsageError
from reqlog.render import OUTPUTS, renderer


@pytest.mark.parametrize("output", OUTPUTS)
def test_each_output_has_its_renderer(output):
    assert renderer(output) is import_module(f"reqlog.render.{output}").render


def test_an_unknown_output_is_an_error_that_lists_the_names():
    with pytest.raises(UsageError, match="'yaml'; it is one of table, json, jsonl, csv, markdown"):
        renderer("yaml")


def test_only_the_chosen_renderer_is_imported():
    script = "import sys; from reqlog.render import renderer; print('msgspec' in sys.modules); renderer('jsonl'); "
    script += "print(sorted(name for name in sys.modules if name.startswith('reqlog.render.')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (
        done.stdout
        == "False\n['reqlog.render.base', 'reqlog.render.json', 'reqlog.render.jsonl', 'reqlog.render.text']\n"
    )
