"""Fair credit out of the lattice: LMG (Shapley), and PMVD as second opinion."""

from __future__ import annotations

from math import factorial

import numpy as np
import numpy.typing as npt

from cxmining.drivers.lattice import popcount

__all__ = ["lmg", "pmvd"]

Array = npt.NDArray[np.float64]


def lmg(values: Array) -> Array:
    """Return each player's LMG (Shapley) part of the R² of all players.

    Parameters
    ----------
    values : array of shape (2^p, R)
        R² per subset and replicate, as `subset_r2` gives it.

    Returns
    -------
    array of shape (p, R)
        Sums over players to the last row of `values`.

    References
    ----------
    Lindeman, Merenda & Gold (1980); Budescu (1993); Grömping (2006).

    Examples
    --------
    >>> lmg(np.array([[0.0], [0.36], [0.25], [0.61]])).round(2).ravel().tolist()
    [0.36, 0.25]
    """
    p = values.shape[0].bit_length() - 1
    size = popcount(p)
    weight = np.array([factorial(s) * factorial(p - s - 1) / factorial(p) for s in range(p)])
    joins = np.concatenate([[0.0], weight])[size]
    stays = np.concatenate([weight, [0.0]])[size]
    without = stays @ values
    folded = values * (joins + stays)[:, None]
    result = np.empty((p, values.shape[1]))
    # Halving: the subsets with the highest player are the upper half; then fold the halves together.
    for player in range(p - 1, -1, -1):
        half = folded.shape[0] // 2
        result[player] = folded[half:].sum(axis=0) - without
        folded = folded[:half] + folded[half:]
    return result


def pmvd(values: Array) -> Array:
    """Return each player's PMVD: credit that a player without own contribution never gets.

    Parameters
    ----------
    values : array of shape (2^p, R)
        R² per subset and replicate.

    Returns
    -------
    array of shape (p, R)
        Sums over players to the last row of `values`.

    References
    ----------
    Feldman (2005), "Relative importance and value"; Grömping (2007).

    Examples
    --------
    >>> pmvd(np.array([[0.0], [0.36], [0.36], [0.36]])).round(2).ravel().tolist()
    [0.18, 0.18]
    """
    p = values.shape[0].bit_length() - 1
    whole = values[-1]
    lost = whole[None, :] - values[::-1]  # reversed index = complement: v(N) - v(N without T)
    # w(T) = 0 has no inverse; its limit is what a vanishing positive value gives.
    lost = np.maximum(lost, 1e-12 * np.maximum(whole, np.finfo(float).tiny)[None, :])
    size = popcount(p)
    index = np.arange(1 << p)
    path = np.zeros_like(values)
    path[0] = 1.0
    for s in range(1, p + 1):
        level = index[size == s]
        total = np.zeros((len(level), values.shape[1]))
        for player in range(p):
            inside = (level >> player) & 1 == 1
            total[inside] += path[level[inside] ^ (1 << player)]
        path[level] = total / lost[level]
    full = (1 << p) - 1
    return np.stack([path[full ^ (1 << player)] / path[full] for player in range(p)])
