"""Intercom conversations with their parts: JSON of its interface or of its data export.

A record is a conversation (its first message), a part, or a rating. A conversation with all its parts
is one event, when it was created; parts are *merged* into it. Of a conversation exported twice the
newest ``updated_at`` stands.

* ``wait_s`` = from the customer's first message to the first reply by a person (in a list, which has no
  parts, from ``statistics``); missing when we began.
* ``duration_s``, for chats = until the last message of either side.
* ``hand_overs`` (assignments beyond the first), ``reopenings``, ``rating``; ``messages`` and those of each side
  (``customer_messages``, ``agent_messages``, ``bot_messages``); ``bot_s`` = how long the bot had it, until a person wrote.
* ``text`` = what the customer wrote, HTML as text; notes and our replies are not kept.
* resource = who replied last, else the assignee; the queue = the team; ``values = {queue = {…}}`` renames.

Ratings become responses when the study names a ``survey`` for the source (item ``rating``, 1 to 5);
otherwise they are context. ``external_id`` is the account.

Options
-------
per : str
    ``"conversation"`` (default) or ``"message"``: then each message is an event of its own, with the
    seconds until a person replied.
values : table
    ``values = {queue = {"id" = "name"}}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest.contact.common import (
    Rows,
    Spans,
    attributes_of,
    by_name,
    child,
    children,
    keep_newest_spans,
    labels,
    microseconds,
    plain_text,
    responses_of,
    word,
)
from cxmining.ingest.contact.grown import Grown
from cxmining.ingest.contact.intercom_blocks import BOT, CUSTOMER, Block, lay_out, shape
from cxmining.ingest.contact.talks import counts_of, message_columns, per_message, talks
from cxmining.ingest.files.json_arrow import Layout
from cxmining.ingest.files.json_records import batches, why_not
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import (
    check_columns,
    check_options,
    events_table,
    identifiers_of,
    survey_of,
    translate,
    value_map,
)
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.ingest.records.times import from_epoch
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["CHANNEL_OF", "OPTIONS", "read"]

OPTIONS: Final = {"per": '"conversation" or "message"', "values": "queue id → name"}
CHANNEL_OF: Final = {
    "conversation": "chat", "email": "mail", "push": "app", "facebook": "social", "instagram": "social",
    "twitter": "social", "whatsapp": "chat", "sms": "sms", "phone_call": "phone", "phone_switch": "phone",
}  # fmt: skip
_ROW: Final = (
    "talk", "id", "start", "channel", "subject", "state", "via", "team", "assignee", "reopenings", "hand_overs", "replied",
    "parts", "rating", "device", "account", "email", "name", "phone",
)  # fmt: skip
_RATING: Final = ("at", "talk", "us", "rating", "remark", "reference")


@dataclass
class _File:
    """What one file holds; positions are of conversations, parts and ratings."""

    file: SourceFile
    rows: Rows
    ratings: dict[str, list[Any]]
    n: int = 0
    messages: Grown = field(default_factory=lambda: Grown(("at", "talk", "us"), ("side", "text", "who")))
    begins: list[int] = field(default_factory=list)
    parts: Grown = field(default_factory=lambda: Grown(("at", "talk")))
    rejected: dict[str, list[int]] = field(default_factory=dict)
    spans: Grown = field(default_factory=lambda: Grown(("stamp", "start", "stop"), ("key",)))

    def ledger(self, source: str) -> FileLedger:
        """Return the ledger of the file, which knows the conversation that each record is a part of."""
        ledger = FileLedger(source, self.file, self.n)
        ledger.within = np.searchsorted(np.array(self.begins, dtype=np.int64), np.arange(self.n), side="right") - 1
        return ledger

    def add(self, block: Block) -> None:
        """Take the conversations of a block."""
        self.begins += block.at.tolist()
        self.n += block.size
        self.spans.extend({"stamp": block.updated, "start": block.at, "stop": block.stop, "key": block.key})
        self.parts.extend(dict(zip(("at", "talk"), block.parts, strict=True)))
        self.messages.extend(block.messages)
        for row in block.ratings:
            for name, value in zip(_RATING, row, strict=True):
                self.ratings[name].append(value)
        self.rows.extend(block.rows, len(block.at))

    def take(self, count: int) -> range:
        """Number the next records."""
        start, self.n = self.n, self.n + count
        return range(start, self.n)


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read conversations.

    Returns
    -------
    Reading
        One event per conversation, parts merged (or one per message); ratings as responses or context.

    Raises
    ------
    InputError
        When a file is no JSON or holds no conversation.
    StudyError
        When an option, or the survey the study names, does not fit.
    """
    options = check_options(source, OPTIONS, "intercom")
    check_columns(source, ())
    each = per_message(source, options)
    every = [_load(file, source) for file in files]
    ledgers = [f.ledger(source.name) for f in every]
    spans = [f.spans.frame() for f in every]
    keep_newest_spans(
        [
            Spans(s["key"], s["stamp"].to_numpy(), s["start"].to_numpy(), s["stop"].to_numpy(), s["start"].to_numpy())
            for s in spans
        ],
        ledgers,
        "conversation",
    )
    parts: dict[str, list[pd.DataFrame]] = {}
    for f, ledger, span in zip(every, ledgers, spans, strict=True):
        for name, frame in _tables(f, span["start"].to_numpy(), ledger, source, study, each).items():
            parts.setdefault(name, []).append(frame)
    inputs, rows = join_ledgers(ledgers)
    tables: dict[str, Any] = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    return Reading(source.name, "intercom", inputs, rows, **tables)


def _load(file: SourceFile, source: SourceSettings) -> _File:
    wanted = tuple(source.attributes)
    out = _File(file, Rows((*_ROW, *(f"extra {a}" for a in wanted))), {c: [] for c in _RATING})
    tz = ZoneInfo(source.tz) if source.tz else None
    needed = shape(wanted)
    layout = Layout(needed) if all(isinstance(needed[a], str) for a in wanted) else None
    for batch in batches(file, unproven=True):
        table = layout.table(batch) if layout is not None else None
        block = lay_out(table, tz, file.name, out.n, plain_text, wanted) if table is not None else None
        if block is not None:
            out.add(block)
            continue
        values = batch.values()
        if batch.refuse is not None and not all(isinstance(v, dict) for v in values):
            batch.refuse()
            continue
        for record in values:
            out.begins.append(out.n)
            if isinstance(record, Mapping):
                _conversation(out, record, wanted, tz)
            else:
                out.rejected.setdefault(why_not(record), []).extend(out.take(1))
    if not out.n:
        raise InputError(f"{file.name}: the export is empty: it holds no conversation")
    return out


def _side(author: Mapping[str, Any]) -> str:
    kind = str(author.get("type"))
    if kind in CUSTOMER:
        return "customer"
    # an answer by the AI agent goes out in the name of an admin
    return "bot" if kind in BOT or author.get("from_ai_agent") is True else "person"


def _conversation(out: _File, record: Mapping[str, Any], wanted: tuple[str, ...], tz: ZoneInfo | None) -> None:
    """Lay out one conversation: itself, its parts, its rating."""
    (at,) = out.take(1)
    parts = children(record, "conversation_parts")
    places = out.take(len(parts))
    rating = child(record, "conversation_rating")
    rated = out.take(1 if word(rating.get("rating")) is not None else 0)
    key, where = word(record.get("id")), out.file.name
    begun = microseconds(record.get("created_at"), tz, where)
    if key is None or begun is None:
        why = "no id" if key is None else "created_at is no moment"
        out.rejected.setdefault(why, []).extend(range(at, out.n))
        return
    updated = microseconds(record.get("updated_at"), tz, where)
    out.spans.add((-1 if updated is None else updated, at, out.n, key))
    start = child(record, "source")
    author = child(start, "author")
    _say(out, at, at, begun, author, start.get("body"))
    for place, part in zip(places, parts, strict=True):
        out.parts.add((place, at))
        moment = microseconds(part.get("created_at"), tz, where)
        if word(part.get("body")) and "note" not in str(part.get("part_type")) and moment is not None:
            _say(out, place, at, moment, child(part, "author"), part.get("body"))
    for place in rated:
        when = microseconds(rating.get("created_at"), tz, where)
        values = (
            place,
            at,
            begun if when is None else when,
            word(rating.get("rating")),
            word(rating.get("remark")),
            key,
        )
        for name, value in zip(_RATING, values, strict=True):
            out.ratings[name].append(value)
    statistics = child(record, "statistics")
    contacts = children(record, "contacts") or [c for c in [author] if _side(c) == "customer"]
    contact = contacts[0] if contacts else {}
    written = next((a for a in [author, *(child(p, "author") for p in parts)] if _side(a) == "customer"), {})
    person = word(contact.get("id"))
    out.rows.add({
        "talk": at, "id": key, "start": begun, "channel": start.get("type"), "subject": plain_text(word(start.get("subject"))),
        "state": record.get("state"), "via": start.get("delivered_as"), "team": record.get("team_assignee_id"),
        "assignee": record.get("admin_assignee_id"), "parts": len(parts), "rating": rating.get("rating"),
        "reopenings": _reopenings(statistics, parts), "hand_overs": _hand_overs(statistics, parts),
        "replied": _replied(statistics, begun, tz, where) if not parts else None,
        "device": f"intercom contact {person}" if person else None, "account": contact.get("external_id"),
        "email": written.get("email") or contact.get("email"), "name": written.get("name") or contact.get("name"),
        "phone": contact.get("phone"), **{f"extra {a}": record.get(a) for a in wanted},
    })  # fmt: skip


def _say(out: _File, at: int, talk: int, moment: int, author: Mapping[str, Any], body: Any) -> None:
    side = _side(author)
    # what we wrote is counted and timed, never kept
    text = plain_text(word(body)) if side == "customer" else None
    out.messages.add((at, talk, moment, side, text, word(author.get("id"))))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6 else None


def _reopenings(statistics: Mapping[str, Any], parts: list[Mapping[str, Any]]) -> int | None:
    counted = _count(statistics.get("count_reopens"))
    if counted is not None or not parts:
        return counted
    kinds = [str(p.get("part_type")) for p in parts]
    return sum(k == "open" and "close" in kinds[:i] for i, k in enumerate(kinds))


def _hand_overs(statistics: Mapping[str, Any], parts: list[Mapping[str, Any]]) -> int | None:
    given = [word(child(p, "assigned_to").get("id")) for p in parts]
    to = [g for g in given if g is not None]
    if to:
        return sum(a != b for a, b in pairwise(to))
    counted = _count(statistics.get("count_assignments"))
    return max(0, counted - 1) if counted is not None else 0 if parts else None


def _replied(statistics: Mapping[str, Any], begun: int, tz: ZoneInfo | None, where: str) -> float | None:
    """Return the seconds to the first reply of a conversation that came without its parts."""
    reply = microseconds(statistics.get("first_admin_reply_at"), tz, where)
    asked = microseconds(statistics.get("first_contact_reply_at"), tz, where) or begun
    return (reply - asked) / 1e6 if reply is not None and reply >= asked else None


def _tables(
    f: _File, places: np.ndarray[Any, Any], ledger: FileLedger, source: SourceSettings, study: Study, each: bool
) -> dict[str, pd.DataFrame]:
    for why, rejected in f.rejected.items():
        ledger.reject(np.array(rejected, dtype=np.int64), why)
    for name, odd in f.rows.odd.items():
        ledger.cell(places[odd], name, "holds a list or an object where a value belongs")
    frame = f.rows.frame().set_index(pd.Index(places, dtype="int64"))
    channel = frame["channel"].map(CHANNEL_OF).astype("str").fillna("other")
    messages = f.messages.frame()
    stamps = from_epoch(messages.pop("us"), "us", source.tz)
    messages = messages.assign(utc=stamps.utc, offset=stamps.offset)
    messages = messages[ledger.open[messages["at"].to_numpy(dtype=np.int64)]]
    who = frame[["device", "account", "email", "name", "phone"]]
    country, out = study.company.country, {}
    rating_at = np.array(f.ratings["at"], dtype=np.int64)
    about = np.array(f.ratings["talk"], dtype=np.int64)
    if source.survey is None:
        ledger.context(rating_at, "a rating; name its survey (survey = …) to read it")
    stands = ledger.open[rating_at] if len(rating_at) else np.zeros(0, dtype=bool)
    people = [identifiers_of(ledger.ids[rating_at[stands]], by_name(who.loc[about[stands]]), country)]
    if source.survey is not None and stands.any():
        out = _ratings(f, rating_at, stands, ledger, source, study)
    parts = f.parts.frame().to_numpy(dtype=np.int64)
    if each:
        spoken = parts[np.isin(parts[:, 0], messages["at"])][:, 0]
        parts = parts[~np.isin(parts[:, 0], spoken)]
    ledger.merge(parts[:, 0], parts[:, 1], "a part of its conversation")
    if each:
        messages["channel"] = channel.reindex(messages["talk"]).to_numpy(dtype=object)
        order = messages.sort_values(["talk", "utc", "at"], kind="stable", ignore_index=True)
        talk = order["talk"].to_numpy(dtype=np.int64)
        order["talk"] = frame["id"].loc[talk].to_numpy(dtype=object)
        columns = message_columns(order)
        columns["raw_subject"] = frame["subject"].loc[talk].to_numpy(dtype=object)
        at = order["at"].to_numpy(dtype=np.int64)
        people.append(identifiers_of(ledger.ids[at], by_name(who.loc[talk]), country))
    else:
        at = places[ledger.open[places]]
        columns = _events(frame.loc[at], channel.loc[at], talks(messages).reindex(at), source)
        people.append(identifiers_of(ledger.ids[at], by_name(who.loc[at]), country))
    out["events"] = events_table(ledger, at, columns, source)
    return {**out, "identifiers": pd.concat(people, ignore_index=True)}


def _events(frame: pd.DataFrame, channel: pd.Series[Any], talk: pd.DataFrame, source: SourceSettings) -> dict[str, Any]:
    stamps = from_epoch(frame["start"], "us", source.tz)
    queue = translate(frame["team"].reset_index(drop=True), value_map(source, "queue")).astype("str")
    queue = queue.set_axis(frame.index)
    whole = frame["parts"].ne("0")
    person = talk["agent_messages"].gt(0) | frame["replied"].notna()
    inbound = talk["first"].eq("customer")
    waited = pd.to_numeric(frame["replied"], errors="coerce").astype("Float64")
    status = pd.Series(
        np.select([person, inbound & talk["bot_messages"].gt(0), inbound & whole], ["answered", "bot only", "unanswered"], "open"),
        index=frame.index, dtype="str",
    )  # fmt: skip
    lasted = (talk["end"] - talk["start"]).dt.total_seconds().astype("Float64")
    number = {n: pd.to_numeric(frame[n], errors="coerce").astype("Int64") for n in ("reopenings", "hand_overs")}
    rating = pd.to_numeric(frame["rating"], errors="coerce").astype("Float64")
    columns: dict[str, Any] = {
        "case_id": frame["id"], "thread_id": frame["id"], "timestamp": stamps.utc, "utc_offset": stamps.offset,
        "channel": channel, "touchpoint": labels(channel, queue, status),
        "direction": inbound.map({True: "inbound", False: "outbound"}).astype("str"),
        "lifecycle": np.full(len(frame), "start", dtype=object),
        "wait_s": talk["wait_s"].fillna(waited.where(inbound)),
        "duration_s": lasted.where(channel.eq("chat") & whole),
        "resource": talk["last_who"].astype("str").fillna(frame["assignee"]), "queue": queue, "owner_mined": queue,
        "text": talk["text"], "raw_subject": frame["subject"], "raw_status": status, "raw_event": frame["via"],
        **counts_of(talk, whole),
        "state": frame["state"], "rating": rating, **number,
    }  # fmt: skip
    return {**columns, **attributes_of(frame, source)}


def _ratings(
    f: _File,
    at: np.ndarray[Any, Any],
    stands: np.ndarray[Any, Any],
    ledger: FileLedger,
    source: SourceSettings,
    study: Study,
) -> dict[str, pd.DataFrame]:
    frame = pd.DataFrame({n: pd.Series(f.ratings[n], dtype="str") for n in ("rating", "remark", "reference")})
    when = from_epoch(pd.Series(f.ratings["us"], dtype="int64"), "us", None).utc
    chosen = frame[stands].reset_index(drop=True)
    more = {"reference": chosen["reference"], "comment": chosen["remark"]}
    return responses_of(chosen, at[stands], when[stands], survey_of(source, study), ledger, source, more)
