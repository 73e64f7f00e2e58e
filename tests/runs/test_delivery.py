"""Next month's delivery: read only what changed, the same run to the byte, and say what became of each record."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from cxmining.errors import InputError, StudyError
from cxmining.ingest import read_all, read_files
from cxmining.runs import run_study
from cxmining.runs.delivery import Memory, Remembering
from cxmining.runs.readings import KeptReadings, Sealed
from cxmining.schema import Reading
from cxmining.study import load_study

STUDY = """
name = "zon"
time_zone = "Europe/Amsterdam"
[[source]]
name = "letters"
path = "letters*.csv"
format = "csv"
tz = "UTC"
columns = { timestamp = "at", touchpoint = "what", case_id = "nr", account = "account", email = "email", queue = "team" }
[[source]]
name = "crm"
path = "crm.csv"
format = "csv"
into = "customers"
columns = { account = "account", email = "email" }
[drivers]
bootstrap = 100
[privacy]
min_cell = 1
"""
HEAD = "nr,at,what,account,email,team\n"
CRM = "account,email\n" + "".join(f"a{i},k{i}@x.example\n" for i in range(1, 5))


def letter(nr: int, at: str, what: str = "invoice", account: str = "a1", email: str = "", team: str = "north") -> str:
    return f"{nr},2024-{at}T10:00:00,{what},{account},{email},{team}\n"


JANUARY = [
    letter(1, "01-01"), letter(2, "01-05", "calls"), letter(3, "01-02", account="a2"), letter(4, "01-09", "calls", "a2"),
    letter(5, "01-03", account="", email="late@x.example"), letter(6, "01-31", "calls", "", "late@x.example"),
]  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY)
    (folder / "pseudonym.key").write_text("public-0123456789abcdef\n")
    (folder / "crm.csv").write_text(CRM)
    (folder / "letters.csv").write_text(HEAD + "".join(JANUARY))
    return folder


class Month:
    """One reading as a run does it, without mining."""

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        study = load_study(folder)
        kept = Remembering(study, folder.parent / "kept", fresh=fresh)
        self.data = read_all(study, reader=kept.read, seen=kept.see)
        self.said = kept.deliver(self.data)
        self.how = {use.source: use.how for use in kept.readings.uses}
        kept.keep()


def what(month: Month, kind: str) -> list[str]:
    """The numbers of the letters that something became of."""
    rows = month.said.records.query("what == @kind")
    return sorted(rows["record_id"])


def ids(month: Month) -> dict[str, str]:
    """Event ids by moment and customer: letters have no two at one."""
    e = month.data.events
    return dict(zip(e["timestamp"].dt.strftime("%m-%d"), e["event_id"], strict=True))


def test_the_first_delivery_says_that_it_is(study: Path) -> None:
    first = Month(study)
    assert first.how == {"crm": "read", "letters": "read"}
    assert first.said.first
    assert repr(first.said) == "This is the first delivery that is remembered: 2 files, nothing to compare with."


def test_what_did_not_change_is_not_read_and_ids_stay(study: Path) -> None:
    first = Month(study)
    (study / "letters.csv").write_text(HEAD + letter(9, "01-20", account="a3") + "".join(JANUARY))
    second = Month(study)
    assert second.how == {"crm": "kept", "letters": "read"}
    was, now = ids(first), ids(second)
    assert {k: now[k] for k in was} == was  # though the file's hash and every position changed
    assert len(now) == 7
    customers = [
        dict(zip(m.data.events["event_id"], m.data.events["customer_id"], strict=True)) for m in (first, second)
    ]
    assert {k: customers[1][k] for k in customers[0]} == customers[0]


def test_late_corrected_completed_vanished(study: Path) -> None:
    Month(study)
    changed = [
        JANUARY[0],
        letter(2, "01-05", "calls", team="south"),  # corrected
        *JANUARY[3:],  # 3 vanished
        letter(7, "01-20", account="a3"),  # late: the newest was of the 31st
        letter(8, "02-03", account="a3"),
    ]
    (study / "letters.csv").write_text(HEAD + "".join(changed))
    said = Month(study).said
    counts = said.counts.set_index("source").loc["letters"]
    assert counts.to_dict() == {
        "before": 6, "now": 7, "same": 4, "new": 2, "late": 1, "corrected": 1, "completed": 0, "vanished": 1,
    }  # fmt: skip
    assert said.sentences() == (
        "1 file changed, 1 file is as it was.",
        "letters: 2 new records, of which 1 came late; 1 corrected; 1 vanished (1 no longer in their file).",
    )
    assert said.sentences("nl")[1] == (
        "letters: 2 nieuwe records, waarvan 1 te laat kwam; 1 gecorrigeerd; 1 verdwenen (1 niet meer in hun bestand)."
    )
    assert said.records["at"].dropna().tolist() == ["2024-01-20T10:00:00.000000Z", "2024-01-05T10:00:00.000000Z"]
    with pytest.raises(StudyError, match="expected one of en, nl"):
        said.sentences("de")


def test_a_record_of_the_same_number_at_another_moment_was_corrected(study: Path) -> None:
    Month(study)
    (study / "letters.csv").write_text(HEAD + "".join([letter(1, "01-04"), *JANUARY[1:]]))
    said = Month(study).said
    row = said.records[said.records["what"] == "corrected"].iloc[0]
    assert (row["was_at"][:10], row["at"][:10]) == ("2024-01-01", "2024-01-04")
    assert said.counts[["corrected", "vanished", "new"]].sum().tolist() == [1, 0, 0]


def test_an_answer_that_comes_next_month_completes_and_corrects_nothing(study: Path) -> None:
    def mail(sender: str, to: str, at: str, name: str, reply: str = "") -> str:
        ref = f"In-Reply-To: <{reply}>\n" if reply else ""
        return f"From x\nFrom: {sender}\nTo: {to}\nDate: {at} +0000\nMessage-ID: <{name}>\n{ref}Subject: Vraag\n\nHallo\n\n"

    text = STUDY.replace(
        '[[source]]\nname = "crm"',
        '[[source]]\nname = "mail"\npath = "m.mbox"\nformat = "mbox"\ntz = "UTC"\n[[source]]\nname = "crm"',
    )
    (study / "study.toml").write_text(text + '[company]\ndomains = ["zon.example"]\n')
    asks = mail("k1@x.example", "info@zon.example", "Mon, 1 Jan 2024 10:00:00", "q@x")
    (study / "m.mbox").write_text(asks)
    Month(study)
    (study / "m.mbox").write_text(
        asks + mail("info@zon.example", "k1@x.example", "Tue, 2 Jan 2024 10:00:00", "a@zon", "q@x")
    )
    counts = Month(study).said.counts.set_index("source").loc["mail"]
    assert counts[["new", "late", "corrected", "completed"]].tolist() == [1, 0, 0, 1]


def test_customers_merged_by_new_evidence(study: Path) -> None:
    first = Month(study)
    (study / "crm.csv").write_text(CRM + "a9,late@x.example\n")
    second = Month(study)
    moved = second.said.customers
    assert moved["what"].tolist() == ["renamed"]  # who was an address has an account now
    assert moved["records"].astype(int).tolist() == [2]
    assert set(moved["old"]) <= set(first.data.events["customer_id"])
    assert set(moved["new"]) <= set(second.data.events["customer_id"])
    assert "1 customer has a new id." in second.said.sentences()
    # two who wrote from addresses turn out to be one when a letter names both accounts
    (study / "letters.csv").write_text(
        HEAD + "".join(JANUARY[:4]) + letter(7, "02-01", account="", email="late@x.example")
    )
    (study / "crm.csv").write_text(CRM)
    Month(study)
    (study / "crm.csv").write_text(CRM + "a1,late@x.example\n")
    third = Month(study)
    assert third.said.customers["what"].tolist() == ["merged"]
    assert "1 customer id was merged into another by new evidence." in third.said.sentences()
    assert "1 klant-id is door nieuwe gegevens opgegaan in een ander." in third.said.sentences("nl")


def test_files_new_renamed_copied_and_gone(study: Path) -> None:
    (study / "letters_old.csv").write_text(HEAD + letter(11, "01-01", account="a4"))
    Month(study)
    (study / "letters.csv").rename(study / "letters_january.csv")
    (study / "letters_copy.csv").write_bytes((study / "letters_january.csv").read_bytes())
    (study / "letters_old.csv").unlink()
    (study / "letters_new.csv").write_text(HEAD + letter(12, "02-02", account="a3"))
    said = Month(study).said
    found = said.files.set_index("file")["what"].to_dict()
    assert found == {
        "crm.csv": "same", "letters_copy.csv": "renamed", "letters_january.csv": "copy", "letters_new.csv": "new",
        "letters_old.csv": "gone",
    }  # fmt: skip
    assert "1 vanished (1 with their file)" in " ".join(said.sentences())


def test_one_more_file_is_one_file_to_read(study: Path) -> None:
    (study / "letters_feb.csv").write_text(HEAD + letter(11, "02-01", account="a4") + "12,no moment,calls,a4,,\n")
    first = Month(study)
    assert first.how["letters"] == "read"
    (study / "letters_mar.csv").write_text(HEAD + letter(13, "03-01", account="a3") + "14,no moment,calls,a3,,\n")
    second = Month(study)
    assert second.how["letters"] == "part"
    for whole in (read_all(load_study(study)), Month(study, fresh=True).data):
        for name in ("events", "customers", "ledger"):
            pd.testing.assert_frame_equal(getattr(whole, name), getattr(second.data, name))
        assert (whole.inputs, whole.notes) == (second.data.inputs, second.data.notes)
    (study / "letters_apr.csv").write_bytes((study / "letters_mar.csv").read_bytes())  # the same file twice
    third = Month(study)
    assert third.how["letters"] == "kept"
    pd.testing.assert_frame_equal(read_all(load_study(study)).ledger, third.data.ledger)
    assert third.said.files.query("what == 'copy'")["was"].tolist() == ["letters_mar.csv"]


def test_files_that_share_a_row_are_read_together(study: Path) -> None:
    (study / "letters_feb.csv").write_text(HEAD + letter(11, "02-01", account="a4"))
    Month(study)
    # the export of March begins with the last of February, and with a row that was rejected then
    (study / "letters_mar.csv").write_text(HEAD + letter(11, "02-01", account="a4") + letter(13, "03-01", account="a3"))
    second = Month(study)
    assert second.how["letters"] == "part"  # those two; January has a row in common with neither
    assert "letters: 2 of 3 files were read; the others are known from before." in second.said.sentences()
    assert second.data.ledger["status"].value_counts()["duplicate"] == 1
    pd.testing.assert_frame_equal(read_all(load_study(study)).ledger, second.data.ledger)
    assert Month(study).how["letters"] == "kept"


def test_a_renamed_file_is_not_read_again(study: Path) -> None:
    first = Month(study)
    (study / "letters.csv").rename(study / "letters_2024-01.csv")
    second = Month(study)
    assert second.how["letters"] == "kept"
    assert [i.name for i in second.data.inputs] == ["crm.csv", "letters_2024-01.csv"]
    pd.testing.assert_frame_equal(first.data.events, second.data.events)
    assert second.said.sentences() == (
        "1 file has another name, 1 file is as it was.", "No record is new, corrected or gone.",
    )  # fmt: skip


def test_when_nothing_changed_the_last_delivery_is_said_again(study: Path) -> None:
    Month(study)
    (study / "letters.csv").write_text(HEAD + "".join([*JANUARY, letter(7, "02-01")]))
    second = Month(study).said
    again = Month(study)
    assert set(again.how.values()) == {"kept"}
    assert again.said.sentences() == second.sentences()
    pd.testing.assert_frame_equal(again.said.counts, second.counts)


def test_an_older_export_put_back_is_said(study: Path) -> None:
    Month(study)
    (study / "letters.csv").write_text(HEAD + "".join(JANUARY[:5]))
    assert "is older than that of the last delivery" in repr(Month(study).said)


def test_other_settings_read_again_and_are_not_compared(study: Path) -> None:
    Month(study)
    text = (study / "study.toml").read_text()
    (study / "study.toml").write_text(text.replace(', queue = "team"', ""))
    second = Month(study)
    assert second.how == {"crm": "kept", "letters": "read"}
    assert "letters: read by other settings" in repr(second.said)
    assert second.said.counts.set_index("source").loc["letters", "corrected"] is pd.NA
    (study / "study.toml").write_text(text.replace(', queue = "team"', "") + '[identity]\nkeys = ["email"]\n')
    third = Month(study)
    assert set(third.how.values()) == {"kept"}  # who is who is no matter of reading
    assert "their ids are not compared" in repr(third.said)


def test_rules_are_applied_to_what_is_kept(study: Path) -> None:
    Month(study)
    (study / "rules.toml").write_text('[[rule]]\nlabel = "^calls$"\ntouchpoint = "phones"\n')
    (study / "study.toml").write_text('rules = "rules.toml"\n' + (study / "study.toml").read_text())
    second = Month(study)
    assert set(second.how.values()) == {"kept"}
    assert set(second.data.events["touchpoint"]) == {"invoice", "phones"}
    assert "corrected" not in repr(second.said).replace("No record is new, corrected", "")


@pytest.mark.parametrize("spoil", ["flip", "cut", "empty", "gone"])
def test_what_is_kept_and_spoilt_is_read_anew(study: Path, spoil: str) -> None:
    first = Month(study)
    for file in sorted((study.parent / "kept").rglob("events.parquet")):
        raw = bytearray(file.read_bytes())
        if spoil == "flip":
            raw[len(raw) // 2] ^= 1
        file.write_bytes(b"" if spoil == "empty" else bytes(raw[: len(raw) // 2] if spoil == "cut" else raw))
        if spoil == "gone":
            file.with_name("told.parquet").unlink()
    second = Month(study)
    assert second.how["letters"] == "spoilt"
    pd.testing.assert_frame_equal(first.data.events, second.data.events)


def test_nobody_can_be_read_from_what_is_kept(study: Path) -> None:
    Month(study)
    files = [p for p in (study.parent / "kept").rglob("*") if p.is_file()]
    assert files
    assert {p.stat().st_mode & 0o077 for p in (study.parent / "kept").iterdir()} == {0}
    for file in files:
        raw = file.read_bytes()
        assert b"x.example" not in raw
        assert b"invoice" not in raw
        assert b"email" not in raw  # not even what the columns are
        assert "letters" not in str(file)


def test_another_key_opens_nothing(study: Path) -> None:
    Month(study)
    (study / "pseudonym.key").write_text("public-another-0123456789\n")
    second = Month(study)
    assert set(second.how.values()) == {"read"}
    assert second.said.first


def test_a_file_that_grows_while_it_is_read_is_refused(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import cxmining.runs.readings as readings

    def slow(files, source, settings):
        found = read_files(files, source, settings)
        if source.name == "letters":
            with (study / "letters.csv").open("a") as stream:
                stream.write(letter(99, "03-01"))
        return found

    monkeypatch.setattr(readings, "read_files", slow)
    with pytest.raises(InputError, match=r"letters\.csv changed while it was read; run again"):
        Month(study)
    monkeypatch.undo()
    assert Month(study).how["letters"] == "read"  # nothing was kept of the half


def test_a_folder_that_takes_nothing_stops_no_run(study: Path) -> None:
    (study.parent / "kept").write_text("a file, no folder")
    assert set(Month(study).how.values()) == {"read"}
    assert Month(study).said.first


def test_what_no_file_is_behind_is_forgotten(study: Path) -> None:
    Month(study)
    before = {p.name for p in (study.parent / "kept").glob("*/*")}
    (study / "letters.csv").write_text(HEAD + "".join(JANUARY[:4]))
    Month(study)
    after = {p.name for p in (study.parent / "kept").glob("*/*")}
    assert len(before) == len(after) == 3  # two sources and what is remembered
    assert len(before & after) == 2


def test_the_tables_of_a_reading_come_back_as_they_were(tmp_path: Path, sample: Path) -> None:
    study = load_study(sample)
    kept = KeptReadings(Sealed(tmp_path / "kept", b"0123456789abcdef"))
    for name in ("meter", "invitations", "survey contact", "desk"):
        source = next(s for s in study.sources if s.name == name)
        first, second = kept.read(source, study), kept.read(source, study)
        for f in dataclasses.fields(Reading):
            a, b = getattr(first, f.name), getattr(second, f.name)
            if isinstance(a, pd.DataFrame) and len(a):
                pd.testing.assert_frame_equal(a, b)
            elif not isinstance(a, pd.DataFrame):
                assert a == b, f.name
    assert [use.how for use in kept.uses] == ["read", "kept"] * 4


def test_only_readers_of_the_web_look_at_rules() -> None:
    """Else a reading would have to be forgotten when the rules change; see `readings._RULES`."""
    import cxmining.ingest as ingest
    from cxmining.ingest.readers import _ROOMS
    from cxmining.runs.readings import _RULES

    home = Path(ingest.__file__).parent
    looking = {p.relative_to(home).as_posix() for p in home.rglob("*.py") if "study.rules" in p.read_text("utf-8")}
    assert looking == {"__init__.py", "web/common.py"}
    assert {*_ROOMS["web"], "auto"} == _RULES


def test_a_run_of_a_grown_folder_equals_a_full_run_to_the_byte(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "runs" / "zon"
    first = run_study(study, out=out, quiet=True)
    assert first.delivery.first
    (study / "letters.csv").write_text(HEAD + "".join([*JANUARY[1:], letter(7, "01-20"), letter(8, "02-03", "calls")]))
    second = run_study(study, out=out, quiet=True)
    assert json.loads((out / "timings.json").read_text())["sources"] == {"crm": "kept", "letters": "read"}
    full = run_study(study, out=tmp_path / "full", quiet=True, remember=False)
    assert second.manifest["outputs"] == full.manifest["outputs"]
    assert (second.path / "run.json").read_bytes() == (full.path / "run.json").read_bytes()
    assert second.delivery.counts.set_index("source").loc["letters", ["new", "late", "vanished"]].tolist() == [2, 1, 1]
    assert len(second.delivery.records) == 2
    assert "<p>letters: 2 new" in second.delivery._repr_html_()
    with pytest.raises(StudyError, match="says nothing of its delivery"):
        _ = full.delivery
    fresh = run_study(study, out=out, quiet=True, fresh=True)
    assert set(json.loads((out / "timings.json").read_text())["sources"].values()) == {"read"}
    assert fresh.manifest["outputs"] == full.manifest["outputs"]
    shutil.rmtree(out / "private")
    assert not len(second.delivery.records)  # handed on without its private part


def test_what_is_remembered_comes_back(tmp_path: Path) -> None:
    sealed = Sealed(tmp_path, b"0123456789abcdef")
    assert Memory.recall(sealed) is None
    states = pd.DataFrame({"source": ["a"], "record_id": ["r1"]})
    Memory(states, [{"source": "a", "name": "x"}], {"a": "1"}).keep(sealed)
    found = Memory.recall(sealed)
    assert found is not None
    assert (found.files, found.settings, found.delivery) == ([{"source": "a", "name": "x"}], {"a": "1"}, None)
    pd.testing.assert_frame_equal(found.states, states)


def test_the_log_of_a_run_is_renamed_without_reading(study: Path, tmp_path: Path) -> None:
    import cxmining.runs as runs
    from cxmining.ingest import read

    run = run_study(study, out=tmp_path / "run", quiet=True, remember=False)
    assert run.table("mapping")["touchpoint"].tolist() == ["calls", "invoice"]
    catalogue = study / "touchpoints.toml"
    catalogue.write_text(
        '[[touchpoint]]\nname = "asks"\nrename = "invoice"\n'
        '[[touchpoint]]\nname = "northern calls"\nsplit = { of = "calls", queue = "north" }\n'
    )
    renamed = runs.apply_catalogue(run, catalogue)
    (study / "study.toml").write_text('catalogue = "touchpoints.toml"\n' + (study / "study.toml").read_text())
    again = read(study)
    assert set(again.events["touchpoint"]) == {"asks", "northern calls"}
    shared = [c for c in again.events.columns if c != "text"]
    pd.testing.assert_frame_equal(renamed.events[shared], again.events[shared])
    catalogue.write_text('[[touchpoint]]\nname = "x"\nsplit = { of = "calls", text = "x" }\n')
    with pytest.raises(StudyError, match="A run folder keeps no subjects and texts"):
        runs.apply_catalogue(run.path, catalogue)
    shutil.rmtree(run.path / "private")
    with pytest.raises(StudyError, match="there is no log to rename"):
        runs.apply_catalogue(run.path, catalogue)
