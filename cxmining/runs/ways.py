"""How the journeys of each way were scored as a whole, where enough customers say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.i18n import counted
from cxmining.stats import grouped_mean

if TYPE_CHECKING:
    from cxmining.experience import Experience

__all__ = ["COLUMNS", "with_scores"]

COLUMNS: Final = ("score_metric", "score_mean", "score_low", "score_high", "score_n")
FILE: Final = "variants.csv"


def with_scores(table: pd.DataFrame, experience: Experience, least: int, hidden: list[pd.DataFrame]) -> pd.DataFrame:
    """Return ways with the mean of their journeys' overall scores, its 95% interval (clustered by customer) and n.

    Ways partition the journeys, so a mean that is not shown could be had back from those that are and the mean of all. Where
    fewer than `least` customers would be left outside the ways that are shown, the way of fewest customers is hidden as well.

    Parameters
    ----------
    table : DataFrame
        ``variant_id``, a row per way that is published.
    experience : Experience
    least : int
        Means about fewer customers are hidden.
    hidden : list of DataFrame
        What was hidden is added here: how many ways, and why.

    Returns
    -------
    DataFrame
        `table` with ``score_metric``, ``score_mean``, ``score_low``, ``score_high``, ``score_n``; missing where nobody answered or
        the mean is hidden.
    """
    empty = pd.Series(np.nan, index=table.index)
    table = table.assign(**dict.fromkeys(COLUMNS, empty)).astype({"score_metric": "object", "score_n": "Int64"})
    try:
        scores = experience.journey_scores(None)
    except NotEnoughDataError:  # nobody was asked about the whole
        return table
    of = experience.journeys.table.set_index("journey_id")["variant_id"]
    scores = scores.assign(variant_id=scores["journey_id"].map(of)).dropna(subset=["variant_id", "score"])
    if not len(scores):
        return table
    people = scores.groupby("variant_id")["customer_id"].nunique()
    there = people.reindex(table["variant_id"]).dropna().astype(int)
    shown = there[there >= least].sort_values(kind="stable")
    few = int((there < least).sum())
    while len(shown):
        outside = scores.loc[~scores["variant_id"].isin(shown.index), "customer_id"].nunique()
        if not 0 < outside < least:
            break
        shown = shown.iloc[1:]
    protected = len(there) - few - len(shown)
    for n, reason in ((few, f"fewer than {least} customers"), (protected, "protects another hidden cell")):
        if n:
            row = {"file": FILE, "key": f"({counted(n, 'variant')})", "column": "score_mean", "reason": reason}
            hidden.append(pd.DataFrame([row]))
    scale = (float(scores["scale_low"].iloc[0]), float(scores["scale_high"].iloc[0]))
    told = scores[scores["variant_id"].isin(shown.index)]
    if not len(told):
        return table
    means = grouped_mean(told, "variant_id", "score", cluster="customer_id", scale=scale).reindex(table["variant_id"])
    has = means["mean"].notna().to_numpy()
    for column in ("mean", "low", "high"):
        table[f"score_{column}"] = means[column].to_numpy(dtype=float)
    table["score_n"] = means["n"].astype("Int64").to_numpy()
    table.loc[has, "score_metric"] = str(scores["metric"].iloc[0])
    return table
