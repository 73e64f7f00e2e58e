"""Is the score's scale a matter? The shares again with a model for classes: logits instead of straight lines.

A score of two values is a logistic regression, one of more values a cumulative logit with one slope for all
thresholds, fitted as if thresholds were answers of their own (slopes are the same on average). Each subset of
touchpoints is fitted; what it explains is McFadden's R², and its fair parts are shared out as LMG does (Azen &
Traxel 2009).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.drivers.shapley import lmg
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    from cxmining.drivers.analysis import DriverAnalysis
    from cxmining.drivers.design import Design

__all__ = ["ScaleCheck", "check_classes"]

Array = npt.NDArray[np.float64]

ALL: Final = 10
"""Touchpoints up to which each subset is a fit; above, sets are taken along random orders."""
MOST: Final = 40
ORDERS: Final = (8, 4)
"""Blocks of random orders, and shifts in each: 64 orders, of which blocks give the standard error."""
CLASSES: Final = 5
STEPS: Final = 25
RIDGE: Final = 1e-6
"""Per response: what a touchpoint that tells the classes apart without fail would need to have a slope at all."""
CLOSE: Final = 0.05


@dataclass(frozen=True, eq=False)
class ScaleCheck:
    """Shares by straight lines beside shares by logits.

    Attributes
    ----------
    shares : DataFrame
        ``touchpoint``, ``linear``, ``logit``, ``difference``, ``rank_linear``, ``rank_logit``.
    classes : DataFrame
        ``class``, ``n``: what the score was put into.
    r2_mcfadden : float
        Of all touchpoints beyond the controls.
    model : {"logistic", "cumulative logit"}
    n : int
    note : str
        What the check says.
    se : float
        Above 10 touchpoints, the largest standard error of a ``logit`` share from the random orders; else 0.
    """

    shares: pd.DataFrame
    classes: pd.DataFrame
    r2_mcfadden: float
    model: str
    n: int
    note: str
    se: float = 0.0

    @property
    def summary(self) -> pd.DataFrame:
        """The shares, the largest first."""
        return self.shares.copy()

    @property
    def largest_difference(self) -> float:
        """The largest absolute difference of a share."""
        return float(self.shares["difference"].abs().max())

    def _head(self) -> str:
        return f"{self.model} on {len(self.classes)} classes, n = {self.n:,}, McFadden R² {self.r2_mcfadden:.3f}: {self.note}"

    def __repr__(self) -> str:
        return f"{self._head()}\n{self.shares.to_string(index=False, float_format=lambda v: f'{v:.3f}')}"

    def _repr_html_(self) -> str:
        return repr_html(self.shares, head=self._head())


def check_classes(analysis: DriverAnalysis, classes: Literal["nps"] | None = None) -> ScaleCheck:
    """Share out what a logit explains, beside what straight lines explain.

    Parameters
    ----------
    analysis : DriverAnalysis
        Of at most 40 touchpoints or groups. Up to 10, every subset is fitted; above, those along 64 random orders, and
        only how far logits stand from lines is estimated by them, for what lines say is known of all subsets.
    classes : {"nps"}, optional
        Detractors (0 to 6), passives (7, 8) and promoters (9, 10); default the values of the score, neighbours put
        together above five classes.

    Returns
    -------
    ScaleCheck
        ``.shares``, and a note on whether the scale is a matter. No intervals: those of the analysis are close.

    Raises
    ------
    StudyError
        Above 40 touchpoints, for an analysis without its rows or by PMVD, and for "nps" of a score outside 0 to 10.
    NotEnoughDataError
        When fewer than two classes are left.

    References
    ----------
    Azen & Traxel (2009), Journal of Educational and Behavioral Statistics 34(3).

    Examples
    --------
    >>> from cxmining.drivers import find_drivers
    >>> rng = np.random.default_rng(3)
    >>> scores = pd.DataFrame(rng.normal(size=(400, 2)), columns=["mail", "phone"])
    >>> scores["returns"] = (scores["mail"] + rng.normal(size=400) > 0).astype(float)
    >>> check_classes(find_drivers(scores, "returns", bootstrap=100)).shares["touchpoint"].tolist()
    ['mail', 'phone']
    """
    if classes not in (None, "nps"):
        raise StudyError(f"classes {classes!r}: expected 'nps', or none for the values of the score")
    if analysis.design is None or analysis.ratings is None:
        raise StudyError("check_classes: this analysis does not hold its rows; make it with find_drivers")
    if analysis.method != "lmg":
        raise StudyError("check_classes compares LMG shares; make the analysis with method='lmg'")
    design, ratings = analysis.design, analysis.ratings
    p = len(design.players)
    if p > MOST:
        raise StudyError(f"{p} touchpoints are too many fits of a logit; put them into groups, {MOST} at most")
    y = ratings.frame[ratings.target].to_numpy(dtype=np.float64, na_value=np.nan)[design.rows]
    code, names = _classes(y, classes, ratings.label or ratings.target)
    fixed = design.z[:, 1 : design.always]
    bare = _deviance(np.empty((design.n, 0)), code, len(names), design.w)
    known: dict[int, float] = {}

    def explained(mask: int) -> float:
        if mask not in known:
            columns = [design.always + c for j in range(p) if mask >> j & 1 for c in design.groups[j]]
            x = np.column_stack([fixed, design.z[:, columns]])
            known[mask] = 1 - _deviance(x, code, len(names), design.w) / bare
        return known[mask]

    whole = explained((1 << p) - 1) - explained(0)
    linear = analysis.shares.set_index("touchpoint")["share"].reindex(design.players).to_numpy(dtype=np.float64)
    se = 0.0
    if whole <= 1e-12:
        logit = np.zeros(p)
    elif p <= ALL:
        logit = lmg(np.array([explained(mask) for mask in range(1 << p)])[:, None])[:, 0] / whole
    else:
        away_from, se = _along_orders(design, explained, whole)
        logit = linear + away_from
    table = pd.DataFrame({"touchpoint": design.players, "linear": linear, "logit": logit, "difference": logit - linear})
    for name in ("linear", "logit"):
        table[f"rank_{name}"] = table[name].round(9).rank(ascending=False, method="first").astype(int)
    table = table.sort_values("rank_linear").reset_index(drop=True)
    away = float(table["difference"].abs().max())
    who = str(table["touchpoint"][int(table["difference"].abs().to_numpy().argmax())])
    note = (
        f"shares hardly hang on the scale (largest difference {away:.3f}, {who})"
        if away <= CLOSE
        else f"the share of {who} hangs on the scale (difference {away:.3f}): say so beside it"
    )
    if se:
        note += f"; from random orders, standard error at most {se:.3f}"
    counts = np.bincount(code, minlength=len(names))
    return ScaleCheck(
        shares=table,
        classes=pd.DataFrame({"class": names, "n": counts}),
        r2_mcfadden=whole,
        model="logistic" if len(names) == 2 else "cumulative logit",
        n=design.n,
        note=note,
        se=se,
    )


def _along_orders(design: Design, explained: Callable[[int], float], whole: float) -> tuple[Array, float]:
    """Return how far shares by logits stand from shares by lines, on average over random orders, and how sure that is.

    Both are asked of the same orders: what an order does to either goes out of the difference.
    """
    from cxmining.drivers.bootstrap import total_moments
    from cxmining.drivers.lattice import chain_r2, correlations
    from cxmining.drivers.permute import random_orders

    p = len(design.groups)
    corr, _ = correlations(total_moments(design), design.always)
    blocks = random_orders(p, ORDERS[0], 1, ORDERS[1])
    gaps = np.zeros((len(blocks), p))
    for b, orders in enumerate(blocks):
        for order in orders:
            columns = [c for player in order for c in design.groups[player]]
            r2 = chain_r2(corr, columns)[np.cumsum([len(design.groups[player]) for player in order]) - 1, 0]
            by_lines = np.diff(r2, prepend=0.0) / max(float(r2[-1]), 1e-12)
            masks = np.cumsum([1 << int(player) for player in order])
            by_logits = np.diff([explained(int(mask)) for mask in masks], prepend=explained(0)) / whole
            gaps[b, order] += (by_logits - by_lines) / len(orders)
    return gaps.mean(axis=0), float((gaps.std(axis=0, ddof=1) / np.sqrt(len(gaps))).max())


def _classes(y: Array, classes: str | None, label: str) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return each response's class, from the lowest, and what the classes are called."""
    if classes == "nps":
        if y.min() < 0 or y.max() > 10:
            raise StudyError(f"{label!r} runs from {y.min():g} to {y.max():g}; NPS classes need a score from 0 to 10")
        code = np.digitize(y, [6.5, 8.5]).astype(np.int64)
        names = ["detractor", "passive", "promoter"]
    else:
        levels, code = np.unique(y, return_inverse=True)
        names = [f"{v:g}" for v in levels]
        if len(levels) > CLASSES:
            # Neighbours together, at the quantiles: each class about as many answers.
            ends = np.unique(np.quantile(y, np.arange(1, CLASSES) / CLASSES))
            code = np.searchsorted(ends, y, side="left").astype(np.int64)
            names = [
                f"{y[code == c].min():g} to {y[code == c].max():g}" if (code == c).any() else ""
                for c in range(len(ends) + 1)
            ]
    used = np.unique(code)
    if len(used) < 2:
        raise NotEnoughDataError(f"all scores on {label!r} are of one class: there is nothing to tell apart")
    return np.searchsorted(used, code).astype(np.int64), [names[int(c)] for c in used]


def _deviance(x: Array, code: npt.NDArray[np.int64], count: int, w: Array) -> float:
    """Return minus the log-likelihood of the best fit: Newton's steps on all thresholds at once."""
    thresholds, q, n = count - 1, x.shape[1], len(code)
    hit = (code[:, None] > np.arange(thresholds)).astype(np.float64)  # above each threshold?
    shares = np.clip((w @ hit) / w.sum(), 1e-6, 1 - 1e-6)
    b = np.concatenate([np.log(shares / (1 - shares)), np.zeros(q)])
    ridge = np.concatenate([np.zeros(thresholds), np.full(q, RIDGE * n)])

    def loss(b: Array) -> tuple[float, Array]:
        eta = b[:thresholds] + (x @ b[thresholds:])[:, None]
        # log(1 + e^eta) − y·eta, without overflow
        each = np.logaddexp(0.0, eta) - hit * eta
        return float(w @ each.sum(axis=1) + 0.5 * ridge @ b**2), eta

    now, eta = loss(b)
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(eta, -35, 35)))
        slope, curve = w[:, None] * (chance - hit), w[:, None] * chance * (1 - chance)
        gradient = np.concatenate([slope.sum(axis=0), x.T @ slope.sum(axis=1)]) + ridge * b
        hessian = np.empty((thresholds + q, thresholds + q))
        hessian[:thresholds, :thresholds] = np.diag(curve.sum(axis=0))
        hessian[:thresholds, thresholds:] = curve.T @ x
        hessian[thresholds:, :thresholds] = hessian[:thresholds, thresholds:].T
        hessian[thresholds:, thresholds:] = (x * curve.sum(axis=1)[:, None]).T @ x
        step = np.linalg.solve(hessian + np.diag(ridge + 1e-9 * n), gradient)
        size = 1.0
        while size > 1e-4:
            then, eta_then = loss(b - size * step)
            if then <= now:
                break
            size /= 2
        else:
            break
        done = now - then < 1e-9 * max(now, 1.0)
        b, now, eta = b - size * step, then, eta_then
        if done:
            break
    return now
