"""What was said in Zendesk tickets: who wrote each comment, and the comments as events of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import StudyError
from cxmining.ingest.contact.common import by_name, plain_text
from cxmining.ingest.contact.talks import message_columns, talks
from cxmining.ingest.contact.zendesk_more import Part
from cxmining.ingest.records.build import attribute_name, events_table, typed
from cxmining.study import SourceSettings

__all__ = ["STAFF", "bots_of", "message_events", "said", "summed"]

STAFF: Final = ("agent", "admin")
_ANSWER_BOT: Final = "-1"  # the user in whose name Zendesk's own robots write


def bots_of(source: SourceSettings, options: Mapping[str, Any]) -> frozenset[str]:
    """Return the ids of users that are machines.

    Raises
    ------
    StudyError
        When the option ``bots`` holds something else than ids.
    """
    given = options.get("bots", ())
    listed = [given] if isinstance(given, str | int) else given
    if not isinstance(listed, list | tuple) or not all(
        isinstance(v, str | int) and not isinstance(v, bool) for v in listed
    ):
        raise StudyError(f"source {source.name!r}: options.bots are ids of users, such as [38420917]")
    return frozenset({_ANSWER_BOT, *map(str, listed)})


def said(comments: pd.DataFrame, tickets: pd.DataFrame, users: pd.DataFrame, bots: frozenset[str]) -> pd.DataFrame:
    """Return the public comments as messages: ``talk`` (ticket), ``utc``, ``side``, ``who``, ``text`` and where they lie.

    Who neither asked nor works here (a colleague of the customer's in copy) has the side ``"other"``.
    """
    public = comments[~comments["public"].astype("str").str.lower().eq("false")].copy()
    facts = tickets.set_index("id") if len(tickets) else tickets
    requester = (
        facts["requester_id"].reindex(pd.Index(public["ticket_id"])).set_axis(public.index)
        if len(tickets)
        else pd.Series([None] * len(public), index=public.index, dtype="str")
    )
    author = public["author_id"]
    asked = author.eq(requester).fillna(False).to_numpy(bool)
    if len(users):
        role = users["role"].reindex(pd.Index(author)).set_axis(author.index)
        ours = role.isin(STAFF).to_numpy(bool) & ~asked
    else:  # without users, whoever did not ask answers
        ours = author.notna().to_numpy(bool) & ~asked
    machine = author.isin(bots).fillna(False).to_numpy(bool)
    public["side"] = np.select([machine, asked, ours], ["bot", "customer", "person"], "other")
    public["side"] = public["side"].astype("str")
    return public.assign(talk=public["ticket_id"], who=author, text=public["body"].where(asked))


def summed(messages: pd.DataFrame, tickets: pd.DataFrame) -> pd.DataFrame:
    """Return what `talks` says per ticket, in the order of `tickets`; missing where no comment is in the export."""
    by = talks(messages)
    return by.reindex(pd.Index(tickets["id"])).set_axis(tickets.index, axis=0)


def message_events(
    every: Sequence[Part],
    messages: pd.DataFrame,
    tickets: pd.DataFrame,
    channel: pd.Series[Any],
    source: SourceSettings,
) -> tuple[list[pd.DataFrame], pd.DataFrame]:
    """Make an event of each public comment, and of a ticket's description where no comment is in the export.

    A ticket whose comments are there lives on in the first of them: Zendesk's first comment is the description.

    Returns
    -------
    events : list of DataFrame
    people : DataFrame
        ``record`` and what the ticket says about its requester, per event.
    """
    spoken = messages[messages["side"].ne("other")]
    facts = tickets.assign(channel=channel).set_index("id")
    has = tickets["id"].isin(spoken["talk"]).to_numpy(bool)
    alone = tickets[~has]
    staff = alone["submitter_id"].ne(alone["requester_id"]) & alone["submitter_id"].notna()
    lone = pd.DataFrame(
        {
            "talk": alone["id"], "utc": alone["utc"], "offset": alone["offset"], "record": alone["record"],
            "side": staff.map({True: "person", False: "customer"}).astype("str"), "who": alone["submitter_id"],
            "text": alone["description"], "part": alone["part"], "at": alone["at"],
        }
    )  # fmt: skip
    rows = pd.concat([spoken[[*lone.columns]], lone], ignore_index=True)
    rows = rows.sort_values(["talk", "utc", "part", "at"], kind="stable", ignore_index=True)
    first = rows.drop_duplicates("talk").set_index("talk")["record"]
    gone = tickets[has]
    for k in gone["part"].unique():
        mine = gone[gone["part"] == k]
        into = first.reindex(mine["id"]).to_numpy(dtype=object)
        every[k].ledger.merge(mine["at"].to_numpy(dtype=np.int64), into, "its comments are in the export, one by one")
    others = messages[messages["side"].eq("other")]
    record = tickets.set_index("id")["record"]
    for k in others["part"].unique():
        mine = others[others["part"] == k]
        into = record.reindex(mine["talk"]).to_numpy(dtype=object)
        every[k].ledger.merge(mine["at"].to_numpy(dtype=np.int64), into, "a message by somebody in copy")
    about = facts.reindex(rows["talk"])
    rows["channel"] = about["channel"].to_numpy(dtype=object)
    rows["text"] = pd.Series([plain_text(t) if isinstance(t, str) else None for t in rows["text"]], dtype="str")
    columns = message_columns(rows.astype({"channel": "str"}))
    columns |= {
        "queue": about["group_id"], "owner_mined": about["group_id"], "raw_subject": about["subject"],
        "raw_tags": about["tags"], "raw_event": about["via_channel"].str.lower(),
    }  # fmt: skip
    for name in source.attributes:
        columns[attribute_name(name)] = typed(about[name], name)
    frame = pd.DataFrame({name: pd.Series(value).array for name, value in columns.items()})
    events = []
    for k in sorted(rows["part"].unique()):
        chosen = np.flatnonzero((rows["part"] == k).to_numpy())
        chosen = chosen[np.argsort(rows["at"].to_numpy()[chosen], kind="stable")]
        at = rows["at"].to_numpy(dtype=np.int64)[chosen]
        events.append(events_table(every[k].ledger, at, by_name(frame.iloc[chosen]), source))
    names = ["requester_id", "from_address", "from_phone"]
    people = about[names].reset_index(drop=True).assign(record=rows["record"])
    return events, people
