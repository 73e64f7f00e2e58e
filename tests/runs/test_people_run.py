"""A run keeps persona cards and stakeholder map: small cells hidden and listed, nobody who filled something in named."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cxmining.errors import InputError
from cxmining.experience.example import small_example
from cxmining.runs import run_study
from cxmining.runs.folder import Run
from cxmining.runs.personas import persona_table

STUDY = """
name = "zon"
language = "{language}"
catalogue = "touchpoints.toml"
personas = "personas.toml"
stakeholders = "stakeholders.toml"
[company]
name = "Zon & Co"
[[source]]
name = "contacts"
path = "contacts.csv"
format = "csv"
tz = "UTC"
columns = {{ timestamp = "at", touchpoint = "what", channel = "channel", account = "account" }}
[experience]
group = "persona"
[drivers]
bootstrap = 100
"""
CATALOGUE = """
[[touchpoint]]
name = "asks"
owner = "Care"
supported_by = "Billing"
task = "understand the bill"
[[touchpoint]]
name = "looks"
owner = "Digital"
[[touchpoint]]
name = "rare"
owner = "Legal"
"""
PERSONAS = """
[[persona]]
name = "Bep <b>belt</b>"
by = "Anna Jansen"
goal = "be done"
behaviour = { "channel: phone" = 1.0, "topic: asks" = 1.0 }
"""
STAKEHOLDERS = """
[[stakeholder]]
name = "Care"
by = "Anna Jansen"
influence = 5
they_do = "<i>answer</i>"
[[stakeholder]]
name = "Care"
by = "Bo Bakker"
influence = 1
"""


def made(folder: Path, language: str = "nl", people: int = 45, personas: str = PERSONAS) -> Path:
    """Two in three call, one in three looks online; of three somebody at Legal heard."""
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY.format(language=language))
    (folder / "touchpoints.toml").write_text(CATALOGUE)
    (folder / "personas.toml").write_text(personas)
    (folder / "stakeholders.toml").write_text(STAKEHOLDERS)
    (folder / "pseudonym.key").write_text("public-0123456789abcdef\n")
    rows = [
        f"2024-01-{day:02}T10:00:00,{'looks,web' if c % 3 == 2 else 'asks,phone'},a{c}"
        for c in range(people)
        for day in (3, 10, 24)
    ]
    rows += [f"2024-03-04T10:00:00,rare,phone,a{c}" for c in (0, 1, 3)]
    (folder / "contacts.csv").write_text("at,what,channel,account\n" + "\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("people")
    return run_study(made(folder / "study"), out=folder / "run", quiet=True, remember=False)


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_csv(run.path / "share" / name, keep_default_na=False, dtype="str")


def test_segments_stand_with_the_persona_that_behaves_so(run: Run) -> None:
    cells = table(run, "personas.csv")
    segment = cells[(cells["row"] == "segment") & (cells["key"] == "share")]
    assert segment[["segment", "n"]].values.tolist() == [["1", "30"], ["2", "15"]]
    said = cells[cells["row"] == "said"]
    assert said[["segment", "key", "text"]].values.tolist() == [
        ["1", "name", "Bep <b>belt</b>"],
        ["1", "goal", "be done"],
    ]


def test_who_stands_around_is_kept_with_what_people_said(run: Run) -> None:
    cells = table(run, "stakeholders.csv")
    there = cells[cells["row"] == "stakeholder"]
    assert there["name"].tolist() == ["Billing", "Care", "Digital", "Legal"]
    assert cells.loc[cells["key"] == "influence", "value"].tolist() == ["5", "1"]
    assert cells.loc[(cells["name"] == "Care") & (cells["key"] == "contacts"), "n"].tolist() == ["90"]


def test_what_is_about_few_is_hidden_and_listed(run: Run) -> None:
    cells = table(run, "stakeholders.csv")
    legal = cells[(cells["name"] == "Legal") & cells["key"].isin(["contacts", "reach"])]
    assert (legal[["value", "n", "customers"]] == "").all(axis=None)
    suppressed = table(run, "suppressed.csv")
    mine = suppressed[suppressed["file"] == "stakeholders.csv"]
    assert mine[["key", "column"]].values.tolist() == [["Legal", "contacts"], ["Legal", "reach"]]


def test_nobody_who_filled_something_in_is_named_and_what_they_said_is_text(run: Run) -> None:
    share = run.path / "share"
    for file in ("personas.csv", "stakeholders.csv", "report.html"):
        text = (share / file).read_text(encoding="utf-8")
        assert "Jansen" not in text
        assert "Bakker" not in text
    page = (share / "report.html").read_text(encoding="utf-8")
    assert "&lt;i&gt;answer&lt;/i&gt;" in page
    assert "Bep &lt;b&gt;belt&lt;/b&gt;" in page
    assert "<b>belt" not in page
    assert "invloed 5; 1 ≠ meningen verschillen" in page
    assert "Zon &amp; Co" in page
    assert "vooral telefoon" in page


def test_too_few_customers_is_a_sentence(tmp_path: Path) -> None:
    run = run_study(made(tmp_path / "study", "en", people=9), out=tmp_path / "run", quiet=True, remember=False)
    assert table(run, "personas.csv").empty
    page = (run.path / "share" / "report.html").read_text(encoding="utf-8")
    assert "no segments of behaviour, and no personas" in page


def test_a_wrong_file_is_named_also_where_there_are_no_segments(tmp_path: Path) -> None:
    path = tmp_path / "personas.toml"
    path.write_text(PERSONAS.replace("goal", "gaol"))
    with pytest.raises(InputError, match=r"personas\.toml, persona 1: unknown key 'gaol'"):
        persona_table(small_example(), None, 10, [], path)
