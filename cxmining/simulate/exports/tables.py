"""What no vendor's format covers: text messages, reviews, post, desk, orders, meters and outages as plain tables; XES and OCEL."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

from cxmining.simulate import company
from cxmining.simulate.exports.base import Export, Record, iso
from cxmining.simulate.writers.common import write_bytes

__all__ = ["SOCIAL", "TABLES", "ocel_log", "write_ocel", "write_table", "write_xes"]

SOCIAL, WEB, CHAT = 5, 4, 1


def _local(utc: int) -> str:
    return company.local(np.array([utc]))[0]


def write_table(x: Export, preset: str, rows: list[Record], stamp: str, broken: str = "32-13-2025 25:00:00") -> None:
    """Write a table with rows that stand there twice and one whose day does not exist."""
    out, duplicates = x.muddle(rows)
    out.insert(len(out) // 2, {**rows[0], stamp: broken})
    x.table("export.csv", out, delimiter=";")
    x.count("export.csv", kept=len(rows), duplicate=duplicates, rejected=1)
    x.source |= {"tz": "Europe/Amsterdam", "preset": preset, "delimiter": ";"}


def _sms(x: Export) -> None:
    rows = []
    messages = x.stage.world.messages
    for k, (who, utc) in enumerate(
        messages.loc[messages["kind"] == "herinnering", ["who", "utc"]].itertuples(index=False, name=None)
    ):
        rows.append({"sms_id": f"SM{k:08d}", "verzonden_op": _local(utc), "van": "Zonnestroom", "naar": x.people.number[who], "richting": "uitgaand",
                     "bericht": "Er staat nog een rekening open.", "status": "" if k % 13 == 0 else "delivered"})  # fmt: skip
        x.event(who, utc, "text message")
    write_table(x, "sms", rows, "verzonden_op")


def _review(x: Export) -> None:
    rows = []
    for k, c in enumerate(x.contacts(SOCIAL, WEB)):
        at = int(c.utc) + 5000
        rows.append({"review_id": f"{k}", "review_datum": _local(at), "klantnummer": x.people.account[c.who], "rating": "" if k % 9 == 0 else str(2 + 3 * c.solved),
                     "titel": "Ervaring", "tekst": "geholpen" if c.solved else "nog steeds niets"})  # fmt: skip
        x.event(c.who, at, "writes review")
    write_table(x, "review", rows, "review_datum")


def _post(x: Export) -> None:
    rows = []
    for k, c in enumerate(x.contacts(WEB, SOCIAL)):
        at = int(c.utc) + 86400
        rows.append({"poststuknummer": f"P{k:06d}", "ontvangen_op": _local(at), "scan_bestand": f"{k}.pdf", "klantnummer": x.people.account[c.who],
                     "onderwerp": "" if k % 7 == 0 else "bezwaar"})  # fmt: skip
        x.event(c.who, at, "letter")
    write_table(x, "post", rows, "ontvangen_op")


def _desk(x: Export) -> None:
    rows = []
    for k, c in enumerate(x.contacts(CHAT)):
        rows.append({"volgnummer": f"B{k:04d}", "aankomsttijd": _local(int(c.utc)), "klantnummer": x.people.account[c.who],
                     "wachttijd_s": str(int(c.wait_s)), "vestiging": "Utrecht"})  # fmt: skip
        x.event(c.who, int(c.utc), "desk visit")
    write_table(x, "desk", rows, "aankomsttijd")


def _order(x: Export) -> None:
    rows = []
    for k, who in enumerate(np.flatnonzero(x.people.joins).tolist()):
        begin = int(company.to_utc(np.array([x.people.start[who] - 3]), np.array([13 * 3600 + k]))[0])
        for days, status, touchpoint in (
            (0, "geplaatst", "places order"),
            (1, "verzonden", "order shipped"),
            (2, "geleverd", "order delivered"),
        ):
            rows.append({"bestelnummer": f"{900000 + k}", "statusdatum": _local(begin + days * 86400), "orderstatus": status,
                         "klantnummer": x.people.account[who], "totaalbedrag": "" if k % 5 == 0 else "129,95", "aantal": "1"})  # fmt: skip
            x.event(who, begin + days * 86400, touchpoint)
    write_table(x, "order", rows, "statusdatum")


def _meter(x: Export) -> None:
    rows = []
    app = x.stage.world.app
    for k, (who, utc) in enumerate(
        app.loc[app["kind"] == "submit_reading", ["who", "utc"]].itertuples(index=False, name=None)
    ):
        rows.append({"ean_code": x.people.ean[who], "opnamedatum": _local(utc), "klantnummer": x.people.account[who], "telwerk": "1.8.1",
                     "meterstand": str(10000 + 7 * k), "eenheid": "kWh"})  # fmt: skip
        x.event(who, utc, "meter reading")
    write_table(x, "meter", rows, "opnamedatum")


def _outage(x: Export) -> None:
    rows = []
    meter = x.stage.world.meter
    for k, (who, utc, minutes) in enumerate(
        meter.loc[meter["kind"] == "storing", ["who", "utc", "minutes"]].itertuples(index=False, name=None)
    ):
        rows.append({"storing_id": f"S{k:05d}", "begin_storing": _local(utc), "klantnummer": x.people.account[who], "oorzaak": "" if k % 6 == 0 else "kabel",
                     "minuten": str(int(minutes))})  # fmt: skip
        x.event(who, utc, "power outage")
    write_table(x, "outage", rows, "begin_storing")


TABLES: dict[str, Callable[[Export], None]] = {
    "sms": _sms, "review": _review, "post": _post, "desk": _desk, "order": _order, "meter": _meter, "outage": _outage,
}  # fmt: skip


def _steps(x: Export) -> dict[int, list[Any]]:
    """Return the contacts of each customer, in order of time."""
    c = x.stage.world.contacts.sort_values(["utc", "contact"])
    steps: dict[int, list[Any]] = {}
    for who, row in zip(c["who"].tolist(), c.itertuples(index=False, name="Contact"), strict=True):
        steps.setdefault(who, []).append(row)
    return dict(sorted(steps.items()))


def write_xes(x: Export) -> None:
    """Write a trace per customer in local hours with their offset; some steps have a beginning too, one has no time."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<log xes.version="1.0" xmlns="http://www.xes-standard.org/">']
    kept = context = 0
    for who, steps in _steps(x).items():
        lines += ["<trace>", f'<string key="concept:name" value="{x.people.account[who]}"/>']
        for c in steps:
            utc = int(c.utc)
            zone = int(company.offset(np.array([utc]))[0])
            stamp = f"{np.datetime64(utc + zone, 's')}.000+{zone // 3600:02d}:00"
            for transition in ("start", "complete") if c.contact % 5 == 0 else ("complete",):
                lines.append(
                    f'<event><string key="concept:name" value={quoteattr(c.intent)}/><date key="time:timestamp" value="{stamp}"/>'
                    f'<string key="lifecycle:transition" value="{transition}"/><string key="org:resource" value="agent {c.agent}"/></event>'
                )
                context += transition == "start"
            kept += 1
            x.event(who, utc, c.intent)
        lines.append("</trace>")
    lines.append(
        '<trace><string key="concept:name" value="x"/><event><string key="concept:name" value="when?"/>'
        '<string key="lifecycle:transition" value="complete"/></event></trace>\n</log>'
    )
    write_bytes(x.folder / "log.xes", ("\n".join(lines) + "\n").encode())
    x.count("log.xes", kept=kept, context=context, rejected=1)
    x.source |= {"columns": {"account": "case:concept:name"}, "options": {"lifecycle": ["complete"]}}


def ocel_log(x: Export) -> Record:
    """Return OCEL 2.0 as its JSON has it: each event names its customer and the question it is about."""
    objects: dict[str, Record] = {}
    events = []
    for who, steps in _steps(x).items():
        account = x.people.account[who]
        objects[account] = {"id": account, "type": "customer", "attributes": [], "relationships": []}
        for c in steps:
            issue = f"issue {c.issue}"
            objects[issue] = {"id": issue, "type": "issue", "attributes": [], "relationships": []}
            events.append({"id": f"e{c.contact}", "type": c.intent, "time": iso(int(c.utc)),
                           "attributes": [{"name": "agent", "value": str(c.agent)}],
                           "relationships": [{"objectId": account, "qualifier": "asked by"}, {"objectId": issue, "qualifier": "about"}]})  # fmt: skip
            x.event(who, int(c.utc), c.intent)
    order = x.rng.permutation(len(events)).tolist()
    return {
        "objectTypes": [{"name": "customer", "attributes": []}, {"name": "issue", "attributes": []}],
        "eventTypes": [{"name": t, "attributes": [{"name": "agent", "type": "string"}]} for t in company.INTENTS],
        "objects": list(objects.values()), "events": [events[i] for i in order],
    }  # fmt: skip


def write_ocel(x: Export) -> None:
    """Write it as JSON."""
    log = ocel_log(x)
    write_bytes(x.folder / "log.json", (json.dumps(log, ensure_ascii=False) + "\n").encode())
    x.count("log.json", kept=len(log["events"]))
    x.source |= {"options": {"object_type": "issue", "customer_type": "customer"}}
