"""Zendesk: tickets, comments, users, groups, field history and ratings, as its API returns them or as a warehouse copied them.

JSON arrays, JSON lines or CSV, packed or not; one source may hold all parts, told apart by
their fields. A ticket with all its messages is one event, when the ticket was created; comments and
its history are *merged* into it, users and groups are *context*. Of a ticket exported twice the newest
state stands. Tickets that were merged in Zendesk are merged here.

* ``wait_s`` = until the first public comment by somebody of the company.
* ``duration_s``, for chats = until the last public comment.
* ``text`` = what the requester wrote, public comments only.
* the queue is the group, by its name where groups are there; ``reopenings`` (solved or closed, and then not) and
  ``route`` (the groups it went through, see `cxmining.ingest.records.routes`) where the history is there; ``hand_overs`` = assignees beyond the first, without the history how often
  another agent wrote.
* ``messages`` (public ones) and those of each side (``customer_messages``, ``agent_messages``, ``bot_messages``), ``bot_s``
  = how long the bot had it, where comments are there. A bot's answer ends no wait.
* ``satisfaction`` = the ticket's rating (``good``, ``bad``, ``offered``, ``unoffered``).
* rules see ``event`` = the ticket's own channel (``whatsapp``, ``native_messaging`` …), ``tags``,
  ``subject`` and ``status``.

Ratings, of their own export or inside tickets, become responses when the study names a ``survey`` for
the source (item ``score``, ``codes = {good = 1, bad = 0}``), those only ``offered`` invitations. A rating
inside a ticket is a record of its own, behind the tickets, and dated by the ticket's ``updated_at``,
since Zendesk does not say when it was given.

Stamps of the API carry their zone; warehouse copies lost it and need ``tz``.

Options
-------
per : str
    ``"conversation"`` (default: a ticket) or ``"message"``: then each public comment is an event of its own, with the
    seconds until an agent replied, and so is the description of a ticket without comments.
bots : list of str
    Ids of users that are machines; Zendesk's own is ``-1``.
values : table
    ``values = {queue = {"id" = "name"}}``: what groups are called, where their export is not there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest.contact.columns import Columns, Path
from cxmining.ingest.contact.common import keep_newest
from cxmining.ingest.contact.marks import zendesk_part
from cxmining.ingest.contact.talks import counts_of, per_message
from cxmining.ingest.contact.zendesk_more import ratings_of, with_history
from cxmining.ingest.contact.zendesk_talks import STAFF, bots_of, message_events, said, summed
from cxmining.ingest.files.csv_rows import read_csv
from cxmining.ingest.files.json_records import WRAPPERS, batches, is_json, parse
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import (
    attribute_name,
    check_columns,
    check_options,
    events_table,
    identifiers_of,
    missing_text,
    typed,
    value_map,
)
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.ingest.records.times import Stamps, parse_stamps
from cxmining.ingest.tables.tabular import mark_duplicates
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["CHANNEL_OF", "OPTIONS", "read"]

OPTIONS: Final = {
    "per": '"conversation" or "message"', "bots": "ids of users that are machines", "values": "group id → name",
}  # fmt: skip
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


# Where a field stands in the records of the interface; copies have it under its name.
_PATHS: Final[dict[str, dict[str, tuple[Path, ...]]]] = {
    "tickets": {
        "via_channel": (("via", "channel"), ("via_channel",)),
        "from_address": (("via", "source", "from", "address"), ("from_address",)),
        "from_phone": (("via", "source", "from", "phone"), ("from_phone",)),
        "satisfaction_rating": (("satisfaction_rating", "score"), ("satisfaction_rating",)),
        "satisfaction_comment": (("satisfaction_rating", "comment"), ("satisfaction_comment",)),
    },
    "comments": {
        "author_id": (("author_id",), ("user_id",)), "created_at": (("created_at",), ("created",)),
        "body": (("plain_body",), ("body",)),
    },
}  # fmt: skip


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
    options = check_options(source, OPTIONS, "zendesk")
    check_columns(source, ())
    each, bots = per_message(source, options), bots_of(source, options)
    every = [_load(f, source) for f in files]
    for part in _FIELDS:
        same = [f for f in every if f.part == part]
        if same:
            mark_duplicates([f.ledger for f in same], [f.whole() for f in same])
    users = _users([f for f in every if f.part == "users"])
    groups = _groups([f for f in every if f.part == "groups"]) | value_map(source, "queue")
    tickets, notes = _tickets([f for f in every if f.part == "tickets"], source)
    comments, more = _comments(every, tickets, source)
    notes += more
    messages = said(comments, tickets, users, bots)
    _merge([f.ledger for f in every], messages if each else None, comments)
    tickets = with_history([f for f in every if f.part == "history"], tickets, source, groups)
    tickets["group_id"] = tickets["group_id"].map(groups).astype("str").fillna(tickets["group_id"])
    asked: pd.DataFrame = tickets
    if each and len(tickets):
        tickets["part"] = np.array([k for k, f in enumerate(every) if f.part == "tickets"])[
            tickets["file"].to_numpy(int)
        ]
        via = tickets["via_channel"].str.lower()
        channel = via.map(CHANNEL_OF).astype("str").fillna("other")
        events, asked = message_events(every, messages, tickets, channel, source)
    else:
        events = [
            _events(tickets[tickets["file"] == k], f, messages, users, source)
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
        identifiers=pd.concat([_people(asked, users, study), _people(raters, users, study)], ignore_index=True)
        if len(raters)
        else _people(asked, users, study),
        notes=tuple(dict.fromkeys(notes)),
        **extra,
    )


def _load(file: SourceFile, source: SourceSettings) -> _File:
    broken: dict[int, str] = {}
    rows: Columns | None = None
    if is_json(file):
        part, rows = _rows(file, source)
        frame = rows.frame()
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
    if rows is not None:
        rows.account(ledger)
    if part != "history":
        ids = frame["id"] if rows is not None else missing_text(frame["id"])
        ledger.reject(ids.isna().to_numpy(), "no id")
    # what came as JSON was stripped when it became columns
    return _File(part, ledger, frame if rows is not None else frame.apply(missing_text), file.name, rated)


def _part(keys: set[str], file: SourceFile) -> str:
    part = zendesk_part(keys)
    if not part:
        shown = ", ".join(sorted(keys)[:8]) or "none"
        raise InputError(
            f"{file.name}: is neither tickets, comments nor users of Zendesk (fields: {shown}); leave it out of the source"
        )
    return part


def _rows(file: SourceFile, source: SourceSettings) -> tuple[str, Columns]:
    """Lay the records of a JSON file flat; the first that has fields says which part of an export they are."""
    part, columns = "", Columns({})
    for batch in batches(file, wrapped=(*WRAPPERS, "groups", "satisfaction_ratings"), unproven=True):
        if not part:
            some = batch.parsed if batch.parsed is not None else map(parse, batch.lines or ())
            part = _part(next((set(r) for r in some if isinstance(r, dict) and r), set()), file)
            names = dict.fromkeys((*_FIELDS[part], *source.attributes))
            columns = Columns(
                {n: _PATHS.get(part, {}).get(n, ((n,),)) for n in names}, lists=("tags", "merged_ticket_ids")
            )
        columns.add_batch(batch)
    if not part:
        _part(set(), file)
    # a rating that nobody gave is an object too
    columns.odd.pop("satisfaction_rating", None)
    return part, columns


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
        f.ledger.never(created, "created_at")
        f.ledger.reject(created.missing | created.bad, "created_at is no moment")
        f.ledger.reject(f.frame["status"].eq("deleted").to_numpy(), "deleted in Zendesk")
        part = f.frame.assign(
            utc=created.utc, offset=created.offset, updated=updated.utc, file=k, at=np.arange(len(f.frame))
        )
        part = part.assign(record=f.ledger.names[: len(part)])
        parts.append(part if f.open.all() else part[f.open])
    if not parts:
        return pd.DataFrame(
            columns=["id", "record", "utc", "requester_id", "file", "from_address", "from_phone", "group_id"],
            dtype="str",
        ), notes
    tickets = pd.concat(parts, ignore_index=True)
    if not tickets["id"].is_unique:
        order = tickets.sort_values(["updated", "file", "at"], kind="stable", na_position="first")
        newest = order.groupby("id").tail(1)
        stands = tickets.index.isin(newest.index)
        target = newest.set_index("id")["record"]
        for k, f in enumerate(files):
            old = tickets[~stands & (tickets["file"] == k)]
            f.ledger.duplicate(
                old["at"].to_numpy(dtype=np.int64),
                _look_up(old["id"], target).to_numpy(dtype=object),
                "an older state of the same ticket",
            )
        tickets = tickets[stands].reset_index(drop=True)
    into = _merged(tickets)
    if into:
        gone = tickets["id"].isin(into)
        target = tickets.set_index("id")["record"]
        for k, f in enumerate(files):
            mine = tickets[gone & (tickets["file"] == k)]
            f.ledger.merge(
                mine["at"].to_numpy(dtype=np.int64),
                _look_up(mine["id"].map(into), target).to_numpy(dtype=object),
                "merged into another ticket in Zendesk",
            )
        tickets = tickets[~gone].reset_index(drop=True)
    tickets.attrs["alias"] = into
    return tickets, notes


def _merged(tickets: pd.DataFrame) -> dict[str, str]:
    """Return ticket → the ticket it finally lives on in, for those that are in the export."""
    listing = tickets[["id", "merged_ticket_ids"]].dropna()
    there = set(tickets["id"]) if len(listing) else set()
    direct: dict[str, str] = {}
    for target, listed in listing.itertuples(index=False):
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


def _comments(every: list[_File], tickets: pd.DataFrame, source: SourceSettings) -> tuple[pd.DataFrame, list[str]]:
    """Return the comments of tickets that stand, each with the ticket it lives on in; of a copied one the last."""
    files = [(k, f) for k, f in enumerate(every) if f.part == "comments"]
    notes: list[str] = []
    alias: dict[str, str] = tickets.attrs.get("alias", {})
    record = tickets.set_index("id")["record"] if len(tickets) else pd.Series(dtype="str")
    parts: list[pd.DataFrame] = []
    for k, f in files:
        created = _stamps(f, "created_at", source)
        notes += created.notes(source.name)
        f.ledger.never(created, "created_at")
        f.ledger.reject(created.missing | created.bad, "created_at is no moment")
        ticket = f.frame["ticket_id"].replace(alias)
        home = _look_up(ticket, record)
        f.ledger.reject(home.isna().to_numpy(), "its ticket is not in the export, or was rejected")
        part = f.frame.assign(ticket_id=ticket, utc=created.utc, offset=created.offset, home=home, part=k)
        parts.append(part.assign(at=np.arange(len(part)), record=f.ledger.ids[: len(part)].astype(str)))
    if not parts:
        none = pd.DataFrame(columns=[*_FIELDS["comments"], "home", "record"], dtype="str")
        moment = pd.Series([], dtype="datetime64[us, UTC]")
        whole = pd.Series([], dtype="int64")
        return none.assign(utc=moment, offset=pd.Series([], dtype="Int16"), part=whole, at=whole), notes
    ledgers = [f.ledger for _, f in files]
    keep_newest(ledgers, [p["id"] for p in parts], [p["utc"] for p in parts], "comment")
    comments = pd.concat([p[f.open] for p, (_, f) in zip(parts, files, strict=True)], ignore_index=True)
    return comments.sort_values(["ticket_id", "utc"], kind="stable", ignore_index=True), notes


def _merge(ledgers: list[FileLedger], messages: pd.DataFrame | None, comments: pd.DataFrame) -> None:
    """Merge comments into their tickets; where `messages` are to be events, only those that are none."""
    for k in comments["part"].unique():
        mine = comments[comments["part"] == k]
        if messages is not None:
            mine = mine[~mine["at"].isin(messages.loc[messages["part"] == k, "at"])]
        ledgers[k].merge(
            mine["at"].to_numpy(dtype=np.int64), mine["home"].to_numpy(dtype=object), "a message of its ticket"
        )


def _look_up(keys: pd.Series[Any], values: pd.Series[Any]) -> pd.Series[Any]:
    """Return the value of each key; ``map`` forgets the type when there is no value at all."""
    return values.reindex(pd.Index(keys)).set_axis(keys.index)


def _events(
    tickets: pd.DataFrame, f: _File, messages: pd.DataFrame, users: pd.DataFrame, source: SourceSettings
) -> pd.DataFrame:
    tickets = tickets.sort_values("at", ignore_index=True)
    role = users["role"] if len(users) else pd.Series(dtype="str")
    created = _look_up(messages["ticket_id"], tickets.set_index("id")["utc"])
    answers = messages[messages["side"].eq("person") & (messages["utc"] >= created)]
    wait = (_look_up(tickets["id"], answers.groupby("ticket_id")["utc"].min()) - tickets["utc"]).dt.total_seconds()
    last = _look_up(tickets["id"], messages.groupby("ticket_id")["utc"].max()) - tickets["utc"]
    talk = summed(messages, tickets)
    text = talk["text"].astype("str").fillna(tickets["description"])
    via = tickets["via_channel"].str.lower()
    channel = via.map(CHANNEL_OF).fillna("other")
    staff_asks = _look_up(tickets["requester_id"], role).isin(STAFF)
    staff_starts = _look_up(tickets["submitter_id"], role).isin(STAFF) & ~staff_asks
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
    if talk["messages"].notna().any():
        columns |= {**counts_of(talk), "hand_overs": talk["hand_overs"].astype("Int64")}
    if "reopenings" in tickets:
        columns["reopenings"] = tickets["reopenings"]
        # the history knows whom a ticket was given to, comments only who wrote
        columns["hand_overs"] = tickets["hand_overs"].fillna(columns.get("hand_overs", pd.NA))
    columns |= {name: tickets[name] for name in ("route", "route_waits") if name in tickets}
    if tickets["satisfaction_rating"].notna().any():
        columns["satisfaction"] = tickets["satisfaction_rating"].str.lower()
    for name in source.attributes:
        columns[attribute_name(name)] = typed(tickets[name], name)
    return events_table(f.ledger, tickets["at"].to_numpy(dtype=np.int64), columns, source)


def _people(tickets: pd.DataFrame, users: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Requesters: what their user says, and the requester itself, so that tickets of one user meet."""
    asked = tickets["requester_id"]
    staff = _look_up(asked, users["role"]).isin(STAFF) if len(users) else pd.Series(False, index=asked.index)
    who: dict[str, Any] = {
        "device": ("zendesk user " + asked.astype("str")).where(~staff),
        "email#from": tickets["from_address"].astype("str"),
        "phone#from": tickets["from_phone"].astype("str"),
    }
    if len(users):
        for kind, column in (("account", "external_id"), ("email", "email"), ("phone", "phone"), ("name", "name")):
            who[kind] = _look_up(asked, users[column]).where(~staff)
    return identifiers_of(tickets["record"], who, study.company.country)
