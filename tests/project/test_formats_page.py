"""The page of formats leaves none out, and what it shows a file to say is what it says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import cxmining as cx
from cxmining.ingest.readers import _MODULES
from cxmining.ingest.tables.preset_words import PRESETS
from cxmining.simulate.exports import make_exports

PAGE = (Path(__file__).parents[2] / "docs" / "pages" / "exports" / "formats.md").read_text(encoding="utf-8")
SHOWN = re.findall(r'^\$ cxmining inspect "?vendors/(.+?)"?\n(.*?)^```$', PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page's first command writes."""
    return make_exports(tmp_path_factory.mktemp("vendors"), customers=200).parent


def test_every_format_and_every_known_table_has_a_source_on_the_page() -> None:
    sources = [s for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) for s in tomllib.loads(block)["source"]]
    tables = {"excel", "parquet"}  # read as csv is, and said so
    assert {s["format"] for s in sources} | tables == {*_MODULES}
    assert {s["preset"] for s in sources if "preset" in s} == {*PRESETS}
    assert all(f"`{name}`" in PAGE for name in tables)


@pytest.mark.parametrize(("path", "said"), SHOWN, ids=[path for path, _ in SHOWN])
def test_a_file_says_what_the_page_shows(vendors: Path, path: str, said: str) -> None:
    assert repr(cx.inspect(vendors / path)).split("\n\n")[0] == said.rstrip("\n")


def test_the_page_shows_enough() -> None:
    assert len(SHOWN) >= len(_MODULES) - 3  # no file of Outlook's is simulated; tables stand once
