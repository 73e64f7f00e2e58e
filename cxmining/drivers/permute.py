"""When there are too many touchpoints for all subsets: random orders, and a stepwise search.

Each order of the players gives one Cholesky factor; the squares in its last row are what each
column adds in that order. Orders come in antithetic pairs (an order and its reverse), which takes
most of the variance out; the pairs' scatter is the standard error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from cxmining.drivers.lattice import PIVOT

__all__ = ["best_forward", "permutation_credit", "random_orders", "random_sets"]

Array = npt.NDArray[np.float64]
Groups = Sequence[Sequence[int]]


def random_orders(p: int, pairs: int, seed: int) -> npt.NDArray[np.intp]:
    """Return `pairs` random orders of p players, each followed by its reverse.

    Parameters
    ----------
    p : int
        Players.
    pairs : int
        Orders drawn.
    seed : int
        Of the draw.

    Returns
    -------
    array of shape (2 * pairs, p)
        Orders.

    Examples
    --------
    >>> orders = random_orders(4, 2, seed=1)
    >>> bool((orders[0] == orders[1][::-1]).all())
    True
    """
    rng = np.random.default_rng([seed, p])
    forward = np.stack([rng.permutation(p) for _ in range(pairs)])
    return np.stack([forward, forward[:, ::-1]], axis=1).reshape(2 * pairs, p).astype(np.intp)


def _increments(corr: Array, orders: npt.NDArray[np.intp]) -> Array:
    """Return what each column adds to R² as columns enter: one order for many matrices, or many for one."""
    last = np.full((*orders.shape[:-1], 1), corr.shape[-1] - 1)
    index = np.concatenate([orders, last], axis=-1)
    matrix = corr[..., index[..., :, None], index[..., None, :]]
    diagonal = np.arange(index.shape[-1])
    # Dead columns get a variance, aliased ones a hair: neither changes what they add (nothing).
    matrix[..., diagonal, diagonal] = 1.0 + PIVOT
    return np.asarray(np.linalg.cholesky(matrix)[..., -1, :-1] ** 2)


def permutation_credit(corr: Array, groups: Groups, orders: npt.NDArray[np.intp]) -> tuple[Array, Array]:
    """Estimate LMG from random orders.

    Parameters
    ----------
    corr : array of shape (R, q + 1, q + 1)
        Correlations, the score last.
    groups : sequence of sequences of int
        Columns of each player.
    orders : array of shape (2 * pairs, p)
        As `random_orders` gives them.

    Returns
    -------
    credit, se : array of shape (p, R)
        LMG, and its standard error over the pairs.

    References
    ----------
    Castro, Gómez & Tejada (2009); Mitchell et al. (2022) for antithetic orders.

    Examples
    --------
    >>> corr = np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.5], [0.6, 0.5, 1.0]]])
    >>> permutation_credit(corr, [[0], [1]], random_orders(2, 4, 1))[0].round(2).ravel().tolist()
    [0.36, 0.25]
    """
    p, count = len(groups), len(corr)
    pairs = len(orders) // 2
    width = np.array([len(g) for g in groups])
    owner = np.repeat(np.arange(p), width)
    columns = np.array([[c for player in order for c in groups[player]] for order in orders], dtype=np.intp)
    entering = np.array([np.repeat(order, width[order]) for order in orders])
    place = np.argsort(entering, axis=1, kind="stable")  # columns by their player
    begins = np.flatnonzero(np.diff(owner, prepend=-1))
    total, squares = np.zeros((p, count)), np.zeros((p, count))
    # One matrix: a batch of orders at a time; many matrices: one order at a time.
    step = 32 if count == 1 else 1
    for begin in range(0, pairs, step):
        part = slice(2 * begin, 2 * min(begin + step, pairs))
        if count == 1:
            added = _increments(corr[0], columns[part])[None]
        else:
            added = np.stack([_increments(corr, order) for order in columns[part]], axis=1)
        added = np.take_along_axis(added, place[None, part], axis=2)
        credit = np.add.reduceat(added, begins, axis=2)
        both = (credit[:, 0::2] + credit[:, 1::2]) / 2
        total += both.sum(axis=1).T
        squares += (both**2).sum(axis=1).T
    mean = total / pairs
    variance = np.maximum(squares / pairs - mean**2, 0.0) / max(pairs - 1, 1)
    return mean, np.sqrt(variance)


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


def random_sets(corr: Array, groups: Groups, k: int, orders: npt.NDArray[np.intp]) -> tuple[Array, Array]:
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
        r2[i] = _increments(corr[:1], np.array(columns, dtype=np.intp)).sum()
        widths[i] = len(columns)
    return r2, widths
