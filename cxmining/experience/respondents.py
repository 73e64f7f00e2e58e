"""What each answer stands for among those who were invited, where some of the journeys are looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.experience.invited import invited_answers, known_before
from cxmining.experience.propensity import fit_propensity

if TYPE_CHECKING:
    from cxmining.experience import Experience

__all__ = ["weigh_respondents"]


def weigh_respondents(
    lived: Experience, links: pd.DataFrame, frame: pd.DataFrame, metric: str, seed: int
) -> tuple[pd.Series, str | None, str | None]:
    """Weigh answers to stand for all who were invited on their side of a comparison.

    Filters leave journeys, not invitations: one that was answered goes with its answer, one that was not with the
    customer's latest journey that began before it. `links` are those of all journeys.

    Returns
    -------
    weights : Series of float
        One per row of `frame`; 1 for an answer to no invitation.
    why : {"none", "few"} or None
        Why they are not known.
    note : str or None
    """
    even = pd.Series(1.0, index=frame.index)
    data = lived.journeys.data
    names = frame["survey"].value_counts()
    survey = sorted(names.index[names == names.iloc[0]])[0]
    if not len(data.invitations) or not (data.invitations["survey"] == survey).any():
        return even, "none", None
    whole = lived.linked or lived.journeys
    try:
        asked = invited_answers(replace(lived, journeys=whole, links=links, linked=None), survey, metric)
        known = known_before(whole, asked)
        said = asked["response_id"].isin(frame["response_id"])
        use = said | (asked["response_id"].isna() & _here(lived, asked))
        owner = asked["customer_id"].astype("object")
        owner = owner.where(owner.notna(), "#" + asked["invitation_id"].astype("str")).astype("str")
        if not use.any():
            return even, "few", None
        order = asked[use].sort_values(["invited_at", "invitation_id"], kind="stable").index
        known = known.loc[order].reset_index(drop=True)
        model = fit_propensity(known, said[order].to_numpy(), owner[order].to_numpy(), seed=seed)
    except NotEnoughDataError as error:
        return even, "few", str(error)
    weight = pd.Series(model.weight, index=asked.loc[order, "response_id"].to_numpy())
    found = frame["response_id"].map(weight[weight.notna()])
    stray = int(found.isna().sum())
    note = f"{len(order):,} invitations to {survey!r}, {int(said[order].sum()):,} answered"
    if stray:
        note += f"; {stray:,} answers to none of them keep the average weight"
    return found.fillna(1.0).astype(float), None, note


def _here(lived: Experience, asked: pd.DataFrame) -> pd.Series:
    """Whether an invitation followed on one of the journeys that are left."""
    if lived.linked is None:
        return pd.Series(True, index=asked.index)
    starts = lived.linked.table[["customer_id", "journey_id", "start"]]
    starts = starts.sort_values(["start", "journey_id"], kind="stable")
    left = asked[asked["customer_id"].notna()].reset_index(names="row").sort_values("invited_at", kind="stable")
    found = pd.merge_asof(
        left[["row", "customer_id", "invited_at"]], starts, left_on="invited_at", right_on="start", by="customer_id",
    )  # fmt: skip
    here = np.zeros(len(asked), dtype=bool)
    at = asked.index.get_indexer(pd.Index(found["row"]))
    here[at] = found["journey_id"].isin(lived.journeys.table["journey_id"]).to_numpy()
    return pd.Series(here, index=asked.index)
