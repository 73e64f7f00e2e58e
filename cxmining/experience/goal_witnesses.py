"""Who says what a journey was for, why it began, and how it ended: items, the customer's own texts, the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.experience.own_words import own_texts
from cxmining.experience.scores import latest_journey

if TYPE_CHECKING:
    from cxmining.experience import Experience

__all__ = ["asked_goals", "motives_of", "reached_of"]

_DECLARED: Final = {
    "goal": frozenset(("goal", "doel", "task", "taak", "purpose")),
    "motive": frozenset(("motive", "motief", "motivation", "motivatie", "reason", "reden", "aanleiding")),
}
_BEFORE: Final = pd.Timedelta("14D")
"""A message of the company so shortly before is taken for what made the customer come."""
_READ: Final = 20_000


def asked_goals(lived: Experience, what: str) -> pd.Series:
    """Return what customers answered of their goal or motive, by journey: the word of the code they chose.

    Parameters
    ----------
    lived : Experience
    what : {"goal", "motive"}

    Returns
    -------
    Series of str
        By ``journey_id``; the latest answer.
    """
    nothing = pd.Series([], index=pd.Index([], dtype="object"), dtype="object")
    words = {
        (s.name, i.column, float(code)): word
        for s in lived.journeys.data.surveys
        for i in s.items
        if {e.strip().lower() for e in i.elements} & _DECLARED[what]
        for word, code in i.codes.items()
    }
    links = lived.links[lived.links["matched"] & lived.links["score"].notna()]
    keys = zip(links["survey"], links["item"], links["score"].astype(float), strict=True)
    said = np.array([words.get(key) for key in keys], dtype=object)
    return _by_journey(lived, links.assign(said=said)[pd.notna(said)]) if len(words) else nothing


def _by_journey(lived: Experience, rows: pd.DataFrame) -> pd.Series:
    """Return the latest ``said`` of each journey; one about the whole relationship is the latest journey's."""
    if not len(rows):
        return pd.Series([], index=pd.Index([], dtype="object"), dtype="object")
    responses = lived.journeys.data.responses.drop_duplicates("response_id").set_index("response_id")
    rows = rows.assign(timestamp=responses["timestamp"].reindex(rows["response_id"]).array)
    own = rows[rows["journey_id"].notna()]
    whole = latest_journey(lived.linked or lived.journeys, rows[rows["journey_id"].isna()])
    found = pd.concat([own, whole]) if len(whole) else own
    found = found.sort_values(["timestamp", "response_id", "item"], kind="stable").drop_duplicates(
        "journey_id", keep="last"
    )
    return pd.Series(found["said"].to_numpy(dtype=object), index=pd.Index(found["journey_id"].astype("object")))


def motives_of(lived: Experience, contacts: pd.DataFrame) -> tuple[Any, Any]:
    """Return why each journey began, and who says so (item, text, log, unknown), in the order of the table.

    Parameters
    ----------
    lived : Experience
    contacts : DataFrame
        The customer's own contacts: ``event_id``, ``journey_id``.
    """
    from cxmining.text.marks import MOTIVES, find_motives

    ids = lived.journeys.table["journey_id"]
    motive = np.full(len(ids), None, dtype=object)
    source = np.full(len(ids), "unknown", dtype=object)

    def take(found: pd.Series, name: str) -> None:
        value = ids.map(found).to_numpy(dtype=object)
        new = pd.notna(value) & (source == "unknown")
        motive[new], source[new] = value[new], name

    take(asked_goals(lived, "motive"), "item")
    texts, _ = own_texts(lived)
    texts = texts[texts["journey_id"].notna() & (texts["kind"] == "message")]
    if len(texts):
        felt = find_motives(texts["text"].str.slice(0, _READ).astype("str"))
        sums = felt[list(MOTIVES)].astype("Float64").fillna(0).astype(float).groupby(texts["journey_id"]).sum()
        sums = sums[sums.max(axis=1) > 0]
        take(pd.Series(sums.idxmax(axis=1).to_numpy(dtype=object), index=sums.index.astype("object")), "text")
    take(_triggers(lived, contacts), "log")
    return pd.array(motive, dtype="str"), pd.array(source, dtype="str")


def _triggers(lived: Experience, contacts: pd.DataFrame) -> pd.Series:
    """Return which message of the company came last before the first contact of each journey."""
    data = lived.journeys.data.events
    # Answers in a thread or case follow contacts; what comes on its own may cause one.
    sent = data[
        (data["direction"] == "outbound")
        & data["thread_id"].isna()
        & data["case_id"].isna()
        & data["customer_id"].notna()
    ]
    mine = data[["event_id", "customer_id", "timestamp"]].merge(contacts[["event_id", "journey_id"]], on="event_id")
    mine = mine.dropna().sort_values(["timestamp", "event_id"], kind="stable").drop_duplicates("journey_id")
    if not len(sent) or not len(mine):
        return pd.Series([], index=pd.Index([], dtype="object"), dtype="object")
    found = pd.merge_asof(
        mine.astype({"customer_id": "object"}),
        sent[["customer_id", "timestamp", "touchpoint"]].astype({"customer_id": "object"}).sort_values("timestamp", kind="stable"),
        on="timestamp", by="customer_id", direction="backward", allow_exact_matches=False, tolerance=_BEFORE,
    ).dropna(subset=["touchpoint"])  # fmt: skip
    return pd.Series(
        ("after " + found["touchpoint"].astype("str")).to_numpy(dtype=object),
        index=found["journey_id"].astype("object"),
    )


def reached_of(lived: Experience, goal: pd.Series, ends: Mapping[str, frozenset[str]]) -> tuple[Any, Any]:
    """Return how each journey ended (reached, partly, not reached, unknown), and who says so (item, log, text, unknown).

    Parameters
    ----------
    lived : Experience
    goal : Series of str
        In the order of the table of journeys.
    ends : mapping of str to frozenset of str
        Goal → the touchpoints that end it.
    """
    from cxmining.text.marks import find_outcomes

    journeys = lived.journeys
    ids = journeys.table["journey_id"]
    outcome = np.full(len(ids), "unknown", dtype=object)
    source = np.full(len(ids), "unknown", dtype=object)

    def take(found: Any, name: str) -> None:
        new = pd.notna(found) & (source == "unknown")
        outcome[new], source[new] = found[new], name

    links = lived.links[lived.links["matched"] & lived.links["score"].notna() & (lived.links["metric"] == "resolved")]
    low, high = (links[c].to_numpy(dtype=float) for c in ("scale_low", "scale_high"))
    level = (links["score"].to_numpy(dtype=float) - low) / (high - low)
    level = np.where(links["higher_is_better"].to_numpy(dtype=bool), level, 1 - level)
    said = np.where(level >= 0.75, "reached", np.where(level <= 0.25, "not reached", "partly"))
    take(ids.map(_by_journey(lived, links.assign(said=said))).to_numpy(dtype=object), "item")

    if journeys.notion.goal is not None:
        got_there = journeys.table["goal_reached"].to_numpy(dtype=bool)
        take(np.where(got_there, "reached", "not reached").astype(object), "log")
    if ends:
        steps = journeys.events[["journey_id", "touchpoint"]]
        at = np.full(len(ids), None, dtype=object)
        for name, touchpoints in ends.items():
            there = set(steps.loc[steps["touchpoint"].isin(touchpoints), "journey_id"])
            mine = (goal == name).to_numpy(dtype=bool)
            at[mine] = np.where(ids[mine].isin(there), "reached", "not reached")
        take(at, "log")

    texts, _ = own_texts(lived)
    texts = texts[texts["journey_id"].notna()]
    if len(texts):
        value = find_outcomes(texts["text"].str.slice(0, _READ).astype("str"))["outcome"]
        last = texts.assign(value=value)[value.notna()].sort_values(["timestamp", "text_id"], kind="stable")
        last = last.drop_duplicates("journey_id", keep="last")
        named = np.where(last["value"].to_numpy(dtype=float) > 0, "reached", "not reached").astype(object)
        take(ids.map(pd.Series(named, index=last["journey_id"].astype("object"))).to_numpy(dtype=object), "text")
    return pd.array(outcome, dtype="str"), pd.array(source, dtype="str")
