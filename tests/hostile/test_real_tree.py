"""Every file of the real exports: read with counts that an independent count confirms, or refused with a known sentence."""

from __future__ import annotations

import csv
import gzip
import io
import re
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cxmining.errors import CxminingError
from cxmining.ingest import read_source
from cxmining.ingest.files.opening import open_file
from cxmining.ingest.looking.sniff import sniff
from cxmining.study import parse_study

pytestmark = pytest.mark.real

NPS = {
    "survey": [
        {"name": "n", "kind": "relationship", "item": [{"column": "NETPRO", "metric": "nps", "low": 0, "high": 10}]}
    ]
}
US = {"company": {"name": "Mary"}}
# what the study must say about each export or log; the format is found
TAKEN: dict[str, dict[str, Any]] = {
    "clickstream/retentioneering-ecom.csv.gz": {"format": "csv", "tz": "UTC", "columns": {"account": "user_id", "timestamp": "timestamp", "touchpoint": "event"}},
    "contact/stl-csb-january_2018.csv": {"format": "csv", "tz": "America/Chicago", "columns": {"account": "requestid", "timestamp": "datetimeinit", "touchpoint": "problemcode"}},
    "formats/amplitude_event_data.csv": {"format": "amplitude", "tz": "UTC"},
    "formats/asterisk-Master.csv": {"format": "asterisk", "tz": "UTC"},
    "formats/ga4_fivetran_event_data.csv": {"format": "ga4", "tz": "UTC"},
    "formats/qualtrics_3header_sample.csv": {"format": "qualtrics", "tz": "Europe/Zurich", "survey": "x"},
    "formats/segment_pages.csv": {"format": "segment", "tz": "UTC"},
    "formats/twilio_call_data.csv": {"format": "twilio", "tz": "UTC"},
    "formats/whatsapp/lorem.txt": {"format": "whatsapp", "tz": "Asia/Jerusalem"},
    "formats/zendesk/ticket_comment_data.csv": {"format": "zendesk", "tz": "UTC"},
    "formats/zendesk/ticket_data.csv": {"format": "zendesk", "tz": "UTC"},
    "formats/zendesk/ticket_field_history_data.csv": {"format": "zendesk", "tz": "UTC"},
    "formats/zendesk/user_data.csv": {"format": "zendesk", "tz": "UTC"},
    "formats/zendesk/organization_data.csv": {"format": "csv", "tz": "UTC", "into": "customers", "columns": {"account": "id"}},
    "formats/zendesk/ticket_chat_data.csv": {"format": "csv", "into": "customers", "columns": {"account": "user_id"}},
    "formats/zendesk/ticket_chat_event_data.csv": {"format": "csv", "tz": "UTC", "columns": {"account": "chat_id", "timestamp": "created_at", "touchpoint": "type"}},
    "logs/BPI2016_Complaints.csv": {"format": "csv", "tz": "Europe/Amsterdam", "columns": {"account": "CustomerID", "timestamp": "ContactDate", "touchpoint": "ComplaintTheme"}},
    "logs/BPI_Challenge_2012.xes.gz": {"format": "xes"},
    "logs/Helpdesk.xes.gz": {"format": "xes"},
    "logs/env_permit.xes.gz": {"format": "xes"},
    "logs/running-example.xes": {"format": "xes"},
    "logs/ocel20_example.sqlite": {"format": "ocel", "tz": "UTC", "options": {"object_type": "Invoice"}},
    "logs/receipt.parquet": {"format": "parquet", "tz": "UTC"},
    "logs/running-example.csv": {"format": "csv"},
    "mail/mailing-lists-300.mbox": {"format": "mbox", "tz": "UTC"},
    "satisfaction/2017_SFO_Customer_Survey.csv": {"format": "csv", "tz": "America/Los_Angeles", "into": "customers", "columns": {"account": "RESPNUM"}},
    "satisfaction/2017_fact_survey.csv": {"format": "csv", "tz": "America/Los_Angeles", "into": "responses", "survey": "n", "columns": {"timestamp": "inferred_date", "account": "RESPNUM"}},
    "satisfaction/2017_fact_ratings.csv": {"format": "csv", "into": "customers", "columns": {"account": "RESPNUM_FK"}},
    "satisfaction/ecsi-mobi.csv": {"format": "csv", "into": "customers", "columns": {"account": "column 1"}},
}  # fmt: skip
# no export and no log: tables for checking statistics, a lexicon, texts, notes
TABLE = "must say which column is the timestamp"
REFUSED = {
    "README.md": "", "satisfaction/sfo-README.md": "", "text/pattern-nl-sentiment.xml": "is XML with the root <sentiment>",
    "text/reviews-nl-1000.csv": TABLE, **{f"oracle/{n}.csv": TABLE for n in ("attitude", "longley", "mtcars", "swiss")},
    **{f"oracle/relaimpo_{n}.csv": TABLE for n in ("attitude", "longley", "mtcars", "swiss")},
}  # fmt: skip


def files(real: Path) -> list[str]:
    return sorted(p.relative_to(real).as_posix() for p in real.rglob("*") if p.is_file())


def reading_of(real: Path, path: str, how: dict[str, Any]):
    columns = how.get("survey") == "x" and {"survey": [{"name": "x", "kind": "relationship", "item": []}]}
    more = {"n": NPS}.get(str(how.get("survey")), {}) or columns or (US if how.get("format") == "whatsapp" else {})
    study = parse_study({"name": "t", "source": [{"name": "s", "path": path, **how}], **more}, real)
    return read_source(study.sources[0], study)


def counted(real: Path, path: str, form: str) -> int | None:
    """Records, counted by means that share no code with the readers."""
    raw = (real / path).read_bytes()
    if path.endswith(".gz"):
        raw = gzip.decompress(raw)
    if form == "xes":
        return len(re.findall(rb"<event\b", raw))
    if form == "mbox":
        return len(re.findall(rb"(?:\A|\n\n)From \S+.*\d{4}\n", raw))
    if form == "whatsapp":
        return len(re.findall(rb"(?m)^\W{0,3}\[\d\d-\d\d-\d\d \d\d:\d\d:\d\d\] ", raw))
    if form == "parquet":
        return len(pd.read_parquet(io.BytesIO(raw)))
    if form == "ocel":
        with sqlite3.connect(f"file:{real / path}?mode=ro", uri=True) as con:
            of_type = "FROM event_object p JOIN object o ON o.ocel_id = p.ocel_object_id AND o.ocel_type = 'Invoice'"
            pairs = con.execute(f"SELECT count(*) FROM (SELECT DISTINCT ocel_event_id, ocel_object_id {of_type})")
            alone = con.execute(f"SELECT count(*) FROM event WHERE ocel_id NOT IN (SELECT ocel_event_id {of_type})")
            return int(pairs.fetchone()[0]) + int(alone.fetchone()[0])
    text = raw.decode("utf-8-sig", errors="replace")
    csv.field_size_limit(1 << 24)
    delimiter = ";" if path.endswith("Complaints.csv") else ","
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    return len(rows) - {"asterisk": 0, "qualtrics": 3}.get(form, 1)


def test_each_file_of_the_tree_is_spoken_for(real):
    assert set(files(real)) == set(TAKEN) | set(REFUSED)


@pytest.mark.parametrize("path", list(TAKEN))
def test_exports_and_logs_are_read_with_counts_that_add_up(real, path, record_property):
    how = dict(TAKEN[path])
    said = sniff(open_file(real / path, path))
    assert said.format == how["format"]
    reading = reading_of(real, path, how)
    counts = dict(reading.inputs[0].counts)
    assert counts["read"] == sum(n for name, n in counts.items() if name != "read")
    expected = counted(real, path, said.format)
    assert counts["read"] == expected
    lost = reading.ledger["status"].ne("kept")
    assert reading.ledger.loc[lost, "reason"].notna().all()
    record_property(path, f"{said.format}: {counts}")
    print(f"{path}: {said.format} ({said.why}): {counts}")


@pytest.mark.parametrize("path", list(REFUSED))
def test_what_is_no_export_is_refused_with_a_sentence(real, path):
    with pytest.raises(CxminingError) as refused:
        reading_of(real, path, {"format": sniff(open_file(real / path, path)).format})
    assert REFUSED[path] in str(refused.value)
    assert "\n" not in str(refused.value)
    print(f"{path}: {refused.value}")


@pytest.mark.parametrize(
    "name", ["running-example.xes", "env_permit.xes.gz", "Helpdesk.xes.gz", "BPI_Challenge_2012.xes.gz"]
)
def test_events_attributes_and_local_hours_equal_an_independent_count_of_the_xml(real, name):
    """Counted with regular expressions on the text, which know nothing of the parser."""
    raw = (real / "logs" / name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode()
    body = text[text.index("<trace>") :]
    inside = re.compile(r'<(?:string|date|int|float|boolean|id)\s+key="([^"]*)"\s+value="([^"]*)"')
    attributes, hours, of_trace, values = Counter(), Counter(), Counter(), Counter()
    events = 0
    for trace in body.split("<trace>")[1:]:
        head, *rest = trace.split("<event>")
        of_trace.update(key for key, _ in inside.findall(head))
        for event in rest:
            events += 1
            found = inside.findall(event.partition("</event>")[0])
            attributes.update(key for key, _ in found)
            hours.update(value[11:13] for key, value in found if key == "time:timestamp")
            values.update(value for key, value in found if key == "concept:name")
    keys = [k for k in attributes if k not in ("concept:name", "time:timestamp")]
    wanted = [*keys, *("case:" + k for k in of_trace if k != "concept:name")]
    reading = reading_of(real, f"logs/{name}", {"format": "xes", "attributes": wanted})
    assert dict(reading.inputs[0].counts) == {
        "read": events,
        "kept": events,
        "rejected": 0,
        "duplicate": 0,
        "merged": 0,
        "context": 0,
    }
    local = reading.events["timestamp"] + pd.to_timedelta(reading.events["utc_offset"].astype("int64"), unit="min")
    assert Counter(local.dt.strftime("%H")) == hours
    assert Counter(reading.events["touchpoint"]) == Counter({_unescaped(v): n for v, n in values.items()})
    from cxmining.ingest.records.build import attribute_name

    for key in keys:
        assert reading.events[attribute_name(key)].notna().sum() == attributes[key], key
    assert reading.events["case_id"].nunique() == body.count("<trace>")


def _unescaped(value: str) -> str:
    import html

    return html.unescape(value).strip()
