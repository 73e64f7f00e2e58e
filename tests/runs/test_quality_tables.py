"""What a run shares about the quality of its data, and what its page shows of that: places and reasons, no content."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cxmining.ingest import read
from cxmining.ledger import FILE_REMEDIES, REMEDIES
from cxmining.remedies import FILES, RECORDS
from cxmining.runs import run_study
from cxmining.runs.folder import Run
from cxmining.runs.quality import quality_tables

STUDY = """
name = "zon"
language = "{language}"
rules = "rules.toml"
[[source]]
name = "letters"
path = "letters*.csv"
format = "csv"
tz = "UTC"
columns = {{ timestamp = "at", touchpoint = "what", account = "account", wait_s = "wait" }}
[drivers]
bootstrap = 100
[privacy]
min_cell = 2
"""
HEAD = "nr,at,what,account,wait\n"
# nr 3 has no moment, nr 5 a wait that is none, nr 6 lacks a field; "asks" is two customers', "Jan Jansen belt" is one's
LETTERS = HEAD + (
    "1,2024-01-01,invoice,a1,1\n2,2024-01-02,asks,a1,2\n3,soon,asks,a2,2\n4,2024-01-03,asks,a2,3\n"
    "5,2024-01-04,invoice,a2,long\n6,2024-01-05\n7,2024-01-06,Jan Jansen belt,a3,1\n"
)


def made(folder: Path) -> Path:
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY.format(language="nl"))
    (folder / "pseudonym.key").write_text("public-0123456789abcdef\n")
    (folder / "letters.csv").write_text(LETTERS)
    (folder / "letters_2.csv").write_text(HEAD + "9,2024-02-01,invoice,a1,1\n")
    (folder / "rules.toml").write_text('[[rule]]\nlabel = "^invoice$"\ntouchpoint = "bill"\n')
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("quality")
    return run_study(made(folder / "study"), out=folder / "run", quiet=True, remember=False)


def test_reasons_places_and_remedies_are_shared(run: Run) -> None:
    found = pd.read_csv(run.path / "share" / "rejects.csv").fillna("")
    assert found[["file", "cell", "code", "n", "examples"]].sort_values("code").to_numpy().tolist() == [
        ["letters.csv", "wait_s", "bad-number", 1, "record 5, line 6, byte 113"],
        ["letters.csv", "", "bad-time", 1, "record 3, line 4, byte 73"],
        ["letters.csv", "", "wrong-width", 1, "record 6, line 7, byte 142"],
    ]  # fmt: skip
    assert found["fix_en"].tolist() == [REMEDIES[c] for c in found["code"]]
    assert found["fix_nl"].tolist() == [RECORDS[c][1][1] for c in found["code"]]
    files = pd.read_csv(run.path / "share" / "sources.csv").set_index("file")
    assert files.loc["letters.csv", ["read", "kept", "rejected", "duplicate", "merged", "context"]].tolist() == [7, 5, 2, 0, 0, 0]  # fmt: skip


def test_what_no_rule_maps_is_shared_unless_few_customers_have_it(run: Run) -> None:
    found = pd.read_csv(run.path / "share" / "unmapped.csv")
    assert found[["label", "events"]].to_numpy().tolist() == [["asks", 2]]
    assert found["share"].iloc[0] == pytest.approx(2 / 6)
    hidden = pd.read_csv(run.path / "share" / "suppressed.csv").query("file == 'unmapped.csv'")
    assert hidden[["key", "reason"]].to_numpy().tolist() == [["(1 labels, 1 events)", "fewer than 2 customers"]]


def test_the_page_says_it_closed_and_without_content(run: Run) -> None:
    page = (run.path / "share" / "report.html").read_text(encoding="utf-8")
    section = page[page.index('<details id="quality">') :]
    section = section[: section.index("</details>")]
    assert "2 records en 1 cel afgewezen van 8 gelezen · 3 van 6 gebeurtenissen zonder regel" in section
    for said in (
        "een moment dat niet te lezen is", "record 3, regel 4, byte 73", RECORDS["wrong-width"][1][1], "asks",
        "1 label van minder dan 2 klanten",
    ):  # fmt: skip
        assert said in section
    assert "Jan Jansen" not in section
    assert "soon" not in section


def test_without_rules_and_rejects_it_says_so(tmp_path: Path) -> None:
    study = made(tmp_path / "study")
    (study / "study.toml").write_text(STUDY.format(language="en").replace('rules = "rules.toml"', ""))
    (study / "letters.csv").write_text(
        HEAD + "1,2024-01-01,invoice,a1,1\n2,2024-01-02,asks,a1,2\n3,2024-01-02,asks,a2,2\n"
    )
    run = run_study(study, out=tmp_path / "run", quiet=True, remember=False)
    assert not len(pd.read_csv(run.path / "share" / "rejects.csv"))
    page = (run.path / "share" / "report.html").read_text(encoding="utf-8")
    assert "nothing was rejected of 4 read</span>" in page
    assert "The study has no rules." in page


def test_the_name_of_a_chat_is_not_on_the_page(tmp_path: Path) -> None:
    """An exported chat is called after the customer."""
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(
        'name = "w"\n[company]\nname = "Zon"\n[[source]]\nname = "chat"\npath = "*.txt"\nformat = "whatsapp"\ntz = "UTC"\n'
        'options = { order = "dmy" }\n[drivers]\nbootstrap = 100\n[privacy]\nmin_cell = 1\n'
    )
    (folder / "pseudonym.key").write_text("public-0123456789abcdef\n")
    (folder / "WhatsApp Chat with Jan Jansen.txt").write_text(
        "13/01/2024, 10:00 - Jan Jansen: Hallo\n13/01/2024, 10:01 - Zon: Dag\n"
    )
    data = read(folder)
    run = run_study(folder, out=tmp_path / "run", quiet=True, remember=False)
    shared = "".join(p.read_text(encoding="utf-8") for p in sorted((run.path / "share").iterdir()))
    assert "Jansen" not in shared
    assert "Jansen" not in quality_tables(data, 1)[0]["sources.csv"].to_csv()


def test_every_code_has_a_name_and_a_remedy_in_both_languages() -> None:
    for said in (*RECORDS.values(), *FILES.values()):
        assert all(len(texts) == 2 and all(texts) for texts in said)
    assert {*REMEDIES} == {*RECORDS}
    assert {*FILE_REMEDIES} == {*FILES}
