"""Contact centres by hand: what one writes with `json.loads`, loops and pandas to get the same events.

Left out, which the readers do: damaged lines and their reasons, duplicates by the newest state, wrong types in a cell,
who was ours, phone numbers in one form, identifiers, local clocks, the ledger. So plain Python does less here.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

__all__ = ["connect", "genesys", "intercom", "twilio", "zendesk"]


def _lines(path: Path) -> Any:
    with path.open() as lines:
        for line in lines:
            yield json.loads(line)


def _frame(rows: list[tuple[Any, ...]], names: str, stamps: str, **form: Any) -> Any:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=names.split())
    for name in stamps.split():
        frame[name] = pd.to_datetime(frame[name], utc=True, **form)
    return frame


def connect(path: Path) -> int:
    """Take the fields, parse their stamps, and lay the legs of a contact together."""
    rows = []
    for r in _lines(path):
        agent, queue, end = r.get("Agent") or {}, r.get("Queue") or {}, r.get("CustomerEndpoint") or {}
        rows.append((
            r["ContactId"], r.get("InitialContactId"), r.get("PreviousContactId"), r.get("Channel"), r.get("InitiationMethod"),
            r.get("InitiationTimestamp"), r.get("DisconnectTimestamp"), r.get("DisconnectReason"), end.get("Address"),
            queue.get("Name"), queue.get("EnqueueTimestamp"), queue.get("Duration"), agent.get("Username"),
            agent.get("ConnectedToAgentTimestamp"), agent.get("AgentInteractionDuration"), agent.get("CustomerHoldDuration"),
            agent.get("NumberOfHolds"), agent.get("AfterContactWorkDuration"),
        ))  # fmt: skip
    names = "id initial previous channel method begun ended reason phone queue queued queue_s agent joined talk hold holds wrap"
    frame = _frame(rows, names, "begun ended queued joined", format="ISO8601")
    up = dict(zip(frame["id"], frame["previous"].where(frame["method"].eq("TRANSFER")), strict=True))

    def root(key: str) -> str:
        while isinstance(up.get(key), str) and up[key] in up:
            key = up[key]
        return key

    frame["root"] = [root(key) for key in frame["id"]]
    by = frame.groupby("root")
    events = by[["initial", "channel", "begun", "phone"]].first()
    events[["talk", "hold", "holds", "queue_s", "wrap"]] = by[["talk", "hold", "holds", "queue_s", "wrap"]].sum()
    events[["joined", "queued"]], events["ended"] = by[["joined", "queued"]].min(), by["ended"].max()
    events[["agent", "queue", "reason"]] = by[["agent", "queue", "reason"]].last()
    events["wait_s"] = (events["joined"].fillna(events["ended"]) - events["begun"]).dt.total_seconds()
    return len(frame)


def twilio(path: Path) -> int:
    """Take the fields, parse their stamps, and lay the legs of a call together."""
    import pandas as pd

    names = "sid parent_call_sid from to direction status start_time end_time duration answered_by caller_name"
    keys = names.split()
    rows = [tuple(r.get(k) for k in keys) for r in _lines(path)]
    frame = _frame(rows, names, "start_time end_time", format="%a, %d %b %Y %H:%M:%S %z")
    frame["duration"] = pd.to_numeric(frame["duration"])
    frame["root"] = frame["parent_call_sid"].fillna(frame["sid"])
    legs = frame[frame["parent_call_sid"].notna() & frame["status"].eq("completed")]
    by = legs.assign(joined=legs["end_time"] - pd.to_timedelta(legs["duration"], unit="s")).groupby("root")
    events = frame[frame["parent_call_sid"].isna()].set_index("sid")
    events = events.assign(joined=by["joined"].min(), talk=by["duration"].sum(), line=by["to"].last(), legs=by.size())
    events["wait_s"] = (events["joined"].fillna(events["end_time"]) - events["start_time"]).dt.total_seconds()
    return len(frame)


def zendesk(path: Path) -> int:
    """Take the fields and parse their stamps."""
    rows = []
    for r in _lines(path):
        via, rating = r.get("via") or {}, r.get("satisfaction_rating") or {}
        sender = (via.get("source") or {}).get("from") or {}
        rows.append((
            str(r["id"]), r["created_at"], r["updated_at"], r["status"], r["type"], r["subject"], r["description"], str(r["requester_id"]),
            str(r["submitter_id"]), str(r["assignee_id"]), str(r["group_id"]), via.get("channel"), sender.get("address"),
            sender.get("phone"), ",".join(r["tags"]), rating.get("score"),
        ))  # fmt: skip
    names = (
        "id created updated status type subject text requester submitter agent queue channel email phone tags rating"
    )
    return len(_frame(rows, names, "created updated", format="ISO8601").drop_duplicates("id", keep="last"))


def genesys(path: Path) -> int:
    """Walk to sessions and segments, and sum up per conversation."""
    sessions: list[tuple[Any, ...]] = []
    segments: list[tuple[Any, ...]] = []
    for r in _lines(path):
        for p in r["participants"]:
            for s in p["sessions"]:
                moved = sum(m["value"] for m in s.get("metrics", ()) if m["name"] == "nTransferred")
                segments += [
                    (len(sessions), *map(g.get, ("segmentStart", "segmentEnd", "segmentType", "queueId", "wrapUpCode")))
                    for g in s["segments"]
                ]
                sessions.append((
                    r["conversationId"], p.get("purpose"), p.get("userId"), p.get("participantName"), p.get("externalContactId"),
                    s.get("mediaType"), s.get("direction"), s.get("ani"), s.get("dnis"), moved,
                ))  # fmt: skip
    legs = _frame(sessions, "id purpose agent name contact media direction ani dnis moved", "")
    parts = _frame(segments, "session begun ended kind queue wrap", "begun ended", format="ISO8601")
    parts["lasted"] = (parts["ended"] - parts["begun"]).dt.total_seconds()
    parts["id"], parts["purpose"] = (
        legs["id"].to_numpy()[parts["session"]],
        legs["purpose"].to_numpy()[parts["session"]],
    )
    by = parts.groupby("id")
    events = (
        legs[legs["purpose"].eq("customer")].set_index("id").assign(begun=by["begun"].min(), ended=by["ended"].max())
    )
    agents = parts[parts["purpose"].eq("agent")]
    for kind in ("interact", "hold", "wrapup"):
        events[kind] = agents[agents["kind"].eq(kind)].groupby("id")["lasted"].sum()
    for purpose in ("ivr", "acd"):
        events[purpose] = parts[parts["purpose"].eq(purpose)].groupby("id")["lasted"].sum()
    spoke = agents[agents["kind"].eq("interact")].groupby("id")
    events["wait_s"] = (spoke["begun"].min() - events["begun"]).dt.total_seconds()
    events["queue"], events["wrap"] = by["queue"].last(), by["wrap"].last()
    events["moved"] = legs[legs["purpose"].eq("agent")].groupby("id")["moved"].sum()
    events["agent"] = legs[legs["purpose"].eq("agent")].groupby("id")["agent"].last()
    return len(legs)


def intercom(path: Path) -> int:
    """Walk through the parts, make text of what the customer wrote, and sum up per conversation."""
    import pandas as pd

    tag = re.compile(r"<[^>]+>")
    rows, said, n = [], [], 0
    for r in _lines(path):
        source, parts = r["source"], r["conversation_parts"]["conversation_parts"]
        contact = next(iter(r["contacts"]["contacts"]), {})
        first = {
            "author": source["author"],
            "body": source["body"],
            "created_at": r["created_at"],
            "part_type": "comment",
        }
        n += 1 + len(parts)
        for part in [first, *parts]:
            if not part["body"] or "note" in part["part_type"]:
                continue
            kind = part["author"]["type"]
            side = "customer" if kind in ("user", "lead", "contact") else "bot" if kind == "bot" else "person"
            text = html.unescape(tag.sub("", part["body"])).strip() if side == "customer" else None
            said.append((r["id"], part["created_at"], side, part["author"]["id"], text))
        rows.append((
            r["id"], r["created_at"], source["type"], source["subject"], r["state"], r["team_assignee_id"], r["admin_assignee_id"],
            r["statistics"]["count_reopens"], r["statistics"]["count_assignments"], contact.get("id"), contact.get("external_id"),
            source["author"].get("email"), source["author"].get("name"),
        ))  # fmt: skip
    names = "id begun channel subject state team admin reopenings assigned contact account email name"
    events = _frame(rows, names, "begun", unit="s").set_index("id")
    talk = _frame(said, "id at side who text", "at", unit="s").sort_values(["id", "at"], kind="stable")
    by = talk.groupby("id")
    events["messages"], events["last"] = by.size(), by["at"].max()
    for side in ("customer", "person", "bot"):
        events[side] = talk[talk["side"].eq(side)].groupby("id").size()
    people, asked = talk[talk["side"].eq("person")].groupby("id"), talk[talk["side"].eq("customer")].groupby("id")
    events["wait_s"] = (people["at"].min() - asked["at"].min()).dt.total_seconds()
    events["agent"] = people["who"].last()
    events["text"] = asked["text"].agg("\n".join)
    assert isinstance(events, pd.DataFrame)
    return n
