"""A run keeps the service blueprint as two tables, small cells hidden and listed, and the report is drawn from them."""

from __future__ import annotations

import pandas as pd
import pytest

from cxmining.runs import run_study
from cxmining.runs.folder import Run

STUDY = """
name = "zon"
language = "nl"
cx_map = "cx-map.toml"
catalogue = "touchpoints.toml"
[[source]]
name = "desk"
path = "desk.csv"
format = "csv"
tz = "UTC"
columns = { timestamp = "at", touchpoint = "what", account = "account", thread_id = "case", queue = "team", direction = "way" }
[privacy]
min_cell = 3
"""
CATALOGUE = """
[[touchpoint]]
name = "asks"
owner = "Service"
supported_by = "IT"
"""
PEOPLE = """
[[cell]]
row = "support"
touchpoint = "asks"
text = "<b>the printer</b>"
by = "Anna"
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("blueprint")
    (folder / "study.toml").write_text(STUDY)
    (folder / "touchpoints.toml").write_text(CATALOGUE)
    (folder / "cx-map.toml").write_text(PEOPLE)
    (folder / "pseudonym.key").write_text("public-0123456789abcdef\n")
    rows = []
    for c in range(8):
        rows.append(f"2024-01-{c + 1:02} 10:00,asks,a{c},t{c},front,inbound")
        rows.append(f"2024-01-{c + 1:02} 12:00,looks,a{c},t{c},{'back office' if c < 6 else 'legal'},internal")
    (folder / "desk.csv").write_text("at,what,account,case,team,way\n" + "\n".join(rows) + "\n")
    return run_study(folder, out=folder / "run", quiet=True, remember=False)


def test_hand_overs_are_kept_and_those_of_few_are_counted_and_not_named(run: Run) -> None:
    handed = pd.read_csv(run.path / "share" / "handovers.csv")
    assert handed[["touchpoint", "source", "target", "n", "wait_median_s"]].to_numpy().tolist() == [
        ["asks", "Service", "back office", 6, 7200]
    ]
    suppressed = pd.read_csv(run.path / "share" / "suppressed.csv")
    assert "(1 hand-over)" in set(suppressed.loc[suppressed["file"] == "handovers.csv", "key"])
    cells = pd.read_csv(run.path / "share" / "blueprint.csv", keep_default_na=False, dtype="str")
    few = cells[(cells["row"] == "backstage") & (cells["key"] == "legal")]
    assert len(few)
    assert (few[["value", "low", "high", "n"]] == "").all(axis=None)
    assert (few["hidden"] == "True").all()
    assert {"asks", "looks"} <= set(suppressed.loc[suppressed["file"] == "blueprint.csv", "key"])


def test_the_page_shows_it_and_what_people_wrote_is_text(run: Run) -> None:
    page = (run.path / "share" / "report.html").read_text(encoding="utf-8")
    section = page.split('id="blueprint"')[1].split("<section id=")[0]
    for said in ("serviceblauwdruk", "back office", "6× · 2 u", "&lt;b&gt;the"):
        assert said in section
    assert "<b>the" not in page
    assert "Anna" not in page
