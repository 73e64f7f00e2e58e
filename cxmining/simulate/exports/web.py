"""App and website: GA4, Segment, Amplitude and Mixpanel, from the same visits."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import Any

from cxmining.simulate import company
from cxmining.simulate.exports.base import Export, Record, iso
from cxmining.simulate.writers.common import write_bytes
from cxmining.simulate.writers.study import RULES

__all__ = ["ga4_rules", "ga4_visits", "write_amplitude", "write_ga4", "write_mixpanel", "write_segment"]

APP = ("view_usage", "view_invoice", "submit_reading", "change_instalment", "share_referral")
PAUSE = 30 * 60
TOUCHPOINT = {"view_usage": "checks usage", "view_invoice": "views invoice", "submit_reading": "submits meter reading",
              "change_instalment": "changes instalment", "share_referral": "refers a friend"}  # fmt: skip


def _visits(x: Export) -> list[tuple[int, int, str]]:
    """Return who, when, what of the app, in order of time; who logs out is left to the sample."""
    app = x.stage.world.app
    return list(zip(app["who"].tolist(), app["utc"].tolist(), app["kind"].tolist(), strict=True))


def _truth(x: Export, visits: list[tuple[int, int, str]]) -> tuple[int, int]:
    """Say what sessions make of the visits: a repeated event merges into its first; return kept and merged."""
    last: dict[int, int] = {}
    seen: dict[int, set[str]] = {}
    kept = 0
    for who, utc, kind in sorted(visits, key=lambda v: (v[1], v[0])):
        if utc - last.get(who, -(10**12)) > PAUSE:
            seen[who] = set()
        last[who] = utc
        if kind not in seen[who]:
            seen[who].add(kind)
            kept += 1
            x.event(who, utc, TOUCHPOINT[kind])
    return kept, len(visits) - kept


def ga4_visits(x: Export) -> tuple[list[tuple[int, int, str]], int, int]:
    """Return the visits, and how many events should be kept and merged; the truth is told."""
    visits = _visits(x)
    return visits, *_truth(x, visits)


def ga4_rules(x: Export) -> None:
    """Write the rules of the app for this export."""
    _rules(x)


def _rules(x: Export) -> None:
    for conditions, touchpoint in RULES:
        said = dict(conditions)
        if said["source"] == "web":
            x.rules.append(({**said, "source": x.name}, touchpoint))


def write_ga4(x: Export) -> None:
    """Write BigQuery's rows, whose numbers are text."""
    visits = _visits(x)
    rows = [
        {"event_date": company.local(_at(utc))[0][:10].replace("-", ""), "event_timestamp": f"{utc}000000", "event_name": kind,
         "event_params": [{"key": "ga_session_id", "value": {"string_value": None, "int_value": str(_session(x, k)), "float_value": None, "double_value": None}}],
         "user_id": x.people.account[who], "user_pseudo_id": x.people.device[who], "device": {"category": "mobile"}, "platform": "IOS"}
        for k, (who, utc, kind) in enumerate(visits)
    ]  # fmt: skip
    for row in rows:  # sessions by pause: the parameter is left out
        row["event_params"] = []
    kept, merged = _truth(x, visits)
    out: list[Any]
    out, duplicates = x.muddle(rows)
    out.insert(1, '{"event_timestamp":"17')
    x.lines("events.jsonl", out)
    x.count("events.jsonl", kept=kept, merged=merged, duplicate=duplicates, rejected=1)
    x.source |= {"tz": "UTC"}
    _rules(x)


def _at(utc: int) -> Any:
    import numpy as np

    return np.array([utc])


def _session(x: Export, k: int) -> int:
    return 1_700_000_000 + k


def write_segment(x: Export) -> None:
    """Write track calls, with an identify call before the first of each device."""
    visits = _visits(x)
    rows: list[Record] = []
    for k, (who, utc, kind) in enumerate(visits):
        rows.append({"type": "track", "event": kind, "userId": x.people.account[who], "anonymousId": x.people.device[who], "messageId": f"m-{k}",
                     "timestamp": iso(utc, ".000Z"), "sentAt": iso(utc + 3700, ".000Z"), "receivedAt": iso(utc + 5, ".000Z"),
                     "properties": {"n": k % 7} if k % 3 else {}, "context": {"library": {"name": "analytics-ios"}, "device": {"type": "ios"}}})  # fmt: skip
    kept, merged = _truth(x, visits)
    out: list[Any]
    out, duplicates = x.muddle(rows)
    out.append({**rows[0], "messageId": "m-x", "timestamp": "32-13-2025"})
    x.lines("calls.jsonl", out)
    x.count("calls.jsonl", kept=kept, merged=merged, duplicate=duplicates, rejected=1)
    _rules(x)


def write_amplitude(x: Export) -> None:
    """Write the Export API's ZIP of gzipped JSON lines, cut by the hour of upload."""
    visits = _visits(x)
    rows = [
        {"event_type": kind, "event_time": iso(utc, "space") + ".000000", "user_id": x.people.account[who], "device_id": x.people.device[who],
         "session_id": -1, "$insert_id": f"i-{k}", "platform": "iOS", "event_properties": {}, "user_properties": {}, "uuid": f"u-{k}"}
        for k, (who, utc, kind) in enumerate(visits)
    ]  # fmt: skip
    kept, merged = _truth(x, visits)
    out, duplicates = x.muddle(rows)
    out.append({**rows[0], "$insert_id": "i-x", "uuid": "u-x", "event_time": ""})
    half = len(out) // 2
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for k, part in enumerate((out[:half], out[half:])):
            text = "\n".join(json.dumps(r, separators=(",", ":")) for r in part) + "\n"
            member = zipfile.ZipInfo(f"424242/424242_2025-01-01_{k}#0.json.gz", (2025, 1, 1, 0, 0, 0))
            archive.writestr(member, gzip.compress(text.encode(), mtime=0))
    write_bytes(x.folder / "export.zip", packed.getvalue())
    x.count("export.zip", kept=kept, merged=merged, duplicate=duplicates, rejected=1)
    _rules(x)


def write_mixpanel(x: Export) -> None:
    """Write the raw export: seconds since 1970, nothing deduplicated."""
    visits = _visits(x)
    rows = [
        {"event": kind, "properties": {"time": utc, "distinct_id": x.people.account[who], "$user_id": x.people.account[who],
         "$device_id": x.people.device[who], "$insert_id": f"i{k}", "mp_lib": "iphone"}}
        for k, (who, utc, kind) in enumerate(visits)
    ]  # fmt: skip
    kept, merged = _truth(x, visits)
    out: list[Any]
    out, duplicates = x.muddle(rows)
    out.append({"event": "view_usage", "properties": {"distinct_id": "1", "$insert_id": "ix"}})
    x.lines("export.jsonl", out)
    x.count("export.jsonl", kept=kept, merged=merged, duplicate=duplicates, rejected=1)
    x.source |= {"options": {"time": "utc"}}
    _rules(x)
