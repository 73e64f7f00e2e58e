"""How customers felt: answers linked to what happened, with their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.experience.linking import link_answers, link_report
from cxmining.experience.measures import (
    choose_metric,
    measure_overall,
    measure_sentiment,
    measure_touchpoints,
    pair_expectations,
)
from cxmining.experience.ratings import Ratings, gather_ratings
from cxmining.experience.scores import score_journeys

if TYPE_CHECKING:
    from cxmining.journeys import Journeys

__all__ = ["Experience", "Ratings", "link_answers", "link_report", "measure_experience", "score_journeys"]


@dataclass(frozen=True, eq=False)
class Experience:
    """What customers felt over their journeys.

    Attributes
    ----------
    journeys : Journeys
        What the answers were linked to.
    links : DataFrame
        One row per answered item: how it belongs to an event.
    link_report : DataFrame
        Matched, unmatched and ambiguous per survey and rule.
    touchpoints : DataFrame
        Score, expectation, gap and sentiment per touchpoint, each with n and 95% interval.
    overall : DataFrame
        Level of each overall metric per kind of survey.
    moments : DataFrame
        Paired expectation and experience; ``moment`` says wow or pain.
    metric : str or None
        Metric shown per touchpoint; None when no touchpoint was rated.
    wow : float
        Scale points that make a WOW or a pain.
    """

    journeys: Journeys
    links: pd.DataFrame
    link_report: pd.DataFrame
    touchpoints: pd.DataFrame
    overall: pd.DataFrame
    moments: pd.DataFrame
    metric: str | None
    wow: float

    def ratings(self, target: str, metric: str | None = None, controls: Sequence[str] = ()) -> Ratings:
        """Gather the touchpoint ratings beside an overall score (see :func:`gather_ratings`)."""
        chosen = metric or self.metric
        if chosen is None:
            raise NotEnoughDataError("no touchpoint was rated: there is nothing that could explain a score")
        return gather_ratings(self.journeys, self.links, target, chosen, controls)

    def journey_scores(self, metric: str | None = None) -> pd.DataFrame:
        """Return how each journey was scored (see :func:`score_journeys`)."""
        return score_journeys(self.journeys, self.links, metric)

    @property
    def summary(self) -> pd.DataFrame:
        """The touchpoints with their scores, best known first."""
        return self.touchpoints.sort_values(["score_n", "sentiment_n"], ascending=False, kind="stable").reset_index()

    def __repr__(self) -> str:
        if not len(self.links):
            return "Experience(no answer is linked to a journey)"
        report = self.link_report[["answers", "matched"]].sum()
        levels = "; ".join(
            f"{r.survey_kind} {r.metric} {r.score:.3g} [{r.low:.3g}, {r.high:.3g}] n={r.n}"
            for r in self.overall.itertuples()
        )
        return f"Experience({report['matched']:,} of {report['answers']:,} answers linked; {levels})"

    def _repr_html_(self) -> str:
        shown = self.summary[["touchpoint", "score_mean", "score_low", "score_high", "score_n", "gap_mean", "gap_n"]]
        return str(shown.to_html(index=False, escape=True, border=0, float_format=lambda v: f"{v:.2f}"))


def measure_experience(journeys: Journeys, *, metric: str | None = None, wow: float = 2.0) -> Experience:
    """Lay answers, expectations and words over the journeys.

    Parameters
    ----------
    journeys : Journeys
        Journeys; their data set holds responses, answers and the surveys' link rules.
    metric : {"csat", "rapportcijfer", "ces", "nps", "perception"}, optional
        Metric shown per touchpoint; default the one with most linked answers.
    wow : float, default 2
        Scale points above (below) expectation that make a WOW (a pain).

    Returns
    -------
    Experience
        Without any answer its tables are empty: that is a finding, and the report says so.

    Raises
    ------
    NotEnoughDataError
        When there are answers but none can be linked to a customer of the log, or `metric` was not asked.
    """
    data = journeys.data
    links = link_answers(journeys)
    if len(links) and not links["matched"].any():
        raise NotEnoughDataError(
            f"{len(data.responses):,} survey responses were read, but none belongs to a customer or case of the log: "
            "compare the identity keys of the survey (e-mail, account, reference) with those of the contacts, "
            "and the period of both"
        )
    chosen = choose_metric(links, metric)
    pairs = pair_expectations(links, chosen, wow) if chosen else links.head(0)
    return Experience(
        journeys=journeys,
        links=links,
        link_report=link_report(links),
        touchpoints=measure_touchpoints(links, chosen, pairs, measure_sentiment(data)),
        overall=measure_overall(data, links),
        moments=pairs,
        metric=chosen,
        wow=wow,
    )
