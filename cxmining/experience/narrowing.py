"""Which answers belong to some of the journeys: those that were linked to them among all journeys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxmining.experience.scores import latest_journey

if TYPE_CHECKING:
    from cxmining.journeys import Journeys

__all__ = ["narrow_links", "narrow_overall"]


def narrow_links(links: pd.DataFrame, whole: Journeys, left: Journeys) -> pd.DataFrame:
    """Return the links to the journeys and events that are left.

    Parameters
    ----------
    links : DataFrame
        Of :func:`cxmining.experience.link_answers`.
    whole : Journeys
        That they were linked to.
    left : Journeys
        Some of them, or all with fewer events.

    Returns
    -------
    DataFrame
        The rows of `links` whose journey is left, and whose event is left or was in no journey. An answer about
        the whole relationship goes with the customer's latest journey before it, as its score does. An answer
        that was linked to nothing goes with no journey.
    """
    owner = links["journey_id"].copy()
    free = links["matched"] & owner.isna() & links["customer_id"].notna()
    if free.any():
        answered = whole.data.responses.set_index("response_id")["timestamp"]
        rows = links[free].assign(timestamp=links.loc[free, "response_id"].map(answered), row=np.flatnonzero(free))
        found = latest_journey(whole, rows)
        owner.iloc[found["row"].to_numpy()] = found["journey_id"].to_numpy()
    kept = links["matched"] & owner.isin(left.table["journey_id"])
    events = whole.data.events["event_id"]
    gone = np.setdiff1d(whole.log.rows, left.log.rows)
    dropped = links["event_id"].isin(events.iloc[gone])
    # Events of a journey that is gone go with their journey; here only those that were taken out of one that stays.
    return links[kept & ~dropped].reset_index(drop=True)


def narrow_overall(overall: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Return the level of the overall metrics without a response rate: nobody is invited to pass a filter."""
    responses = links.groupby("survey_kind")["response_id"].nunique()
    return overall.assign(
        responses=overall["survey_kind"].map(responses).astype("int64"), invited=np.nan, response_rate=np.nan
    )
