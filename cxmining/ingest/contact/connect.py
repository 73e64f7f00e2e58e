"""Amazon Connect contact records (CTR), as streamed or as a table.

Records are delivered at least once: per ``ContactId`` the newest ``LastUpdateTimestamp`` stands. A
contact that was transferred is several records; those (``TRANSFER``, ``QUEUE_TRANSFER``,
``DISCONNECT``, ``MONITOR``) are *merged* into the one they continue. A callback, or our next mail, is
a contact of its own; all that go back to one ``InitialContactId`` share ``case_id`` and ``thread_id``.

* ``wait_s`` = from ``InitiationTimestamp`` until an agent connected, or until the customer hung up in
  the queue; missing when we began, and for contacts that never left the menu.
* ``duration_s`` = ``AgentInteractionDuration``, ``hold_s`` = ``CustomerHoldDuration``, ``holds``,
  ``queue_s``, ``wrap_up_s``: of all legs, added up; ``transfers``, ``ended_by`` (``DisconnectReason``), ``callback``.
* resource and queue are those of the last leg that had one.

``attributes`` may name fields, or keys of ``Attributes``; ``columns`` identity kinds the same way, such
as ``columns = {account = "customerNumber"}``.
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
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import KINDS, check_columns, check_options, events_table, identifiers_of, seconds_of
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.ingest.records.routes import routes_of
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["CHANNEL_OF", "OPTIONS", "read"]

OPTIONS: Final[dict[str, str]] = {}
CHANNEL_OF: Final = {"VOICE": "phone", "CHAT": "chat", "EMAIL": "mail", "SMS": "sms", "TASK": "other"}
_TOP: Final = (
    "ContactId", "InitialContactId", "PreviousContactId", "Channel", "InitiationMethod", "InitiationTimestamp",
    "DisconnectTimestamp", "DisconnectReason", "LastUpdateTimestamp",
)  # fmt: skip
_NESTED: Final = {
    "CustomerEndpoint": ("Address", "Type"),
    "Queue": ("Name", "EnqueueTimestamp", "Duration"),
    "Agent": (
        "Username", "ConnectedToAgentTimestamp", "AgentInteractionDuration", "CustomerHoldDuration", "NumberOfHolds",
        "AfterContactWorkDuration",
    ),
}  # fmt: skip
_NAMES: Final = (*_TOP, *(f"{group}.{name}" for group, names in _NESTED.items() for name in names), "Subtype")
_PATHS: Final = {
    **{f"{group}.{name}": ((group, name),) for group, names in _NESTED.items() for name in names},
    "Subtype": (("SegmentAttributes", "connect:Subtype", "ValueString"),),
}
# A flat copy may leave the group out: `Username`, or call it otherwise.
_OTHERS: Final = {
    "customer_endpoint": "CustomerEndpoint.Address", "customer_endpoint_address": "CustomerEndpoint.Address",
    "queue_name": "Queue.Name", "agent_username": "Agent.Username", "initiation_timestamp": "InitiationTimestamp",
}  # fmt: skip
_LEGS: Final = ("TRANSFER", "QUEUE_TRANSFER", "DISCONNECT", "MONITOR")
_OURS: Final = ("OUTBOUND", "EXTERNAL_OUTBOUND", "CALLBACK", "AGENT_REPLY")
# our column → seconds in the record, added up over legs
_SECONDS: Final = {
    "duration_s": "Agent.AgentInteractionDuration", "hold_s": "Agent.CustomerHoldDuration", "queue_s": "Queue.Duration",
    "wrap_up_s": "Agent.AfterContactWorkDuration",
}  # fmt: skip

# what moments and numbers were made of
_SPENT: Final = (
    "InitiationTimestamp", "DisconnectTimestamp", "LastUpdateTimestamp", "Queue.EnqueueTimestamp",
    "Agent.ConnectedToAgentTimestamp", "Agent.NumberOfHolds", *_SECONDS.values(),
)  # fmt: skip


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read contact records.

    Returns
    -------
    Reading
        One event per contact; transferred legs merged, older copies duplicate.

    Raises
    ------
    InputError
        When a file holds no record, or its stamps carry no zone and ``tz`` is not given.
    StudyError
        When a column the study names is not there.
    """
    check_options(source, OPTIONS, "connect")
    check_columns(source, KINDS)
    loaded = [load_flat(file, source, _NAMES, _PATHS, _OTHERS, ("Attributes",)) for file in files]
    frames, ledgers = [_dated(frame, ledger, source) for frame, ledger in loaded], [ledger for _, ledger in loaded]
    keep_newest(ledgers, [f["ContactId"] for f in frames], [f["updated"] for f in frames], "contact")
    legs = standing(frames, ledgers, _SPENT)
    continued = legs["PreviousContactId"].fillna(legs["InitialContactId"])
    legs["root"] = roots(legs["ContactId"], continued.where(legs["InitiationMethod"].str.upper().isin(_LEGS)))
    contacts = _contacts(legs, ledgers)
    events, people = [], []
    for k, ledger in enumerate(ledgers):
        mine = contacts[contacts["file"] == k].sort_values("at")
        events.append(_events(mine, ledger, source))
        people.append(_people(mine, ledger, source, study))
    inputs, rows = join_ledgers(ledgers)
    return Reading(
        source.name, "connect", inputs, rows, identifiers=pd.concat(people, ignore_index=True),
        events=pd.concat(events, ignore_index=True),
    )  # fmt: skip


def _dated(frame: pd.DataFrame, ledger: FileLedger, source: SourceSettings) -> pd.DataFrame:
    """Parse stamps and seconds; reject what has no id or beginning."""
    where = f"{ledger.file.name}, field "
    stamps = {
        ours: moments(frame[theirs], source.tz, where + repr(theirs), local=ours == "begun")
        for ours, theirs in (
            ("begun", "InitiationTimestamp"), ("ended", "DisconnectTimestamp"), ("updated", "LastUpdateTimestamp"),
            ("queued", "Queue.EnqueueTimestamp"), ("joined", "Agent.ConnectedToAgentTimestamp"),
        )
    }  # fmt: skip
    ledger.reject(frame["ContactId"].isna().to_numpy(), "no ContactId")
    ledger.never(stamps["begun"], "InitiationTimestamp")
    ledger.reject(stamps["begun"].missing | stamps["begun"].bad, "InitiationTimestamp is no moment")
    for ours in ("ended", "queued", "joined"):
        ledger.cell(stamps[ours].bad, ours, "is no moment")
    seconds = {}
    for ours, theirs in (*_SECONDS.items(), ("holds", "Agent.NumberOfHolds")):
        seconds[ours], wrong = seconds_of(frame[theirs])
        ledger.cell(wrong, theirs, "is no number of seconds" if ours != "holds" else "is no count")
    return frame.assign(offset=stamps["begun"].offset, **{k: s.utc for k, s in stamps.items()}, **seconds)


def _contacts(legs: pd.DataFrame, ledgers: list[FileLedger]) -> pd.DataFrame:
    """Lay legs together: a row per contact, in its first record's place."""
    root = legs["root"].to_numpy()
    away = root != np.arange(len(legs))
    ids = np.concatenate([ledger.ids[ledger.open] for ledger in ledgers])  # as the legs were laid behind each other
    for k, ledger in enumerate(ledgers):
        mine = away & (legs["file"] == k).to_numpy()
        ledger.merge(legs["at"].to_numpy()[mine], ids[root[mine]], "a leg of one contact")
    order = legs.sort_values(["root", "begun", "file", "at"], kind="stable")
    watching = order["InitiationMethod"].str.upper().eq("MONITOR")
    by, serving = order.groupby("root"), order[~watching].groupby("root")
    out: pd.DataFrame = legs[~away].copy()
    for name in (*_SECONDS, "holds"):
        out[name] = serving[name].sum(min_count=1).reindex(out.index)
    out["joined"] = serving["joined"].min().reindex(out.index)
    out["queued"] = by["queued"].min().reindex(out.index)
    out["ended"] = serving["ended"].max().reindex(out.index)
    out["transfers"] = (
        order["InitiationMethod"].str.upper().isin(_LEGS[:2]).groupby(order["root"]).sum().reindex(out.index)
    )
    queued = order["queued"].fillna(order["begun"])
    routes = routes_of(
        order.loc[~watching, "root"], order.loc[~watching, "Queue.Name"],
        (order["joined"] - queued).dt.total_seconds()[~watching],
    )  # fmt: skip
    for column in ("route", "route_waits") if len(routes) else ():
        out[column] = routes[column].reindex(out.index).astype("str")
    for name in ("Queue.Name", "Agent.Username", "DisconnectReason"):
        out[name] = serving[name].last().reindex(out.index).astype("str")
    return out


def _events(contacts: pd.DataFrame, ledger: FileLedger, source: SourceSettings) -> pd.DataFrame:
    frame = contacts.reset_index(drop=True)
    at = frame["at"].to_numpy(dtype=np.int64)
    kind = frame["Channel"].str.upper()
    sms = frame["Subtype"].str.contains("SMS", case=False).fillna(False).astype(bool)
    channel = kind.mask(sms, "SMS").map(CHANNEL_OF).astype("str").fillna("other")
    method = frame["InitiationMethod"].str.upper()
    ours = method.isin(_OURS) | (method.eq("API") & kind.eq("VOICE"))
    direction = pd.Series(np.where(kind.eq("TASK"), "internal", np.where(ours, "outbound", "inbound")), dtype="str")
    answered = frame["joined"].notna()
    status = pd.Series(
        np.select(
            [answered & frame["transfers"].gt(0), answered, ours, frame["queued"].notna()],
            ["transferred", "answered", "unanswered", "abandoned"], "menu only",
        ),
        dtype="str",
    )  # fmt: skip
    status = status.mask(direction.eq("internal") & ~answered, "open")
    until = frame["joined"].where(answered, frame["ended"])
    wait = seconds_between(frame["begun"], until, ledger, at, "ended")
    columns: dict[str, Any] = {
        "case_id": frame["InitialContactId"].fillna(frame["ContactId"]),
        "thread_id": frame["InitialContactId"].fillna(frame["ContactId"]),
        "timestamp": frame["begun"], "utc_offset": frame["offset"], "channel": channel,
        "touchpoint": labels(channel, frame["Queue.Name"], status), "direction": direction,
        "lifecycle": np.full(len(frame), "complete", dtype=object),
        "wait_s": wait.mask((direction != "inbound") | (status == "menu only")),
        "resource": frame["Agent.Username"], "queue": frame["Queue.Name"], "owner_mined": frame["Queue.Name"],
        "raw_status": status, "raw_event": method.str.lower(), "callback": method.eq("CALLBACK").astype("boolean"), "ended_by": frame["DisconnectReason"].str.lower(),
        "transfers": frame["transfers"].astype("Int64"), "holds": frame["holds"].round().astype("Int64"),
        **{name: frame[name] for name in _SECONDS},
    }  # fmt: skip
    columns |= {name: frame[name] for name in ("route", "route_waits") if name in frame}
    columns |= attributes_of(frame, source)
    return events_table(ledger, at, columns, source)


def _people(contacts: pd.DataFrame, ledger: FileLedger, source: SourceSettings, study: Study) -> pd.DataFrame:
    frame = contacts.reset_index(drop=True)
    address = addresses(frame["CustomerEndpoint.Address"])
    address = address.mask(is_ours(address, study))
    mail = address.str.contains("@").fillna(False).astype(bool)
    who = {"phone": address.mask(mail), "email": address.where(mail), **declared_people(frame, source)}
    return identifiers_of(ledger.ids[frame["at"].to_numpy(dtype=np.int64)], who, study.company.country)
