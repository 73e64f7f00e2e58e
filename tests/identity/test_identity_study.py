"""A study that forbids merges, one on certain identities only, and what of identity leaves a run: nothing."""

from __future__ import annotations

import json

import pytest

from cxmining.runs import run_study
from cxmining.runs.certainty import compare_certain
from cxmining.study import load_study

CRM = "nr,mail,tel\n1,a@x.nl,0201234567\n2,b@x.nl,0201234567\n3,c@x.nl,0612345678\n"
EVENTS = (
    "wanneer,stap,mail,tel\n"
    + "".join(f"2024-05-0{d}T10:00:00Z,asks,{m}@x.nl,\n" for d in range(1, 9) for m in "abc")
    + "".join(f"2024-05-0{d}T12:00:00Z,calls,,{t}\n" for d in range(1, 9) for t in ("0201234567", "0612345678"))
)
STUDY = """
schema_version = 1
name = "small"
[[source]]
name = "crm"
path = "crm.csv"
format = "csv"
into = "customers"
columns = { account = "nr", email = "mail", phone = "tel" }
[[source]]
name = "contacts"
path = "contacts.csv"
format = "csv"
columns = { timestamp = "wanneer", touchpoint = "stap", email = "mail", phone = "tel" }
constants = { channel = "phone" }
[drivers]
target = "csat"
[identity]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "crm.csv").write_text(CRM)
    (tmp_path / "contacts.csv").write_text(EVENTS)
    (tmp_path / "study.toml").write_text(STUDY)
    return tmp_path


def test_certain_only_leaves_out_the_shared_line_and_says_so(folder):
    found = compare_certain(folder)
    figures = found.summary.set_index("figure")
    assert figures.loc["customers with events", ["all", "certain"]].tolist() == [4, 3]
    assert figures.loc["events", "difference"] == -8  # the calls from the line that two accounts have
    assert "8 of 40 events" in found.note
    assert "customers with events: 4 → 3" in repr(found)
    from cxmining.ingest import read

    data = read(load_study(folder, ["identity.certain_only=true"]))
    assert len(data.events) == 32
    assert "certain identities only" in data.notes[-1]


def test_a_run_names_nobody_although_the_study_does(folder, tmp_path):
    (folder / "study.toml").write_text(STUDY + 'never_merge = ["0612345678", ["a@x.nl", "b@x.nl"]]\n')
    run = run_study(folder, out=tmp_path / "run", quiet=True)
    listed = run.manifest["study"]["identity"]["never_merge"]
    assert [type(e) for e in listed] == [list, str] or [type(e) for e in listed] == [str, list]
    pseudonyms = [p for e in listed for p in ([e] if isinstance(e, str) else e)]
    for file in sorted((tmp_path / "run").rglob("*")):
        if not file.is_file():
            continue
        content = file.read_bytes()
        for secret in (b"612345678", b"a@x.nl", b"c@x.nl"):
            assert secret not in content, file
        if "share" in file.parts or file.suffix == ".html":
            assert not any(p.encode() in content for p in pseudonyms), file
    assert json.loads((tmp_path / "run" / "run.json").read_text())["identity"]
