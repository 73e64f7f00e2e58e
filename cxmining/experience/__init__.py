"""How customers felt: answers linked to what happened, with their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.experience.joins import JoinReport, report_join
from cxmining.experience.linking import link_answers, link_report
from cxmining.experience.measures import (
    SCORES,
    about_touchpoints,
    choose_metric,
    measure_overall,
    measure_sentiment,
    measure_touchpoints,
    pair_expectations,
)
from cxmining.experience.narrowing import narrow_links, narrow_overall
from cxmining.experience.nonresponse import NonResponse, check_nonresponse
from cxmining.experience.own_words import learn_sentiment
from cxmining.experience.ratings import Ratings, gather_ratings
from cxmining.experience.scales import ScaleCheck, check_scales
from cxmining.experience.scores import score_events, score_journeys
from cxmining.experience.survey_levels import SurveyLevels, measure_survey
from cxmining.i18n import counted
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    from cxmining.experience.texts import Texts
    from cxmining.journeys import Journeys
    from cxmining.journeys.filters import EventFilter, Filter
    from cxmining.text import SentimentModel

__all__ = [
    "Experience",
    "JoinReport",
    "NonResponse",
    "Ratings",
    "ScaleCheck",
    "SurveyLevels",
    "check_nonresponse",
    "check_scales",
    "link_answers",
    "link_report",
    "measure_experience",
    "measure_survey",
    "score_events",
    "score_journeys",
]


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
    linked : Journeys, optional
        The journeys that answers were linked to, where filters left only some of them.
    sentiment : SentimentModel, optional
        What scores texts: the lexicon, or a model of the company's own scored comments where that is shown to be better.
    """

    journeys: Journeys
    links: pd.DataFrame
    link_report: pd.DataFrame
    touchpoints: pd.DataFrame
    overall: pd.DataFrame
    moments: pd.DataFrame
    metric: str | None
    wow: float
    linked: Journeys | None = None
    sentiment: SentimentModel | None = None

    @cached_property
    def texts(self) -> Texts:
        """What customers wrote themselves: sentiment, emotions with their words, language (see :func:`read_texts`)."""
        from cxmining.experience.texts import read_texts

        return read_texts(self)

    def ratings(self, target: str, metric: str | None = None, controls: Sequence[str] = ()) -> Ratings:
        """Gather the touchpoint ratings beside an overall score (see :func:`gather_ratings`)."""
        chosen = metric or self.metric
        if chosen is None:
            raise NotEnoughDataError("no touchpoint was rated: there is nothing that could explain a score")
        return gather_ratings(self.journeys, self.links, target, chosen, controls)

    def journey_scores(self, metric: str | None = None) -> pd.DataFrame:
        """Return how each journey was scored (see :func:`score_journeys`)."""
        if self.linked is None:
            return score_journeys(self.journeys, self.links, metric)
        scores = score_journeys(self.linked, self.links, metric)
        return scores[scores["journey_id"].isin(self.journeys.table["journey_id"])].reset_index(drop=True)

    def event_scores(self) -> pd.DataFrame:
        """Return what was scored and expected at single events (see :func:`score_events`)."""
        return score_events(self.links, self.metric)

    def where(self, f: Filter | EventFilter) -> Experience:
        """Return what was felt on the journeys that pass a filter.

        An answer stays with the journey and the event that it was linked to among all journeys: it never goes
        over to another one because its own was filtered out. What belongs to no journey that is left, does not
        count. Whom a filter leaves was not asked to be left: `invited` and `response_rate` are not known.

        Parameters
        ----------
        f : Filter or EventFilter
            Of :mod:`cxmining.journeys.filters`, those on scores included.

        Returns
        -------
        Experience
            Measured again on what is left, with the same metric and the same `wow`.

        Raises
        ------
        NotEnoughDataError
            When no journey is left; the message names the part of `f` that left none.
        UnknownNameError
            When `f` names what these journeys do not have.
        """
        from cxmining.journeys.filters.applying import apply

        left = apply(self, f)
        whole = self.linked or self.journeys
        links = narrow_links(self.links, whole, left)
        return _measured(left, links, self.metric, self.wow, whole, self.sentiment)

    @cached_property
    def join(self) -> JoinReport:
        """How the answers were linked, and the same headline under every other rule (see :class:`JoinReport`)."""
        return report_join(self)

    @cached_property
    def levels(self) -> SurveyLevels:
        """Every metric of every survey with its own mathematics (see :func:`measure_survey`)."""
        return measure_survey(self)

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
        head = f"Experience({report['matched']:,} of {counted(report['answers'], 'answer')} linked; {levels})"
        return "\n".join([head, *(f"  filter: {step}" for step in self.journeys.chain)])

    def _repr_html_(self) -> str:
        columns = ["touchpoint", "score_mean", "score_low", "score_high", "score_n", "gap_mean", "gap_n"]
        return repr_html(self.summary[columns])


def measure_experience(journeys: Journeys, *, metric: str | None = None, wow: float = 2.0) -> Experience:
    """Lay answers, expectations and words over the journeys.

    Parameters
    ----------
    journeys : Journeys
        Journeys; their data set holds responses, answers and the surveys' link rules.
    metric : {"csat", "rapportcijfer", "ces", "nps", "perception"}, optional
        Metric shown per touchpoint; default the one with most linked answers.
    wow : float, default 2
        Points above (below) expectation that make a WOW (a pain), on a scale of 1 to 10: 7 → 9 of ten is 1 of five.

    Returns
    -------
    Experience
        Without any answer its tables are empty: that is a finding, and the report says so.

    Raises
    ------
    NotEnoughDataError
        When there are answers but none can be linked to a customer of the log, or `metric` was not asked.
    UnknownNameError
        When there is no such `metric`.
    StudyError
        When `wow` is not above 0.
    """
    data = journeys.data
    if metric is not None and metric not in SCORES:
        raise UnknownNameError(f"measure_experience: metric {metric!r} is unknown; {nearest(metric, SCORES)}")
    if not 0 < wow < float("inf"):
        raise StudyError(f"measure_experience: wow={wow!r}: give points above 0, on a scale of 1 to 10 (default 2)")
    links = link_answers(journeys)
    if len(links) and not links["matched"].any():
        raise NotEnoughDataError(
            f"{len(data.responses):,} survey responses were read, but none belongs to a customer or case of the log: "
            "compare the identity keys of the survey (e-mail, account, reference) with those of the contacts, "
            'and the period of both; answers that stand beside the contact they are about need link = "touchpoint" in '
            "the study"
        )
    return _measured(journeys, links, choose_metric(links, metric), wow, sentiment=learn_sentiment(data))


def _measured(
    journeys: Journeys, links: pd.DataFrame, metric: str | None, wow: float, linked: Journeys | None = None,
    sentiment: SentimentModel | None = None,
) -> Experience:  # fmt: skip
    """Measure what `links` hold; with `linked`, they are what filters left of the answers about those journeys."""
    data = journeys.data
    if linked is not None:
        data = replace(data, events=data.events.iloc[np.sort(journeys.log.rows)])
        if metric is not None and not len(about_touchpoints(links, metric)):
            metric = None
    pairs = pair_expectations(links, metric, wow) if metric else links.head(0)
    overall = measure_overall(data, links)
    return Experience(
        journeys=journeys,
        links=links,
        link_report=link_report(links),
        touchpoints=measure_touchpoints(links, metric, pairs, measure_sentiment(data, sentiment)),
        overall=overall if linked is None else narrow_overall(overall, links),
        moments=pairs,
        metric=metric,
        wow=wow,
        linked=linked,
        sentiment=sentiment,
    )
