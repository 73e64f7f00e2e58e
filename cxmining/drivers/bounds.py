"""At most so much: upper bounds of what the best K touchpoints can predict, and carry.

*No* must hold for every set of K at once. A set is ruled out when the upper end of its own one-sided 95% interval
lies below the goal; *no* needs all of them ruled out, and then errs at most where the one true best set errs: 5%,
without any correction (intersection–union test, Berger 1982). The bound shown is the largest of the sets' own.

Where this differs from DRIVERS.md, and why. There, *no* is said when the upper 95% end of a bootstrap that chooses the
best K anew in each replicate lies below .8. Two things are wrong with that bootstrap as a bound:

- **It hardly ever says no.** The data are noisy, each replicate is noisy once more, and the best of hundreds of sets
  is the luckiest one: its bound starts too high. A flat halo at n = 1,000, where any three of fifteen predict .73 and
  carry .20, was called *spread* half as often as asked; the rule would have said "cannot tell" where the answers do tell.
- **Its error is not what its name says.** A quantile of re-chosen maxima is no 95% bound of the best set's true value.

What stands here asks instead of every set on its own whether the data rule it out, which needs no correction for the
number of sets and keeps the false *no* at 5% (asked: at most .06; measured at the borders in ``benchmarks/honesty.py``).
For ψ that is a ratio of two adjusted R² with Fieller's interval, over the sets that predict most. For D a ratio does
not do: squares of small coefficients are not normal, and the floor at 0 adds to the rest what noise put there. There a
set is ruled out when coefficients under which it *would* carry 80% do not give what was seen, in either of two ways
whose errors add up to 5.5%; and the re-choosing bootstrap is kept at 99% beside it, for it sees what is far from the
border. *Yes*, the gates and the table of the two answers are those of DRIVERS.md to the letter, but that the cross-fit is
the median over 30 halvings: by one halving alone the word near a border hung on the seed.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from cxmining.drivers.lattice import PIVOT
from cxmining.drivers.permute import best_forward
from cxmining.drivers.subsets import laid_out

if TYPE_CHECKING:
    from cxmining.drivers.estimate import Estimates, Problem

__all__ = ["carried_at_most", "predicted_at_most", "ratio_upper"]

Array = npt.NDArray[np.float64]

Z: Final = 1.6449  # one-sided 95%
CANDIDATES: Final = 40
"""Sets of K that predict most, whose bounds are taken: the bound of any other starts lower."""
DRAWS: Final = 2000
BY_CARRYING, BY_LIKENESS = 0.02, 0.035
"""Levels of the two ways to rule a set out: together at most 5.5%."""
ANEW: Final = 0.99
NEXT: Final = 3
"""Players after the K largest that are tried in the place of one of them."""
STEPS: Final = 8
GOAL: Final = 0.8


def ratio_upper(a: Array, b: Array, var_a: Array, cov: Array, var_b: Array) -> Array:
    """Return the one-sided 95% upper bound of a/b by Fieller's theorem; infinite where b may be 0.

    Parameters
    ----------
    a, b : array
        Estimates.
    var_a, cov, var_b : array
        Their variances and covariance.

    Returns
    -------
    array
        The largest u at which a − u·b is not clearly below 0.

    References
    ----------
    Fieller (1954), Journal of the Royal Statistical Society B 16.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> ratio_upper(one, 2 * one, 0.01 * one, 0 * one, 0 * one).round(3).tolist()  # 1/2 + 1.645 · .1/2
    [0.582]
    """
    lead = b**2 - Z**2 * var_b
    middle = a * b - Z**2 * cov
    root = np.sqrt(np.maximum(middle**2 - lead * (a**2 - Z**2 * var_a), 0.0))
    sure = (lead > 0) & (b > 0)
    return np.where(sure, (middle + root) / np.where(sure, lead, 1.0), np.inf)


def carried_at_most(point: Estimates, replicates: Estimates, problem: Problem, rng: np.random.Generator) -> float:
    """Return the 95% upper bound of D_K: the part of all direct effects that any K players have.

    A set S has u of all when b'Ab ≤ 0, A = u Σ_rest − (1 − u) Σ_S. The estimate is held against what would come by
    luck if that were just so (b normal with the bootstrap's covariance), in two ways. The rest carries
    too much: b'Ab, against the nearest coefficients for which it is 0. And coefficients are too much alike: against
    those of one size in S and one in the rest, the least unlike ones that there can be. The second sees a flat
    truth at n = 1,000; the first, which judges the set that looks strongest by luck, does not.

    Parameters
    ----------
    point, replicates : Estimates
        The estimate and its bootstrap.
    problem : Problem
        Who gets credit.
    rng : Generator
        Of the draws.

    Returns
    -------
    float
        Between K/p and 1.
    """
    p, k = problem.p, problem.k
    if k >= p:
        return 1.0
    b = point.slopes[0]
    covariance = np.atleast_2d(np.cov(replicates.slopes.T))
    corr, begins, ends = laid_out(point.corr, problem.groups)
    own = np.zeros_like(covariance)
    for begin, end in zip(begins, ends, strict=True):
        own[begin:end, begin:end] = corr[0, begin:end, begin:end]
    owner = np.repeat(np.arange(p), ends - begins)
    spread = _root(covariance)
    draws = rng.normal(size=(DRAWS, len(b))) @ spread.T
    first = b[begins]
    inverse = np.linalg.pinv(covariance[np.ix_(begins, begins)], rcond=PIVOT, hermitian=True)
    alike = _unlikeness(inverse.astype(np.float64))
    apart = float(first @ alike @ first)
    order = [int(i) for i in np.argsort(-point.effects[:, 0], kind="stable")]
    top = order[:k]
    near = [top, *([*top[:i], *top[i + 1 :], other] for i in range(k) for other in order[k : k + NEXT])]

    def ruled_out(chosen: list[int], u: float) -> bool:
        weight = np.where(np.isin(owner, chosen), -(1.0 - u), u)
        form = own * weight[:, None]
        observed = float(b @ form @ b)
        if observed <= 0:
            return False
        nearest = _on_border(b, covariance, form)
        luck = nearest + draws
        if float((_forms(luck, form) >= observed).mean()) < BY_CARRYING:
            return True
        two = np.full(p, np.sqrt(k * (1 - u) / ((p - k) * u)))
        two[chosen] = 1.0
        size = float(two @ inverse @ first) / max(float(two @ inverse @ two), 1e-300)
        return float((_forms(size * two + draws[:, begins], alike) <= apart).mean()) < BY_LIKENESS

    if not all(ruled_out(chosen, GOAL) for chosen in near):
        low, high = GOAL, 1.0
    else:
        low, high = k / p, GOAL
    for _ in range(STEPS):
        middle = (low + high) / 2
        if ruled_out(top, middle):
            high = middle
        else:
            low = middle
    # Where much more is carried by the rest than 20%, choosing anew in each replicate sees it too, at 1%.
    largest = -np.sort(-replicates.direct, axis=0)
    whole = largest.sum(axis=0)
    anew = np.divide(largest[:k].sum(axis=0), whole, out=np.ones_like(whole), where=whole > 0)
    return min(high, float(np.quantile(anew, ANEW, method="higher")))


def _forms(x: Array, form: Array) -> Array:
    """Return x'Ax of each row."""
    return np.asarray(((x @ form) * x).sum(axis=1))


def _unlikeness(inverse: Array) -> Array:
    """Return the form that is χ² when coefficients with that inverse covariance are all the same."""
    sums = inverse.sum(axis=1)
    return np.asarray(inverse - np.outer(sums, sums) / max(float(sums.sum()), 1e-300))


def _root(covariance: Array) -> Array:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _on_border(b: Array, covariance: Array, form: Array) -> Array:
    """Return the coefficients nearest to b, in units of their uncertainty, for which ``form`` is 0.

    They solve (V⁻¹ + λA) x = V⁻¹ b, so x = (I + λVA)⁻¹ b; b'Ab falls as λ grows from 0.
    """
    product = covariance @ form
    # The largest λ for which the matrix stays positive comes from the most negative eigenvalue.
    lowest = float(np.linalg.eigvals(product).real.min())
    low, high = 0.0, (1.0 - 1e-9) / max(-lowest, 1e-300)
    identity = np.eye(len(b))
    x = b
    for _ in range(40):
        middle = (low + high) / 2
        x = np.linalg.solve(identity + middle * product, b).astype(np.float64)
        if float(x @ form @ x) > 0:
            low = middle
        else:
            high = middle
    return np.asarray(x)


def _ranked(rank: int, k: int) -> tuple[int, ...]:
    """Return the set of k that stands at `rank` when sets are ordered by their bits (combinatorial numbers)."""
    players = []
    for size in range(k, 0, -1):
        c = size - 1
        while comb(c + 1, size) <= rank:
            c += 1
        rank -= comb(c, size)
        players.append(c)
    return tuple(players)


def _candidates(point: Estimates, problem: Problem, score: Callable[[Array, Array], Array]) -> npt.NDArray[np.int64]:
    """Return the sets of k that predict most, so many as are looked at."""
    k = problem.k
    if point.subsets is not None:
        order = np.argsort(-point.subsets.sets, kind="stable")[:CANDIDATES]
        return np.array([_ranked(int(rank), k) for rank in order], dtype=np.int64)
    taken = [int(i) for i in best_forward(point.corr, problem.groups, k, score)[0][0]]
    rest = [i for i in range(problem.p) if i not in taken]
    near = [taken, *([*taken[:i], other, *taken[i + 1 :]] for i in range(k) for other in rest)]
    sets = np.array(near, dtype=np.int64)
    reached = _scores(point.corr, problem, sets, score)[:, 0]
    return np.asarray(sets[np.argsort(-reached, kind="stable")[:CANDIDATES]])


def _scores(
    corr: Array, problem: Problem, sets: npt.NDArray[np.int64], score: Callable[[Array, Array], Array]
) -> Array:
    """Return adjusted R² of each set in each matrix: shape (sets, R)."""
    from cxmining.drivers import loops

    matrix, begins, ends = laid_out(corr, problem.groups)
    r2 = np.empty((len(sets), len(corr)))
    loops.r2_of_sets(matrix, begins, ends, sets, r2)
    return score(r2, (ends - begins)[sets].sum(axis=1)[:, None].astype(np.float64))


def predicted_at_most(
    point: Estimates,
    replicates: Estimates,
    problem: Problem,
    score: Callable[[Array, Array, bool], Array],
) -> float:
    """Return the 95% upper bound of ψ_K: what any K players predict, of what all predict.

    Parameters
    ----------
    point, replicates : Estimates
        The estimate and its bootstrap.
    problem : Problem
        Who gets credit.
    score : callable
        R², number of columns and whether these are replicates, to adjusted R².

    Returns
    -------
    float
        Possibly above 1, infinite where all together may predict nothing.
    """
    sets = _candidates(point, problem, lambda r2, columns: score(r2, columns, False))
    reached = _scores(point.corr, problem, sets, lambda r2, columns: score(r2, columns, False))[:, 0]
    again = _scores(replicates.corr, problem, sets, lambda r2, columns: score(r2, columns, True))
    width = np.array(float(problem.q))
    whole = score(point.partial, width, False)[0]
    wholes = score(replicates.partial, width, True)
    centred = wholes - wholes.mean()
    count = len(wholes) - 1
    var_b = float(centred @ centred) / count
    cov = (again - again.mean(axis=1, keepdims=True)) @ centred / count
    upper = ratio_upper(reached, np.full(len(sets), whole), again.var(axis=1, ddof=1), cov, np.full(len(sets), var_b))
    return float(upper.max())
