"""Genesys Cloud conversation details: sessions and segments of all who took part, as contacts of the customer.

A record is one session or one survey. Each session of the customer (voice, chat, email, message,
callback) is an event; the sessions of menus, queues and agents are *merged* into the one they served,
so are co-browsing and screen sharing beside another session. Of a conversation exported twice the
one that ended last stands.

* ``wait_s`` = from the beginning until an agent answered, or until the end when none did;
  ``ivr_s`` and ``queue_s`` are the parts spent in menus and queues.
* ``duration_s`` = agents' interacting segments, without hold; not for mail.
* ``hold_s``, ``transfers``, ``wrap_up`` (code), ``wrap_up_s``, ``agents``, ``bot_s``, ``self_served``.
* the queue is the name of the queue's participant, else its id; ``values = {queue = {…}}`` renames.
* ``case_id`` and ``thread_id`` = the conversation.

Surveys become responses when the study names a ``survey`` for the source (items ``surveyPromoterScore``,
``oSurveyTotalScore``), those sent and not completed invitations; otherwise they are context.

``attributes`` may name fields of the conversation (``externalTag``) or the customer's participant attributes.

Options
-------
account : str
    Field of the conversation, or participant attribute, that holds the customer's account; default none.
values : table
    ``values = {queue = {"id" = "name"}}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest._build import (
    check_columns,
    check_options,
    events_table,
    identifiers_of,
    survey_of,
    translate,
    value_map,
)
from cxmining.ingest._contact import (
    Rows,
    Span,
    addresses,
    attributes_of,
    by_name,
    child,
    children,
    is_ours,
    keep_newest_spans,
    labels,
    microseconds,
    responses_of,
    word,
)
from cxmining.ingest._files import SourceFile
from cxmining.ingest._json import records, why_not
from cxmining.ingest._ledger import FileLedger, join_ledgers
from cxmining.ingest._time import from_epoch
from cxmining.schema import Reading, table
from cxmining.study import SourceSettings, Study

__all__ = ["CHANNEL_OF", "OPTIONS", "read"]

OPTIONS: Final = {
    "account": "field of the conversation, or participant attribute, that holds the customer's account",
    "values": "queue id → name",
}
CHANNEL_OF: Final = {
    "voice": "phone", "callback": "phone", "chat": "chat", "message": "chat", "email": "mail", "internalmessage": "chat",
}  # fmt: skip
_BESIDE: Final = ("cobrowse", "screenshare", "screenmonitoring", "video")
_CUSTOMER: Final = ("customer", "external")
_AGENT: Final = ("agent", "user")
_BOT: Final = ("bot", "botflow", "workflow")
# our column → the row's field
_SECONDS: Final = {
    "wait_s": "wait", "duration_s": "talk", "hold_s": "hold", "ivr_s": "ivr", "queue_s": "queued", "bot_s": "bot",
    "wrap_up_s": "wrap_up_s",
}  # fmt: skip
_SCORES: Final = ("surveyPromoterScore", "oSurveyTotalScore")
_EVENT: Final = (
    "media", "start", "end", "direction", "queue", "agent", "wait", "talk", "hold", "ivr", "queued", "bot", "wrap_up",
    "wrap_up_s", "transfers", "agents", "self_served", "status", "phone", "email", "device", "name", "account",
)  # fmt: skip


@dataclass
class _File:
    """What one file holds, grown conversation by conversation; positions are of sessions and surveys."""

    file: SourceFile
    number: int
    events: Rows
    surveys: Rows
    n: int = 0
    begins: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    survey_at: list[int] = field(default_factory=list)
    survey_of: list[int] = field(default_factory=list)
    merged: list[tuple[int, int]] = field(default_factory=list)
    rejected: dict[str, list[int]] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)

    def ledger(self, source: str) -> FileLedger:
        """Return the ledger of the file, which knows the conversation that each record is a part of."""
        ledger = FileLedger(source, self.file, self.n)
        ledger.within = np.searchsorted(np.array(self.begins, dtype=np.int64), np.arange(self.n), side="right") - 1
        return ledger

    def take(self, count: int) -> range:
        """Number the next records."""
        start, self.n = self.n, self.n + count
        return range(start, self.n)


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read conversation details.

    Returns
    -------
    Reading
        One event per session of the customer, other sessions merged; surveys as responses or context.

    Raises
    ------
    InputError
        When a file is no JSON, or its stamps carry no zone and ``tz`` is not given.
    StudyError
        When an option, or the survey the study names, does not fit.
    """
    options = check_options(source, OPTIONS, "genesys")
    check_columns(source, ())
    every = [_load(file, k, source, options) for k, file in enumerate(files)]
    ledgers = [f.ledger(source.name) for f in every]
    keep_newest_spans([span for f in every for span in f.spans], ledgers, "conversation")
    parts: dict[str, list[pd.DataFrame]] = {}
    for f, ledger in zip(every, ledgers, strict=True):
        for name, frame in _tables(f, ledger, source, study).items():
            parts.setdefault(name, []).append(frame)
    inputs, rows = join_ledgers(ledgers)
    tables: dict[str, Any] = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    return Reading(source.name, "genesys", inputs, rows, **tables)


def _load(file: SourceFile, number: int, source: SourceSettings, options: Mapping[str, Any]) -> _File:
    wanted = tuple(source.attributes)
    out = _File(file, number, Rows((*_EVENT, "conversation", *(f"extra {a}" for a in wanted))), Rows(_SURVEY_COLUMNS))
    tz = ZoneInfo(source.tz) if source.tz else None
    for _, record, _ in records(file):
        out.begins.append(out.n)
        if not isinstance(record, Mapping):
            out.rejected.setdefault(why_not(record), []).extend(out.take(1))
            continue
        _conversation(out, record, wanted, str(options.get("account", "")), tz)
    if not out.n:
        raise InputError(f"{file.name}: the export is empty: it holds no conversation")
    return out


@dataclass
class _Session:
    """One session of somebody, with its times in microseconds."""

    at: int
    purpose: str
    media: str
    raw: Mapping[str, Any]
    who: Mapping[str, Any]
    segments: list[tuple[str, int, int | None, Mapping[str, Any]]]

    @property
    def start(self) -> int | None:
        return min((s[1] for s in self.segments), default=None)

    @property
    def end(self) -> int | None:
        return max((s[2] for s in self.segments if s[2] is not None), default=None)

    def spent(self, kind: str) -> int:
        """Return the microseconds in segments of one kind; one that lasts, or runs backwards, counts nothing."""
        return sum(max(0, e - b) for k, b, e, _ in self.segments if k == kind and e is not None)

    def metric(self, name: str) -> float | None:
        found = [m.get("value") for m in children(self.raw, "metrics") if m.get("name") == name]
        numbers = [v for v in found if isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v < 1e12]
        return float(sum(numbers)) if numbers else None


def _sessions(out: _File, record: Mapping[str, Any], tz: ZoneInfo | None) -> list[_Session]:
    sessions = []
    for person in children(record, "participants"):
        raws = children(person, "sessions")
        for at, raw in zip(out.take(len(raws)), raws, strict=True):
            segments = []
            for s in children(raw, "segments"):
                begin = microseconds(s.get("segmentStart"), tz, out.file.name)
                if begin is not None:
                    until = microseconds(s.get("segmentEnd"), tz, out.file.name)
                    segments.append((str(s.get("segmentType")), begin, until, s))
            segments.sort(key=lambda s: s[1])
            purpose, media = str(person.get("purpose")), str(raw.get("mediaType"))
            sessions.append(_Session(at, purpose, media, raw, person, segments))
    return sessions


def _conversation(
    out: _File, record: Mapping[str, Any], wanted: tuple[str, ...], account: str, tz: ZoneInfo | None
) -> None:
    """Lay out one conversation: its sessions, then its surveys."""
    before = out.n
    sessions = _sessions(out, record, tz)
    surveys = children(record, "surveys")
    places = out.take(len(surveys))
    key = word(record.get("conversationId"))
    if out.n == before:
        out.rejected.setdefault("a conversation without any session", []).extend(out.take(1))
        return
    mine = [s for s in sessions if s.purpose == "customer"] or [s for s in sessions if s.purpose == "external"]
    begun = microseconds(record.get("conversationStart"), tz, out.file.name)
    dated = [s for s in mine if s.start is not None or begun is not None]
    why = (
        "no conversationId"
        if key is None
        else ""
        if dated
        else "nobody in it is a customer"
        if not mine
        else "no moment"
    )
    if why or key is None:
        out.rejected.setdefault(why, []).extend(range(before, out.n))
        return
    main = [s for s in dated if s.media not in _BESIDE] or dated[:1]
    serving = _served(sessions, main)
    ended = microseconds(record.get("conversationEnd"), tz, out.file.name)
    # a copy taken while the conversation still went on has no end: it is the older one
    out.spans.append(Span(key, -1 if ended is None else ended, out.number, before, out.n, main[0].at))
    for session in main:
        row = _row(session, serving[session.at], begun, ended, record)
        values = {**child(session.who, "attributes"), **record}
        row |= {"account": values.get(account) if account else None, "conversation": key}
        out.at.append(session.at)
        out.events.add({**row, **{f"extra {a}": values.get(a) for a in wanted}})
        out.merged += [(s.at, session.at) for s in serving[session.at]]
    for at, survey in zip(places, surveys, strict=True):
        when = {c: microseconds(survey.get(c), tz, out.file.name) for c in ("surveyCompletedDate", "eventTime")}
        out.survey_at.append(at)
        out.survey_of.append(main[0].at)
        out.surveys.add({**survey, **when, "conversation": key})


def _served(sessions: list[_Session], main: list[_Session]) -> dict[int, list[_Session]]:
    """Return, for each session of the customer, the others that belong to it."""
    out: dict[int, list[_Session]] = {s.at: [] for s in main}
    by_id = {word(s.raw.get("sessionId")): s for s in main}
    for other in sessions:
        if other.at in out:
            continue
        home = by_id.get(word(other.raw.get("peerId")))
        if home is None:
            same = [s for s in main if s.media == other.media] or main
            begun = [s for s in same if (s.start or 0) <= (other.start or 0)]
            home = begun[-1] if begun else same[0]
        out[home.at].append(other)
    return out


def _row(
    own: _Session, others: list[_Session], begun: int | None, ended: int | None, record: Mapping[str, Any]
) -> dict[str, Any]:
    """Return one event's fields; seconds as numbers, moments in microseconds."""
    start = own.start if own.start is not None else begun
    end = own.end if own.end is not None else ended
    agents = [s for s in others if s.purpose in _AGENT and any(k == "interact" for k, *_ in s.segments)]
    agents.sort(key=lambda s: s.start or 0)
    answered = min((b for s in agents for k, b, _, _ in s.segments if k == "interact"), default=None)
    queues = [s for s in others if s.purpose == "acd"]
    direction = str(own.raw.get("direction") or record.get("originatingDirection"))
    outbound = direction == "outbound"
    menus = [s for s in others if s.purpose == "ivr"]
    bots = [s for s in others if s.purpose in _BOT]
    moved = [s.metric("nTransferred") for s in others if s.purpose in _AGENT]
    known = [m for m in moved if m is not None]
    people = {word(s.who.get("userId")) or str(s.at) for s in agents}
    transfers = int(sum(known)) if known else max(0, len(people) - 1)
    until = answered if answered is not None else end
    waited = None if outbound or start is None or until is None or until < start else until - start
    if answered is None and not queues:
        waited = None  # in the menu only: nobody was waited for
    wraps = [s for x in [*others] for s in x.segments if s[0] == "wrapup"]
    spent = {
        "wait": waited,
        "talk": sum(s.spent("interact") for s in agents) if own.media != "email" else None,
        "hold": sum(s.spent("hold") for s in agents),
        "ivr": sum(s.spent("ivr") for s in menus) if menus else None,
        "queued": sum(s.spent("interact") for s in queues) if queues else None,
        "bot": sum(s.spent("interact") + s.spent("ivr") for s in bots) if bots else None,
        "wrap_up_s": sum(s.spent("wrapup") for s in others) if wraps else None,
    }
    return {
        "media": own.media, "start": start, "end": end, "direction": direction,
        "queue": _queue(agents, queues, own), "agent": agents[-1].who.get("userId") if agents else None,
        "wrap_up": wraps[-1][3].get("wrapUpCode") if wraps else None,
        "transfers": transfers, "agents": len(people), "self_served": record.get("selfServed"),
        "status": _status(record, outbound, bool(agents), transfers, bool(queues), bool(bots)),
        **{k: None if v is None else v / 1e6 for k, v in spent.items()}, **_who(own, outbound),
    }  # fmt: skip


def _queue(agents: list[_Session], queues: list[_Session], own: _Session) -> str | None:
    """Return the queue that answered, else the last one waited in: its name, else its id."""
    named = {word(s.get("queueId")): word(q.who.get("participantName")) for q in queues for *_, s in q.segments}
    for session in [*reversed(agents), *reversed(queues), own]:
        for *_, segment in reversed(session.segments):
            queue = word(segment.get("queueId"))
            if queue is not None:
                return named.get(queue) or queue
    return None


def _status(record: Mapping[str, Any], outbound: bool, answered: bool, transfers: int, queued: bool, bot: bool) -> str:
    if answered:
        return "transferred" if transfers else "answered"
    if outbound:
        return "unanswered"
    if queued and record.get("selfServed") is not True:
        return "abandoned"
    return "bot only" if bot else "menu only"


def _who(own: _Session, outbound: bool) -> dict[str, Any]:
    raw = own.raw
    theirs = raw.get("addressTo" if outbound else "addressFrom") or raw.get("addressOther")
    numbers = raw.get("callbackNumbers")
    number = raw.get("dnis" if outbound else "ani") or (numbers[0] if isinstance(numbers, list) and numbers else None)
    mail = own.media == "email"
    contact = word(own.who.get("externalContactId"))
    name = word(own.who.get("participantName"))
    return {
        "phone": number if number else None if mail else theirs,
        "email": theirs if mail else None,
        "device": f"genesys contact {contact}" if contact else None,
        # what a line without a known caller is called ("Utrecht, Netherlands") is nobody's name
        "name": name if name and "," not in name and not any(c.isdigit() for c in name) else None,
    }


_SURVEY_COLUMNS: Final = (
    *_SCORES, "surveyId", "surveyFormId", "surveyFormName", "surveyStatus", "surveyCompletedDate", "eventTime",
    "conversation",
)  # fmt: skip


def _tables(f: _File, ledger: FileLedger, source: SourceSettings, study: Study) -> dict[str, pd.DataFrame]:
    for why, rejected in f.rejected.items():
        ledger.reject(np.array(rejected, dtype=np.int64), why)
    merged = np.array(f.merged, dtype=np.int64).reshape(-1, 2)
    ledger.merge(merged[:, 0], merged[:, 1], "a session of the same conversation")
    at = np.array(f.at, dtype=np.int64)
    for name, odd in f.events.odd.items():
        ledger.cell(at[odd], name, "holds a list or an object where a value belongs")
    frame = f.events.frame()
    place = pd.Series(np.arange(len(at)), index=at)
    who = pd.DataFrame(
        {
            "phone": addresses(frame["phone"]), "email": addresses(frame["email"]), "device": frame["device"],
            "name": frame["name"], "account": frame["account"],
        }
    )  # fmt: skip
    for kind in ("phone", "email"):
        who[kind] = who[kind].mask(is_ours(who[kind], study))
    surveys, who_rated = f.surveys.frame(), who.iloc[place.loc[f.survey_of].to_numpy()].reset_index(drop=True)
    open_ = ledger.open[at]
    parts = {"events": _events(frame[open_], at[open_], ledger, source)}
    people = [identifiers_of(ledger.ids[at[open_]], by_name(who[open_]), study.company.country)]
    if len(surveys):
        rated, rows = _surveys(f, surveys, ledger, source, study)
        parts |= rated
        ids = ledger.ids[np.array(f.survey_at, dtype=np.int64)[rows]]
        people.append(identifiers_of(ids, by_name(who_rated.iloc[rows]), study.company.country))
    return {**parts, "identifiers": pd.concat(people, ignore_index=True)}


def _events(frame: pd.DataFrame, at: np.ndarray[Any, Any], ledger: FileLedger, source: SourceSettings) -> pd.DataFrame:
    stamps = from_epoch(frame["start"], "us", source.tz)
    media = frame["media"].str.lower()
    channel = media.map(CHANNEL_OF).astype("str").fillna("other")
    queue = translate(frame["queue"].reset_index(drop=True), value_map(source, "queue"))
    queue = queue.astype("str").set_axis(frame.index)
    number = {c: pd.to_numeric(frame[c], errors="coerce").astype("Float64") for c in _SECONDS.values()}
    whole = {c: pd.to_numeric(frame[c], errors="coerce").astype("Int64") for c in ("transfers", "agents")}
    direction = frame["direction"].where(frame["direction"].isin(["inbound", "outbound"]))
    columns: dict[str, Any] = {
        "case_id": frame["conversation"], "thread_id": frame["conversation"],
        "timestamp": stamps.utc, "utc_offset": stamps.offset, "channel": channel,
        "touchpoint": labels(channel, queue, frame["status"]), "direction": direction,
        "lifecycle": np.full(len(frame), "complete", dtype=object),
        "resource": frame["agent"], "queue": queue, "owner_mined": queue,
        "raw_status": frame["status"], "raw_event": media, "wrap_up": frame["wrap_up"],
        "self_served": frame["self_served"].map({"true": True, "false": False}).astype("boolean"),
        **{ours: number[theirs] for ours, theirs in _SECONDS.items()}, **whole,
    }  # fmt: skip
    columns |= attributes_of(frame, source)
    return events_table(ledger, at, columns, source)


def _surveys(
    f: _File, frame: pd.DataFrame, ledger: FileLedger, source: SourceSettings, study: Study
) -> tuple[dict[str, pd.DataFrame], np.ndarray[Any, Any]]:
    """Return the tables made of surveys, and the rows (of `frame`) that they were made of."""
    at = np.array(f.survey_at, dtype=np.int64)
    if source.survey is None:
        ledger.context(at, "a survey about the conversation; name it (survey = …) to read its scores")
        return {}, np.zeros(0, dtype=np.int64)
    survey = survey_of(source, study)
    for name, odd in f.surveys.odd.items():
        ledger.cell(at[odd], name, "holds a list or an object where a value belongs")
    done = from_epoch(frame["surveyCompletedDate"], "us", source.tz).utc
    sent = from_epoch(frame["eventTime"], "us", source.tz).utc
    scored = frame[list(_SCORES)].notna().any(axis=1)
    answered = (scored | done.notna()).to_numpy(bool)
    when = done.fillna(sent)
    ledger.reject(at[when.isna().to_numpy()], "surveyCompletedDate and eventTime are no moment")
    open_ = ledger.open[at]
    rated, asked = np.flatnonzero(open_ & answered), np.flatnonzero(open_ & ~answered)
    about = frame["conversation"]
    more = {"reference": about.iloc[rated]}
    tables = responses_of(frame.iloc[rated], at[rated], when.iloc[rated], survey, ledger, source, more)
    invited: dict[str, Any] = {
        "invitation_id": ledger.ids[at[asked]], "survey": np.full(len(asked), survey.name, dtype=object),
        "invited_at": when.iloc[asked], "reference": about.iloc[asked],
        "source": np.full(len(asked), source.name, dtype=object), "seq": at[asked] + 1,
    }  # fmt: skip
    return {**tables, "invitations": table("invitations", invited)}, np.concatenate([rated, asked])
