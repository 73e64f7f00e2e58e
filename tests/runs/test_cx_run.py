"""A run keeps the cells of its CX map, with what people know beside them, and lists whom to call in private."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cxmining.errors import InputError
from cxmining.runs import run_study
from cxmining.runs.folder import Run

STUDY = """
name = "zon"
language = "nl"
cx_map = "cx-map.toml"
[[source]]
name = "letters"
path = "letters.csv"
format = "csv"
tz = "UTC"
columns = { timestamp = "at", touchpoint = "what", account = "account" }
[drivers]
bootstrap = 100
[privacy]
min_cell = 3
"""
PEOPLE = """
[[cell]]
row = "opportunity"
touchpoint = "asks"
text = "<b>sooner</b>"
by = "Anna"
"""


def made(folder: Path, people: str = PEOPLE) -> Path:
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY)
    (folder / "pseudonym.key").write_text("public-0123456789abcdef\n")
    rows = [f"2024-01-{c + 1:02},invoice,a{c}\n2024-02-{c + 1:02},asks,a{c}" for c in range(8)]
    rows.append("2024-03-01,rare,a0")
    (folder / "letters.csv").write_text("at,what,account\n" + "\n".join(rows) + "\n")
    (folder / "cx-map.toml").write_text(people)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("cx")
    return run_study(made(folder / "study"), out=folder / "run", quiet=True, remember=False)


def test_cells_are_kept_small_ones_hidden_and_listed(run: Run) -> None:
    cells = pd.read_csv(run.path / "share" / "cx_map.csv", keep_default_na=False, dtype="str")
    reach = cells[(cells["row"] == "touchpoint") & (cells["key"] == "reach")].set_index("touchpoint")
    assert reach.loc["asks", "n"] == "8"
    # what one customer met has no row, not even with its figures hidden: its name would tell
    assert "rare" not in set(cells["touchpoint"])
    # asks → rare and rare → (end) are one customer's: they are counted and not named
    assert "rare" not in set(cells.loc[cells["row"].isin(["flow", "next"]), "key"])
    suppressed = pd.read_csv(run.path / "share" / "suppressed.csv")
    mine = suppressed[suppressed["file"] == "cx_map.csv"]
    assert {"(rare)", "(1 transitions)", "(2 next steps)"} <= set(mine["key"])


def test_what_people_know_stands_on_the_page_as_text(run: Run) -> None:
    page = (run.path / "share" / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;sooner&lt;/b&gt;" in page
    assert "<b>sooner" not in page
    assert "CX-kaart" in page
    assert "Anna" not in page


def test_a_touchpoint_that_people_know_and_the_log_does_not_stops_the_run(tmp_path: Path) -> None:
    folder = made(tmp_path / "study", PEOPLE.replace('"opportunity"', '"chance"'))
    with pytest.raises(InputError, match=r"cx-map\.toml, cell 1"):
        run_study(folder, out=tmp_path / "run", quiet=True, remember=False)


def test_nobody_to_call_leaves_no_list(run: Run) -> None:
    assert not (run.path / "private" / "call_back.csv").exists()
