"""Zendesk: tickets, comments, users, groups, field history and ratings, as its API returns them or as a warehouse copied them.

JSON arrays, JSON lines or CSV, packed or not; one source may hold all parts, told apart by
their fields. A ticket with all its messages is one event, when the ticket was created; comments and
its history are *merged* into it, users and groups are *context*. Of a ticket exported twice the newest
state stands. Tickets that were merged in Zendesk are merged here.

* ``wait_s`` = until the first public comment by somebody of the company.
* ``duration_s``, for chats = until the last public comment.
* ``text`` = what the requester wrote, public comments only.
* the queue is the group, by its name where groups are there; ``hand_overs`` (assignees beyond the first)
  and ``reopenings`` (solved or closed, and then not) where the history is there.
* ``satisfaction`` = the ticket's rating (``good``, ``bad``, ``offered``, ``unoffered``).
* rules see ``event`` = the ticket's own channel (``whatsapp``, ``native_messaging`` …), ``tags``,
  ``subject`` and ``status``.

Ratings, of their own export or inside tickets, become responses when the study names a ``survey`` for
the source (item ``score``, ``codes = {good = 1, bad = 0}``), those only ``offered`` invitations. A rating
inside a ticket is a record of its own, behind the tickets, and dated by the ticket's ``updated_at``,
since Zendesk does not say when it was given.

Stamps of the API carry their zone; warehouse copies lost it and need ``tz``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest._build import (
    attribute_name,
    check_columns,
    check_options,
    events_table,
    identifiers_of,
    missing_text,
    typed,
)
from cxmining.ingest._csv import read_csv
from cxmining.ingest._files import SourceFile
from cxmining.ingest._json import WRAPPERS, is_json, records, why_not
from cxmining.ingest._ledger import FileLedger, join_ledgers
from cxmining.ingest._time import Stamps, parse_stamps
from cxmining.ingest._zendesk_more import ratings_of, with_history
from cxmining.ingest.sniff import zendesk_part
from cxmining.ingest.tabular import mark_duplicates
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["CHANNEL_OF", "OPTIONS", "read"]

OPTIONS: Final[dict[str, str]] = {}
CHANNEL_OF: Final = {
    "email": "mail", "mail": "mail", "web": "web", "web_form": "web", "help_center": "web", "web_widget": "web",
    "chat": "chat", "live_chat": "chat", "native_messaging": "chat", "messaging": "chat", "sunshine_conversations_api": "chat",
    "whatsapp": "chat", "telegram": "chat", "line": "chat", "any_channel": "other", "api": "other",
    "facebook": "social", "instagram_dm": "social", "twitter": "social", "twitter_dm": "social", "x_corp": "social",
    "voice": "phone", "phone": "phone", "mobile": "app", "mobile_sdk": "app", "sms": "sms", "text": "sms",
}  # fmt: skip
_FIELDS: Final = {
    "tickets": ("id", "created_at", "updated_at", "status", "type", "subject", "description", "requester_id", "submitter_id",
                "assignee_id", "group_id", "via_channel", "tags", "merged_ticket_ids", "from_address", "from_phone",
                "satisfaction_rating", "satisfaction_comment"),
    "comments": ("id", "ticket_id", "author_id", "created_at", "body", "public"),
    "users": ("id", "role", "email", "phone", "name", "external_id"),
    "groups": ("id", "name"),
    "history": ("ticket_id", "field_name", "value", "updated"),
    "ratings": ("id", "ticket_id", "requester_id", "score", "comment", "created_at", "updated_at"),
}  # fmt: skip
_STAFF: Final = ("agent", "admin")


@dataclass(frozen=True)
class _File:
    """One file: its part, its ledger, its records as text under the API's names."""

    part: str
    ledger: FileLedger
    frame: pd.DataFrame
    name: str
    rated: np.ndarray[Any, Any]
    """Positions of tickets whose rating is a record of its own, behind all tickets."""

    @property
    def open(self) -> np.ndarray[Any, Any]:
        """Which rows of `frame` stand so far."""
        return self.ledger.open[: len(self.frame)]

    def whole(self) -> pd.DataFrame:
        """Return `frame` with a row for each rating, that equals no other."""
        if not len(self.rated):
            return self.frame
        frame = self.frame.reindex(range(self.ledger.n))
        return frame.assign(rating_of=np.append(np.full(len(self.frame), -1), self.ledger.ids[self.rated]))


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read tickets with their comments and users.

    Returns
    -------
    Reading
        One event per ticket; comments merged, users context.

    Raises
    ------
    InputError
        When a file is no part of a Zendesk export, or stamps carry no zone and ``tz`` is not given.
    """
    check_options(source, OPTIONS, "zendesk")
    check_columns(source, ())
    every = [_load(f, source) for f in files]
    for part in _FIELDS:
        same = [f for f in every if f.part == part]
        if same:
            mark_duplicates([f.ledger for f in same], [f.whole() for f in same])
    users = _users([f for f in every if f.part == "users"])
    groups = _groups([f for f in every if f.part == "groups"])
    tickets, notes = _tickets([f for f in every if f.part == "tickets"], source)
    comments, more = _comments([f for f in every if f.part == "comments"], tickets, source)
    notes += more
    tickets = with_history([f for f in every if f.part == "history"], tickets, source)
    tickets["group_id"] = tickets["group_id"].map(groups).astype("str").fillna(tickets["group_id"])
    events = [
        _events(tickets[tickets["file"] == k], f, comments, users, source)
        for k, f in enumerate([f for f in every if f.part == "tickets"])
    ]
    rated, raters = ratings_of(every, tickets, source, study)
    inputs, rows = join_ledgers([f.ledger for f in every])
    extra = {**rated, "events": pd.concat(events, ignore_index=True)} if events else dict(rated)
    if not events:
        notes.append(f"source {source.name!r}: there is no ticket among its files, so it makes no event")
    return Reading(
        source.name,
        "zendesk",
        inputs,
        rows,
        identifiers=pd.concat([_people(tickets, users, study), _people(raters, users, study)], ignore_index=True)
        if len(raters)
        else _people(tickets, users, study),
        notes=tuple(dict.fromkeys(notes)),
        **extra,
    )


def _load(file: SourceFile, source: SourceSettings) -> _File:
    broken: dict[int, str] = {}
    if is_json(file):
        rows: list[dict[str, Any]] = []
        for position, record, _ in records(file, wrapped=(*WRAPPERS, "groups", "satisfaction_ratings")):
            if not isinstance(record, dict):
                broken[position] = why_not(record)
                record = {}
            rows.append(record)
        keys = next((set(r) for r in rows if r), set())
        part = _part(keys, file)
        frame = pd.DataFrame([_flat(r, part, source.attributes) for r in rows], dtype="str")
    else:
        raw = read_csv(file, source.encoding, source.delimiter)
        part, broken = _part(set(raw.frame.columns), file), raw.broken
        names = (
            {"user_id": "author_id", "created": "created_at"}
            if part == "comments"
            else {"via_source_from_address": "from_address", "satisfaction_score": "satisfaction_rating"}
        )
        frame = raw.frame.rename(columns={k: v for k, v in names.items() if v not in raw.frame.columns})
        wanted = [*_FIELDS[part], *source.attributes]
        frame = frame.reindex(columns=list(dict.fromkeys(wanted))).astype("str")
    if not len(frame):
        raise InputError(f"{file.name}: the export is empty: it holds no record")
    rated = np.zeros(0, dtype=np.int64)
    if part == "tickets" and source.survey is not None:
        score = frame["satisfaction_rating"].str.lower()
        rated = np.flatnonzero((score.notna() & ~score.isin(["unoffered", "offered", ""])).to_numpy(bool))
    ledger = FileLedger(source.name, file, len(frame) + len(rated))
    if len(rated):
        ledger.within = np.append(np.arange(len(frame)), rated)
    for position, reason in sorted(broken.items()):
        ledger.reject([position], reason)
    if part != "history":
        ledger.reject(missing_text(frame["id"]).isna().to_numpy(), "no id")
    return _File(part, ledger, frame.apply(missing_text), file.name, rated)


def _part(keys: set[str], file: SourceFile) -> str:
    part = zendesk_part(keys)
    if not part:
        shown = ", ".join(sorted(keys)[:8]) or "none"
        raise InputError(
            f"{file.name}: is neither tickets, comments nor users of Zendesk (fields: {shown}); leave it out of the source"
        )
    return part


def _flat(record: dict[str, Any], part: str, attributes: Sequence[str]) -> dict[str, str | None]:
    out: dict[str, Any] = {k: record.get(k) for k in (*_FIELDS[part], *attributes)}
    if part == "tickets":
        via = record.get("via")
        if isinstance(via, dict):
            origin = (via.get("source") or {}).get("from") or {}
            out["via_channel"] = via.get("channel")
            out["from_address"], out["from_phone"] = origin.get("address"), origin.get("phone")
        rating = record.get("satisfaction_rating")
        if isinstance(rating, dict):
            out["satisfaction_rating"], out["satisfaction_comment"] = rating.get("score"), rating.get("comment")
    elif part == "comments":
        out["author_id"] = record.get("author_id", record.get("user_id"))
        out["created_at"] = record.get("created_at", record.get("created"))
        out["body"] = record.get("plain_body") or record.get("body")
    return {k: _word(v) for k, v in out.items()}


def _word(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(str(v) for v in value) or None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _stamps(f: _File, column: str, source: SourceSettings) -> Stamps:
    return parse_stamps(f.frame[column], source.tz, f"{f.name}, field {column!r}")


def _users(files: list[_File]) -> pd.DataFrame:
    for f in files:
        f.ledger.context(f.ledger.open, "a user: says who requesters and agents are")
    if not files:
        return pd.DataFrame(columns=list(_FIELDS["users"]), dtype="str").set_index("id")
    users = pd.concat([f.frame for f in files], ignore_index=True).dropna(subset="id")
    return users.groupby("id").last()  # the last state, field by field


def _groups(files: list[_File]) -> dict[str, str]:
    """Return group → its name."""
    names: dict[str, str] = {}
    for f in files:
        f.ledger.context(f.ledger.open, "a group: says what queues are called")
        named = f.frame.dropna(subset=["id", "name"])
        names |= dict(zip(named["id"], named["name"], strict=True))
    return names


def _tickets(files: list[_File], source: SourceSettings) -> tuple[pd.DataFrame, list[str]]:
    parts: list[pd.DataFrame] = []
    notes: list[str] = []
    for k, f in enumerate(files):
        created = _stamps(f, "created_at", source)
        notes += created.notes(source.name)
        updated = _stamps(f, "updated_at", source)
        f.ledger.reject(created.missing | created.bad, "created_at is no moment")
        f.ledger.reject(f.frame["status"].eq("deleted").to_numpy(), "deleted in Zendesk")
        part = f.frame.assign(
            utc=created.utc, offset=created.offset, updated=updated.utc, file=k, at=np.arange(len(f.frame))
        )
        parts.append(part.assign(record=f.ledger.ids[: len(part)].astype(str))[f.open])
    if not parts:
        return pd.DataFrame(
            columns=["id", "record", "utc", "requester_id", "file", "from_address", "from_phone", "group_id"],
            dtype="str",
        ), notes
    tickets = pd.concat(parts, ignore_index=True)
    newest = tickets.sort_values(["updated", "file", "at"], kind="stable", na_position="first").groupby("id").tail(1)
    stands = tickets.index.isin(newest.index)
    target = newest.set_index("id")["record"]
    for k, f in enumerate(files):
        old = tickets[~stands & (tickets["file"] == k)]
        f.ledger.duplicate(
            old["at"].to_numpy(dtype=np.int64),
            old["id"].map(target.to_dict()).to_numpy(dtype=object),
            "an older state of the same ticket",
        )
    tickets = tickets[stands].reset_index(drop=True)
    into = _merged(tickets)
    gone = tickets["id"].isin(into)
    for k, f in enumerate(files):
        mine = tickets[gone & (tickets["file"] == k)]
        f.ledger.merge(
            mine["at"].to_numpy(dtype=np.int64),
            mine["id"].map(into).map(target.to_dict()).to_numpy(dtype=object),
            "merged into another ticket in Zendesk",
        )
    tickets.attrs["alias"] = into
    return tickets[~gone].reset_index(drop=True), notes


def _merged(tickets: pd.DataFrame) -> dict[str, str]:
    """Return ticket → the ticket it finally lives on in, for those that are in the export."""
    there = set(tickets["id"])
    direct: dict[str, str] = {}
    for target, listed in tickets[["id", "merged_ticket_ids"]].dropna().itertuples(index=False):
        for other in re.findall(r"\d+", listed):
            if other in there and other != target:
                direct[other] = target
    final = {}
    for start in direct:
        seen, here = {start}, direct[start]
        while here in direct and here not in seen:
            seen.add(here)
            here = direct[here]
        if here not in direct:
            final[start] = here
    return final


def _comments(files: list[_File], tickets: pd.DataFrame, source: SourceSettings) -> tuple[pd.DataFrame, list[str]]:
    parts: list[pd.DataFrame] = []
    notes: list[str] = []
    alias: dict[str, str] = tickets.attrs.get("alias", {})
    record = tickets.set_index("id")["record"] if len(tickets) else pd.Series(dtype="str")
    for f in files:
        created = _stamps(f, "created_at", source)
        f.ledger.reject(created.missing | created.bad, "created_at is no moment")
        ticket = f.frame["ticket_id"].replace(alias)
        home = _look_up(ticket, record)
        f.ledger.reject(home.isna().to_numpy(), "its ticket is not in the export, or was rejected")
        at = np.flatnonzero(f.ledger.open)
        f.ledger.merge(at, home.iloc[at].to_numpy(dtype=object), "a message of its ticket")
        part = f.frame.assign(ticket_id=ticket, utc=created.utc).iloc[at]
        parts.append(part)
    if not parts:
        none = pd.DataFrame(columns=list(_FIELDS["comments"]), dtype="str")
        return none.assign(utc=pd.Series([], dtype="datetime64[us, UTC]")), notes
    comments = pd.concat(parts, ignore_index=True)
    if comments["id"].duplicated().any():
        comments = comments.drop_duplicates("id")
    return comments.sort_values(["ticket_id", "utc"], kind="stable", ignore_index=True), notes


def _look_up(keys: pd.Series[Any], values: pd.Series[Any]) -> pd.Series[Any]:
    """Return the value of each key; ``map`` forgets the type when there is no value at all."""
    return values.reindex(pd.Index(keys)).set_axis(keys.index)


def _events(
    tickets: pd.DataFrame, f: _File, comments: pd.DataFrame, users: pd.DataFrame, source: SourceSettings
) -> pd.DataFrame:
    tickets = tickets.sort_values("at", ignore_index=True)
    role = users["role"] if len(users) else pd.Series(dtype="str")
    public = comments[~comments["public"].astype("str").str.lower().eq("false")].copy()
    facts = tickets.set_index("id")
    public["requester"] = _look_up(public["ticket_id"], facts["requester_id"])
    by_staff = (
        _look_up(public["author_id"], role).isin(_STAFF) if len(role) else public["author_id"].ne(public["requester"])
    )
    public["created"] = _look_up(public["ticket_id"], facts["utc"])
    answers = public[by_staff & public["author_id"].notna() & (public["utc"] >= public["created"])]
    wait = (_look_up(tickets["id"], answers.groupby("ticket_id")["utc"].min()) - tickets["utc"]).dt.total_seconds()
    last = _look_up(tickets["id"], public.groupby("ticket_id")["utc"].max()) - tickets["utc"]
    said = public[public["author_id"].eq(public["requester"])].dropna(subset="body")
    text = (
        _look_up(tickets["id"], said.groupby("ticket_id")["body"].agg("\n".join))
        if len(said)
        else pd.Series(np.nan, tickets.index, dtype="str")
    )
    text = text.astype("str").fillna(tickets["description"])
    via = tickets["via_channel"].str.lower()
    channel = via.map(CHANNEL_OF).fillna("other")
    staff_asks = _look_up(tickets["requester_id"], role).isin(_STAFF)
    staff_starts = _look_up(tickets["submitter_id"], role).isin(_STAFF) & ~staff_asks
    direction = np.where(staff_asks, "internal", np.where(staff_starts, "outbound", "inbound"))
    waits = pd.Series(wait, dtype="Float64").mask(pd.Series(direction == "outbound"))
    columns: dict[str, Any] = {
        "case_id": tickets["id"], "timestamp": tickets["utc"], "utc_offset": tickets["offset"], "channel": channel.astype("str"),
        "touchpoint": channel.astype("str") + ": " + tickets["type"].fillna("ticket"), "direction": direction,
        "lifecycle": np.full(len(tickets), "start", dtype=object), "wait_s": waits,
        "duration_s": pd.Series(last.dt.total_seconds(), dtype="Float64").where(channel == "chat"),
        "resource": tickets["assignee_id"], "queue": tickets["group_id"], "owner_mined": tickets["group_id"],
        "thread_id": tickets["id"], "text": text, "raw_subject": tickets["subject"], "raw_status": tickets["status"],
        "raw_tags": tickets["tags"], "raw_event": via,
    }  # fmt: skip
    for name in ("reopenings", "hand_overs"):
        if name in tickets:
            columns[name] = tickets[name]
    if tickets["satisfaction_rating"].notna().any():
        columns["satisfaction"] = tickets["satisfaction_rating"].str.lower()
    for name in source.attributes:
        columns[attribute_name(name)] = typed(tickets[name], name)
    return events_table(f.ledger, tickets["at"].to_numpy(dtype=np.int64), columns, source)


def _people(tickets: pd.DataFrame, users: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Requesters: what their user says, and the requester itself, so that tickets of one user meet."""
    asked = tickets["requester_id"]
    staff = _look_up(asked, users["role"]).isin(_STAFF) if len(users) else pd.Series(False, index=asked.index)
    who: dict[str, Any] = {
        "device": ("zendesk user " + asked.astype("str")).where(~staff),
        "email#from": tickets["from_address"].astype("str"),
        "phone#from": tickets["from_phone"].astype("str"),
    }
    if len(users):
        for kind, column in (("account", "external_id"), ("email", "email"), ("phone", "phone"), ("name", "name")):
            who[kind] = _look_up(asked, users[column]).where(~staff)
    return identifiers_of(tickets["record"].to_numpy(dtype=object), who, study.company.country)
