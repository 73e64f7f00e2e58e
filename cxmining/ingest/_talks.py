"""Messages that make a conversation: who wrote, who waited, what the customer said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import StudyError, nearest
from cxmining.study import SourceSettings

__all__ = ["SIDES", "message_columns", "per_message", "talks", "turn_waits"]

SIDES: Final = ("customer", "person", "bot")
"""Who can write a message; a person or a bot is ours."""


def talks(messages: pd.DataFrame) -> pd.DataFrame:
    """Sum up conversations.

    Parameters
    ----------
    messages : DataFrame
        ``talk`` (key), ``utc``, ``side`` (one of `SIDES`; others are not counted), ``text``, ``who`` (the
        person of ours).

    Returns
    -------
    DataFrame
        Indexed by talk: ``start``, ``end``, ``first`` (side), ``messages``, ``bot_messages``,
        ``customer_messages``, ``people`` (of ours), ``last_who``, ``wait_s`` (from the customer's first message
        to the first answer by a person; missing when we began), ``text`` (the customer's).

    Examples
    --------
    >>> t = pd.to_datetime(["2025-01-01 10:00Z", "2025-01-01 10:01Z", "2025-01-01 10:05Z"])
    >>> m = pd.DataFrame({"talk": "a", "utc": t, "side": ["customer", "bot", "person"], "text": "x", "who": "s"})
    >>> talks(m)[["wait_s", "messages", "bot_messages"]].to_numpy().tolist()
    [[300.0, 3, 1]]
    """
    said = messages[messages["side"].isin(SIDES)].sort_values(["talk", "utc"], kind="stable")
    by = said.groupby("talk", sort=False)
    out = by.agg(start=("utc", "min"), end=("utc", "max"), first=("side", "first"), messages=("side", "size"))
    customer, person = said[said["side"] == "customer"], said[said["side"] == "person"]
    out["bot_messages"] = said["side"].eq("bot").groupby(said["talk"], sort=False).sum()
    out["customer_messages"] = customer.groupby("talk").size().reindex(out.index).fillna(0).astype("int64")
    out["people"] = person.groupby("talk")["who"].nunique().reindex(out.index).fillna(0).astype("int64")
    out["by_person"] = person.groupby("talk").size().reindex(out.index).fillna(0).astype("int64")
    out["last_who"] = person.groupby("talk")["who"].last().reindex(out.index)
    asked = customer.groupby("talk")["utc"].min()
    answers = person[person["utc"].to_numpy() >= asked.reindex(pd.Index(person["talk"])).to_numpy()]
    answered = answers.groupby("talk")["utc"].min()
    wait = (answered.reindex(out.index) - asked.reindex(out.index)).dt.total_seconds().astype("Float64")
    out["wait_s"] = wait.mask(wait.isna() | out["first"].ne("customer"))
    texts = customer.dropna(subset="text")
    joined = texts.groupby("talk")["text"].agg("\n".join) if len(texts) else pd.Series(dtype="str")
    out["text"] = joined.reindex(out.index).astype("str")
    return out


def turn_waits(messages: pd.DataFrame) -> pd.Series[Any]:
    """Return, for each message that begins a customer's turn, the seconds until a person answered.

    `messages` must be in order of talk and time.
    """
    before = messages.groupby("talk", sort=False)["side"].shift()
    begins = messages["side"].eq("customer") & ~before.eq("customer")
    replies = messages["utc"].where(messages["side"].eq("person"))
    following = replies.groupby(messages["talk"], sort=False).bfill()
    wait = (following - messages["utc"]).dt.total_seconds().astype("Float64")
    return wait.where(begins & wait.notna())


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
