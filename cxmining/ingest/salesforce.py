"""Salesforce chat transcripts (``LiveChatTranscript``): CSV of a data export, or JSON of a query.

Of a transcript (``Id``, else ``ChatKey``) that is there twice the newest ``SystemModstamp`` or
``LastModifiedDate`` stands.

* ``timestamp`` = ``RequestTime``, else ``StartTime``, else ``CreatedDate``.
* ``wait_s`` = ``WaitTime``; for an abandoned chat ``Abandoned`` (seconds until the customer left).
* ``duration_s`` = ``ChatDuration``, ``messages`` = those of both sides, ``bot`` = ``IsChatbotSession``.
* ``ended_by``; status ``Missed`` and ``Dropped`` without an agent is abandoned.
* ``text`` = what the visitor wrote, of ``Body``, when the transcript names its agents.
* the queue is ``SkillId``, else ``LiveChatButtonId``; ``values = {queue = {…}}`` renames.
* ``case_id`` = ``CaseId``, else ``ChatKey``; ``thread_id`` = ``ChatKey``.

``ContactId``, ``LeadId`` and ``LiveChatVisitorId`` say who it is; ``columns`` may name identity kinds, such
as ``columns = {account = "AccountId", email = "Email__c"}``.

Options
-------
values : table
    ``values = {queue = {"id" = "name"}}``.
"""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.ingest._build import (
    KINDS,
    check_columns,
    check_options,
    events_table,
    identifiers_of,
    seconds_of,
    translate,
    value_map,
)
from cxmining.ingest._contact import attributes_of, declared_people, keep_newest, labels, load_flat, moments, plain_text
from cxmining.ingest._files import SourceFile
from cxmining.ingest._ledger import FileLedger, join_ledgers
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "read"]

OPTIONS: Final = {"values": "queue id → name"}
_STAMPS: Final = ("RequestTime", "StartTime", "CreatedDate", "EndTime", "LastModifiedDate", "SystemModstamp")
_NAMES: Final = (
    "Id", "ChatKey", "ContactId", "LeadId", "CaseId", "OwnerId", *_STAMPS, "ChatDuration", "WaitTime", "Abandoned",
    "Status", "EndedBy", "SkillId", "LiveChatButtonId", "LiveChatVisitorId", "OperatorMessageCount",
    "VisitorMessageCount", "IsChatbotSession", "ReferrerUri", "Body",
)  # fmt: skip
_NO_AGENT: Final = ("missed", "dropped", "blocked")
_OPEN: Final = ("inprogress", "waiting", "in progress")
# "<p align="center">Agent Jon A.</p>" announces an agent, "( 1m 8s ) Jon A.: Hello" is a message
_ANNOUNCED: Final = re.compile(r"<p[^>]*>\s*(?:Agent|Medewerker|Chatbot|Bot)\s+([^<]+?)\s*</p>", re.I)
_SAID: Final = re.compile(r"^\(\s*(?:\d+\s*[a-z]+\s*)+\)\s*([^:\n]{1,80}):\s?(.*)$", re.I)


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
    check_options(source, OPTIONS, "salesforce")
    check_columns(source, KINDS)
    loaded = [load_flat(file, source, _NAMES) for file in files]
    frames, ledgers = [_dated(frame, ledger, source) for frame, ledger in loaded], [ledger for _, ledger in loaded]
    keep_newest(ledgers, [f["key"] for f in frames], [f["updated"] for f in frames], "chat")
    events, people = [], []
    for frame, ledger in zip(frames, ledgers, strict=True):
        at = ledger.kept
        stands = frame.iloc[at].reset_index(drop=True)
        events.append(_events(stands, at, ledger, source))
        who: dict[str, Any] = {
            "device#contact": "salesforce contact " + stands["ContactId"],
            "device#lead": "salesforce lead " + stands["LeadId"],
            "cookie": stands["LiveChatVisitorId"], **declared_people(stands, source),
        }  # fmt: skip
        people.append(identifiers_of(ledger.ids[at], who, study.company.country))
    inputs, rows = join_ledgers(ledgers)
    return Reading(
        source.name, "salesforce", inputs, rows, identifiers=pd.concat(people, ignore_index=True),
        events=pd.concat(events, ignore_index=True),
    )  # fmt: skip


def _dated(frame: pd.DataFrame, ledger: FileLedger, source: SourceSettings) -> pd.DataFrame:
    found = {n: moments(frame[n], source.tz, f"{ledger.file.name}, field {n!r}") for n in _STAMPS}
    utc, offset = found["RequestTime"].utc, found["RequestTime"].offset
    for name in ("StartTime", "CreatedDate"):
        utc, offset = utc.fillna(found[name].utc), offset.fillna(found[name].offset)
    key = frame["Id"].fillna(frame["ChatKey"])
    ledger.reject(key.isna().to_numpy(), "neither Id nor ChatKey")
    ledger.reject(utc.isna().to_numpy(), "RequestTime, StartTime and CreatedDate are no moment")
    seconds = {}
    for ours, theirs in (("wait", "WaitTime"), ("left", "Abandoned"), ("talk", "ChatDuration")):
        seconds[ours], wrong = seconds_of(frame[theirs])
        ledger.cell(wrong, theirs, "is no number of seconds")
    counts = {n: seconds_of(frame[n])[0] for n in ("OperatorMessageCount", "VisitorMessageCount")}
    updated = found["SystemModstamp"].utc.fillna(found["LastModifiedDate"].utc)
    return frame.assign(key=key, utc=utc, offset=offset, updated=updated, **seconds, **counts)


def _events(frame: pd.DataFrame, at: np.ndarray[Any, Any], ledger: FileLedger, source: SourceSettings) -> pd.DataFrame:
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
    queue = translate(frame["SkillId"].fillna(frame["LiveChatButtonId"]), value_map(source, "queue")).astype("str")
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
        "text": pd.Series([visitor_text(b) for b in frame["Body"]], dtype="str"),
        "raw_status": status, "raw_event": state, "raw_url": frame["ReferrerUri"],
        "ended_by": frame["EndedBy"].str.lower(), "messages": messages.where(counted).round().astype("Int64"), "bot": bot,
    }  # fmt: skip
    columns |= attributes_of(frame, source)
    return events_table(ledger, at, columns, source)


def visitor_text(body: Any) -> str | None:
    """Return what the visitor wrote; nothing when the transcript does not say who the agents are.

    Examples
    --------
    >>> visitor_text('<p align="center">Agent Jon A.</p>( 8s ) Jon A.: Hello<br>( 19s ) Peter: hi<br>')
    'hi'
    """
    if not isinstance(body, str):
        return None
    agents = {plain_text(name) for name in _ANNOUNCED.findall(body)}
    if not agents:
        return None
    said: list[str] = []
    mine = False
    for line in re.split(r"<br\s*/?>|<p[^>]*>|</p>|\n", body):
        text = plain_text(line) or ""
        begun = _SAID.match(text)
        if begun:
            mine = begun.group(1).strip() not in agents
            text = begun.group(2).strip()
        elif line != line.strip() or not text:
            mine = mine and bool(text)
        if mine and text:
            said.append(text)
    return "\n".join(said) or None
