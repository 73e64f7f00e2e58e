"""One small, sound export of each format, with what the study must say about it: what others then break."""

from __future__ import annotations

import io
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

N = 30


@dataclass(frozen=True)
class Sample:
    """An export: its file's name and content, the keys of its ``[[source]]``, the rest of the study."""

    format: str
    name: str
    content: bytes
    source: dict[str, Any]
    study: dict[str, Any]
    family: str

    @property
    def text(self) -> bool:
        return self.family in ("json", "delimited", "xml", "chat", "mail")


SURVEY = {
    "survey": [
        {"name": "nps", "kind": "relationship", "item": [{"column": "Q1", "metric": "nps", "low": 0, "high": 10}]}
    ]
}


def iso(i: int, minute: int = 0) -> str:
    return f"2024-01-{1 + i % 28:02d}T10:{minute:02d}:{i % 60:02d}Z"


def wall(i: int, minute: int = 0) -> str:
    return iso(i, minute).replace("T", " ").removesuffix("Z")


def lines(rows: list[dict[str, Any]]) -> bytes:
    return ("\n".join(json.dumps(row) for row in rows) + "\n").encode()


def table(rows: list[dict[str, Any]]) -> bytes:
    return pd.DataFrame(rows).to_csv(index=False).encode()


def mbox() -> bytes:
    return "".join(
        f"From k{i}@example.com Mon Jan  1 10:00:00 2024\nFrom: Klant {i} <k{i}@example.com>\nTo: info@firm.example\n"
        f"Subject: vraag é {i}\nMessage-ID: <m{i}@example.com>\nDate: Mon, {1 + i % 28} Jan 2024 10:{i:02d}:00 +0100\n"
        f"Content-Type: text/plain; charset=utf-8\n\nGoedemorgen, één vraag {i}.\n>From hier\n\n"
        for i in range(N)
    ).encode()


def genesys() -> bytes:
    return lines(
        [
            {
                "conversationId": f"c{i}", "conversationStart": iso(i), "conversationEnd": iso(i, 9), "originatingDirection": "inbound",
                "participants": [
                    {"purpose": "customer", "participantId": f"p{i}", "sessions": [
                        {"sessionId": f"s{i}", "mediaType": "voice", "direction": "inbound", "ani": f"tel:+3161234{i:04d}",
                         "segments": [{"segmentType": "interact", "segmentStart": iso(i), "segmentEnd": iso(i, 9)}]}]},
                    {"purpose": "agent", "userId": "u1", "sessions": [
                        {"sessionId": f"a{i}", "mediaType": "voice", "metrics": [{"name": "tTalk", "value": 60000, "emitDate": iso(i, 2)}],
                         "segments": [{"segmentType": "interact", "segmentStart": iso(i, 1), "segmentEnd": iso(i, 9)}]}]},
                ],
            }
            for i in range(N)
        ]
    )  # fmt: skip


def connect() -> bytes:
    return lines(
        [
            {"ContactId": f"c{i}", "Channel": "VOICE", "InitiationMethod": "INBOUND", "InitiationTimestamp": iso(i),
             "ConnectedToSystemTimestamp": iso(i), "DisconnectTimestamp": iso(i, 9), "LastUpdateTimestamp": iso(i, 10),
             "CustomerEndpoint": {"Address": f"+3161234{i:04d}", "Type": "TELEPHONE_NUMBER"},
             "Queue": {"Name": "vragen", "EnqueueTimestamp": iso(i), "DequeueTimestamp": iso(i, 1), "Duration": 60},
             "Agent": {"Username": "a1", "ConnectedToAgentTimestamp": iso(i, 1), "AgentInteractionDuration": 480,
                       "CustomerHoldDuration": 0, "NumberOfHolds": 0, "AfterContactWorkDuration": 5}, "Attributes": {}}
            for i in range(N)
        ]
    )  # fmt: skip


def intercom() -> bytes:
    talks = [
        {"type": "conversation", "id": str(9007199254740993 + i), "created_at": 1704103200 + i * 3600, "updated_at": 1704103900 + i * 3600,
         "state": "closed", "source": {"type": "conversation", "body": "<p>één vraag</p>", "author": {"type": "user", "id": f"u{i}", "email": f"k{i}@example.com"}},
         "contacts": {"contacts": [{"type": "contact", "id": f"u{i}"}]},
         "conversation_parts": {"conversation_parts": [
             {"id": f"p{i}", "part_type": "comment", "body": "<p>antwoord</p>", "created_at": 1704103300 + i * 3600, "author": {"type": "admin", "id": "a1"}}]}}
        for i in range(N)
    ]  # fmt: skip
    return json.dumps({"type": "conversation.list", "conversations": talks}, indent=1).encode()


def qualtrics() -> bytes:
    names = [
        "StartDate",
        "EndDate",
        "Status",
        "Progress",
        "Finished",
        "RecordedDate",
        "ResponseId",
        "ExternalReference",
        "Q1",
    ]
    rows = [
        names,
        [
            "Start",
            "Einde",
            "Status",
            "Voortgang",
            "Klaar",
            "Vastgelegd",
            "Id",
            "Referentie",
            '"Hoe waarschijnlijk\nis het?"',
        ],
    ]
    rows.append(['"{""ImportId"":""' + n + '""}"' for n in names])
    rows += [[wall(i), wall(i, 3), "0", "100", "1", wall(i, 3), f"R_{i}", f"00{i}", str(i % 11)] for i in range(N)]
    return "".join(",".join(row) + "\n" for row in rows).encode()


def xes() -> bytes:
    event = (
        '<event><string key="concept:name" value="stap {0}"/><date key="time:timestamp" value="{1}"/>'
        '<int key="kosten" value="{0}"/></event>'
    )
    traces = "".join(
        f'<trace><string key="concept:name" value="k{i}"/>'
        + event.format(0, iso(i))
        + event.format(1, iso(i, 5))
        + "</trace>\n"
        for i in range(N // 2)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n{traces}</log>\n'.encode()


def ocel_parts() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    objects = [{"id": f"o{i}", "type": "order", "attributes": []} for i in range(N)]
    events = [
        {"id": f"e{i}", "type": "bestelt", "time": iso(i), "attributes": [{"name": "bedrag", "value": str(i)}],
         "relationships": [{"objectId": f"o{i}", "qualifier": "van"}]}
        for i in range(N)
    ]  # fmt: skip
    return objects, events


def ocel_json() -> bytes:
    objects, events = ocel_parts()
    kinds = {
        "objectTypes": [{"name": "order", "attributes": []}],
        "eventTypes": [{"name": "bestelt", "attributes": []}],
    }
    return json.dumps({**kinds, "objects": objects, "events": events}).encode()


def ocel_xml() -> bytes:
    objects, events = ocel_parts()
    things = "".join(f'<object id="{o["id"]}" type="order"><attributes/></object>\n' for o in objects)
    acts = "".join(
        f'<event id="{e["id"]}" type="bestelt" time="{e["time"]}"><attributes><attribute name="bedrag">{i}</attribute></attributes>'
        f'<objects><relationship object-id="o{i}" qualifier="van"/></objects></event>\n'
        for i, e in enumerate(events)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<log><object-types><object-type name="order"/></object-types>'
        f'<event-types><event-type name="bestelt"/></event-types>\n<objects>{things}</objects>\n<events>{acts}</events></log>'
    ).encode()


def ocel_sqlite() -> bytes:
    objects, events = ocel_parts()
    with sqlite3.connect(":memory:") as con:
        con.executescript(
            "CREATE TABLE event(ocel_id TEXT, ocel_type TEXT); CREATE TABLE object(ocel_id TEXT, ocel_type TEXT);"
            "CREATE TABLE event_object(ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT);"
            "CREATE TABLE event_map_type(ocel_type TEXT, ocel_type_map TEXT); CREATE TABLE event_bestelt(ocel_id TEXT, ocel_time TEXT, bedrag TEXT);"
            "INSERT INTO event_map_type VALUES('bestelt', 'bestelt');"
        )
        con.executemany("INSERT INTO object VALUES(?, ?)", [(o["id"], o["type"]) for o in objects])
        con.executemany("INSERT INTO event VALUES(?, ?)", [(e["id"], e["type"]) for e in events])
        con.executemany("INSERT INTO event_bestelt VALUES(?, ?, ?)", [(e["id"], e["time"], "1") for e in events])
        con.executemany("INSERT INTO event_object VALUES(?, ?, 'van')", [(f"e{i}", f"o{i}") for i in range(N)])
        content = con.serialize()
    con.close()
    return content


def rows() -> list[dict[str, Any]]:
    return [
        {"klant": str(9007199254740993 + i % 7), "stap": ("belt", "mailt", "chat één")[i % 3], "tijd": wall(i, i % 60), "duur": i}
        for i in range(N)
    ]  # fmt: skip


def letter() -> bytes:
    return mbox().partition(b"From k1@")[0].partition(b"\n")[2]


def monkey() -> bytes:
    head = "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,Q1\n,,,,,,Open-Ended Response\n"
    return (head + "".join(
        f"118{i:03d},4001,01/{13 + i % 15:02d}/2024 01:15:00 PM,01/{13 + i % 15:02d}/2024 01:22:00 PM,,k{i}@é.example,{i % 11}\n"
        for i in range(N)
    )).encode()  # fmt: skip


def google() -> bytes:
    head = "Tijdstempel,E-mailadres,Hoe tevreden bent u over ons?\n"
    return (
        head + "".join(f"2024/01/{1 + i % 28:02d} 1:22:{i % 60:02d} PM CET,k{i}@é.example,{i % 11}\n" for i in range(N))
    ).encode()


def lime() -> bytes:
    head = '"id","submitdate","lastpage","startlanguage","seed","token","startdate","datestamp","ipaddr","Q1"\n'
    return (head + "".join(
        f'"{i}","{wall(i, 2)}","3","nl","1","é{i}","{wall(i)}","{wall(i, 2)}","","{i % 11}"\n' for i in range(N)
    )).encode()  # fmt: skip


def microsoft() -> bytes:
    out = io.BytesIO()
    frame = pd.DataFrame(
        [
            {"ID": i, "Begintijd": pd.Timestamp(wall(i)), "Tijd van voltooien": pd.Timestamp(wall(i, 3)), "E-mail": f"k{i}@b.example",
             "Naam": f"Klant {i}", "Q1": i % 11}
            for i in range(N)
        ]
    )  # fmt: skip
    frame.to_excel(out, index=False)
    return out.getvalue()


def written(method: str) -> bytes:
    out = io.BytesIO()
    getattr(pd.DataFrame(rows()), method)(out, index=False)
    return out.getvalue()


def _samples() -> list[Sample]:
    firm = {"company": {"name": "Firma", "domains": ["firm.example"]}}
    ours = {
        "tz": "UTC", "columns": {"timestamp": "tijd", "touchpoint": "stap", "account": "klant", "duration_s": "duur"},
    }  # fmt: skip
    web = [
        {"event_name": "page_view", "event_timestamp": 1704103200000000 + i * 10**9, "user_pseudo_id": f"{i}.1", "user_id": f"00{i}",
         "event_params": [{"key": "ga_session_id", "value": {"int_value": 9007199254740993 + i}}, {"key": "page_location", "value": {"string_value": f"https://firm.example/é/{i}"}}]}
        for i in range(N)
    ]  # fmt: skip
    tickets = [
        {"id": 9007199254740993 + i, "created_at": iso(i), "updated_at": iso(i, 5), "status": "closed", "subject": "één vraag",
         "requester_id": 9007199254740993 + i, "via": {"channel": "email"}}
        for i in range(N)
    ]  # fmt: skip
    calls = [
        {"sid": f"CA{i}", "parent_call_sid": None, "from": f"+3161234{i:04d}", "to": "+31201234567", "direction": "inbound",
         "status": "completed", "start_time": f"Mon, {1 + i % 28:02d} Jan 2024 10:00:00 +0000",
         "end_time": f"Mon, {1 + i % 28:02d} Jan 2024 10:05:00 +0000", "duration": "300", "date_updated": f"Mon, {1 + i % 28:02d} Jan 2024 10:06:00 +0000"}
        for i in range(N)
    ]  # fmt: skip
    chats = [
        {"Id": f"570{i:012d}", "ChatKey": f"k{i}", "ContactId": f"003{i}", "CaseId": "", "CreatedDate": iso(i), "RequestTime": iso(i),
         "StartTime": iso(i, 1), "EndTime": iso(i, 9), "ChatDuration": "480", "WaitTime": "60", "Abandoned": "", "Status": "Completed",
         "LiveChatVisitorId": f"v{i}"}
        for i in range(N)
    ]  # fmt: skip
    master = "".join(
        f'"","06123{i:05d}","8800","from-pstn","""é"" <06123{i:05d}>","PJSIP/t-1","","Queue","q",'
        f'"{wall(i)}","{wall(i, 1)}","{wall(i, 5)}",300,240,"ANSWERED","DOCUMENTATION","17.{i}",""\n'
        for i in range(N)
    )
    chat = "".join(
        f"{13 + i % 15:02d}/01/2024, 10:{i:02d} - {'Klant é' if i % 2 else 'Firma'}: bericht {i}\nregel twee\n"
        for i in range(N)
    )
    amplitude = [
        {"event_type": "Page é", "event_time": wall(i) + ".000000", "user_id": f"00{i}", "device_id": f"d{i}", "session_id": 1704103200000 + i,
         "$insert_id": f"i{i}", "platform": "Web", "event_properties": {"a": i}}
        for i in range(N)
    ]  # fmt: skip
    mixpanel = [
        {
            "event": "Gekocht é",
            "properties": {"time": 1704103200 + i * 60, "distinct_id": f"u{i}", "$insert_id": f"i{i}", "mp_lib": "web"},
        }
        for i in range(N)
    ]
    segment = [
        {"type": "track", "event": "Besteld é", "messageId": f"m{i}", "anonymousId": f"a{i}", "userId": f"u{i}", "timestamp": iso(i),
         "sentAt": iso(i, 1), "properties": {"n": i}, "context": {"library": {"name": "analytics.js"}}}
        for i in range(N)
    ]  # fmt: skip
    asked = json.loads(json.dumps(SURVEY).replace("Q1", "Hoe tevreden bent u over ons?"))
    order = {"options": {"object_type": "order"}}
    return [
        Sample("mbox", "x.mbox", mbox(), {}, firm, "mail"),
        Sample("asterisk", "Master.csv", master.encode(), {"tz": "UTC"}, {}, "delimited"),
        Sample("zendesk", "tickets.json", lines(tickets), {}, {}, "json"),
        Sample("ga4", "hits.jsonl", lines(web), {}, {}, "json"),
        Sample("segment", "calls.jsonl", lines(segment), {}, {}, "json"),
        Sample("amplitude", "a.jsonl", lines(amplitude), {}, {}, "json"),
        Sample("mixpanel", "m.jsonl", lines(mixpanel), {"options": {"time": "utc"}}, {}, "json"),
        Sample("qualtrics", "q.csv", qualtrics(), {"tz": "UTC", "survey": "nps"}, SURVEY, "delimited"),
        Sample("eml", "x.eml", letter(), {}, firm, "mail"),
        Sample("surveymonkey", "monkey.csv", monkey(), {"tz": "UTC", "survey": "nps"}, SURVEY, "delimited"),
        Sample("googleforms", "google.csv", google(), {"tz": "UTC", "survey": "nps"}, asked, "delimited"),
        Sample("limesurvey", "lime.csv", lime(), {"tz": "UTC", "survey": "nps"}, SURVEY, "delimited"),
        Sample("msforms", "ms.xlsx", microsoft(), {"tz": "UTC", "survey": "nps"}, SURVEY, "binary"),
        Sample("genesys", "g.jsonl", genesys(), {}, {}, "json"),
        Sample("connect", "ctr.jsonl", connect(), {}, {}, "json"),
        Sample("twilio", "calls.json", lines(calls), {}, {}, "json"),
        Sample("twilio", "calls.csv", table(calls), {}, {}, "delimited"),
        Sample("intercom", "talks.json", intercom(), {}, {}, "json"),
        Sample("salesforce", "chats.csv", table(chats), {}, {}, "delimited"),
        Sample("whatsapp", "chat.txt", chat.encode(), {"tz": "UTC"}, firm, "chat"),
        Sample("xes", "log.xes", xes(), {}, {}, "xml"),
        Sample("ocel", "log.jsonocel", ocel_json(), order, {}, "json"),
        Sample("ocel", "log.xmlocel", ocel_xml(), order, {}, "xml"),
        Sample("ocel", "log.sqlite", ocel_sqlite(), order, {}, "binary"),
        Sample("csv", "x.csv", table(rows()), ours, {}, "delimited"),
        Sample("parquet", "x.parquet", written("to_parquet"), ours, {}, "binary"),
        Sample("excel", "x.xlsx", written("to_excel"), ours, {}, "binary"),
    ]


SAMPLES = {s.name: s for s in _samples()}


def read(sample: Sample, folder: Path, content: bytes | None = None, *, name: str | None = None, **source: Any):
    """Read an export, or what was made of it, as a source with a declared format."""
    from cxmining.ingest import read_source
    from cxmining.study import parse_study

    name = name or sample.name
    (folder / name).write_bytes(sample.content if content is None else content)
    values = {"name": "s", "path": name, "format": sample.format, **sample.source, **source}
    study = parse_study({"name": "h", "source": [values], **sample.study}, folder)
    return read_source(study.sources[0], study)
