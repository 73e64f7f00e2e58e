"""What is asked of all subsets of touchpoints: fair credit, the best set of each size, how many reach the goal.

The compiled walks of `cxmining.drivers.kernels`, called with plain arrays. `cxmining.drivers.lattice` gives the
same R² in numpy, all subsets at once, and is what the tests hold these walks against.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb, factorial

import numpy as np
import numpy.typing as npt

__all__ = ["Subsets", "best_of_size", "credit_many", "laid_out", "lmg_weights", "walk_subsets"]

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Groups = Sequence[Sequence[int]]


@dataclass(frozen=True, eq=False)
class Subsets:
    """All subsets of one set of players, added up.

    Attributes
    ----------
    credit : array of shape (p,)
        LMG, in parts of the score's variance.
    best : array of shape (p + 1,)
        Per size, the highest adjusted R² of a set of that size.
    masks : array of shape (p + 1,)
        That set: bit j says that player j is in.
    reaching : array of shape (p + 1,)
        Per size, how many sets reach the goal.
    sets : array
        Adjusted R² of every set of k players.
    values : array of shape (2^p,), optional
        R² of every subset, where it was asked for.
    """

    credit: Array
    best: Array
    masks: Ints
    reaching: Ints
    sets: Array
    values: Array | None = None

    def players(self, size: int) -> tuple[int, ...]:
        """Return the best set of a size."""
        return tuple(i for i in range(len(self.credit)) if int(self.masks[size]) >> i & 1)


def lmg_weights(p: int) -> tuple[Array, Array]:
    """Return LMG's weight of a set by its size, for a player that is in it and for one that may join it.

    Examples
    --------
    >>> lmg_weights(2)
    (array([0. , 0.5, 0.5]), array([0.5, 0.5, 0. ]))
    """
    weight = np.array([factorial(s) * factorial(p - s - 1) / factorial(p) for s in range(p)])
    return np.concatenate([[0.0], weight]), np.concatenate([weight, [0.0]])


def laid_out(corr: Array, groups: Groups) -> tuple[Array, Ints, Ints]:
    """Return the matrices with the players' columns one after the other, and where each begins and ends.

    Parameters
    ----------
    corr : array of shape (R, q + 1, q + 1)
        Correlations, the score last.
    groups : sequence of sequences of int
        Columns of each player.

    Returns
    -------
    corr, begins, ends : array
        In the kernels' order.

    Examples
    --------
    >>> laid_out(np.eye(4)[None], [[2], [0, 1]])[1:]
    (array([0, 1]), array([1, 3]))
    """
    order = [c for group in groups for c in group]
    order.append(corr.shape[-1] - 1)
    ends = np.cumsum([len(g) for g in groups]).astype(np.int64)
    begins = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    if order == list(range(corr.shape[-1])):
        return np.ascontiguousarray(corr), begins, ends
    return np.ascontiguousarray(corr[:, np.asarray(order)[:, None], np.asarray(order)]), begins, ends


def _factors(width: int, score: Callable[[Array, Array], Array]) -> Array:
    """Return what 1 − R² is multiplied by, per number of columns: adjusting is linear in R²."""
    columns = np.arange(width + 1, dtype=np.float64)
    return np.asarray(1.0 - score(np.zeros(width + 1), columns))


def walk_subsets(
    corr: Array, groups: Groups, k: int, score: Callable[[Array, Array], Array], goal: float, keep: bool
) -> Subsets:
    """Walk all subsets of one correlation matrix.

    Parameters
    ----------
    corr : array of shape (q + 1, q + 1)
        Correlations, the score last.
    groups : sequence of sequences of int
        Columns of each of p players.
    k : int
        Size of the sets that are kept one by one.
    score : callable
        R² and number of columns to adjusted R², linear in R².
    goal : float
        Adjusted R² to reach.
    keep : bool
        Whether R² of all 2^p subsets is kept.

    Returns
    -------
    Subsets
        Credit, best sets, counts.

    References
    ----------
    Lindeman, Merenda & Gold (1980); Grömping (2006), Journal of Statistical Software 17(1).

    Examples
    --------
    >>> corr = np.array([[1.0, 0.0, 0.6], [0.0, 1.0, 0.5], [0.6, 0.5, 1.0]])
    >>> found = walk_subsets(corr, [[0], [1]], 1, lambda v, c: v, 0.3, True)
    >>> found.credit.round(2).tolist(), found.players(1), found.reaching.tolist()
    ([0.36, 0.25], (0,), [0, 1, 1])
    """
    from cxmining.drivers import kernels

    p = len(groups)
    matrix, _, ends = laid_out(corr[None], groups)
    joins, stays = lmg_weights(p)
    credit, best = np.empty(p), np.empty(p + 1)
    masks, reaching = np.zeros(p + 1, dtype=np.int64), np.zeros(p + 1, dtype=np.int64)
    sets = np.empty(comb(p, k))
    values = np.empty(1 << p if keep else 0)
    factor = _factors(int(ends[-1]), score)
    kernels.walk(
        matrix[0], ends, joins, stays, factor, goal, k, credit, best, masks, reaching, sets, values
    )  # fmt: skip
    return Subsets(credit, best, masks, reaching, sets, values if keep else None)


def credit_many(corr: Array, groups: Groups, k: int, score: Callable[[Array, Array], Array]) -> tuple[Array, Array]:
    """Return LMG and the best adjusted R² of k players for each of many matrices.

    Parameters
    ----------
    corr : array of shape (R, q + 1, q + 1)
        Correlations, the score last.
    groups, k, score
        As in `walk_subsets`.

    Returns
    -------
    credit : array of shape (p, R)
        LMG.
    best : array of shape (R,)
        Adjusted R².

    Examples
    --------
    >>> corr = np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.5], [0.6, 0.5, 1.0]]])
    >>> credit, best = credit_many(corr, [[0], [1]], 1, lambda v, c: v)
    >>> credit.round(2).ravel().tolist(), best.round(2).tolist()
    ([0.36, 0.25], [0.36])
    """
    from cxmining.drivers import kernels

    matrix, _, ends = laid_out(corr, groups)
    joins, stays = lmg_weights(len(groups))
    credit, best = np.empty((len(groups), len(corr))), np.empty(len(corr))
    kernels.walk_many(matrix, ends, joins, stays, _factors(int(ends[-1]), score), k, credit, best)
    return credit, best


def best_of_size(
    corr: Array, groups: Groups, k: int, score: Callable[[Array, Array], Array]
) -> tuple[npt.NDArray[np.int64], Array]:
    """Find, for each matrix, the k players that predict most together, among all sets of k.

    Parameters
    ----------
    corr, groups, k, score
        As in `credit_many`.

    Returns
    -------
    chosen : array of shape (R, k)
        Players, in no order.
    best : array of shape (R,)
        Their adjusted R².

    Examples
    --------
    >>> corr = np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.5], [0.6, 0.5, 1.0]]])
    >>> chosen, best = best_of_size(corr, [[0], [1]], 1, lambda v, c: v)
    >>> chosen.tolist(), best.round(2).tolist()
    ([[0]], [0.36])
    """
    from cxmining.drivers import loops

    matrix, begins, ends = laid_out(corr, groups)
    best, chosen = np.empty(len(corr)), np.zeros((len(corr), k), dtype=np.int64)
    loops.best_sets(matrix, begins, ends, k, _factors(int(ends[-1]), score), best, chosen)
    return chosen, best
