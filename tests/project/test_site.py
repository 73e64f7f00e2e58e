"""What the site shows runs: each block of Python on each page, from top to bottom, as a reader would type it."""

import contextlib
import io
import os
import re
from functools import lru_cache
from pathlib import Path

import pytest

import cxmining as cx

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "pages").rglob("*.md"))
PAGES = [p for p in PAGES if p.name != "reference.md" and p.parent.name != "notebooks"]


def blocks(page):
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


WITH_CODE = [p for p in PAGES if blocks(p)]


@pytest.fixture(scope="module", autouse=True)
def from_the_top_of_the_project():
    """Pages are read at the top of a clone; what several of them read is read once."""
    before, read = Path.cwd(), cx.read
    os.chdir(ROOT)
    cx.read = lru_cache(maxsize=1)(read)
    yield
    cx.read = read
    os.chdir(before)


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_CODE, ids=lambda p: p.stem)
def test_the_code_of_a_page_runs(page):
    names = {}
    for code in blocks(page):
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(code, page.name, "exec"), names)


def test_pages_that_promise_code_have_it():
    assert len(WITH_CODE) >= 10


def test_every_page_is_linked_and_every_link_leads_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+\.md)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page.name, target)
    index = (ROOT / "docs" / "pages" / "index.md").read_text(encoding="utf-8")
    listed = {line.strip() for line in index.splitlines()}
    for page in PAGES:
        name = page.relative_to(ROOT / "docs" / "pages").with_suffix("").as_posix()
        assert name == "index" or name in listed, name


def test_commands_that_are_shown_exist(cxmining_command):
    shown = {c for p in PAGES for c in re.findall(r"`?cxmining ([a-z]+)\b", p.read_text(encoding="utf-8"))}
    known = cxmining_command("--help").stdout
    for command in shown & {"run", "init", "inspect", "lab", "report", "reproduce", "diff", "sample"}:
        assert command in known
    options = {o for p in PAGES for o in re.findall(r"cxmining run[^\n`]*?(--[a-z]+)", p.read_text(encoding="utf-8"))}
    said = cxmining_command("run", "--help").stdout
    assert options
    for option in options:
        assert option in said
