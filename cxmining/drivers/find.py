"""The verb: find the drivers of a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.drivers.analysis import DriverAnalysis
from cxmining.drivers.bootstrap import draw_moments, total_moments
from cxmining.drivers.checking import checks_of, shuffled_words
from cxmining.drivers.clean import Scales, clean_frame, from_ratings
from cxmining.drivers.design import Design, RatingFrame, build_design
from cxmining.drivers.estimate import EXACT_LIMIT, REPLICATE_LIMIT, Estimates, Problem, adjust
from cxmining.drivers.grouping import groups_by
from cxmining.drivers.lattice import PIVOT
from cxmining.drivers.shapley import pmvd
from cxmining.drivers.verdict import Verdict, flat_halo, judge
from cxmining.errors import StudyError

__all__ = ["find_drivers"]

Array = npt.NDArray[np.float64]
LOW, HIGH = 0.025, 0.975
FOLLOWS: Final = 0.9
RARE: Final = (300, 0.1)
"""Scores other than the most frequent one, and their part, below which a verdict hangs on few answers."""
SURE: Final = 0.02
"""A touchpoint whose share is above this for sure is worth a note on what of it counts."""
MOST: Final = 60
"""Touchpoints, or groups of them, that are analysed at once: above, intervals would take many minutes."""


def find_drivers(
    experience_or_frame: Any,
    target: str,
    *,
    touchpoints: Sequence[str] | None = None,
    controls: Sequence[str] = (),
    groups: Mapping[str, Sequence[str]] | Literal["stage", "channel"] | None = None,
    weights: Any = None,
    cluster: str | None = "customer",
    method: Literal["lmg", "pmvd"] = "lmg",
    not_used: Any = (),
    blank: Any = (),
    scales: Scales | None = None,
    bootstrap: int = 1000,
    seed: int = 1,
    max_imputed: float = 0.6,
    metric: str | None = None,
    negative_control: bool = False,
) -> DriverAnalysis:
    """Find which touchpoints explain a score, with intervals, and whether a few of them decide it.

    Parameters
    ----------
    experience_or_frame : Experience, Ratings or DataFrame
        What customers rated: the result of `measure_experience`, its ratings, or a survey with one
        row per respondent and one column per question.
    target : str
        The overall score: a metric of the experience, or a column of the frame. Several scores at once (what
        drives satisfaction, recommendation, effort): `find_drivers_each`.
    touchpoints : sequence of str, optional
        What explains; default every touchpoint rated, in a frame every numeric column (at most 20).
    controls : sequence of str
        Attributes that are always in; words become one column per value.
    groups : mapping of str to sequence of str, "stage" or "channel", optional
        Touchpoints that get credit together, under a common name; of an experience also by their stage, or by the
        channel that most of their contacts come over. ``.parts`` splits the credit of a group again.
    weights : str or array, optional
        Column of the weights, or one weight per row.
    cluster : str or None, default "customer"
        Column that says who answered; rows of one customer are drawn together.
    method : {"lmg", "pmvd"}
        LMG (Shapley) is fair credit under correlation; PMVD gives nothing to what adds nothing.
    not_used, blank : value or sequence
        In a frame, codes for "never met" (missing by design) and "no answer" (ordinary missing). A
        code inside a column's declared scale is a score.
    scales : mapping of str to (float, float), optional
        In a frame, lowest and highest score per column; cells outside are rejected and counted.
    bootstrap : int, default 1000
        Replicates.
    seed : int, default 1
        Of every draw.
    max_imputed : float, default 0.6
        A touchpoint of which a larger part of those who met it gave no score takes no part.
    metric : str, optional
        For an experience, the metric of the touchpoint items; default the experience's own.
    negative_control : bool, default False
        Also give the verdict on 19 shuffles of the score; a note says in how many something was found.

    Returns
    -------
    DriverAnalysis
        ``.shares``, ``.r2``, ``.verdict``, ``.pareto``, ``.figure()``.

    Raises
    ------
    UnknownNameError
        A column or touchpoint that is not there.
    StudyError
        A call that cannot be: circular target, bad weights, doubled columns.
    NotEnoughDataError
        One customer, equal scores, fewer rows than columns.

    References
    ----------
    Lindeman, Merenda & Gold (1980); Budescu (1993); Grömping (2006); Feldman (2005).

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> scores = pd.DataFrame(rng.normal(size=(400, 3)), columns=["mail", "phone", "chat"])
    >>> scores["csat"] = 2 * scores["mail"] + rng.normal(size=400)
    >>> found = find_drivers(scores, "csat", bootstrap=200)
    >>> found.shares["touchpoint"][0], round(found.r2, 1)
    ('mail', 0.8)
    """
    from threadpoolctl import threadpool_limits

    if method not in ("lmg", "pmvd"):
        raise StudyError(f"method {method!r}: expected 'lmg' or 'pmvd'")
    if not isinstance(target, str):
        raise StudyError(
            f"target {target!r}: find_drivers explains one score; for several at once use "
            "find_drivers_each(…, targets=[…])"
        )
    if bootstrap < 100:
        raise StudyError(f"bootstrap = {bootstrap}: intervals need at least 100 replicates")
    for control in controls:
        if getattr(control, "usable_as_control", None) is False:
            raise StudyError(
                "segments made of behaviour are no controls: they hold what customers did in the same journeys and absorb "
                "what the touchpoints do; use segments by attributes that were there before, or compare_drivers"
            )
        if not isinstance(control, str):
            raise StudyError(f"a control is the name of a column, not {type(control).__name__}")
    if not 0 <= max_imputed <= 1:
        raise StudyError(f"max_imputed = {max_imputed}: expected a part between 0 and 1")
    said: tuple[str, ...] = ()
    named = None if isinstance(groups, str) else groups
    if isinstance(groups, str) and (isinstance(experience_or_frame, pd.DataFrame) or touchpoints is not None):
        named, said = groups_by(groups, experience_or_frame, list(touchpoints or ()))
    if isinstance(experience_or_frame, pd.DataFrame):
        ratings = clean_frame(
            experience_or_frame,
            target,
            touchpoints=touchpoints,
            controls=controls,
            groups=named,
            weights=weights,
            cluster=cluster,
            not_used=not_used,
            blank=blank,
            scales=scales,
        )
    else:
        gathered = experience_or_frame
        if not hasattr(gathered, "exposed"):
            if not hasattr(gathered, "ratings"):
                raise StudyError(
                    f"find_drivers takes an Experience or a DataFrame of ratings, not {type(gathered).__name__}"
                )
            gathered = gathered.ratings(target, metric, controls) if controls else gathered.ratings(target, metric)
        if isinstance(groups, str) and named is None:
            named, said = groups_by(groups, experience_or_frame, gathered.touchpoints)
        ratings = from_ratings(
            gathered,
            target,
            touchpoints=touchpoints,
            controls=controls,
            groups=named,
            weights=weights,
            cluster=cluster,
        )
    ratings = replace(ratings, notes=(*ratings.notes, *said))
    # One thread: a sum split over threads rounds differently from machine to machine.
    with threadpool_limits(limits=1):
        return _analyse(ratings, target, method, bootstrap, seed, max_imputed, negative_control)


def _analyse(
    ratings: RatingFrame,
    target: str,
    method: str,
    bootstrap: int,
    seed: int,
    max_imputed: float,
    negative_control: bool,
) -> DriverAnalysis:
    grouped = sum(len(members) - 1 for _, members in ratings.groups)
    if len(ratings.touchpoints) - grouped > 4 * MOST:  # too many, however many of them nobody met
        _refuse_many(len(ratings.touchpoints) - grouped)
    design = build_design(ratings, max_imputed)
    problem = Problem(design.groups, design.always, method, seed)
    if method == "pmvd" and problem.p > REPLICATE_LIMIT:
        raise StudyError(
            f"PMVD needs all subsets: at most {REPLICATE_LIMIT} touchpoints, not {problem.p}; use method='lmg' or groups"
        )
    _refuse_many(problem.p)
    n = design.n_kish
    moments = total_moments(design)
    point = problem.estimate(moments, n)
    draws_rng, judge_rng = (np.random.default_rng([seed, purpose]) for purpose in (1, 2))
    draws = problem.estimate(draw_moments(design, bootstrap, draws_rng), n, replicate=True, anchor=point)
    verdict = judge(design, problem, point, draws, judge_rng)
    verdict = Verdict(
        verdict.word,
        verdict.sufficiency,
        verdict.direct,
        verdict.reason,
        verdict.touchpoints,
        {**verdict.figures, "controls": list(ratings.controls)},
    )
    shuffled = shuffled_words(design, problem, seed) if negative_control else {}
    shares, order = _shares(design, problem, point, draws, moments, ratings.higher_is_better)
    room = problem.room(n)
    spread = np.quantile(
        np.clip(adjust(draws.partial, room, problem.q, True), 0, 1) * (1 - draws.controls), [LOW, HIGH]
    )
    adjusted = float(adjust(point.partial, room, problem.q, False)[0]) * float(1 - point.controls[0])
    return DriverAnalysis(
        target=target,
        shares=shares,
        r2=float(point.r2[0]),
        r2_low=float(spread[0]),
        r2_high=float(spread[1]),
        r2_adjusted=adjusted,
        r2_controls=float(point.controls[0]),
        verdict=verdict,
        pareto=_pareto(design, problem, point, draws, order, shares),
        controls=ratings.controls,
        checks=checks_of(design, problem, point),
        rejected=ratings.rejected,
        dropped=design.dropped,
        notes=(
            *_notes(ratings, design, problem, verdict),
            *_by_exposure(design, point, shares),
            *_control_note(shuffled),
        ),
        method=method,
        ratings=ratings,
        design=design,
        negative_control=shuffled,
        max_imputed=max_imputed,
    )


def _refuse_many(count: int) -> None:
    if count > MOST:
        raise StudyError(
            f"{count} touchpoints are more than {MOST}, the most that are analysed at once; "
            "put those of one kind into groups, or name fewer touchpoints"
        )


def _shares(
    design: Design, problem: Problem, point: Estimates, draws: Estimates, moments: Array, higher_is_better: bool
) -> tuple[pd.DataFrame, npt.NDArray[np.intp]]:
    low, high = np.quantile(draws.credit, [LOW, HIGH], axis=1)
    ranks = (-draws.credit).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable") + 1
    rank_low = np.quantile(ranks, LOW, axis=1, method="lower")
    rank_high = np.quantile(ranks, HIGH, axis=1, method="higher")
    whole = point.direct[:, 0].sum()
    second = np.full(problem.p, np.nan)
    if point.subsets is not None and point.subsets.values is not None and point.partial[0] > PIVOT:
        second = pmvd(point.subsets.values[:, None])[:, 0] / point.partial[0]
    table = design.table.assign(
        share=point.credit[:, 0],
        share_low=low,
        share_high=high,
        rank_low=rank_low.astype(np.int64),
        rank_high=rank_high.astype(np.int64),
        direct=point.direct[:, 0] / whole if whole > 0 else np.nan,
        pmvd=second,
        slope=_slopes(design, moments, higher_is_better),
    )
    columns = ["touchpoint", "share", "share_low", "share_high", "rank_low", "rank_high", "direct", "pmvd"]
    # Equal to nine digits is equal: the name then decides, not the last bit.
    order = np.argsort(-np.round(point.credit[:, 0], 9), kind="stable")
    table = table[[*columns, "reach", "mean", "n", "imputed", "slope"]].iloc[order].reset_index(drop=True)
    return table, order


def _slopes(design: Design, moments: Array, higher_is_better: bool) -> Array:
    """Return points of the target that go with one point more on a touchpoint, all else in."""
    inverse = np.linalg.pinv(moments[0, :-1, :-1], rcond=PIVOT, hermitian=True)
    b = (inverse @ moments[0, :-1, -1])[design.always :]
    sign = 1.0 if higher_is_better else -1.0
    scale = design.table["slope_scale"].to_numpy(dtype=np.float64)
    return np.array(
        [
            sign * b[c] * design.target_scale / s if c >= 0 and s > 0 else np.nan
            for c, s in zip(design.rating_columns, scale, strict=True)
        ]
    )


def _pareto(
    design: Design,
    problem: Problem,
    point: Estimates,
    draws: Estimates,
    order: npt.NDArray[np.intp],
    shares: pd.DataFrame,
) -> pd.DataFrame:
    from cxmining.drivers.verdict import mean_correlation

    n, p = design.n_kish, problem.p
    rho = mean_correlation(point.corr, design)
    ranked = [int(i) for i in order]
    value = np.clip(np.nan_to_num(problem.cumulative(point.corr, ranked, n, False)[:, 0]), 0, 1)
    band = np.clip(np.nan_to_num(problem.cumulative(draws.corr, ranked, n, True)), 0, 1)
    low, high = np.quantile(band, [LOW, HIGH], axis=1)
    table = pd.DataFrame(
        {
            "rank": np.arange(1, p + 1),
            "touchpoint": shares["touchpoint"],
            "share": shares["share"],
            "cumulative": value,
            "low": low,
            "high": high,
            "baseline": [flat_halo(k, p, rho) for k in range(1, p + 1)],
        }
    )
    return table.assign(credit=table["share"].cumsum())


def _control_note(words: dict[str, int]) -> tuple[str, ...]:
    """Say what the verdict was on scores that mean nothing."""
    if not words:
        return ()
    runs = sum(words.values())
    wrong = words["concentrated"] + words["interchangeable"]
    head = "negative control: with the scores shuffled among respondents, "
    if not wrong:
        return (f"{head}none of {runs} runs found drivers, as it must be",)
    found = f"{head}{wrong} of {runs} runs found drivers where there are none"
    return (f"{found}; luck does so in one of twenty at most" if wrong == 1 else f"{found}: distrust the verdict",)


def _behavioural(design: Design) -> list[str]:
    """Say where a control follows from who met what: then it may be a segment made of behaviour."""
    exposures = [design.always + c for c, (_, part) in enumerate(design.labels) if part == "exposure"]
    if not exposures or design.always == 1:
        return []
    root = np.sqrt(design.w)[:, None]
    x = np.column_stack([design.z[:, 0], design.z[:, exposures]]) * root
    fixed = design.z[:, 1 : design.always] * root
    left = fixed - x @ np.linalg.lstsq(x, fixed, rcond=None)[0]
    followed = 1 - (left**2).sum(axis=0) / np.maximum((fixed**2).sum(axis=0), PIVOT)
    if followed.max() < FOLLOWS:
        return []
    said = (
        f"which touchpoints customers met tells a control almost wholly (R² {followed.max():.2f}): if it was made of "
        "behaviour, leave it out, for it absorbs what the touchpoints do"
    )
    return [said]


def _by_exposure(design: Design, point: Estimates, shares: pd.DataFrame) -> list[str]:
    """Name touchpoints of which the score goes with having met them rather than with how they were."""
    b, named = point.slopes[0], []
    sure = set(shares.loc[shares["share_low"] > SURE, "touchpoint"])
    at = 0
    for player, group in zip(design.players, design.groups, strict=True):
        met = np.array([design.labels[c][1] == "exposure" for c in group])
        squares = b[at : at + len(group)] ** 2
        at += len(group)
        if player in sure and squares[met].sum() > 0.5 * squares.sum():
            named.append(player)
    if not named:
        return []
    return [
        f"the score goes with having met these at all, more than with how they were (.parts splits their share): {', '.join(named)}"
    ]


def _notes(ratings: RatingFrame, design: Design, problem: Problem, verdict: Verdict) -> tuple[str, ...]:
    notes = [*ratings.notes, *design.notes, *_behavioural(design)]
    if problem.p > EXACT_LIMIT:
        notes.append(
            f"{problem.p} touchpoints have too many subsets to walk (limit {EXACT_LIMIT}): shares come from random orders, "
            "the best set from a stepwise search"
        )
    elif problem.p > REPLICATE_LIMIT:
        notes.append(
            f"shares are exact; for {problem.p} touchpoints (more than {REPLICATE_LIMIT}) their intervals come from random orders"
        )
    others = design.n - int(np.unique(design.z[:, -1], return_counts=True)[1].max())
    if others < min(RARE[0], RARE[1] * design.n):
        notes.append(
            f"{others:,} of {design.n:,} scores are other than the most frequent one: what is found hangs on these few; "
            "check_classes looks at it as classes"
        )
    if verdict.figures.get("power_warning"):
        notes.append(f"{design.n_eff:,.0f} effective responses: below 1,000 a true difference may go unseen")
    return tuple(notes)
