"""Logistic regression for rare outcomes: penalised likelihood, whose estimates stay finite and nearly unbiased.

A contact that nine customers had, of whom eight left, has no finite odds ratio by maximum likelihood as soon as
the ninth leaves too. Firth's penalty (1993) gives one, and the profile of the penalised likelihood its interval
(Heinze & Schemper 2002). Rows that are alike are counted once, so that a million customers are some dozens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Fit", "fit_firth", "profile_ends"]

Array = npt.NDArray[np.float64]

_STEPS = 60
_CLOSE = 1e-9
_NOISE = 1e-12
"""Part of a likelihood below which a loss is rounding: to halve a step for it would only cost time."""
_FARTHEST = 25.0
"""Log odds beyond which nothing can be told from certainty."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients, their information, and the penalised log likelihood."""

    beta: Array
    inverse: Array
    likelihood: float


def _evaluate(x: Array, n: Array, k: Array, beta: Array) -> tuple[float, Array, Array, Array]:
    eta = np.clip(x @ beta, -35, 35)
    p = 1 / (1 + np.exp(-eta))
    w = n * p * (1 - p)
    information = x.T @ (w[:, None] * x)
    information[np.diag_indices_from(information)] += 1e-12
    sign, determinant = np.linalg.slogdet(information)
    loss = np.logaddexp(0, eta)
    likelihood = float(k @ eta - n @ loss) + (0.5 * float(determinant) if sign > 0 else -np.inf)
    inverse = np.linalg.inv(information)
    leverage = w * np.einsum("ij,jk,ik->i", x, inverse, x)
    score = x.T @ (k - n * p + leverage * (0.5 - p))
    return likelihood, np.asarray(score, dtype=np.float64), np.asarray(inverse, dtype=np.float64), information


def fit_firth(
    x: Array, n: Array, k: Array, *, fixed: tuple[int, float] | None = None, start: Array | None = None
) -> Fit:
    """Fit a logistic regression by penalised likelihood.

    Parameters
    ----------
    x : array of shape (rows, columns)
        Columns, the constant among them.
    n, k : array of shape (rows,)
        How many are alike in `x`, and for how many of them it came true.
    fixed : (int, float), optional
        A column whose coefficient is held.
    start : array of shape (columns,), optional

    Returns
    -------
    Fit

    References
    ----------
    Firth (1993). Bias reduction of maximum likelihood estimates. Biometrika 80(1).

    Examples
    --------
    >>> x = np.array([[1.0, 0.0], [1.0, 1.0]])
    >>> fit_firth(x, np.array([50.0, 5.0]), np.array([10.0, 5.0])).beta.round(3).tolist()
    [-1.35, 3.748]
    """
    beta = np.zeros(x.shape[1]) if start is None else start.copy()
    free = np.ones(x.shape[1], dtype=bool)
    if fixed is not None:
        free[fixed[0]] = False
        beta[fixed[0]] = fixed[1]
    value, score, inverse, information = _evaluate(x, n, k, beta)
    for _ in range(_STEPS):
        if not free.any() or float(np.abs(score[free]).max()) < _CLOSE * max(1.0, float(n.sum())):
            break
        step = np.zeros_like(beta)
        step[free] = np.linalg.solve(information[np.ix_(free, free)], score[free])
        step *= min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        for _ in range(20):
            tried = _evaluate(x, n, k, beta + step)
            if tried[0] >= value - _NOISE * max(1.0, abs(value)):
                break
            step = step / 2
        beta = beta + step
        value, score, inverse, information = tried
        if float(np.abs(step).max()) < _CLOSE:
            break
    return Fit(beta, inverse, value)


def profile_ends(
    x: Array, n: Array, k: Array, column: int, best: Fit, inflation: float = 1.0
) -> tuple[Fit, Fit, float]:
    """Return the fits at both ends of a coefficient's 95% interval, and the p of no association.

    Parameters
    ----------
    x, n, k : array
        As in `fit_firth`.
    column : int
        Which coefficient.
    best : Fit
        Of `fit_firth`.
    inflation : float, default 1
        What the variance is multiplied by because rows of one customer are alike.

    Returns
    -------
    low, high : Fit
    p : float
        Of the penalised likelihood ratio.

    References
    ----------
    Heinze & Schemper (2002). A solution to the problem of separation in logistic regression. Statistics in Medicine 21.
    """
    from scipy.special import chdtrc

    limit = 3.841458820694124 * inflation
    spread = float(np.sqrt(max(best.inverse[column, column], 1e-12) * inflation))

    def at(value: float, start: Array) -> Fit:
        return fit_firth(x, n, k, fixed=(column, value), start=start)

    ends: list[Fit] = []
    for sign in (-1.0, 1.0):
        inside, outside = float(best.beta[column]), float(best.beta[column]) + sign * 2 * spread
        fit = at(outside, best.beta)
        while 2 * (best.likelihood - fit.likelihood) < limit and abs(outside) < _FARTHEST:
            inside, outside = outside, outside + sign * 2 * spread
            fit = at(outside, fit.beta)
        for _ in range(30):
            if abs(outside - inside) < 1e-3 * max(spread, 1e-6):
                break
            middle = (inside + outside) / 2
            fit = at(middle, fit.beta)
            if 2 * (best.likelihood - fit.likelihood) < limit:
                inside = middle
            else:
                outside = middle
        ends.append(fit)
    none = at(0.0, best.beta)
    ratio = max(0.0, 2 * (best.likelihood - none.likelihood)) / inflation
    return ends[0], ends[1], float(chdtrc(1, ratio))
