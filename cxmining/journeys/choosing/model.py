"""A multinomial logit whose tests and intervals are clustered by customer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import Ints

__all__ = ["Logit", "Spread", "deviance_test", "fit", "marginal", "separated", "skill"]

Floats = npt.NDArray[np.float64]

RIDGE = 1e-6
"""A penalty too small to be seen where the data decide, and enough to keep a separated coefficient finite."""
LARGEST = 8.0
"""A log odds ratio beyond which an option counts as never, or always, taken."""


@dataclass(frozen=True, eq=False)
class Logit:
    """A fitted multinomial logit; the last option is the one the others are measured against.

    Attributes
    ----------
    beta : ndarray, shape (options − 1, columns)
    probability : ndarray, shape (decisions, options)
    log_likelihood : float
    converged : bool
    """

    beta: Floats
    probability: Floats
    log_likelihood: float
    converged: bool


def fit(
    x: Floats, y: Ints, options: int, *, start: Floats | None = None, ridge: float = RIDGE,
    curvature: Floats | None = None,
) -> Logit:  # fmt: skip
    """Fit P(option) ∝ exp(x β) by Newton's method with step halving.

    Parameters
    ----------
    x : ndarray, shape (decisions, columns)
        With a column of ones.
    y : ndarray of int64
        The option taken, 0 up to `options`.
    options : int
        At least two.
    start : ndarray, optional
        Coefficients to begin from.
    ridge : float
        Times decisions: weight of half the squared coefficients, the intercept's too.
    curvature : ndarray, optional
        Second derivative of a model close by: steps are taken by it for as long as they go fast, which spares
        computing another at each.

    Returns
    -------
    Logit

    Examples
    --------
    >>> x = np.column_stack([np.ones(8), np.repeat([0.0, 1.0], 4)])
    >>> model = fit(x, np.array([0, 0, 0, 1, 0, 1, 1, 1]), 2)  # odds 3 and 1/3
    >>> model.beta.round(3).tolist()  # log 3 and −2 log 3
    [[1.099, -2.197]]
    """
    from scipy.linalg import cho_factor, cho_solve

    n, p = x.shape
    k = options - 1
    weight = ridge * n
    beta = np.zeros((k, p)) if start is None else start.copy()
    probability, fitted = _likelihood(x, y, beta, weight)
    factor = None if curvature is None else cho_factor(curvature + (weight + 1e-9) * np.eye(k * p))
    borrowed = 25 if factor else 0
    # Half the gain is what the likelihood can still grow by; a refit is for its likelihood alone.
    enough = 1e-10 if curvature is None else 1e-6
    converged = False
    taken = (y[:, None] == np.arange(k)).astype(float)
    for _ in range(borrowed + 40):
        gradient = (taken - probability[:, :k]).T @ x - weight * beta
        if borrowed <= 0:
            factor = cho_factor(_information(x, probability, k) + (weight + 1e-9) * np.eye(k * p))
        step = cho_solve(factor, gradient.ravel()).reshape(k, p)
        gain = float((gradient * step).sum())
        if gain < enough:
            converged = True
            break
        borrowed -= 1
        size = 1.0
        while True:
            probability_next, fitted_next = _likelihood(x, y, beta + size * step, weight)
            if fitted_next >= fitted or size < 1e-4:
                break
            size /= 2
            borrowed = 0
        beta = beta + size * step
        probability, fitted = probability_next, fitted_next
    log_likelihood = fitted + weight / 2 * float((beta**2).sum())
    return Logit(beta, probability, log_likelihood, converged)


def _likelihood(x: Floats, y: Ints, beta: Floats, weight: float) -> tuple[Floats, float]:
    score = np.column_stack([x @ beta.T, np.zeros(len(x))])
    score -= score.max(axis=1, keepdims=True)
    odds = np.exp(score)
    total = odds.sum(axis=1, keepdims=True)
    chosen = score[np.arange(len(y)), y] - np.log(total[:, 0])
    return odds / total, float(chosen.sum()) - weight / 2 * float((beta**2).sum())


def _information(x: Floats, probability: Floats, k: int) -> Floats:
    p = x.shape[1]
    out = -_products(x, probability[:, :k])
    for i in range(k):
        block = slice(i * p, (i + 1) * p)
        out[block, block] += (x * probability[:, i][:, None]).T @ x
    return out


def _products(x: Floats, factor: Floats) -> Floats:
    """Return the sum over decisions of the outer squares of (factor_1 x, …, factor_k x)."""
    wide = (factor[:, :, None] * x[:, None, :]).reshape(len(x), -1)
    return wide.T @ wide


def _cluster_sums(x: Floats, residual: Floats, cluster: Ints, groups: int) -> Floats:
    order = np.argsort(cluster, kind="stable")
    first = np.searchsorted(cluster[order], np.arange(groups))
    sums = [np.add.reduceat(x[order] * residual[order, k][:, None], first, axis=0) for k in range(residual.shape[1])]
    return np.concatenate(sums, axis=1)


@dataclass(frozen=True, eq=False)
class Spread:
    """What the coefficients of a fitted model rest on.

    Attributes
    ----------
    information : ndarray
        Minus the second derivative, options slowest.
    single, clustered : ndarray
        Sums of the outer squares of the scores, per decision and per customer (times G / (G − 1)).
    customers : int
    """

    information: Floats
    single: Floats
    clustered: Floats
    customers: int

    @classmethod
    def of(cls, model: Logit, x: Floats, y: Ints, cluster: Ints) -> Spread:
        """Take it from a model and its data."""
        k = model.beta.shape[0]
        residual = (y[:, None] == np.arange(k)) - model.probability[:, :k]
        groups = int(cluster.max()) + 1
        scores = _cluster_sums(x, residual, cluster, groups)
        clustered = scores.T @ scores * groups / max(groups - 1, 1)
        return cls(_information(x, model.probability, k), _products(x, residual), clustered, groups)

    @cached_property
    def covariance(self) -> Floats:
        """Of the coefficients, clustered (Liang and Zeger 1986)."""
        bread = np.linalg.pinv(self.information, hermitian=True)
        return bread @ self.clustered @ bread


def deviance_test(full: Logit, without: Logit, columns: Ints, spread: Spread) -> tuple[float, int, float, float]:
    """Test whether the `columns` belong in the model, clustered.

    Twice the difference of the log likelihoods, over the mean design effect of these coefficients (Rao and Scott
    1984; Lumley and Scott 2014), at least one, and shrunk by the coefficients per customer. The design effect is that of customers over decisions taken one by
    one, so that rare options, whose residuals are lumpy, cancel. F with as many degrees of freedom as coefficients,
    and those of the customers. Unlike Wald's it holds where an option is never taken at some level.

    Returns
    -------
    tuple
        Statistic (F), degrees of freedom, design effect, p.
    """
    from scipy.special import fdtrc

    k, p = full.beta.shape
    at = (np.arange(k)[:, None] * p + columns).ravel()
    other = np.setdiff1d(np.arange(k * p), at)
    information = spread.information
    ridge = 1e-9 * np.trace(information) / len(information) * np.eye(len(other))
    # What the other coefficients already explain is taken out of the scores (the efficient score).
    project = np.linalg.solve(information[np.ix_(other, other)] + ridge, information[np.ix_(other, at)])
    naive = information[np.ix_(at, at)] - information[np.ix_(at, other)] @ project
    inverse = np.linalg.pinv(naive, hermitian=True)
    meat, single = (_efficient(s, at, other, project) for s in (spread.clustered, spread.single))
    effect = max(float(np.trace(inverse @ meat)) / max(float(np.trace(inverse @ single)), 1e-12), 1.0)
    df = len(at)
    # With few customers per coefficient twice the difference runs large; measured under shuffled choices.
    room = max(1 - k * p / spread.customers, 0.1)
    statistic = room * max(2 * (full.log_likelihood - without.log_likelihood), 0.0) / effect / df
    return statistic, df, effect, float(fdtrc(df, max(spread.customers - 1 - df, 1), statistic))


def _efficient(squares: Floats, at: Ints, other: Ints, project: Floats) -> Floats:
    cross = squares[np.ix_(at, other)] @ project
    rest = project.T @ squares[np.ix_(other, other)] @ project
    return squares[np.ix_(at, at)] - cross - cross.T + rest


def marginal(model: Logit, covariance: Floats, high: Floats, low: Floats) -> tuple[Floats, Floats]:
    """Return the mean difference in each option's probability between two settings of the columns, and its error.

    Parameters
    ----------
    model : Logit
    covariance : ndarray
        Of the coefficients.
    high, low : ndarray, shape (decisions, columns)
        The same decisions with the predictor at the level, and at the reference.

    Returns
    -------
    tuple of ndarray
        Average marginal effect and standard error (delta method) per option.
    """
    effects, gradients = [], []
    for x in (high, low):
        score = np.column_stack([x @ model.beta.T, np.zeros(len(x))])
        odds = np.exp(score - score.max(axis=1, keepdims=True))
        pr = odds / odds.sum(axis=1, keepdims=True)
        k = model.beta.shape[0]
        effects.append(pr.mean(axis=0))
        # dP_o / dβ_m = P_o (1[o = m] − P_m) x
        gradients.append(
            np.stack(
                [
                    np.concatenate([((pr[:, o] * ((o == m) - pr[:, m])) @ x) / len(x) for m in range(k)])
                    for o in range(k + 1)
                ]
            )
        )
    gradient = gradients[0] - gradients[1]
    variance = np.einsum("oi,ij,oj->o", gradient, covariance, gradient)
    return effects[0] - effects[1], np.sqrt(np.maximum(variance, 0))


def skill(
    full: Logit, spread: Spread, x: Floats, y: Ints, cluster: Ints, folds: int, level: float, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Return how much better the model tells choices of customers it has not seen than the shares alone do.

    One minus the ratio of the two log losses: 0 is no better than the shares, 1 is certainty. The interval is that
    of the mean gain per decision, clustered.

    Returns
    -------
    tuple of float
        Skill, low, high.
    """
    from scipy.special import stdtrit

    groups, options = int(cluster.max()) + 1, full.beta.shape[0] + 1
    part = rng.permutation(np.arange(groups) % folds)[cluster]
    gain, base = np.zeros(len(y)), np.zeros(len(y))
    for fold in range(folds):
        seen, new = part != fold, part == fold
        if not new.any():
            continue
        share = (np.bincount(y[seen], minlength=options) + 0.5) / (seen.sum() + 0.5 * options)
        # A penalty as of a handful of decisions: levels that are rare should not shout.
        ridge = 1.0 / float(seen.sum())
        curvature = spread.information * float(seen.mean())
        model = fit(x[seen], y[seen], options, start=full.beta, ridge=ridge, curvature=curvature)
        score = np.column_stack([x[new] @ model.beta.T, np.zeros(int(new.sum()))])
        score -= score.max(axis=1, keepdims=True)
        chosen = score[np.arange(len(score)), y[new]] - np.log(np.exp(score).sum(axis=1))
        base[new] = -np.log(share[y[new]])
        gain[new] = chosen + base[new]
    ratio = gain.sum() / base.sum()
    sums = np.bincount(cluster, weights=gain - ratio * base, minlength=groups)
    error = np.sqrt(groups / (groups - 1) * float((sums**2).sum())) / base.sum()
    t = float(stdtrit(groups - 1, 0.5 + level / 2))
    return float(ratio), float(ratio - t * error), float(ratio + t * error)


def separated(model: Logit) -> bool:
    """Tell whether an option is never, or always, taken at some level."""
    return bool(np.abs(model.beta).max() > LARGEST) or not model.converged
