"""The score of each journey, where the source of journeys knows it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxmining.errors import NotEnoughDataError
from cxmining.journeys import Journeys, Scored, scores_of

__all__ = ["score_of_each"]


def score_of_each(
    source: Journeys | Scored, journeys: Journeys, metric: str | None
) -> tuple[npt.NDArray[np.float64], str | None, list[str]]:
    """Return the score of each journey (missing where there is none), what it is, and what to note."""
    nothing = np.full(len(journeys), np.nan)
    try:
        scores = scores_of(source, metric)
    except NotEnoughDataError as problem:
        if metric is not None:
            raise
        return nothing, None, [f"no scores: {problem}"]
    if scores is None:
        return nothing, None, []
    by_journey = scores.groupby("journey_id")["score"].mean()
    values = journeys.table["journey_id"].map(by_journey).to_numpy(dtype=np.float64, na_value=np.nan)
    name = f"{scores['metric'].iloc[0]} ({scores['survey_kind'].iloc[0]} survey)"
    return values, name, [f"score: {name}, {int((~np.isnan(values)).sum()):,} of {len(values):,} journeys have one"]
