"""What groups of journeys or customers scored, where there are scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.journeys.grouping.stability import SMALLEST
from cxmining.journeys.scored import Scored, scores_of
from cxmining.stats import grouped_mean

if TYPE_CHECKING:
    from cxmining.journeys.build import Journeys

__all__ = ["read_scores", "score_groups"]


def read_scores(source: Journeys | Scored) -> tuple[pd.DataFrame | None, str | None, list[str]]:
    """Return the scores of journeys, what they measure, and what to say of them.

    An experience in which no journey was scored is no error here: groups are found without scores, and say so.
    """
    try:
        scores = scores_of(source)
    except NotEnoughDataError as error:
        return None, None, [f"without scores: {error}"]
    if scores is None or not len(scores):
        return None, None, []
    metric = f"{scores['metric'].iloc[0]} ({scores['survey_kind'].iloc[0]})"
    return scores, metric, [f"scores are {metric}, higher is better; they describe the groups and explain nothing"]


def score_groups(scores: pd.DataFrame, group: pd.Series, key: str, k: int) -> pd.DataFrame:
    """Return what each group scored: ``score_mean``, ``score_low``, ``score_high`` (clustered by customer), ``score_n``.

    Parameters
    ----------
    scores : DataFrame
        Of `read_scores`.
    group : Series
        Group number from 0, by `key`; a negative one is none.
    key : {"journey_id", "customer_id"}
    k : int
        Number of groups. The level of fewer than 10 scored customers is missing: it says more of them than of a group.
    """
    known = scores[scores[key].isin(group.index)].copy()
    known["group"] = group.loc[known[key]].to_numpy()
    known = known[known["group"] >= 0]
    found = grouped_mean(known, "group", "score", cluster="customer_id").reindex(range(k))
    few = (known.groupby("group")["customer_id"].nunique().reindex(range(k), fill_value=0) < SMALLEST).to_numpy()
    columns = {f"score_{c}": found[c].mask(few).to_numpy() for c in ("mean", "low", "high")}
    return pd.DataFrame({**columns, "score_n": found["n"].fillna(0).astype("int64").to_numpy()})
