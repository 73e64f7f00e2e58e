"""Do 20% of the touchpoints explain 80%? Four words, and the test behind them.

Sufficiency ψ ("can K touchpoints predict what all predict?") and the direct part D ("do these K
carry it themselves?") are each decided yes, no or open. *Yes* is a cross-fit: K are chosen on one
half of the customers and judged on the other, then the other way round, because K chosen and
judged on the same answers look too good. *No* rules out every set of K (`cxmining.drivers.bounds`).
The table of the two gives the word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from cxmining.drivers.bootstrap import draw_moments, halves, total_moments
from cxmining.drivers.bounds import Z, carried_at_most, predicted_at_most
from cxmining.drivers.design import Design
from cxmining.drivers.estimate import GOAL, Estimates, Problem, adjust
from cxmining.drivers.lattice import correlations
from cxmining.drivers.permute import best_forward, random_orders, random_sets

__all__ = ["WORDS", "Verdict", "decide", "flat_halo", "judge"]

Array = npt.NDArray[np.float64]
Answer = Literal["yes", "no", "open"]
Word = Literal["concentrated", "interchangeable", "spread", "cannot tell"]

WORDS: Final[tuple[Word, ...]] = ("concentrated", "interchangeable", "spread", "cannot tell")
POWER: Final = 0.8416  # for "how many responses": settled four times out of five
ENOUGH, COMFORT = 300, 1000
SPLITS: Final = 30
"""Halvings of the customers: one alone decides by luck near a border."""
CROSSFIT: Final = 40
"""Draws per half and split: 2,400 in all for the standard error."""
GATE_P, GATE_R2 = 0.001, 0.01


@dataclass(frozen=True)
class Verdict:
    """One of four words, what it rests on, and how to say it.

    Attributes
    ----------
    word : {"concentrated", "interchangeable", "spread", "cannot tell"}
        The verdict.
    sufficiency, direct : {"yes", "no", "open"}
        The answers to the two questions it is made of.
    reason : str
        For *cannot tell*: ``"p"`` (one touchpoint), ``"n"``, ``"signal"``, ``"sufficiency"`` or ``"direct"``; else ``""``.
    touchpoints : tuple of str
        The K that predict most together, the largest fair share first.
    figures : dict
        Every number behind it.

    Examples
    --------
    >>> Verdict("cannot tell", "open", "open", "n", ("mail",), {"n_eff": 40.0, "n_needed": 1000}).word
    'cannot tell'
    """

    word: Word
    sufficiency: Answer
    direct: Answer
    reason: str
    touchpoints: tuple[str, ...]
    figures: dict[str, Any] = field(default_factory=dict)

    def sentence(self, language: str = "en") -> str:
        """Say the verdict in English (``"en"``) or Dutch (``"nl"``), for people who must act on it."""
        from cxmining.drivers.wording import sentence

        return sentence(self, language)

    def __str__(self) -> str:
        return f"{self.word}: {self.sentence()}"


def decide(sufficiency: Answer, direct: Answer) -> Word:
    """Return the word for the answers to the two questions.

    Parameters
    ----------
    sufficiency, direct : {"yes", "no", "open"}
        Do K predict 80% of what all predict; do they carry 80% of the direct effects?

    Returns
    -------
    {"concentrated", "interchangeable", "spread", "cannot tell"}
        The word.

    Examples
    --------
    >>> decide("yes", "no"), decide("open", "no"), decide("open", "yes")
    ('interchangeable', 'spread', 'cannot tell')
    """
    if sufficiency == "no":
        return "spread"
    if direct == "open" or (sufficiency == "open" and direct == "yes"):
        return "cannot tell"
    if direct == "yes":
        return "concentrated"
    return "interchangeable" if sufficiency == "yes" else "spread"


def flat_halo(k: int, p: int, rho: float) -> float:
    """Return the part that any k of p equally important touchpoints "explain" when all correlate by rho.

    Parameters
    ----------
    k, p : int
        How many of how many.
    rho : float
        Mean correlation.

    Returns
    -------
    float
        Between k/p (no halo) and 1.

    Examples
    --------
    >>> round(flat_halo(3, 15, 0.5), 2)
    0.8
    """
    rho = min(max(rho, 0.0), 1.0)
    return k * (1 + (p - 1) * rho) / (p * (1 + (k - 1) * rho))


def mean_correlation(corr: Array, design: Design) -> float:
    """Return the mean correlation between touchpoints' scores, 0 when there are not two."""
    columns = [c for c in design.rating_columns if c >= 0]
    if len(columns) < 2:
        return 0.0
    inside = corr[0][np.ix_(columns, columns)]
    return float(inside[np.triu_indices(len(columns), 1)].mean())


def _half_kish(design: Design, take: npt.NDArray[np.bool_]) -> float:
    w = design.w[take[design.cluster]]
    return float(w.sum() ** 2 / (w**2).sum())


@dataclass(frozen=True)
class _Cross:
    """The mean of a statistic over the two halves that did not choose, and how sure it is."""

    mean: float
    se: float

    @property
    def z(self) -> float:
        if not np.isfinite(self.mean):
            return float("nan")
        return (self.mean - GOAL) / max(self.se, 1e-9)


def _direct_part(direct: Array, players: tuple[int, ...]) -> Array:
    whole = direct.sum(axis=0)
    part = direct[list(players)].sum(axis=0)
    return np.asarray(np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0))


def _largest(direct: Array, k: int) -> tuple[int, ...]:
    return tuple(sorted(int(i) for i in np.argsort(-direct, kind="stable")[:k]))


def _crossfit(design: Design, problem: Problem, rng: np.random.Generator) -> tuple[_Cross, _Cross]:
    """Choose on one half, judge on the other, swap; the median over several splits of the customers."""
    splits = [_split(design, problem, halves(design, rng), rng) for _ in range(SPLITS)]
    return _median([psi for psi, _ in splits]), _median([direct for _, direct in splits])


def _median(splits: list[_Cross]) -> _Cross:
    """Return the median mean beside the median standard error: never surer than a typical split."""
    usable = [c for c in splits if np.isfinite(c.mean)]
    if 2 * len(usable) <= len(splits):
        return _Cross(float("nan"), float("nan"))
    return _Cross(float(np.median([c.mean for c in usable])), float(np.median([c.se for c in usable])))


def _split(
    design: Design, problem: Problem, first: npt.NDArray[np.bool_], rng: np.random.Generator
) -> tuple[_Cross, _Cross]:
    sides = []
    for take in (first, ~first):
        n = _half_kish(design, take)
        corr, _ = correlations(total_moments(design, take), problem.always)
        draws, _ = correlations(draw_moments(design, CROSSFIT, rng, take), problem.always)
        sides.append(
            tuple((c, *problem.everybody(c, n, again), n, again) for c, again in ((corr, False), (draws, True)))
        )
    psi, carried = [], []
    for chooser, judge_side in ((0, 1), (1, 0)):
        chosen, chosen_direct, _, chosen_n, _ = sides[chooser][0]
        best = problem.best(chosen, chosen_n)
        largest = _largest(chosen_direct[:, 0], problem.k)
        judged = sides[judge_side]
        psi.append([problem.sufficiency(c, best, whole, n, again) for c, _, whole, n, again in judged])
        carried.append([_direct_part(direct, largest) for _, direct, _, _, _ in judged])
    return _cross(psi), _cross(carried)


def _cross(sides: list[list[Array]]) -> _Cross:
    points = [float(point[0]) for point, _ in sides]
    errors = []
    for _, replicates in sides:
        usable = replicates[np.isfinite(replicates)]
        if len(usable) < CROSSFIT * 0.9:
            return _Cross(float("nan"), float("nan"))
        errors.append(float(usable.std(ddof=1)))
    return _Cross(float(np.mean(points)), 0.5 * float(np.sqrt(errors[0] ** 2 + errors[1] ** 2)))


def _full_test(partial: float, n: float, problem: Problem) -> float:
    from scipy import stats

    left = n - problem.q - problem.always
    if left < 1:
        return 1.0
    f = (partial / problem.q) / max((1 - partial) / left, 1e-300)
    return float(stats.f.sf(f, problem.q, left))


def _answer(cross: _Cross, upper: float) -> Answer:
    if np.isfinite(cross.z) and cross.z > Z:
        return "yes"
    return "no" if upper < GOAL else "open"


def _needed(cross: _Cross, n: float) -> float:
    """Return about how many responses would settle a question, at four chances in five."""
    distance = abs(cross.mean - GOAL)
    if not np.isfinite(distance) or distance < 1e-6:
        return float("inf")
    return n * ((Z + POWER) * cross.se / distance) ** 2


def _signal_needed(adjusted: float, problem: Problem) -> float:
    """Return the responses from which the full model would pass its gates, at four chances in five."""
    from scipy import stats

    if adjusted <= GATE_R2:
        return float("inf")
    effect = adjusted / (1 - adjusted)
    n = 100.0
    while n < 1e6:
        left = n - problem.q - problem.always
        if left > 1:
            critical = stats.f.isf(GATE_P, problem.q, left)
            if stats.ncf.sf(critical, problem.q, left, n * effect) >= 0.8:
                return n
        n *= 1.1
    return float("inf")


def _rounded(n: float) -> int | None:
    """Return a count that nobody will take for exact, or None beyond any survey."""
    if not np.isfinite(n) or n > 200_000:
        return None
    unit = 10 ** max(len(str(int(n))) - 2, 2)
    return int(np.ceil(n / unit) * unit)


def _sets(point: Estimates, problem: Problem, n: float) -> tuple[float, float, tuple[int, ...]]:
    """Return the share of K-sets that reach the goal, the median K-set, and the fewest players that reach it."""
    m = problem.room(n)
    whole = float(adjust(point.partial, m, problem.q, False)[0])
    if whole <= 0:
        return float("nan"), float("nan"), tuple(range(problem.p))
    if point.subsets is not None:
        subsets = point.subsets
        sets = subsets.sets / whole
        fewest = int(np.flatnonzero(subsets.best >= GOAL * whole)[0])
        return float((sets >= GOAL).mean()), float(np.median(sets)), subsets.players(fewest)
    orders = random_orders(problem.p, 500, problem.seed, 1)[:, 0]
    r2, widths = random_sets(point.corr, problem.groups, problem.k, orders)
    sets = adjust(r2, m, widths, False) / whole
    chosen, _ = best_forward(point.corr, problem.groups, problem.p, lambda v, c: adjust(v, m, c, False))
    order = [int(i) for i in chosen[0]]
    reached = problem.cumulative(point.corr, order, n, False)[:, 0]
    enough = order[: int(np.argmax(reached >= GOAL)) + 1]
    return float((sets >= GOAL).mean()), float(np.median(sets)), tuple(sorted(enough))


def judge(
    design: Design, problem: Problem, point: Estimates, replicates: Estimates, rng: np.random.Generator
) -> Verdict:
    """Give the verdict.

    Parameters
    ----------
    design : Design
        The data.
    problem : Problem
        Who gets credit.
    point, replicates : Estimates
        The estimate and its bootstrap.
    rng : Generator
        For the split and the draws of the cross-fit.

    Returns
    -------
    Verdict
        Word, reason, figures.
    """
    n, n_eff, k = design.n_kish, design.n_eff, problem.k
    m = problem.room(n)
    psi_no = predicted_at_most(point, replicates, problem, lambda r2, columns, again: adjust(r2, m, columns, again))
    d_no = carried_at_most(point, replicates, problem, rng)
    best = problem.best(point.corr, n)
    best = tuple(sorted(best, key=lambda i: (-round(float(point.credit[i, 0]), 9), i)))
    adjusted = float(adjust(point.partial, m, problem.q, False)[0])
    floor = float(np.quantile(adjust(replicates.partial, m, problem.q, True), 0.025))
    p_value = _full_test(float(point.partial[0]), n_eff, problem)
    gate = p_value < GATE_P and floor > GATE_R2
    rho = mean_correlation(point.corr, design)
    reached, median, enough = _sets(point, problem, n)
    figures: dict[str, Any] = {
        "p": problem.p,
        "k": k,
        "n": design.n,
        "n_eff": n_eff,
        "r2": float(point.r2[0]),
        "r2_beyond_controls": adjusted,  # adjusted; the whole model's stands beside the interval that belongs to it
        "f_test_p": p_value,
        "psi": float(min(point.psi[0], 1.0)),
        "psi_upper": min(psi_no, 1.0),
        "direct": float(_direct_part(point.direct, _largest(point.direct[:, 0], k))[0]),
        "direct_upper": min(d_no, 1.0),
        "credit_each": {design.players[i]: float(point.credit[i, 0]) for i in best},
        "credit": float(point.credit[list(best), 0].sum()),
        "sets_that_reach": reached,
        "median_set": median,
        "touchpoints_for_80": len(enough),
        "fewest_for_80": [design.players[i] for i in enough],
        "halo": rho,
        "flat_halo": flat_halo(k, problem.p, rho),
        "largest_direct": [design.players[i] for i in _largest(point.direct[:, 0], k)],
        "power_warning": ENOUGH <= n_eff < COMFORT,
    }
    names = tuple(design.players[i] for i in best)
    if problem.p < 2:
        return Verdict("cannot tell", "open", "open", "p", names, _clean(figures))
    if n_eff < ENOUGH:
        figures["n_needed"] = COMFORT
        return Verdict("cannot tell", "open", "open", "n", names, _clean(figures))
    if not gate:
        needed = _signal_needed(adjusted, problem)
        figures["n_needed"] = _rounded(max(needed, COMFORT, n_eff * 1.2))
        return Verdict("cannot tell", "open", "open", "signal", names, _clean(figures))
    psi, direct = _crossfit(design, problem, rng)
    figures |= {
        "psi_crossfit": float(min(psi.mean, 1.0)) if np.isfinite(psi.mean) else psi.mean,
        "psi_se": psi.se,
        "psi_z": psi.z,
        "direct_crossfit": direct.mean,
        "direct_se": direct.se,
        "direct_z": direct.z,
    }
    sufficiency, carried = _answer(psi, psi_no), _answer(direct, d_no)
    word = decide(sufficiency, carried)
    reason = ""
    if word == "cannot tell":
        reason = "direct" if carried == "open" and sufficiency == "yes" else "sufficiency"
        open_ones = [c for c, answer in ((psi, sufficiency), (direct, carried)) if answer == "open"]
        needed = max(_needed(c, n_eff) for c in open_ones)
        figures["n_needed"] = _rounded(max(needed, n_eff * 1.2))
    return Verdict(word, sufficiency, carried, reason, names, _clean(figures))


def _clean(figures: dict[str, Any]) -> dict[str, Any]:
    """Plain values only: what is not a number becomes None, for JSON has no word for it."""
    return {k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in figures.items()}
