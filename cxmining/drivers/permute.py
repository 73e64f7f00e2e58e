"""When there are too many touchpoints for all subsets: random orders, and a stepwise search.

Each order of the players gives one Cholesky factor; the squares in its last row are what each
column adds in that order. Orders come in blocks: one drawn, its cyclic shifts, and all reversed, which
takes most of the variance out; the blocks' scatter is the standard error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from cxmining.drivers.lattice import PIVOT, chain_r2
from cxmining.drivers.subsets import laid_out

__all__ = ["best_forward", "permutation_credit", "random_orders", "random_sets"]

Array = npt.NDArray[np.float64]
Groups = Sequence[Sequence[int]]


def random_orders(p: int, blocks: int, seed: int, shifts: int | None = None) -> npt.NDArray[np.int64]:
    """Return random orders of p players in blocks: an order, its cyclic shifts, and all of them reversed.

    Within a block of all shifts each player stands in each place twice.

    Parameters
    ----------
    p : int
        Players.
    blocks : int
        Orders drawn.
    seed : int
        Of the draw.
    shifts : int, optional
        Shifts per block, evenly spaced; default p.

    Returns
    -------
    array of shape (blocks, 2 * shifts, p)
        Orders.

    Examples
    --------
    >>> orders = random_orders(4, 2, seed=1)
    >>> orders.shape, bool((orders[0, 0] == orders[0, 4][::-1]).all())
    ((2, 8, 4), True)
    """
    rng = np.random.default_rng([seed, p])
    steps = np.arange(p) if shifts is None or shifts >= p else np.arange(shifts) * p // shifts
    forward = np.stack([rng.permutation(p) for _ in range(blocks)])
    shifted = np.stack([np.roll(forward, int(step), axis=1) for step in steps], axis=1)
    return np.concatenate([shifted, shifted[:, :, ::-1]], axis=1).astype(np.int64)


def permutation_credit(corr: Array, groups: Groups, orders: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    """Estimate LMG from random orders.

    Parameters
    ----------
    corr : array of shape (R, q + 1, q + 1)
        Correlations, the score last.
    groups : sequence of sequences of int
        Columns of each player.
    orders : array of shape (blocks, m, p)
        As `random_orders` gives them.

    Returns
    -------
    credit, se : array of shape (p, R)
        LMG, and its standard error over the blocks (missing for a single one).

    References
    ----------
    Castro, Gómez & Tejada (2009); Mitchell et al. (2022) for antithetic orders.

    Examples
    --------
    >>> corr = np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.5], [0.6, 0.5, 1.0]]])
    >>> permutation_credit(corr, [[0], [1]], random_orders(2, 4, 1))[0].round(2).ravel().tolist()
    [0.36, 0.25]
    """
    from cxmining.drivers import loops

    p, blocks = len(groups), len(orders)
    matrix, begins, ends = laid_out(corr, groups)
    credit, se = np.empty((p, len(corr))), np.full((p, len(corr)), np.nan)
    for r, one in enumerate(matrix):
        each = np.zeros((blocks, p))
        for block in range(blocks):
            loops.credit_of_orders(one, begins, ends, orders[block], each[block])
        credit[:, r] = each.mean(axis=0)
        if blocks > 1:
            se[:, r] = each.std(axis=0, ddof=1) / np.sqrt(blocks)
    return credit, se


def best_forward(
    corr: Array, groups: Groups, k: int, score: Callable[[Array, Array], Array]
) -> tuple[npt.NDArray[np.intp], Array]:
    """Search k players that predict most: each step takes the one that adds most.

    Parameters
    ----------
    corr : array of shape (R, q + 1, q + 1)
        Correlations, the score last.
    groups : sequence of sequences of int
        Columns of each player.
    k : int
        Players to take.
    score : callable
        R² and number of columns to what is maximised (adjusted R²).

    Returns
    -------
    chosen : array of shape (R, k)
        Players in the order taken.
    reached : array of shape (R,)
        Score of all k.

    Examples
    --------
    >>> corr = np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.5], [0.6, 0.5, 1.0]]])
    >>> best_forward(corr, [[0], [1]], 1, lambda v, c: v)[0].tolist()
    [[0]]
    """
    count = len(corr)
    state = np.array(corr)
    chosen = np.empty((count, k), dtype=np.intp)
    used = np.zeros(count)
    reached = np.zeros(count)
    taken = np.zeros((len(groups), count), dtype=bool)
    gains = np.empty((len(groups), count))
    widths = np.array([len(g) for g in groups], dtype=np.float64)
    every = np.arange(count)
    for step in range(k):
        for player, group in enumerate(groups):
            g = np.asarray(group)
            # What the taken ones explain already is rounding noise: no column any more.
            alive = state[:, g, g] > PIVOT
            toward = np.where(alive, state[:, g, -1], 0.0)
            inside = np.where(alive[:, :, None] & alive[:, None, :], state[:, g[:, None], g], 0.0)
            inverse = np.linalg.pinv(inside, rcond=PIVOT, hermitian=True)
            gains[player] = np.einsum("ri,rij,rj->r", toward, inverse, toward)
        r2 = 1 - state[:, -1, -1] + gains
        value = np.stack([score(r2[i], used + widths[i]) for i in range(len(groups))])
        value[taken] = -np.inf
        pick = np.argmax(value, axis=0)
        chosen[:, step] = pick
        reached = value[pick, every]
        used += widths[pick]
        taken[pick, every] = True
        for player in np.unique(pick):
            rows = np.flatnonzero(pick == player)
            for c in groups[player]:
                pivot = state[rows, c, c]
                inverse = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=pivot > PIVOT)
                column = state[rows, :, c]
                state[rows] -= column[:, :, None] * (column * inverse[:, None])[:, None, :]
    return chosen, reached


def random_sets(corr: Array, groups: Groups, k: int, orders: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    """Return R² and number of columns of the first k players of each order.

    Parameters
    ----------
    corr : array of shape (1, q + 1, q + 1)
        Correlations, the score last.
    groups : sequence of sequences of int
        Columns of each player.
    k : int
        Players per set.
    orders : array of shape (m, p)
        Orders.

    Returns
    -------
    r2, columns : array of shape (m,)
        One value per order.
    """
    r2, widths = np.empty(len(orders)), np.empty(len(orders))
    for i, order in enumerate(orders):
        columns = [c for player in order[:k] for c in groups[player]]
        r2[i] = chain_r2(corr[:1], columns)[-1, 0]
        widths[i] = len(columns)
    return r2, widths
