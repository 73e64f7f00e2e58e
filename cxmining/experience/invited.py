"""Who was invited, what he answered, and what the log shows of him: before the invitation, and of the whole journey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.schema import CONTACT, OVERALL

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys

__all__ = ["invited_answers", "known_before", "whole_journeys"]


def invited_answers(lived: Experience, survey: str, metric: str | None) -> pd.DataFrame:
    """One row per invitation, with the first answer to it: the response that came next to the same customer."""
    data = lived.journeys.data
    invited = data.invitations[data.invitations["survey"] == survey].sort_values(["invited_at", "seq"], kind="stable")
    links = lived.links[(lived.links["survey"] == survey) & ~lived.links["metric"].isin(["expectation", "other"])]
    whole = data.answers[data.answers["touchpoint"].isin([OVERALL, CONTACT])]
    links = links.merge(whole[["response_id", "item"]], on=["response_id", "item"])
    there = links["metric"].value_counts()
    if not len(there):
        raise NotEnoughDataError(f"survey {survey!r} has no answered item about the whole or the contact")
    if metric is not None and metric not in there:
        raise UnknownNameError(f"survey {survey!r} asked no {metric!r}; {nearest(metric, there.index)}")
    metric = metric or str(there.index[0])
    scored = links[links["metric"] == metric].drop_duplicates("response_id")
    when = data.responses.set_index("response_id")["timestamp"]
    scored = scored.assign(timestamp=scored["response_id"].map(when))[
        ["response_id", "customer_id", "timestamp", "score", "scale_low", "scale_high", "metric"]
    ]
    own = invited.dropna(subset="customer_id")
    found = pd.merge_asof(
        scored.dropna(subset="customer_id").sort_values(["timestamp", "response_id"], kind="stable"),
        own[["invitation_id", "customer_id", "invited_at"]], left_on="timestamp", right_on="invited_at",
        by="customer_id", direction="backward",
    ).dropna(subset="invitation_id").drop_duplicates("invitation_id")  # fmt: skip
    columns = ["invitation_id", "response_id", "score", "scale_low", "scale_high", "metric"]
    if not len(found):
        raise NotEnoughDataError(f"none of the answers to {survey!r} follows an invitation of the same customer")
    return invited[["invitation_id", "customer_id", "invited_at", "channel"]].merge(
        found[columns], on="invitation_id", how="left"
    )


def known_before(journeys: Journeys, asked: pd.DataFrame) -> pd.DataFrame:
    """What the log shows of each invited customer before the invitation."""
    log = journeys.log
    events = journeys.data.events.iloc[log.rows][["customer_id", "timestamp", "touchpoint", "channel"]].copy()
    events["steps"] = log.position + 1
    events = events[events["channel"] != "survey"].sort_values("timestamp", kind="stable")
    events["before"] = events.groupby("customer_id", sort=False).cumcount() + 1
    left = asked[["customer_id", "invited_at"]].reset_index(names="row").sort_values("invited_at", kind="stable")
    left = left[left["customer_id"].notna()]
    found = pd.merge_asof(
        left, events.rename(columns={"timestamp": "last"}), left_on="invited_at", right_on="last", by="customer_id",
    ).set_index("row")  # fmt: skip
    invited: Any = left["invited_at"]
    window = left.assign(since=invited - pd.Timedelta(days=90)).sort_values("since", kind="stable")
    earlier = pd.merge_asof(
        window, events[["customer_id", "timestamp", "before"]], left_on="since", right_on="timestamp", by="customer_id"
    ).set_index("row")  # fmt: skip
    known = pd.DataFrame(index=asked.index)
    known["last touchpoint"] = found["touchpoint"].reindex(asked.index)
    known["last channel"] = found["channel"].reindex(asked.index)
    known["contacts in 90 days"] = (
        (found["before"].fillna(0) - earlier["before"].fillna(0)).reindex(asked.index).fillna(0)
    )
    known["steps of the journey"] = found["steps"].reindex(asked.index)
    when: Any = found["invited_at"]
    ago = when - found["last"]
    known["days since the last"] = (ago.dt.total_seconds() / 86_400).reindex(asked.index)
    known["invited by"] = asked["channel"]
    return known


def whole_journeys(journeys: Journeys, asked: pd.DataFrame) -> pd.DataFrame:
    """Return how long the journey became that an invitation followed on, and in what it ended.

    Part of that may have come after the invitation, and because of it: this describes who answers and is no ground for
    weights.

    Returns
    -------
    DataFrame
        On the index of `asked`: ``length of the journey`` (events), ``ending`` (its last touchpoint).
    """
    log = journeys.log
    events = journeys.data.events.iloc[log.rows][["customer_id", "timestamp", "channel"]].copy()
    events["journey"] = log.journey
    events = events[events["channel"] != "survey"].sort_values("timestamp", kind="stable")
    left = asked[["customer_id", "invited_at"]].reset_index(names="row").sort_values("invited_at", kind="stable")
    found = pd.merge_asof(
        left[left["customer_id"].notna()], events.drop(columns="channel"), left_on="invited_at", right_on="timestamp",
        by="customer_id",
    ).set_index("row")["journey"].dropna().astype("int64")  # fmt: skip
    lasts = log.touchpoint[log.offsets[1:] - 1]
    ends = pd.Series(log.touchpoints, dtype="str").take(lasts[found.to_numpy()])
    length = (log.offsets[1:] - log.offsets[:-1])[found.to_numpy()]
    return pd.DataFrame(
        {
            "length of the journey": pd.Series(length, index=found.index, dtype="float").reindex(asked.index),
            "ending": pd.Series(ends.to_numpy(), index=found.index, dtype="str").reindex(asked.index),
        }
    )
