"""Free text reaches a run folder only when the study asks, and then without the people in it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cxmining.runs import run_study

STUDY = """
name = "texts"
[[source]]
name = "log"
path = "log.csv"
format = "csv"
tz = "Europe/Amsterdam"
columns = { account = "klant", touchpoint = "stap", timestamp = "tijd", text = "tekst" }
constants = { channel = "mail", direction = "inbound" }
[[source]]
name = "crm"
path = "crm.csv"
format = "csv"
into = "customers"
columns = { account = "klant", name = "naam", email = "email" }
"""
LOG = """klant,stap,tijd,tekst
1,mail,2025-01-01 10:00:00,"Ik ben Willemijn Zonderland, mail willemijn@zonderland.example of bel 06-12345678"
2,mail,2025-01-02 10:00:00,"Rekening klopt niet, zei Zonderland ook"
"""
CRM = "klant,naam,email\n1,Willemijn Zonderland,willemijn@zonderland.example\n2,Piet Bakker,piet@bakker.example\n"


def study(folder: Path) -> Path:
    folder.mkdir()
    for name, text in (("study.toml", STUDY), ("log.csv", LOG), ("crm.csv", CRM)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_text_stays_out_by_default(tmp_path: Path) -> None:
    done = run_study(study(tmp_path / "s"), out=tmp_path / "run", quiet=True)
    assert "text" not in done.table("events")


def test_kept_text_is_masked_with_the_names_of_the_customer_file(tmp_path: Path) -> None:
    done = run_study(study(tmp_path / "s"), out=tmp_path / "run", overrides=["privacy.text=masked"], quiet=True)
    texts: pd.Series = done.table("events")["text"]
    joined = " ".join(texts)
    assert "Rekening klopt niet" in joined
    for person in ("Willemijn", "Zonderland", "zonderland.example", "12345678"):
        assert person not in joined
    assert any(note.startswith("masked in free text: ") for note in done.manifest["notes"])
