"""Journeys with or without scores: what takes both asks here.

Scores are linked downstream, in `experience`; what compares journeys stands upstream of it. A result that
carries journeys and can say how each was scored fits :class:`Scored`, and that is all that is known of it here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import pandas as pd

if TYPE_CHECKING:
    from cxmining.journeys.build import Journeys

__all__ = ["Scored", "journeys_of", "scores_of"]


@runtime_checkable
class Scored(Protocol):
    """Journeys that were scored, such as an :class:`~cxmining.experience.Experience`."""

    @property
    def journeys(self) -> Journeys:
        """The journeys."""

    def journey_scores(self, metric: str | None = None) -> pd.DataFrame:
        """Return one row per scored journey: `journey_id`, `customer_id`, `metric`, `survey_kind`, `score`."""


def journeys_of(source: Journeys | Scored) -> Journeys:
    """Return the journeys of either."""
    return source.journeys if isinstance(source, Scored) else source


def scores_of(source: Journeys | Scored, metric: str | None = None) -> pd.DataFrame | None:
    """Return how journeys were scored, or None for journeys without scores.

    Parameters
    ----------
    source : Journeys or Scored
    metric : str, optional
        ``"nps"``, ``"csat"`` …; default the overall metric that most journeys have.

    Returns
    -------
    DataFrame or None
        One row per scored journey: `journey_id`, `customer_id`, `metric`, `survey_kind`, `score` (higher is
        better: a scale that runs the other way is turned round), `scale_low`, `scale_high`.
    """
    return source.journey_scores(metric) if isinstance(source, Scored) else None
