"""The docs say what the code does: parts are as generated, commands print what is shown, links lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from doc_parts import PARTS
from every_command import NAMES, command_named
from generate_docs import PAGES, ROOT, Shell, generated

from reqlog.config import Config

README = ROOT / "README.md"
WRITTEN = "\n".join(page.read_text(encoding="utf-8") for page in PAGES if page.name != "commands.md")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@pages
def test_a_page_is_what_is_generated(page: Path, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    text = page.read_text(encoding="utf-8")
    assert generated(text, shell) == text
    if shell.unrun:
        pytest.skip(f"all is well but what needs a tool that is not installed: {'; '.join(shell.unrun)}")


def test_the_readme_holds_wherever_and_whenever_it_is_read(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    assert generated(text, Shell(tmp_path, TZ="Asia/Tokyo", REQLOG_NOW="2031-05-06T07:08:09Z", COLUMNS="200")) == text


@pytest.mark.parametrize("name", PARTS)
def test_each_generated_part_stands_in_one_page(name: str) -> None:
    assert sum(page.read_text(encoding="utf-8").count(f"<!-- begin {name} -->") for page in PAGES) == 1


@pages
def test_links_lead_to_files_and_headings(page: Path) -> None:
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


def links(page: Path) -> list[str]:
    found = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    return [link for link in found if "://" not in link]


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, heading = link.partition("#")
    target = page.parent / path if path else page
    return target.is_file() and (not heading or heading in anchors(target))


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_leads_to_every_page() -> None:
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in links(README)}
    assert [page.name for page in PAGES[1:] if page.resolve() not in linked] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_flag_stands_in_a_page_beside_the_help(name: str) -> None:
    assert [flag for flag in flags_of(name) if not re.search(rf"(?<![\w-]){flag}(?![\w-])", WRITTEN)] == []


def flags_of(name: str) -> Iterator[str]:
    for parameter in command_named(name).params:
        if isinstance(parameter, click.Option):
            yield from (*parameter.opts, *parameter.secondary_opts)


@pytest.mark.parametrize("name", NAMES)
def test_every_environment_variable_that_an_option_names_is_documented(name: str) -> None:
    named = {str(parameter.envvar) for parameter in command_named(name).params if parameter.envvar}
    configuration = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert [variable for variable in named if f"`{variable}`" not in configuration] == []


def test_every_key_of_the_configuration_is_documented() -> None:
    configuration = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert [key for key in Config._fields if not re.search(rf"`\[?{key}\b", configuration)] == []
