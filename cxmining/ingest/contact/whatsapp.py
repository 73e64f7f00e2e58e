"""WhatsApp exports (``.txt``): one chat a file, as a phone wrote it.

A record is a message. What is said between a customer and us without a pause is one conversation and
one event, its first message; the others are *merged* into it. Notices of the system are context.
In a group each customer has a conversation; what we write belongs to who wrote last. A chat that was
exported again, longer, is known by its first line: messages that were there already are duplicates.

* ``wait_s`` = from the customer's first message to our first answer; missing when we began.
* ``duration_s`` = until the last message; ``messages`` and those of each side (``customer_messages``,
  ``agent_messages``, ``bot_messages``); ``bot_s`` = how long the bot had it; ``hand_overs`` between people of ours.
* ``attachments`` (left out of an export without media), ``deleted`` and ``edited`` count messages; per message
  they are in the columns ``kind`` and ``edited``.
* ``text`` = what the customer wrote, captions of attachments among it, nothing of what was deleted.
* resource = who of ours wrote last.

Needs ``tz``, the phone's zone. Who is *us* must be declared: the study's ``company.name`` and
``company.numbers``, or ``us``. The order of day, month and year is inferred from the whole file.

Options
-------
us : str or list of str
    Names of ours in the chat, beside the company's own.
bots : str or list of str
    Those of them that are machines.
order : str
    ``"dmy"``, ``"mdy"``, ``"ymd"`` or ``"ydm"``, for a file in which nothing tells them apart.
pause : float
    Hours of silence that end a conversation; default 24, after which a company may no longer answer freely.
per : str
    ``"conversation"`` (default) or ``"message"``: then each message is an event of its own, with the
    seconds until we answered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError, StudyError, nearest
from cxmining.ingest.contact.common import by_name, labels
from cxmining.ingest.contact.talks import counts_of, message_columns, per_message, talks
from cxmining.ingest.contact.whatsapp_lines import ORDERS, clean, day_order, headers, spoken
from cxmining.ingest.files.opening import SourceFile, decode
from cxmining.ingest.records.build import check_columns, check_options, events_table, identifiers_of
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.ingest.records.times import parse_stamps
from cxmining.privacy.normalise import normalise
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "messages", "read"]

OPTIONS: Final = {
    "us": "names of ours in the chat", "bots": "those of them that are machines",
    "order": '"dmy", "mdy", "ymd" or "ydm"', "pause": "hours of silence that end a conversation",
    "per": '"conversation" or "message"',
}  # fmt: skip
_PAUSE_H: Final = 24.0


def messages(file: SourceFile, source: SourceSettings) -> pd.DataFrame:
    """Return the messages of an export: ``local`` stamp, ``sender`` (missing for notices), ``text``, ``kind``, ``edited``.

    The last row stands for the lines above the first message, when there are any; it has no stamp.

    Raises
    ------
    InputError
        When there is no message, or day and month cannot be told apart.
    """
    text = decode(file.read(), source.encoding, file.name)[0]
    found, bodies, before = headers(text)
    if not found:
        raise InputError(
            f"{file.name}: no line begins with the date, time and sender of a WhatsApp message; set format"
        )
    order = source.options.get("order")
    if order is not None and order not in ORDERS:
        raise StudyError(f"source {source.name!r}: options.order = {order!r}; {nearest(str(order), ORDERS)}")
    said = [spoken(body) for body in bodies]
    local = day_order(found, file.name, order)
    frame = pd.DataFrame(
        {
            "local": local, "sender": pd.Series([s.sender for s in said], dtype="str"),
            "text": pd.Series([s.text for s in said], dtype="str"),
            "kind": pd.Series([s.kind for s in said], dtype="str"),
            "edited": np.array([s.edited for s in said], dtype=object),
        }
    )  # fmt: skip
    # a longer export of the same chat begins with the same words
    first = hashlib.blake2b(f"{local.iloc[0]}|{bodies[0]}".encode(errors="replace"), digest_size=8).hexdigest()
    frame["chat"] = first
    return frame.reindex(range(len(frame) + 1)) if before else frame


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read chats.

    Returns
    -------
    Reading
        One event per conversation, or per message; notices are context.

    Raises
    ------
    InputError
        When day and month cannot be told apart, nobody in the chats is us, or ``tz`` is not given.
    StudyError
        When an option does not fit, or nothing says who is us.
    """
    options = check_options(source, OPTIONS, "whatsapp")
    check_columns(source, ())
    each = per_message(source, options)
    pause = options.get("pause", _PAUSE_H)
    if not isinstance(pause, int | float) or isinstance(pause, bool) or not pause > 0:
        raise StudyError(f"source {source.name!r}: options.pause = {pause!r}: expected hours, such as 24")
    us, bots = _us(source, study, options)
    ledgers, parts, notes = [], [], []
    for k, file in enumerate(files):
        frame = messages(file, source)
        ledger = FileLedger(source.name, file, len(frame))
        stamps = parse_stamps(frame["local"], source.tz, file.name)
        ledger.reject(frame["chat"].isna().to_numpy(), "lines above the first message")
        ledger.context(frame["sender"].isna().to_numpy(), "a notice of the system")
        notes += stamps.notes(source.name)
        parts.append(
            frame.assign(utc=stamps.utc, offset=stamps.offset, file=k, at=np.arange(len(frame)), id=ledger.ids)[
                ledger.open
            ]
        )
        ledgers.append(ledger)
    every = pd.concat(parts, ignore_index=True)
    every = _without_repeats(every, ledgers)
    every["side"] = _sides(every["sender"], us, bots, study)
    if len(every) and not every["side"].ne("customer").any() and every["sender"].nunique() > 1:
        raise InputError(
            f"source {source.name!r}: nobody in it is us ({', '.join(sorted(us))}), among {every['sender'].nunique()} "
            'people who write; name ours as they stand in the chat: options = {us = ["…"]}'
        )
    every = _conversations(every, float(pause))
    return _reading(every, ledgers, source, study, each, notes)


def _us(source: SourceSettings, study: Study, options: dict[str, Any]) -> tuple[set[str], set[str]]:
    def names(value: Any) -> Iterable[str]:
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or not all(isinstance(v, str) for v in listed):
            raise StudyError(f"source {source.name!r}: options.us and options.bots are names, or lists of names")
        return [clean(v).casefold() for v in listed if v.strip()]

    bots = set(names(options.get("bots", ())))
    us = {*names(options.get("us", ())), *names(study.company.name), *names(list(study.company.numbers)), *bots}
    if not us:
        raise StudyError(
            f'source {source.name!r}: say who is us in the chats: company.name, or options = {{us = ["…"]}} '
            "with the names as they stand there"
        )
    return us, bots


def _without_repeats(every: pd.DataFrame, ledgers: list[FileLedger]) -> pd.DataFrame:
    """Set aside messages of a chat that was exported more than once; who writes "ok" twice wrote it twice."""
    key = ["chat", "utc", "sender", "text"]
    nth = every.fillna({"text": ""}).groupby(["file", *key], sort=False).cumcount()
    again = every.assign(nth=nth).fillna({"text": ""})
    first = again.groupby([*key, "nth"], sort=False)["id"].transform("first")
    twice = first.to_numpy(dtype=object) != every["id"].to_numpy(dtype=object)
    for k, ledger in enumerate(ledgers):
        mine = twice & (every["file"] == k).to_numpy()
        at = every["at"].to_numpy(dtype=np.int64)[mine]
        ledger.duplicate(at, first.to_numpy(dtype=object)[mine], "in an earlier export of the same chat")
    kept: pd.DataFrame = every[~twice].reset_index(drop=True)
    return kept


def _sides(sender: pd.Series[Any], us: set[str], bots: set[str], study: Study) -> pd.Series[Any]:
    known = sender.str.casefold()
    country = study.company.country
    own = set(normalise("phone", pd.Series(sorted(us), dtype="str"), country).dropna())
    ours = known.isin(us) | normalise("phone", sender, country).isin(own)
    return pd.Series(
        np.where(known.isin(bots), "bot", np.where(ours, "person", "customer")), index=sender.index, dtype="str"
    )


def _conversations(every: pd.DataFrame, pause: float) -> pd.DataFrame:
    """Say which conversation each message is part of: one customer's, without a pause."""
    every = every.sort_values(["chat", "utc", "file", "at"], kind="stable", ignore_index=True)
    wrote = every["sender"].where(every["side"].eq("customer"))
    by = wrote.groupby(every["chat"], sort=False)
    every["customer"] = by.ffill().fillna(by.bfill()).astype("str")
    every = every.sort_values(
        ["chat", "customer", "utc", "file", "at"], kind="stable", ignore_index=True, na_position="last"
    )
    same = every["chat"].eq(every["chat"].shift()) & every["customer"].fillna("").eq(
        every["customer"].shift().fillna("")
    )
    silent = (every["utc"] - every["utc"].shift()).dt.total_seconds() > pause * 3600
    begins = (~same | silent).to_numpy(bool)
    every["talk"] = every["id"].where(begins).ffill().astype("str") if len(every) else every["id"].astype("str")
    return every


def _reading(
    every: pd.DataFrame,
    ledgers: list[FileLedger],
    source: SourceSettings,
    study: Study,
    each: bool,
    notes: list[str],
) -> Reading:
    begins = every["id"].eq(every["talk"])
    # a chat's name is a customer's: what is kept of it is a hash
    thread = every["chat"] + every["customer"].fillna("")
    every["thread"] = [hashlib.blake2b(t.encode(errors="replace"), digest_size=8).hexdigest() for t in thread]
    every["channel"], every["who"] = pd.Series(["chat"] * len(every), dtype="str"), every["sender"]
    if each:
        columns, chosen = message_columns(every), every
        columns |= {"kind": every["kind"], "edited": every["edited"].astype("boolean")}
    else:
        for k, ledger in enumerate(ledgers):
            mine = every[~begins & (every["file"] == k)]
            ledger.merge(
                mine["at"].to_numpy(dtype=np.int64),
                mine["talk"].to_numpy(dtype=object),
                "a message of one conversation",
            )
        chosen = every[begins].reset_index(drop=True)
        talk = talks(every)
        for name, mask in (
            ("attachments", every["kind"].eq("attachment")), ("deleted", every["kind"].eq("deleted")),
            ("edited", every["edited"].eq(True)),
        ):  # fmt: skip
            talk[name] = mask.astype("int64").groupby(every["talk"]).sum().reindex(talk.index)
        columns = _columns(chosen, talk.reindex(chosen["talk"]).reset_index(drop=True))
    columns["thread_id"] = chosen["thread"]
    number = normalise("phone", chosen["customer"], study.company.country)
    who: dict[str, Any] = {
        "phone": number, "name": chosen["customer"].mask(number.notna()),
        # a name joins nobody, but within one chat it is one person
        "device": ("whatsapp " + chosen["chat"] + " " + chosen["customer"]).mask(number.notna()),
    }  # fmt: skip
    people = identifiers_of(chosen["id"].to_numpy(dtype=object), who, study.company.country)
    frame = pd.DataFrame({name: pd.Series(value).array for name, value in columns.items()})
    events = []
    for k, ledger in enumerate(ledgers):
        rows = np.flatnonzero((chosen["file"] == k).to_numpy())
        rows = rows[np.argsort(chosen["at"].to_numpy()[rows], kind="stable")]
        at = chosen["at"].to_numpy(dtype=np.int64)[rows]
        events.append(events_table(ledger, at, by_name(frame.iloc[rows]), source))
    inputs, ledger_rows = join_ledgers(ledgers)
    return Reading(
        source.name, "whatsapp", inputs, ledger_rows, identifiers=people, events=pd.concat(events, ignore_index=True),
        notes=tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def _columns(chosen: pd.DataFrame, talk: pd.DataFrame) -> dict[str, Any]:
    inbound = talk["first"].eq("customer")
    status = pd.Series(
        np.select([talk["agent_messages"].gt(0), inbound & talk["bot_messages"].gt(0), inbound], ["answered", "bot only", "unanswered"], "open"),
        dtype="str",
    )  # fmt: skip
    none = pd.Series([None] * len(chosen), dtype="str")
    return {
        "case_id": chosen["talk"], "timestamp": chosen["utc"], "utc_offset": chosen["offset"], "channel": chosen["channel"],
        "touchpoint": labels(chosen["channel"], none, status),
        "direction": inbound.map({True: "inbound", False: "outbound"}).astype("str"),
        "lifecycle": np.full(len(chosen), "start", dtype=object),
        "wait_s": talk["wait_s"], "duration_s": (talk["end"] - talk["start"]).dt.total_seconds().astype("Float64"),
        "resource": talk["last_who"].astype("str"), "text": talk["text"], "raw_status": status,
        "hand_overs": talk["hand_overs"].astype("Int64"), **counts_of(talk),
        **{name: talk[name].astype("Int64") for name in ("attachments", "deleted", "edited")},
    }  # fmt: skip
