import shutil

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import cxmining as cx
from cxmining.errors import InputError, StudyError
from cxmining.ingest import _verify

STUDY = """
name = "t"
time_zone = "Europe/Amsterdam"
[[source]]
name = "log"
path = "log*.csv"
format = "csv"
tz = "Europe/Amsterdam"
columns = { account = "klant", timestamp = "tijd", touchpoint = "stap", case_id = "zaak" }
constants = { channel = "phone" }
[[source]]
name = "crm"
path = "crm.csv"
format = "csv"
into = "customers"
columns = { account = "klant", segment = "segment" }
"""
TABLES = ("events", "responses", "answers", "invitations", "customers", "ledger")


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.setenv("CXMINING_KEY", "0123456789abcdef0123")
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "log1.csv").write_text("klant,tijd,stap,zaak\n1,2025-01-02 10:00,b,x\n2,2025-01-01 10:00,a,y\n")
    (tmp_path / "log2.csv").write_text("klant,tijd,stap,zaak\n1,2025-01-02 10:00,a,z\n1,2025-01-03 10:00,c,x\n")
    (tmp_path / "crm.csv").write_text("klant,segment\n1,a\n2,b\n")
    return tmp_path / "study.toml"


def test_one_data_set_about_pseudonyms(study):
    data = cx.read(study)
    assert data.events["touchpoint"].tolist()[0] == "a"
    assert data.events["timestamp"].is_monotonic_increasing
    assert set(data.events["customer_id"]) == set(data.customers["customer_id"])
    assert data.events["customer_id"].str.fullmatch("c[0-9a-f]{16}").all()
    assert data.events["case_id"].str.fullmatch("k[0-9a-f]{16}").all()
    assert data.sources["read"].tolist() == [2, 2, 2]
    assert not [c for c in data.events if c.startswith("raw_")]


def test_renamed_files_make_the_same_tables(study):
    before = cx.read(study)
    (study.parent / "log1.csv").rename(study.parent / "log9.csv")
    after = cx.read(study)
    for name in TABLES:
        assert_frame_equal(getattr(before, name), getattr(after, name))
    assert_frame_equal(before.identity.summary, after.identity.summary)


def test_a_file_delivered_twice_is_read_once_and_accounted_for(study):
    before = cx.read(study)
    shutil.copy(study.parent / "log1.csv", study.parent / "log3.csv")
    after = cx.read(study)
    assert_frame_equal(before.events, after.events)
    assert after.sources["duplicate"].tolist() == [0, 0, 2, 0] or sorted(after.sources["duplicate"]) == [0, 0, 0, 2]
    assert any("same content" in n for n in after.notes)
    assert after.ledger["record_id"].is_unique


def test_one_export_without_a_study(tmp_path):
    file = tmp_path / "log.csv"
    file.write_text("case:concept:name,concept:name,time:timestamp\n1,a,2025-01-01T10:00:00+01:00\n")
    data = cx.read(file)
    assert (data.name, len(data.events)) == ("log", 1)
    assert [p.name for p in tmp_path.iterdir()] == ["log.csv"]  # no key is left behind


def test_what_is_missing_is_said(study):
    (study.parent / "crm.csv").unlink()
    with pytest.raises(InputError, match=r"source 'crm': there is no file 'crm\.csv'"):
        cx.read(study)
    with pytest.raises(StudyError, match="no study file"):
        cx.read(study.parent / "nothing")


def test_sources_that_disagree_about_an_attribute_make_it_text(tmp_path, monkeypatch):
    monkeypatch.setenv("CXMINING_KEY", "0123456789abcdef0123")
    one = 'format = "csv"\ntz = "UTC"\ncolumns = { account = "k", timestamp = "t", touchpoint = "s" }\nattributes = ["x"]\n'
    (tmp_path / "study.toml").write_text(
        f'name="t"\n[[source]]\nname="a"\npath="a.csv"\n{one}[[source]]\nname="b"\npath="b.csv"\n{one}'
    )
    (tmp_path / "a.csv").write_text("k,t,s,x\n1,2025-01-01 10:00,a,7\n")
    (tmp_path / "b.csv").write_text("k,t,s,x\n1,2025-01-02 10:00,a,zeven\n")
    assert cx.read(tmp_path).events["x"].tolist() == ["7", "zeven"]


def test_a_reader_that_loses_a_record_is_caught(read_one):
    from dataclasses import replace

    from cxmining.errors import ReconciliationError

    r = read_one(
        "case:concept:name,concept:name,time:timestamp\n1,a,2025-01-01T10:00:00Z\n1,b,2025-01-01T10:00:00Z\n",
        format="csv",
    )
    with pytest.raises(ReconciliationError, match="2 records were kept but 1 rows"):
        _verify(replace(r, events=r.events.head(1)))
    with pytest.raises(ReconciliationError, match="2 records were read but 1"):
        _verify(replace(r, ledger=r.ledger.head(1)))


FRAME = pd.DataFrame(
    {
        "klant": [1001.0, 1001.0, 7.0, None, 1001.0], "stap": ["b", "a", "a", "a", "a"], "kanaal": ["mail", "phone", "fax", "mail", "phone"],
        "tijd": ["2025-01-02 10:00", "2025-01-01 10:00", "2025-07-01 10:00", "2025-01-01 10:00", "2025-01-01 10:00"], "bedrag": [1, 2, 3, 4, 2],
    }
)  # fmt: skip


def from_frame(frame):
    return cx.from_frame(
        frame,
        customer="klant",
        touchpoint="stap",
        timestamp="tijd",
        tz="Europe/Amsterdam",
        channel="kanaal",
        attributes=["bedrag"],
    )


def test_from_frame_keeps_the_callers_ids_and_does_not_mind_the_order_of_rows():
    before = FRAME.copy()
    data = from_frame(FRAME)
    assert_frame_equal(FRAME, before)
    assert data.events["customer_id"].tolist() == ["1001", "1001", "1001", "7"]
    assert data.events["channel"].tolist() == ["phone", "phone", "mail", "other"]
    assert data.sources[["read", "kept", "rejected"]].to_numpy().tolist() == [[5, 4, 1]]
    assert data.events["event_id"].is_unique  # two equal rows are two events
    for seed in range(3):
        again = from_frame(FRAME.sample(frac=1, random_state=seed))
        assert_frame_equal(data.events, again.events)
        assert_frame_equal(data.ledger, again.ledger)


def test_from_frame_says_what_is_wrong():
    with pytest.raises(StudyError, match="customer='klnt' is not a column; did you mean 'klant'"):
        cx.from_frame(FRAME, customer="klnt", touchpoint="stap", timestamp="tijd")
    with pytest.raises(InputError, match="from_frame, column 'tijd': stamps carry no time zone"):
        cx.from_frame(FRAME, customer="klant", touchpoint="stap", timestamp="tijd")
    with pytest.raises(StudyError, match="holds no channel"):
        cx.from_frame(FRAME, customer="klant", touchpoint="stap", timestamp="tijd", tz="UTC", channel="stap")
    with pytest.raises(StudyError, match="has no rows"):
        from_frame(FRAME.head(0))
    assert set(
        cx.from_frame(FRAME, customer="klant", touchpoint="stap", timestamp="tijd", tz="UTC", channel="phone").events[
            "channel"
        ]
    ) == {"phone"}


def test_the_sample_adds_up(sample):
    """Counted by other means: lines of the files, `From ` lines, JSON that parses."""
    import json

    from cxmining.ingest import read_source
    from cxmining.study import load_study

    study = load_study(sample)
    read = {i.name: i.counts for s in study.sources for i in read_source(s, study).inputs}

    def lines(name):
        return (sample / name).read_text(encoding="utf-8").splitlines()

    assert read["Master.csv"]["read"] == len(lines("Master.csv"))
    for name in ("messages.csv", "meter.csv", "customers.csv", "invitations.csv"):
        assert read[name]["read"] == len(lines(name)) - 1
    assert read["mail.mbox"]["read"] == sum(
        line.startswith("From ") for line in (sample / "mail.mbox").read_bytes().decode("latin-1").split("\n")
    )
    for name in ("ga4.jsonl", "zendesk/tickets.json", "zendesk/comments.json", "zendesk/users.json"):
        text = lines(name)
        broken = 0
        for line in text:
            try:
                json.loads(line)
            except json.JSONDecodeError:
                broken += 1
        assert read[name]["read"] == len(text)
        assert read[name]["rejected"] == broken
