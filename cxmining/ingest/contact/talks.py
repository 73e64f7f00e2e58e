"""Messages that make a conversation: who wrote, who waited, what the customer said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import StudyError, nearest
from cxmining.study import SourceSettings

__all__ = ["PER", "SIDES", "counts_of", "message_columns", "per_message", "talks", "turn_waits"]

SIDES: Final = ("customer", "person", "bot")
"""Who can write a message; a person or a bot is ours."""
PER: Final = '"conversation" (default) or "message": then each message is an event of its own'
"""What the option ``per`` of chats says, for messages."""
_NEVER: Final = np.iinfo(np.int64).max


def talks(messages: pd.DataFrame) -> pd.DataFrame:
    """Sum up conversations.

    Parameters
    ----------
    messages : DataFrame
        ``talk`` (key), ``utc``, ``side`` (one of `SIDES`; others are not counted), ``text``, ``who`` (the
        person of ours). Messages of one instant stand in their order.

    Returns
    -------
    DataFrame
        Indexed by talk: ``start``, ``end``, ``first`` (side), ``messages`` and those of each side
        (``customer_messages``, ``agent_messages``, ``bot_messages``), ``people`` (of ours), ``last_who``,
        ``hand_overs`` (how often another person of ours went on), ``wait_s`` (first-response time: from the
        customer's first message to the first answer by a person, by the clock; missing when we began),
        ``bot_s`` (from the bot's first message until a person wrote, or else until the end), ``text``
        (the customer's).

    Examples
    --------
    >>> t = pd.to_datetime(["2025-01-01 10:00Z", "2025-01-01 10:01Z", "2025-01-01 10:05Z"])
    >>> m = pd.DataFrame({"talk": "a", "utc": t, "side": ["customer", "bot", "person"], "text": "x", "who": "s"})
    >>> talks(m)[["wait_s", "messages", "bot_messages", "bot_s", "hand_overs"]].to_numpy().tolist()
    [[300.0, 3, 1, 240.0, 0]]
    """
    said = messages[messages["side"].isin(SIDES) & messages["talk"].notna()]
    codes, keys = pd.factorize(said["talk"])
    n = len(keys)
    index = pd.Index(keys, name="talk")
    moment = said["utc"].astype("datetime64[us, UTC]").to_numpy(dtype="datetime64[us]").astype(np.int64)
    order = np.lexsort((moment, codes))
    codes, moment = codes[order], moment[order]
    sides = {s: (said["side"] == s).to_numpy(bool)[order] for s in SIDES}
    customer, person, bot = (sides[s] for s in SIDES)
    begin = np.searchsorted(codes, np.arange(n))

    def first(mask: np.ndarray[Any, Any], at_least: np.ndarray[Any, Any] | None = None) -> np.ndarray[Any, Any]:
        """Return the first moment of the messages in `mask`, per talk."""
        if at_least is not None:
            mask = mask & (moment >= at_least[codes])
        return np.minimum.reduceat(np.where(mask, moment, _NEVER), begin) if n else moment[:0]

    def count(mask: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.bincount(codes[mask], minlength=n)

    last = np.append(begin[1:], len(codes)) - 1 if n else begin
    asked, said_by_bot = first(customer), first(bot)
    answered, taken = first(person, asked), first(person, said_by_bot)
    began = customer[begin]
    who_codes, names = pd.factorize(said["who"].to_numpy(dtype=object)[order])
    known = np.flatnonzero(person & (who_codes >= 0))
    ends = np.full(n, -1)
    ends[codes[known]] = known  # of equal keys the last one stands
    changed = (codes[known][1:] == codes[known][:-1]) & (who_codes[known][1:] != who_codes[known][:-1])
    pairs = np.unique(codes[known].astype(np.int64) * (len(names) + 1) + who_codes[known])
    out = pd.DataFrame(
        {
            "start": _moments(moment[begin]), "end": _moments(moment[last]),
            "first": pd.Series(np.select([began, person[begin]], SIDES[:2], SIDES[2]), dtype="str"),
            "messages": np.bincount(codes, minlength=n), "customer_messages": count(customer),
            "agent_messages": count(person), "bot_messages": count(bot),
            "people": np.bincount(pairs // (len(names) + 1), minlength=n),
            "last_who": pd.Series(np.array([*names, None], dtype=object)[np.where(ends >= 0, who_codes[ends] if len(who_codes) else -1, -1)], dtype="str"),
            "hand_overs": np.bincount(codes[known][1:][changed], minlength=n),
            "wait_s": _seconds(asked, np.where(began, answered, _NEVER)),
            "bot_s": _seconds(said_by_bot, np.where(taken == _NEVER, moment[last], taken)),
            "text": _joined(said["text"].to_numpy(dtype=object)[order], codes, customer, n),
        }
    )  # fmt: skip
    return out.set_axis(index, axis=0)


def _moments(micro: np.ndarray[Any, Any]) -> pd.Series[Any]:
    return pd.Series(micro.astype("datetime64[us]")).dt.tz_localize("UTC")


def _seconds(start: np.ndarray[Any, Any], end: np.ndarray[Any, Any]) -> pd.Series[Any]:
    """Return seconds between microseconds; missing where one of them never was."""
    there = (start != _NEVER) & (end != _NEVER)
    span = np.where(there, end - np.where(there, start, 0), 0) / 1e6
    return pd.Series(pd.array(span, dtype="Float64")).mask(~there)


def _joined(
    texts: np.ndarray[Any, Any], codes: np.ndarray[Any, Any], customer: np.ndarray[Any, Any], n: int
) -> pd.Series[Any]:
    """Return what the customer wrote, line below line."""
    import pyarrow as pa
    import pyarrow.compute as pc

    at = np.flatnonzero(customer & pd.notna(texts))
    offsets = np.searchsorted(codes[at], np.arange(n + 1)).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), pa.array(texts[at], pa.string()))
    text = pc.binary_join(lists, "\n").to_pandas().astype("str")
    joined: pd.Series[Any] = text.where(offsets[1:] > offsets[:-1])
    return joined


def counts_of(talk: pd.DataFrame, whole: Any = True) -> dict[str, Any]:
    """Return the columns of a conversation's event that count and time its messages.

    Where `whole` is false the messages are not in the export, and how many there were is not known.
    """
    names = ("messages", "customer_messages", "agent_messages", "bot_messages")
    counted = {name: talk[name].astype("Int64") for name in names}
    if whole is not True:
        counted = {name: values.where(whole) for name, values in counted.items()}
    return {**counted, "bot_s": talk["bot_s"].astype("Float64")}


def turn_waits(messages: pd.DataFrame) -> pd.Series[Any]:
    """Return, for each message that begins a customer's turn, the seconds until a person answered.

    `messages` must be in order of talk and time.
    """
    talk = pd.factorize(messages["talk"])[0]
    side = messages["side"]
    customer = side.eq("customer").to_numpy(bool)
    begins = customer.copy()
    begins[1:] &= (talk[1:] != talk[:-1]) | ~customer[:-1]
    replies = messages["utc"].where(side.eq("person"))
    following = replies.groupby(talk, sort=False).bfill()
    wait = (following - messages["utc"]).dt.total_seconds().astype("Float64")
    return wait.where(begins & wait.notna().to_numpy())


def per_message(source: SourceSettings, options: Mapping[str, Any]) -> bool:
    """Tell whether each message is to be an event of its own.

    Raises
    ------
    StudyError
        When the option ``per`` says something else.
    """
    wished = options.get("per", "conversation")
    if wished not in ("conversation", "message"):
        raise StudyError(
            f"source {source.name!r}: options.per = {wished!r}; " + nearest(str(wished), ["conversation", "message"])
        )
    return bool(wished == "message")


def message_columns(messages: pd.DataFrame) -> dict[str, Any]:
    """Return the columns of events that are one message each.

    `messages` is as `talks` wants it, in order of talk and time, with ``channel``, and ``offset`` where it is known.
    """
    side = messages["side"]
    told = side.map({"customer": "message", "person": "reply", "bot": "bot reply"}).astype("str")
    return {
        "case_id": messages["talk"], "thread_id": messages["talk"], "timestamp": messages["utc"],
        "utc_offset": messages["offset"], "channel": messages["channel"],
        "touchpoint": messages["channel"] + ": " + told,
        "direction": side.eq("customer").map({True: "inbound", False: "outbound"}).astype("str"),
        "lifecycle": np.full(len(messages), "complete", dtype=object),
        "wait_s": turn_waits(messages), "resource": messages["who"].where(side.eq("person")),
        "text": messages["text"].where(side.eq("customer")), "raw_status": told,
        "bot": side.eq("bot").astype("boolean"),
    }  # fmt: skip
