"""Twilio: calls, and conversations by their messages, of its interface (JSON, CSV) or of a warehouse copy.

The legs of a call name the call that made them (``parent_call_sid``): they are *merged* into it. Of a
call that is there twice the newest ``date_updated`` stands.

* ``wait_s`` = from ``start_time`` until the first leg was answered (its end − its duration); for a call
  nobody answered until its end; missing when we called, and for a call that an application answered
  and passed on to nobody.
* ``duration_s`` = what answered legs lasted, added up; without legs the call's own ``duration``.
* ``legs``, ``transfers`` (answered legs beyond the first), ``answered_by`` (person or machine).
* resource = the line of ours that answered last.

Stamps are RFC 2822 in GMT, or ISO 8601 in copies. ``columns`` may name identity kinds.

Conversations come as messages (``conversation_sid``, ``author``, ``body``), with the export of participants and of
conversations beside them where they are there. The messages of one conversation are one event, its first
message; the others are *merged* into it, participants and conversations are context.

* ``wait_s`` = from the customer's first message to the first answer by a person; missing when we began.
* ``duration_s`` = until the last message; ``messages`` and those of each side (``customer_messages``, ``agent_messages``,
  ``bot_messages``); ``bot_s`` = how long the bot had it; ``hand_overs`` between people of ours.
* ``text`` = what the customer wrote.

Options
-------
per : str
    ``"conversation"`` (default) or ``"message"``: then each message is an event of its own.
us : list of str
    Of conversations without a telephone number: identities of ours, or the ``role_sid`` that they have.
bots : list of str
    Identities that are machines; ``system`` is one.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.ingest.contact.common import (
    addresses,
    attributes_of,
    declared_people,
    is_ours,
    keep_newest,
    labels,
    load_flat,
    moments,
    roots,
    seconds_between,
    standing,
)
from cxmining.ingest.contact.twilio_talks import part_of, read_talks
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import KINDS, check_columns, check_options, events_table, identifiers_of, seconds_of
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "read"]

OPTIONS: Final = {
    "per": '"conversation" or "message"', "us": "identities or role_sids of ours", "bots": "identities that are machines",
}  # fmt: skip
_NAMES: Final = (
    "sid", "parent_call_sid", "date_created", "date_updated", "from", "to", "caller_name", "direction", "status",
    "start_time", "end_time", "duration", "answered_by",
)  # fmt: skip
_OTHERS: Final = {
    "id": "sid", "call_sid": "sid", "parent_call_id": "parent_call_sid", "created_at": "date_created",
    "updated_at": "date_updated",
}  # fmt: skip
_STATES: Final = ("queued", "ringing", "in-progress", "canceled", "completed", "failed", "busy", "no-answer")


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read calls.

    Returns
    -------
    Reading
        One event per call; its other legs merged, older copies duplicate.

    Raises
    ------
    InputError
        When a file holds no record, or its stamps carry no zone and ``tz`` is not given.
    StudyError
        When a column the study names is not there.
    """
    options = check_options(source, OPTIONS, "twilio")
    check_columns(source, KINDS)
    kinds = [part_of(file, source) for file in files]
    ledgers, events, people = _phone([f for f, k in zip(files, kinds, strict=True) if k == "calls"], source, study)
    talked = [(k, f) for f, k in zip(files, kinds, strict=True) if k != "calls"]
    more, said, writers = read_talks(talked, source, study, options)
    of = {id(ledger.file): ledger for ledger in (*ledgers, *more)}
    inputs, rows = join_ledgers([of[id(file)] for file in files])
    tables = {
        name: pd.concat(parts, ignore_index=True)
        for name, parts in (("events", [*events, *said]), ("identifiers", [*people, *writers]))
        if parts
    }
    notes: tuple[str, ...] = ()
    if not tables:
        notes = (
            f"source {source.name!r}: there is neither a call nor a message among its files, so it makes no event",
        )
    return Reading(source.name, "twilio", inputs, rows, notes=notes, **tables)


def _phone(
    files: list[SourceFile], source: SourceSettings, study: Study
) -> tuple[list[FileLedger], list[pd.DataFrame], list[pd.DataFrame]]:
    """Read the files of calls."""
    if not files:
        return [], [], []
    loaded = [load_flat(file, source, _NAMES, others=_OTHERS) for file in files]
    frames, ledgers = [_dated(frame, ledger, source) for frame, ledger in loaded], [ledger for _, ledger in loaded]
    keep_newest(ledgers, [f["sid"] for f in frames], [f["updated"] for f in frames], "call")
    legs = standing(frames, ledgers, ("start_time", "end_time", "date_created", "date_updated", "duration"))
    legs["root"] = roots(legs["sid"], legs["parent_call_sid"])
    calls = _calls(legs, ledgers, study)
    events, people = [], []
    for k, ledger in enumerate(ledgers):
        mine = calls[calls["file"] == k].sort_values("at", ignore_index=True)
        events.append(_events(mine, ledger, source))
        at = mine["at"].to_numpy(dtype=np.int64)
        name = mine["caller_name"].where(mine["inbound"])
        who = {"phone": mine["customer"], "name": name, **declared_people(mine, source)}
        people.append(identifiers_of(ledger.ids[at], who, study.company.country))
    return ledgers, events, people


def _dated(frame: pd.DataFrame, ledger: FileLedger, source: SourceSettings) -> pd.DataFrame:
    begun, ended, made, updated = (
        moments(
            frame[name], source.tz, f"{ledger.file.name}, field {name!r}", local=name in ("start_time", "date_created")
        )
        for name in ("start_time", "end_time", "date_created", "date_updated")
    )
    # a call that was never dialled has no start, and happened when it was asked for
    utc, offset = begun.utc.fillna(made.utc), begun.offset.fillna(made.offset)
    ledger.reject(frame["sid"].isna().to_numpy(), "no sid")
    ledger.never(begun, "start_time")
    ledger.reject(begun.bad | utc.isna().to_numpy(), "start_time is no moment")
    status = frame["status"].str.lower().str.replace("_", "-")
    ledger.reject(~status.isin(_STATES).to_numpy(), "status is none of Twilio's")
    ledger.cell(ended.bad, "end_time", "is no moment")
    duration, wrong = seconds_of(frame["duration"])
    ledger.cell(wrong, "duration", "is no number of seconds")
    span = (ended.utc - utc).dt.total_seconds()
    ledger.cell((span < 0).to_numpy(), "end_time", "lies before the beginning of the contact")
    return frame.assign(
        utc=utc, offset=offset, ended=ended.utc.where(~(span < 0)), updated=updated.utc, status=status, talked=duration
    )


def _calls(legs: pd.DataFrame, ledgers: list[FileLedger], study: Study) -> pd.DataFrame:
    """Lay legs together: a row per call, in its first record's place."""
    root = legs["root"].to_numpy()
    away = root != np.arange(len(legs))
    ids = np.concatenate([ledger.ids[ledger.open] for ledger in ledgers])  # as the legs were laid behind each other
    for k, ledger in enumerate(ledgers):
        mine = away & (legs["file"] == k).to_numpy()
        ledger.merge(legs["at"].to_numpy()[mine], ids[root[mine]], "leg of one call")
    legs["from"], legs["to"] = addresses(legs["from"]), addresses(legs["to"])
    legs["from ours"], legs["to ours"] = is_ours(legs["from"], study), is_ours(legs["to"], study)
    out: pd.DataFrame = legs[~away].copy()
    added = legs[away].sort_values(["root", "utc", "file", "at"], kind="stable")
    answered = added[added["status"].eq("completed") & added["talked"].fillna(0).gt(0)]
    joined = answered["ended"] - pd.to_timedelta(answered["talked"].astype("float64"), unit="s")
    out["joined"] = joined.groupby(answered["root"]).min().reindex(out.index).astype("datetime64[us, UTC]")
    out["legs"] = added.groupby("root").size().reindex(out.index).fillna(0).astype("int64") + 1
    out["answers"] = answered.groupby("root").size().reindex(out.index).fillna(0).astype("int64")
    out["talk"] = answered.groupby("root")["talked"].sum().reindex(out.index)
    for name in ("from", "to", "from ours"):
        first, last = added.groupby("root")[name].first(), answered.groupby("root")[name].last()
        out[f"first {name}"], out[f"last {name}"] = first.reindex(out.index), last.reindex(out.index)
    inbound = (
        out["direction"].str.lower().str.startswith(("inbound", "trunking-originating")).fillna(False).astype(bool)
    )
    out["inbound"] = inbound
    # click-to-call rings our own line first: the customer is then at the other end of the next leg
    reached = out["to"].mask(out["to ours"], out["first to"])
    out["customer"] = out["from"].where(inbound, reached).astype("str")
    ours = out["last to"].where(inbound | out["to ours"].ne(True), out["to"]).astype("str")
    out["line"] = ours.where(out["answers"].gt(0))
    return out


def _events(calls: pd.DataFrame, ledger: FileLedger, source: SourceSettings) -> pd.DataFrame:
    at = calls["at"].to_numpy(dtype=np.int64)
    inbound, done = calls["inbound"], calls["status"].eq("completed")
    passed_on = calls["legs"].gt(1)
    answered = done & (~passed_on | calls["answers"].gt(0))
    status = pd.Series(
        np.select(
            [
                answered & calls["answers"].gt(1), answered, calls["status"].isin(["queued", "ringing", "in-progress"]),
                calls["status"].isin(["busy", "failed"]), inbound,
            ],
            ["transferred", "answered", "open", calls["status"], "abandoned"], "unanswered",
        ),
        dtype="str",
    )  # fmt: skip
    until = calls["joined"].where(answered, calls["ended"])
    wait = seconds_between(calls["utc"], until, ledger, at, "end_time")
    direction = pd.Series(np.where(inbound, "inbound", "outbound"), dtype="str")
    none = pd.Series([None] * len(calls), dtype="str")
    columns: dict[str, Any] = {
        "case_id": calls["sid"], "thread_id": calls["sid"], "timestamp": calls["utc"], "utc_offset": calls["offset"],
        "channel": np.full(len(calls), "phone", dtype=object),
        "touchpoint": labels(np.full(len(calls), "phone", dtype=object), none, status),
        "direction": direction, "lifecycle": pd.Series(np.where(status == "open", "start", "complete"), dtype="str"),
        "wait_s": wait.where(inbound & (status != "open")),
        "duration_s": calls["talk"].astype("Float64").fillna(calls["talked"].where(~passed_on & done)),
        "resource": calls["line"], "raw_status": status, "raw_event": calls["direction"].str.lower(),
        "answered_by": calls["answered_by"], "legs": calls["legs"].astype("Int64"),
        "transfers": (calls["answers"] - 1).clip(lower=0).astype("Int64"),
    }  # fmt: skip
    columns |= attributes_of(calls, source)
    return events_table(ledger, at, columns, source)
