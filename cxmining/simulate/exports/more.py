"""Forms of an export beside its usual one: OCEL 2.0 in its three forms, GA4 as Parquet; social posts and parcels.

Outlook's ``.msg`` is not written: the libraries that are kept read it, and none writes it.
"""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from cxmining.simulate import company
from cxmining.simulate.exports.base import Export, Record
from cxmining.simulate.exports.tables import SOCIAL, ocel_log, write_table
from cxmining.simulate.exports.web import ga4_rules, ga4_visits
from cxmining.simulate.writers.common import write_bytes

__all__ = ["MORE", "write_delivery", "write_ga4_parquet", "write_ocel_sqlite", "write_ocel_xml", "write_social"]

NEVER = "0001-01-01T00:00:00Z"


def write_social(x: Export) -> None:
    """Write public posts and direct messages, as a tool for social media lists them."""
    rows = []
    for k, c in enumerate(x.contacts(SOCIAL)):
        kind, touchpoint = (("bericht", "social post"), ("dm", "direct message"), ("mention", "mentions us"))[k % 3]
        utc = int(c.utc)
        rows.append({"post_id": f"17{k:015d}", "geplaatst_op": company.local(np.array([utc]))[0], "klantnummer": x.people.account[c.who],
                     "platform": ("X", "Instagram", "Facebook")[k % 3], "berichtsoort": kind, "bericht": "Wie kan mij helpen? 😡\nGroet" if k % 4 else "",
                     "likes": "" if k % 5 == 0 else str(k % 40)})  # fmt: skip
        x.event(c.who, utc, touchpoint)
    write_table(x, "social", rows, "geplaatst_op")


def write_delivery(x: Export) -> None:
    """Write the scans of parcels: each on its way, some of which nobody opened the door for, then delivered."""
    rows = []
    for k, who in enumerate(np.flatnonzero(x.people.joins).tolist()):
        begin = int(company.to_utc(np.array([x.people.start[who] - 2]), np.array([9 * 3600 + 11 * k]))[0])
        scans = [(0, "onderweg", "parcel on its way"), (20 * 3600, "bezorgd", "parcel delivered")]
        if k % 4 == 0:
            scans.insert(1, (18 * 3600, "niet thuis", "delivery failed"))
        for after, status, touchpoint in scans:
            rows.append({"zendingnummer": f"3S{k:011d}", "statusdatum": company.local(np.array([begin + after]))[0], "zending_status": status,
                         "klantnummer": x.people.account[who], "vervoerder": "" if k % 6 == 0 else "Pakketdienst"})  # fmt: skip
            x.event(who, begin + after, touchpoint)
    write_table(x, "delivery", rows, "statusdatum")


def write_ga4_parquet(x: Export) -> None:
    """Write BigQuery's rows as its Parquet export has them: numbers are numbers, lists are lists."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    visits, kept, merged = ga4_visits(x)
    rows: list[Record] = [
        {"event_date": company.local(np.array([utc]))[0][:10].replace("-", ""), "event_timestamp": utc * 1_000_000, "event_name": kind,
         "event_params": [{"key": "engagement_time_msec", "value": {"string_value": None, "int_value": 100 + k, "float_value": None, "double_value": None}}],
         "user_id": x.people.account[who], "user_pseudo_id": x.people.device[who], "device": {"category": "mobile"}, "platform": "IOS"}
        for k, (who, utc, kind) in enumerate(visits)
    ]  # fmt: skip
    out, duplicates = x.muddle(rows)
    out.insert(1, {**rows[0], "event_timestamp": None, "event_name": "lost"})
    value = pa.struct(
        [("string_value", pa.string()), ("int_value", pa.int64()), ("float_value", pa.float64()), ("double_value", pa.float64())]
    )  # fmt: skip
    schema = pa.schema(
        [("event_date", pa.string()), ("event_timestamp", pa.int64()), ("event_name", pa.string()),
         ("event_params", pa.list_(pa.struct([("key", pa.string()), ("value", value)]))), ("user_id", pa.string()),
         ("user_pseudo_id", pa.string()), ("device", pa.struct([("category", pa.string())])), ("platform", pa.string())]
    )  # fmt: skip
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(out, schema=schema), sink)
    write_bytes(x.folder / "events.parquet", sink.getvalue().to_pybytes())
    x.count("events.parquet", kept=kept, merged=merged, duplicate=duplicates, rejected=1)
    x.source |= {"tz": "UTC"}
    ga4_rules(x)


def _with_mess(x: Export) -> Record:
    """Return the object log with an event that never was and one about nothing; both are told in the counts."""
    log = ocel_log(x)
    first = log["events"][0]
    log["events"].insert(3, {**first, "id": "never", "time": NEVER})
    log["events"].append({**first, "id": "about nothing", "relationships": first["relationships"][:1]})
    x.source |= {"options": {"object_type": "issue", "customer_type": "customer"}}
    return log


def write_ocel_sqlite(x: Export) -> None:
    """Write OCEL 2.0 as an SQLite database, with a table per type of event and object."""
    log = _with_mess(x)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.sqlite"
        con = sqlite3.connect(path)
        _fill(con, log)
        con.commit()
        con.execute("VACUUM")
        con.close()
        write_bytes(x.folder / "log.sqlite", path.read_bytes())
    x.count("log.sqlite", kept=len(log["events"]) - 2, rejected=1, context=1)


def _fill(con: sqlite3.Connection, log: Record) -> None:
    def mapped(name: str) -> str:
        return "".join(c for c in name.title() if c.isalnum())

    con.executescript(
        "CREATE TABLE event (ocel_id TEXT, ocel_type TEXT); CREATE TABLE object (ocel_id TEXT, ocel_type TEXT);"
        "CREATE TABLE event_map_type (ocel_type TEXT, ocel_type_map TEXT);"
        "CREATE TABLE object_map_type (ocel_type TEXT, ocel_type_map TEXT);"
        "CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT);"
        "CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT);"
    )
    for kind, names in (("event", log["eventTypes"]), ("object", log["objectTypes"])):
        for entry in names:
            name = mapped(entry["name"])
            con.execute(f"INSERT INTO {kind}_map_type VALUES (?, ?)", (entry["name"], name))  # noqa: S608  our own words
            more = ", agent TEXT" if kind == "event" else ", ocel_changed_field TEXT"
            con.execute(f'CREATE TABLE "{kind}_{name}" (ocel_id TEXT, ocel_time TIMESTAMP{more})')
    con.executemany("INSERT INTO object VALUES (?, ?)", [(o["id"], o["type"]) for o in log["objects"]])
    for e in log["events"]:
        con.execute("INSERT INTO event VALUES (?, ?)", (e["id"], e["type"]))
        row = (e["id"], e["time"], e["attributes"][0]["value"])
        con.execute(f'INSERT INTO "event_{mapped(e["type"])}" VALUES (?, ?, ?)', row)  # noqa: S608  our own words
        con.executemany(
            "INSERT INTO event_object VALUES (?, ?, ?)",
            [(e["id"], r["objectId"], r["qualifier"]) for r in e["relationships"]],
        )


def write_ocel_xml(x: Export) -> None:
    """Write OCEL 2.0 as XML."""
    log = _with_mess(x)

    def types(name: str, entries: list[Any]) -> list[str]:
        return [
            f"<{name}s>",
            *(f"<{name} name={quoteattr(e['name'])}><attributes/></{name}>" for e in entries),
            f"</{name}s>",
        ]

    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<log>",
        *types("object-type", log["objectTypes"]),
        *types("event-type", log["eventTypes"]),
    ]
    lines += [
        "<objects>",
        *(
            f"<object id={quoteattr(o['id'])} type={quoteattr(o['type'])}><attributes/></object>"
            for o in log["objects"]
        ),
        "</objects>",
        "<events>",
    ]
    for e in log["events"]:
        told = "".join(
            f"<relationship object-id={quoteattr(r['objectId'])} qualifier={quoteattr(r['qualifier'])}/>"
            for r in e["relationships"]
        )
        lines.append(
            f'<event id={quoteattr(e["id"])} type={quoteattr(e["type"])} time="{e["time"]}"><attributes><attribute name="agent">'
            f"{escape(e['attributes'][0]['value'])}</attribute></attributes><objects>{told}</objects></event>"
        )
    write_bytes(x.folder / "log.xml", ("\n".join([*lines, "</events>", "</log>"]) + "\n").encode())
    x.count("log.xml", kept=len(log["events"]) - 2, rejected=1, context=1)


MORE = {
    "social": write_social, "delivery": write_delivery, "ga4_parquet": write_ga4_parquet, "ocel_sqlite": write_ocel_sqlite, "ocel_xml": write_ocel_xml,
}  # fmt: skip
