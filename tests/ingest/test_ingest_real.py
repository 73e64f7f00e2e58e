"""Real exports: nothing is lost, counted by means that share no code with the readers."""

import csv
import gzip
import mailbox
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import InputError
from cxmining.ingest import read_source
from cxmining.study import parse_study

pytestmark = pytest.mark.real


def one(root: Path, path: str, *, survey=(), company=None, **source):
    values = {
        "name": "t",
        "source": [{"name": "s", "path": path, **source}],
        "survey": list(survey),
        "company": company or {},
    }
    study = parse_study(values, root)
    return read_source(study.sources[0], study)


def counts(reading):
    return {k: v for k, v in reading.inputs[0].counts.items() if v}


@pytest.mark.parametrize(
    ("name", "events", "cases"),
    [("BPI_Challenge_2012", 262200, 13087), ("env_permit", 8577, 1434), ("Helpdesk", 21348, 4580)],
)
def test_no_case_event_or_local_hour_is_lost_against_the_raw_xml(real, name, events, cases):
    with gzip.open(real / f"logs/{name}.xes.gz", "rt", encoding="utf-8") as stream:
        raw = stream.read()
    body = raw[raw.index("<trace>") :]
    assert (body.count("<event>"), body.count("<trace>")) == (events, cases)
    hours = Counter(re.findall(r"<event>(?:(?!</event>).)*?time:timestamp\" value=\"[\d-]+T(\d\d)", body, re.S))
    data = cx.read(real / f"logs/{name}.xes.gz")
    assert data.sources[["read", "kept"]].to_numpy().tolist() == [[events, events]]
    assert data.events["case_id"].nunique() == cases
    local = data.events["timestamp"] + pd.to_timedelta(data.events["utc_offset"].astype("int64"), unit="min")
    assert Counter(local.dt.strftime("%H")) == hours


def test_the_channel_of_the_case(real):
    r = one(real, "logs/env_permit.xes.gz", columns={"channel": "case:channel"},
            options={"values": {"channel": {"Internet": "web", "Desk": "desk", "Post": "post", "e-mail": "mail", "*": "other"}}})  # fmt: skip
    assert r.events["channel"].value_counts().to_dict() == {
        "web": 7478,
        "desk": 657,
        "post": 308,
        "mail": 128,
        "other": 6,
    }


def test_the_citizen_service_bureau(real):
    path = real / "contact/stl-csb-january_2018.csv"
    rows = list(csv.reader(path.open(encoding="utf-8", newline="")))[1:]
    r = one(
        real, "contact/stl-csb-january_2018.csv", tz="America/Chicago",
        columns={"case_id": "requestid", "channel": "callertype", "touchpoint": "problemcode", "timestamp": "datetimeinit"},
        options={"values": {"channel": {"PHONE": "phone", "WEB": "web", "TWITTER": "social", "EMAIL": "mail"}}},
    )  # fmt: skip
    distinct = {tuple(row) for row in rows}
    assert counts(r) == {"read": len(rows), "kept": len(distinct), "duplicate": len(rows) - len(distinct)}
    words = Counter(row[4] for row in distinct)
    assert r.events["channel"].value_counts()[["phone", "web", "social"]].to_dict() == {
        "phone": words["PHONE"],
        "web": words["WEB"],
        "social": words["TWITTER"],
    }
    text = r.events.to_csv() + r.ledger.to_csv() + r.identifiers.to_csv()
    assert len(r.identifiers) == 0
    assert not [row[2] for row in rows if len(row[2]) > 8 and row[2] != "NA" and row[2] in text][:1]


def test_mailing_lists(real):
    box = mailbox.mbox(real / "mail/mailing-lists-300.mbox")
    r = one(real, "mail/mailing-lists-300.mbox", tz="UTC")
    assert counts(r) == {"read": len(box), "kept": len(box)}
    # every direct reply whose parent is in the box shares its thread
    ids = {m["Message-ID"].strip("<> \n"): i for i, m in enumerate(box)}
    thread = r.events["thread_id"].tolist()
    pairs = [
        (i, ids[p]) for i, m in enumerate(box) for p in re.findall(r"<([^<>\s]+)>", m["In-Reply-To"] or "") if p in ids
    ]
    assert len(pairs) > 30
    assert all(thread[i] == thread[j] for i, j in pairs)
    assert 150 < len(set(thread)) < 260
    assert not r.events["text"].dropna().str.contains(r"(?m)^>", regex=True).any()


def test_call_records(real):
    rows = (real / "formats/asterisk-Master.csv").read_text().splitlines()
    r = one(real, "formats/asterisk-Master.csv", tz="UTC")
    assert (r.format, counts(r)) == ("asterisk", {"read": len(rows), "kept": len(rows)})
    assert (r.events["raw_status"] == "abandoned").sum() == sum('"NO ANSWER"' in row for row in rows)
    assert r.events["wait_s"].tolist()[0] == 18


def test_a_localised_survey(real):
    survey = {"name": "x", "kind": "relationship", "comment": "Q2", "item": [{"column": "Q1", "metric": "csat"}]}
    study = parse_study({"name": "t", "survey": [survey], "source": [
        {"name": "s", "path": "formats/qualtrics_3header_sample.csv", "tz": "Europe/Zurich", "survey": "x"}]}, real)  # fmt: skip
    r = read_source(study.sources[0], study)
    assert (r.format, counts(r)) == ("qualtrics", {"read": 1, "kept": 1})
    assert (r.answers["score"][0], str(r.responses["timestamp"][0])) == (2, "2017-07-18 06:28:48+00:00")
    assert len(r.identifiers) == 0


def test_a_warehouse_copy_of_a_desk(real):
    with pytest.raises(InputError, match="no time zone"):
        one(real, "formats/zendesk/ticket_data.csv")
    r = one(real, "formats/zendesk/ticket_data.csv", tz="UTC")
    assert (r.format, counts(r)) == ("zendesk", {"read": 10, "kept": 8, "rejected": 2})
    assert r.events["channel"].tolist() == ["mail"] * 8
    assert r.events["resource"].dropna().tolist()[0] == "418284131934"
    assert counts(one(real, "formats/zendesk/ticket_comment_data.csv", tz="UTC"))["rejected"] == 20
    assert counts(one(real, "formats/zendesk/user_data.csv")) == {"read": 10, "context": 10}


@pytest.mark.parametrize(
    ("path", "expected", "more"),
    [
        ("logs/receipt.parquet", (8577, 8577), {"tz": "UTC"}),
        ("logs/running-example.csv", (42, 42), {}),
        ("logs/running-example.xes", (42, 42), {}),
        ("logs/BPI2016_Complaints.csv", (289, 289), {"tz": "Europe/Amsterdam", "columns": {"account": "CustomerID", "timestamp": "ContactDate", "touchpoint": "ComplaintTheme"}}),
        ("clickstream/retentioneering-ecom.csv.gz", (31106, 31076), {"tz": "UTC", "columns": {"account": "user_id", "case_id": "session_id", "timestamp": "timestamp", "touchpoint": "event"}}),
        ("formats/ga4_fivetran_event_data.csv", None, {"tz": "UTC"}),
        ("formats/segment_pages.csv", None, {"format": "csv", "tz": "UTC", "columns": {"account": "user_id", "timestamp": "timestamp", "touchpoint": "title"}}),
        ("formats/twilio_call_data.csv", None, {"format": "csv", "columns": {"phone": "from", "timestamp": "start_time", "touchpoint": "status"}}),
        ("formats/amplitude_event_data.csv", None, {"format": "csv", "tz": "UTC", "columns": {"account": "user_id", "timestamp": "event_time", "touchpoint": "event_type"}}),
    ],
)  # fmt: skip
def test_tables(real, path, expected, more):
    r = one(real, path, **more)
    c = r.inputs[0].counts
    assert c["read"] == sum(v for k, v in c.items() if k != "read")
    if expected:
        assert (c["read"], c["kept"]) == expected


@pytest.mark.parametrize(
    ("name", "form"),
    [("organization_data", "csv"), ("ticket_chat_data", "csv"), ("ticket_field_history_data", "zendesk")],
)
def test_every_other_table_is_at_least_recognised_as_one(real, name, form):
    assert cx.inspect(real / f"formats/zendesk/{name}.csv").format == form
