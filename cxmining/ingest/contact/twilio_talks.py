"""Twilio's conversations: their messages, who took part, and the conversations themselves, laid together.

A participant with a ``messaging_binding`` writes from a telephone or an app and is a customer, and so is an author
that is an address (``+31612345678``, ``whatsapp:+31612345678``); ``system``, which writes what interfaces send, is a machine. Of other identities
the study says which are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError, StudyError
from cxmining.ingest.contact.common import (
    addresses,
    attributes_of,
    by_name,
    is_ours,
    keep_newest,
    labels,
    load_flat,
    moments,
)
from cxmining.ingest.contact.talks import counts_of, message_columns, per_message, talks
from cxmining.ingest.files.csv_rows import read_csv
from cxmining.ingest.files.json_records import is_json
from cxmining.ingest.files.opening import SourceFile, decode
from cxmining.ingest.records.build import events_table, identifiers_of
from cxmining.ingest.records.ledger import FileLedger
from cxmining.study import SourceSettings, Study

__all__ = ["CHANNEL_OF", "part_of", "read_talks"]

CHANNEL_OF: Final = {
    "sms": "sms", "mms": "sms", "rcs": "sms", "whatsapp": "chat", "chat": "chat", "gbm": "chat", "messenger": "social",
    "instagram": "social", "email": "mail",
}  # fmt: skip
_NAMES: Final = {
    "messages": ("sid", "conversation_sid", "author", "participant_sid", "body", "index", "date_created", "date_updated"),
    "participants": ("sid", "conversation_sid", "identity", "role_sid", "binding_type", "binding_address", "date_updated"),
    "conversations": ("sid", "friendly_name", "state", "date_created", "date_updated"),
}  # fmt: skip
_PATHS: Final = {
    "binding_type": (("messaging_binding", "type"),), "binding_address": (("messaging_binding", "address"),),
}  # fmt: skip
_OTHERS: Final = {"messaging_binding_type": "binding_type", "messaging_binding_address": "binding_address"}
_ADDRESS: Final = r"^(?:(?:whatsapp|messenger|instagram|rcs|gbm|tel|sms):\S+|\+?\d{6,15}|[^\s@]+@[^\s@]+\.[^\s@]+)$"
_SYSTEM: Final = "system"


def part_of(file: SourceFile, source: SourceSettings) -> str:
    """Return ``messages``, ``participants``, ``conversations`` or ``calls``, by the fields of the first record."""
    if is_json(file):
        from cxmining.ingest.files.json_records import first_keys

        keys = first_keys(decode(file.head(), None, file.name)[0])
    else:
        keys = {str(c).lower() for c in read_csv(file, source.encoding, source.delimiter).frame.columns}
    if "conversation_sid" in keys:
        return "participants" if {"messaging_binding", "role_sid", "binding_address"} & keys else "messages"
    return (
        "conversations" if {"sid", "state"} <= keys and {"timers", "chat_service_sid", "bindings"} & keys else "calls"
    )


def read_talks(
    files: Sequence[tuple[str, SourceFile]], source: SourceSettings, study: Study, options: Mapping[str, Any]
) -> tuple[list[FileLedger], list[pd.DataFrame], list[pd.DataFrame]]:
    """Read the parts of conversations.

    Returns
    -------
    ledgers : list of FileLedger
        One per file.
    events, identifiers : list of DataFrame

    Raises
    ------
    InputError
        When an identity is neither known as ours nor as a customer's.
    """
    each = per_message(source, options)
    ledgers: list[FileLedger] = []
    frames: dict[str, list[pd.DataFrame]] = {part: [] for part in _NAMES}
    own: dict[str, list[FileLedger]] = {part: [] for part in _NAMES}
    for k, (part, file) in enumerate(files):
        frame, ledger = load_flat(file, source, _NAMES[part], _PATHS, _OTHERS)
        where = f"{file.name}, field "
        ledger.reject(frame["sid"].isna().to_numpy(), "no sid")
        updated = moments(frame["date_updated"], source.tz, where + "'date_updated'", local=False)
        frame = frame.assign(updated=updated.utc, part=k, at=np.arange(len(frame)), record=ledger.ids.astype(str))
        if part == "messages":
            made = moments(frame["date_created"], source.tz, where + "'date_created'")
            ledger.never(made, "date_created")
            ledger.reject(made.missing | made.bad, "date_created is no moment")
            ledger.reject(frame["conversation_sid"].isna().to_numpy(), "no conversation_sid")
            frame = frame.assign(utc=made.utc, offset=made.offset)
        ledgers.append(ledger)
        frames[part].append(frame)
        own[part].append(ledger)
    for part, mine in own.items():
        if mine:
            same = frames[part]
            keep_newest(mine, [f["sid"] for f in same], [f["updated"] for f in same], part.removesuffix("s"))
    people, talks_of = (
        pd.concat([f[led.open] for f, led in zip(frames[part], own[part], strict=True)], ignore_index=True)
        if own[part]
        else pd.DataFrame({n: pd.Series(dtype="str") for n in _NAMES[part]})
        for part in ("participants", "conversations")
    )
    for part, why in (
        ("participants", "a participant: says who writes"),
        ("conversations", "says what a conversation is called"),
    ):
        for ledger in own[part]:
            ledger.context(ledger.open, why)
    if not own["messages"]:
        return ledgers, [], []
    kept = [f[led.open] for f, led in zip(frames["messages"], own["messages"], strict=True)]
    said = _who(pd.concat(kept, ignore_index=True), people, source, study, options)
    said["raw_subject"] = _look_up(
        said["talk"], talks_of.drop_duplicates("sid", keep="last").set_index("sid")["friendly_name"]
    )
    number = pd.to_numeric(said["index"], errors="coerce")
    said = said.assign(number=number).sort_values(
        ["talk", "utc", "number", "part", "at"], kind="stable", ignore_index=True
    )
    return ledgers, *_laid(said, ledgers, source, study, each)


def _look_up(keys: pd.Series[Any], values: pd.Series[Any]) -> pd.Series[Any]:
    return values.reindex(pd.Index(keys)).set_axis(keys.index).astype("str")


def _names(source: SourceSettings, options: Mapping[str, Any], key: str) -> list[str]:
    given = options.get(key, ())
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list | tuple) or not all(isinstance(v, str) for v in listed):
        raise StudyError(f"source {source.name!r}: options.{key} are names, or a list of names")
    return list(listed)


def _who(
    said: pd.DataFrame, people: pd.DataFrame, source: SourceSettings, study: Study, options: Mapping[str, Any]
) -> pd.DataFrame:
    """Say who wrote each message, and which customer its conversation is with."""
    us, bots = _names(source, options, "us"), [*_names(source, options, "bots"), _SYSTEM]
    joined = people.drop_duplicates("sid", keep="last").set_index("sid")
    of = {
        c: _look_up(said["participant_sid"], joined[c])
        for c in ("identity", "role_sid", "binding_type", "binding_address")
    }
    author = said["author"].fillna(of["identity"]).fillna(of["binding_address"])
    address = of["binding_address"].fillna(author.where(author.str.match(_ADDRESS).fillna(False).astype(bool)))
    bare = addresses(address.str.replace(r"^[a-z]+:(?=\+)", "", regex=True))
    ours = author.isin(us) | of["role_sid"].isin(us) | pd.Series(is_ours(bare, study))
    machine = author.isin(bots) | author.isna()
    customer = address.notna() & ~ours & ~machine
    talk = said["conversation_sid"]
    # whoever answers an address without having one himself works here; of two identities nobody knows
    reached = talk.isin(talk[customer]) | talk.isin(people.loc[people["binding_address"].notna(), "conversation_sid"])
    rest = ~ours & ~machine & ~customer
    person = ours | (rest & reached)
    unknown = rest & ~reached
    if unknown.any() and not us:
        n = int(author[unknown].nunique())
        raise InputError(
            f"source {source.name!r}: {n} {'identity writes' if n == 1 else 'identities write'} in conversations without a telephone number or "
            'address; say which are ours, by name or by the role_sid of participants: options = {us = ["…"]}'
        )
    side = np.select([machine, customer | unknown, person], ["bot", "customer", "person"], "other")
    kind = of["binding_type"].fillna(address.str.extract(r"^([a-z]+):", expand=False)).str.lower()
    kind = kind.fillna("sms").where(address.notna(), kind)
    said = said.assign(talk=talk, side=pd.Series(side, dtype="str"), who=author, text=said["body"])
    theirs = (customer | unknown).to_numpy(bool)
    for name, values in (("kind", kind), ("address", bare), ("identity", author.where(address.isna()))):
        first = values[theirs].groupby(talk[theirs]).first()
        said[name] = _look_up(talk, first)
    if len(people):  # a customer who wrote nothing took part all the same
        bound = (
            people.dropna(subset="binding_address").drop_duplicates("conversation_sid").set_index("conversation_sid")
        )
        plain = addresses(bound["binding_address"].str.replace(r"^[a-z]+:(?=\+)", "", regex=True)).set_axis(bound.index)
        said["address"] = said["address"].fillna(_look_up(talk, plain))
        said["kind"] = said["kind"].fillna(_look_up(talk, bound["binding_type"].str.lower()))
    said["channel"] = said["kind"].fillna("chat").map(CHANNEL_OF).astype("str").fillna("chat")
    return said


def _laid(
    said: pd.DataFrame, ledgers: list[FileLedger], source: SourceSettings, study: Study, each: bool
) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
    first = ~said.duplicated("talk").to_numpy()
    if each:
        chosen, columns = said, message_columns(said)
    else:
        home = said.loc[first].set_index("talk")["record"]
        for k in said["part"].unique():
            mine = said[~first & (said["part"] == k).to_numpy()]
            into = home.reindex(mine["talk"]).to_numpy(dtype=object)
            ledgers[k].merge(mine["at"].to_numpy(dtype=np.int64), into, "a message of one conversation")
        chosen = said[first].reset_index(drop=True)
        talk = talks(said).reindex(chosen["talk"]).reset_index(drop=True)
        inbound = talk["first"].eq("customer")
        status = pd.Series(
            np.select(
                [talk["agent_messages"].gt(0), inbound & talk["bot_messages"].gt(0), inbound],
                ["answered", "bot only", "unanswered"], "open",
            ),
            dtype="str",
        )  # fmt: skip
        none = pd.Series([None] * len(chosen), dtype="str")
        columns = {
            "case_id": chosen["talk"], "thread_id": chosen["talk"], "timestamp": chosen["utc"], "utc_offset": chosen["offset"],
            "channel": chosen["channel"], "touchpoint": labels(chosen["channel"], none, status),
            "direction": inbound.map({True: "inbound", False: "outbound"}).astype("str"),
            "lifecycle": np.full(len(chosen), "start", dtype=object), "wait_s": talk["wait_s"],
            "duration_s": (talk["end"] - talk["start"]).dt.total_seconds().astype("Float64"),
            "resource": talk["last_who"].astype("str"), "text": talk["text"].astype("str"), "raw_status": status,
            "hand_overs": talk["hand_overs"].astype("Int64"), **counts_of(talk),
        }  # fmt: skip
    columns |= {"raw_event": chosen["kind"], "raw_subject": chosen["raw_subject"], **attributes_of(chosen, source)}
    frame = pd.DataFrame({name: pd.Series(value).array for name, value in columns.items()})
    events, people = [], []
    for k in sorted(chosen["part"].unique()):
        rows = np.flatnonzero((chosen["part"] == k).to_numpy())
        rows = rows[np.argsort(chosen["at"].to_numpy()[rows], kind="stable")]
        at = chosen["at"].to_numpy(dtype=np.int64)[rows]
        events.append(events_table(ledgers[k], at, by_name(frame.iloc[rows]), source))
        own = chosen.iloc[rows].reset_index(drop=True)
        mail = own["address"].str.contains("@").fillna(False).astype(bool)
        who: dict[str, Any] = {
            "phone": own["address"].mask(mail), "email": own["address"].where(mail),
            "device": "twilio identity " + own["identity"],
        }  # fmt: skip
        people.append(identifiers_of(ledgers[k].ids[at], who, study.company.country))
    return events, people
