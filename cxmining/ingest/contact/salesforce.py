"""Salesforce chat transcripts (``LiveChatTranscript``): CSV of a data export, or JSON of a query.

Of a transcript (``Id``, else ``ChatKey``) that is there twice the newest ``SystemModstamp`` or
``LastModifiedDate`` stands.

* ``timestamp`` = ``RequestTime``, else ``StartTime``, else ``CreatedDate``.
* ``wait_s`` = ``WaitTime``; for an abandoned chat ``Abandoned`` (seconds until the customer left).
* ``duration_s`` = ``ChatDuration``, ``bot`` = ``IsChatbotSession``.
* ``messages`` and those of each side (``customer_messages``, ``agent_messages``, ``bot_messages``): as Salesforce counted
  them, else of ``Body``; ``hand_overs`` (how often another agent went on) and ``bot_s`` (how long the bot had it), of ``Body``.
* ``ended_by``; status ``Missed`` and ``Dropped`` without an agent is abandoned.
* ``text`` = what the visitor wrote, of ``Body``, when the transcript names its agents.
* the queue is ``SkillId``, else ``LiveChatButtonId``; ``values = {queue = {…}}`` renames.
* ``case_id`` = ``CaseId``, else ``ChatKey``; ``thread_id`` = ``ChatKey``.

``ContactId``, ``LeadId`` and ``LiveChatVisitorId`` say who it is; ``columns`` may name identity kinds, such
as ``columns = {account = "AccountId", email = "Email__c"}``.

Options
-------
per : str
    ``"conversation"`` (default) or ``"message"``: then each message of ``Body`` is an event of its own, at ``StartTime`` and
    the seconds that stand before it; a transcript that does not name its agents stays one event.
values : table
    ``values = {queue = {"id" = "name"}}``.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxmining.ingest.contact.common import (
    attributes_of,
    declared_people,
    keep_newest,
    labels,
    load_flat,
    moments,
    plain_text,
)
from cxmining.ingest.contact.talks import counts_of, message_columns, per_message, talks
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import (
    KINDS,
    check_columns,
    check_options,
    events_table,
    identifiers_of,
    seconds_of,
    translate,
    value_map,
)
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "read"]

OPTIONS: Final = {"per": '"conversation" or "message"', "values": "queue id → name"}
_STAMPS: Final = ("RequestTime", "StartTime", "CreatedDate", "EndTime", "LastModifiedDate", "SystemModstamp")
_NAMES: Final = (
    "Id", "ChatKey", "ContactId", "LeadId", "CaseId", "OwnerId", *_STAMPS, "ChatDuration", "WaitTime", "Abandoned",
    "Status", "EndedBy", "SkillId", "LiveChatButtonId", "LiveChatVisitorId", "OperatorMessageCount",
    "VisitorMessageCount", "IsChatbotSession", "ReferrerUri", "Body",
)  # fmt: skip
_NO_AGENT: Final = ("missed", "dropped", "blocked")
_OPEN: Final = ("inprogress", "waiting", "in progress")
# "<p align="center">Agent Jon A.</p>" announces an agent, "( 1m 8s ) Jon A.: Hello" is a message
_ANNOUNCED: Final = re.compile(r"<p[^<>]*>\s*(Agent|Medewerker|Chatbot|Bot)\s+([^<]+?)\s*</p>", re.I)
_SAID: Final = re.compile(r"^\(\s*((?:\d+\s*[a-z]+\s*)+)\)\s*([^:\n]{1,80}):\s?(.*)$", re.I)
_UNITS: Final = {"d": 86_400, "h": 3_600, "u": 3_600, "m": 60, "s": 1}


class Line(NamedTuple):
    """One message of a transcript: seconds after the start, side, who, and what."""

    after_s: float
    side: str
    who: str
    text: str


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read chat transcripts.

    Returns
    -------
    Reading
        One event per chat; older copies duplicate.

    Raises
    ------
    InputError
        When a file holds no record, or its stamps carry no zone and ``tz`` is not given.
    StudyError
        When a column the study names is not there.
    """
    options = check_options(source, OPTIONS, "salesforce")
    check_columns(source, KINDS)
    each = per_message(source, options)
    talks_of: list[pd.DataFrame] = []

    def lines(frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        talks_of.append(_spoken(frame["Body"]))
        return talks_of[-1]["at"].to_numpy(dtype=np.int64) if each else np.zeros(0, dtype=np.int64)

    loaded = [load_flat(file, source, _NAMES, within=lines) for file in files]
    frames, ledgers = [_dated(frame, ledger, source) for frame, ledger in loaded], [ledger for _, ledger in loaded]
    keep_newest(ledgers, [f["key"] for f in frames], [f["updated"] for f in frames], "chat")
    events, people = [], []
    for frame, ledger, said in zip(frames, ledgers, talks_of, strict=True):
        begun = frame["StartTime utc"].fillna(frame["utc"])
        said["utc"] = begun.iloc[said["at"]].reset_index(drop=True) + pd.to_timedelta(said["after_s"], unit="s")
        if each:
            said = _apart(said, len(frame), ledger)
            events.append(_each(frame, said, ledger, source))
            people.append(_people(frame, said["at"], said["place"], ledger, source, study))
        at = ledger.kept[ledger.kept < len(frame)]
        stands = frame.iloc[at].reset_index(drop=True)
        talk = talks(said.rename(columns={"at": "talk"})).reindex(at).reset_index(drop=True)
        events.append(_events(stands, talk, at, ledger, source))
        people.append(_people(frame, at, at, ledger, source, study))
    inputs, rows = join_ledgers(ledgers)
    return Reading(
        source.name, "salesforce", inputs, rows, identifiers=pd.concat(people, ignore_index=True),
        events=pd.concat(events, ignore_index=True),
    )  # fmt: skip


def _people(
    frame: pd.DataFrame, rows: Any, at: Any, ledger: FileLedger, source: SourceSettings, study: Study
) -> pd.DataFrame:
    """Return who the chats in `rows` are with, for the records at positions `at`."""
    chats = frame.iloc[np.asarray(rows, dtype=np.int64)].reset_index(drop=True)
    who: dict[str, Any] = {
        "device#contact": "salesforce contact " + chats["ContactId"],
        "device#lead": "salesforce lead " + chats["LeadId"],
        "cookie": chats["LiveChatVisitorId"], **declared_people(chats, source),
    }  # fmt: skip
    return identifiers_of(ledger.ids[np.asarray(at, dtype=np.int64)], who, study.company.country)


def _spoken(bodies: pd.Series[Any]) -> pd.DataFrame:
    """Return the messages of all transcripts that name their agents: ``at`` (row), ``after_s``, side, who, text."""
    found = [(at, *line) for at, body in enumerate(bodies) if isinstance(body, str) for line in transcript(body)]
    names = ("at", "after_s", "side", "who", "text")
    columns = list(zip(*found, strict=True)) or [()] * len(names)
    kinds = ("int64", "float64", "str", "str", "str")
    return pd.DataFrame({n: pd.Series(list(c), dtype=k) for n, c, k in zip(names, columns, kinds, strict=True)})


def _apart(said: pd.DataFrame, n: int, ledger: FileLedger) -> pd.DataFrame:
    """Give each message its place behind the transcripts; a transcript lives on in its first message."""
    said = said.assign(place=n + np.arange(len(said)))
    stands = ledger.open[said["at"].to_numpy(dtype=np.int64)]
    ledger.context(
        said["place"].to_numpy()[~stands], "a message of a chat that is there in a newer state, or was rejected"
    )
    said = said[stands].reset_index(drop=True)
    first = said.drop_duplicates("at")
    ledger.merge(first["at"].to_numpy(), first["place"].to_numpy(), "its messages are events, one by one")
    return said


def _each(frame: pd.DataFrame, said: pd.DataFrame, ledger: FileLedger, source: SourceSettings) -> pd.DataFrame:
    """Make an event of each message."""
    chats = frame.iloc[said["at"].to_numpy()].reset_index(drop=True)
    rows = said.assign(
        talk=said["at"],
        offset=chats["offset"],
        channel=pd.Series(["chat"] * len(said), dtype="str"),
        place=said["place"],
    )
    columns = message_columns(rows)
    thread = chats["ChatKey"].fillna(chats["key"])
    queue = _queue(chats, source)
    columns |= {
        "case_id": chats["CaseId"].fillna(thread), "thread_id": thread, "queue": queue, "owner_mined": queue,
        "raw_url": chats["ReferrerUri"], **attributes_of(chats, source),
    }  # fmt: skip
    return events_table(ledger, said["place"].to_numpy(dtype=np.int64), columns, source)


def _queue(frame: pd.DataFrame, source: SourceSettings) -> pd.Series[Any]:
    return translate(frame["SkillId"].fillna(frame["LiveChatButtonId"]), value_map(source, "queue")).astype("str")


def _dated(frame: pd.DataFrame, ledger: FileLedger, source: SourceSettings) -> pd.DataFrame:
    found = {n: moments(frame[n], source.tz, f"{ledger.file.name}, field {n!r}") for n in _STAMPS}
    rows = np.arange(len(frame))
    utc, offset = found["RequestTime"].utc, found["RequestTime"].offset
    for name in ("StartTime", "CreatedDate"):
        utc, offset = utc.fillna(found[name].utc), offset.fillna(found[name].offset)
    key = frame["Id"].fillna(frame["ChatKey"])
    ledger.reject(rows[key.isna().to_numpy()], "neither Id nor ChatKey")
    never = utc.isna().to_numpy() & np.any([stamps.never for stamps in found.values()], axis=0)
    ledger.reject(rows[never], f"{', '.join(_STAMPS)}: none but dates before 1900 or after 2199, which mean never")
    ledger.reject(rows[utc.isna().to_numpy()], "RequestTime, StartTime and CreatedDate are no moment")
    seconds = {}
    for ours, theirs in (("wait", "WaitTime"), ("left", "Abandoned"), ("talk", "ChatDuration")):
        seconds[ours], wrong = seconds_of(frame[theirs])
        ledger.cell(wrong, theirs, "is no number of seconds")
    counts = {n: seconds_of(frame[n])[0] for n in ("OperatorMessageCount", "VisitorMessageCount")}
    updated = found["SystemModstamp"].utc.fillna(found["LastModifiedDate"].utc)
    frame["StartTime utc"] = found["StartTime"].utc
    return frame.assign(key=key, utc=utc, offset=offset, updated=updated, **seconds, **counts)


def _events(
    frame: pd.DataFrame, talk: pd.DataFrame, at: np.ndarray[Any, Any], ledger: FileLedger, source: SourceSettings
) -> pd.DataFrame:
    state = frame["Status"].str.lower()
    left = frame["left"].gt(0).fillna(False).astype(bool)
    silent = frame["OperatorMessageCount"].fillna(0).eq(0) & frame["talk"].fillna(0).eq(0)
    bot = (
        frame["IsChatbotSession"]
        .str.lower()
        .map({"true": True, "false": False, "1": True, "0": False})
        .astype("boolean")
    )
    status = pd.Series(
        np.select(
            [state.isin(_OPEN), left | state.eq("missed") | (state.isin(_NO_AGENT) & silent)],
            ["open", "abandoned"], "answered",
        ),
        dtype="str",
    )  # fmt: skip
    queue = _queue(frame, source)
    channel = pd.Series(["chat"] * len(frame), dtype="str")
    messages = frame["OperatorMessageCount"].fillna(0) + frame["VisitorMessageCount"].fillna(0)
    counted = frame["OperatorMessageCount"].notna() | frame["VisitorMessageCount"].notna()
    columns: dict[str, Any] = {
        "case_id": frame["CaseId"].fillna(frame["ChatKey"]).fillna(frame["key"]),
        "thread_id": frame["ChatKey"].fillna(frame["key"]), "timestamp": frame["utc"], "utc_offset": frame["offset"],
        "channel": channel, "touchpoint": labels(channel, queue, status),
        "direction": np.full(len(frame), "inbound", dtype=object),
        "lifecycle": pd.Series(np.where(status == "open", "start", "complete"), dtype="str"),
        "wait_s": frame["wait"].mask(left, frame["left"]), "duration_s": frame["talk"],
        "resource": frame["OwnerId"].where(status != "abandoned"), "queue": queue, "owner_mined": queue,
        "text": talk["text"].astype("str"),
        "raw_status": status, "raw_event": state, "raw_url": frame["ReferrerUri"],
        "ended_by": frame["EndedBy"].str.lower(), "bot": bot, **counts_of(talk),
        "hand_overs": talk["hand_overs"].astype("Int64"),
    }  # fmt: skip
    for name, theirs in (
        ("messages", messages.where(counted)), ("customer_messages", frame["VisitorMessageCount"]),
        # a bot's words are an operator's for Salesforce
        ("agent_messages", frame["OperatorMessageCount"] - talk["bot_messages"].fillna(0).astype("Float64")),
    ):  # fmt: skip
        columns[name] = theirs.clip(lower=0).round().astype("Int64").fillna(columns[name])
    columns |= attributes_of(frame, source)
    return events_table(ledger, at, columns, source)


def transcript(body: str) -> list[Line]:
    """Return the messages of a transcript; none when it does not say who the agents are.

    Examples
    --------
    >>> transcript('<p align="center">Agent Jon A.</p>( 8s ) Jon A.: Hello<br>( 1m 19s ) Peter: hi<br>')
    [Line(after_s=8.0, side='person', who='Jon A.', text='Hello'), Line(after_s=79.0, side='customer', who='Peter', text='hi')]
    """
    sides = {plain_text(name): "bot" if "bot" in kind.lower() else "person" for kind, name in _ANNOUNCED.findall(body)}
    if not sides:
        return []
    out: list[Line] = []
    for line in re.split(r"<br\s*/?>|<p[^<>]*>|</p>|\n", body):
        text = plain_text(line) or ""
        begun = _SAID.match(text)
        if begun:
            who = begun[2].strip()
            out.append(Line(_after(begun[1]), sides.get(who, "customer"), who, begun[3].strip()))
        elif text and out and line == line.strip() and not _ANNOUNCED.search(f"<p>{text}</p>"):
            out[-1] = out[-1]._replace(text=f"{out[-1].text}\n{text}")
    return out


def _after(clock: str) -> float:
    """Return seconds of ``1h 2m 3s``."""
    return float(
        sum(int(n) * _UNITS.get(unit[0].lower(), 0) for n, unit in re.findall(r"(\d{1,9})\s*([a-z]+)", clock, re.I))
    )
