"""R² of every subset of touchpoints, in one pass.

Breadth-first Schur doubling: after k players, one long vector per pair of remaining columns holds
their conditional covariance given each of the 2^k subsets. One more player doubles the vectors:
the first half is a copy, the second half one Schur complement. All replicates of a bootstrap go
through together, behind the subsets. A player may be several columns (a touchpoint's exposure and
its score): then the complement is taken column by column before the result is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["PIVOT", "chain_r2", "correlations", "popcount", "subset_r2"]

Array = npt.NDArray[np.float64]

PIVOT: Final = 1e-9
"""A column of which less than this part of its variance is left counts as explained by the others:
it adds nothing, which is the exact R² of a space that it does not widen."""


def popcount(p: int) -> npt.NDArray[np.intp]:
    """Return the size of each of the 2^p subsets; bit j of the index says that player j is in.

    Examples
    --------
    >>> popcount(2).tolist()
    [0, 1, 1, 2]
    """
    size = np.zeros(1, dtype=np.intp)
    for _ in range(p):
        size = np.concatenate([size, size + 1])
    return size


def correlations(moments: Array, always: int) -> tuple[Array, Array]:
    """Partial the first columns out of moment matrices and scale what is left to correlations.

    Parameters
    ----------
    moments : array of shape (R, m, m)
        Weighted cross products of ``[1, controls…, columns…, score]``.
    always : int
        How many columns are always in: the constant and the controls.

    Returns
    -------
    corr : array of shape (R, m - always, m - always)
        Correlations given the controls, the score last; a column without variance is zero.
    left : array of shape (R,)
        The part of the score's variance that the controls leave.

    Examples
    --------
    >>> z = np.array([[1.0, 1.0, 2.0], [1.0, 2.0, 4.0], [1.0, 3.0, 6.5]])
    >>> corr, left = correlations((z.T @ z)[None], 1)
    >>> round(float(corr[0, 0, 1]) ** 2, 4), left.tolist()
    (0.9959, [1.0])
    """
    cov = np.array(moments, dtype=np.float64)
    start = np.zeros(())
    for c in range(always):
        if c == 1:
            start = np.einsum("rii->ri", cov).copy()
        pivot = cov[:, c, c]
        floor = PIVOT * (start[:, c] if c else pivot)
        inverse = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=pivot > floor)
        cov -= cov[:, :, c, None] * (cov[:, c, :] * inverse[:, None])[:, None, :]
    diagonal = np.einsum("rii->ri", cov).copy()
    if start.ndim == 0:
        start = diagonal.copy()
    total = start[:, -1]
    alive = diagonal > PIVOT * np.maximum(start, np.finfo(float).tiny)
    scale = np.divide(1.0, np.sqrt(np.where(alive, diagonal, 1.0)), out=np.zeros_like(diagonal), where=alive)
    corr = cov * scale[:, :, None] * scale[:, None, :]
    left = np.divide(diagonal[:, -1], total, out=np.zeros_like(total), where=total > 0)
    return corr[:, always:, always:], np.clip(left, 0.0, 1.0)


def subset_r2(corr: Array, groups: Sequence[Sequence[int]]) -> Array:
    """Return R² of the score on every subset of players, for a batch of correlation matrices.

    Parameters
    ----------
    corr : array of shape (R, q + 1, q + 1)
        Correlations, the score last.
    groups : sequence of sequences of int
        The columns of each of p players.

    Returns
    -------
    array of shape (2^p, R)
        Row S: bit j of S says that player j is in.

    References
    ----------
    Lindeman, Merenda & Gold (1980); Grömping (2006), Journal of Statistical Software 17(1).

    Examples
    --------
    >>> corr = np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.5], [0.6, 0.5, 1.0]]])
    >>> subset_r2(corr, [[0], [1]]).round(2).ravel().tolist()
    [0.0, 0.36, 0.25, 0.61]
    """
    replicates = corr.shape[0]
    order = [c for group in groups for c in group]
    order.append(corr.shape[1] - 1)
    state = np.ascontiguousarray(np.moveaxis(corr, 0, -1)[np.ix_(order, order)])
    width, length = len(order), replicates
    sizes, w = [], width
    for k, group in enumerate(groups):
        w -= len(group)
        sizes.append(w * w * (replicates << (k + 1)))
    # Two buffers in turn: fresh memory for every level would cost more than the arithmetic.
    buffers = [np.empty(max(sizes[0::2], default=1)), np.empty(max(sizes[1::2], default=1))]
    scratch = np.empty(max((s // 2 for s in sizes), default=1) + width * replicates * 2)
    for k, group in enumerate(groups):
        g = len(group)
        width -= g
        new = buffers[k % 2][: width * width * 2 * length].reshape(width, width, 2, length)
        for a in range(width):
            new[a, a:, 0] = state[g + a, g + a :]
        for c in range(g):
            pivot = state[c, c]
            inverse = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=pivot > PIVOT)
            last = c == g - 1
            for a in range(c + 1, width + g):
                if last and a < g:
                    continue
                factor = state[c, a] * inverse
                row = state[c, a:]
                product = scratch[: row.size].reshape(row.shape)
                np.multiply(row, factor, out=product)
                target = new[a - g, a - g :, 1] if last else state[a, a:]
                np.subtract(state[a, a:], product, out=target)
        length *= 2
        state = new.reshape(width, width, length)
    residual = state[0, 0].reshape(1 << len(groups), replicates)
    return np.asarray(np.clip(1.0 - residual, 0.0, 1.0))


BLOCK: Final = 64
"""Matrices that are swept together: as many as stay in the cache."""


def chain_r2(corr: Array, columns: Sequence[int]) -> Array:
    """Return R² of the score as columns enter one after the other, for a batch of correlation matrices.

    Parameters
    ----------
    corr : array of shape (R, q + 1, q + 1)
        Correlations, the score last.
    columns : sequence of int
        Columns in the order they enter.

    Returns
    -------
    array of shape (len(columns), R)
        Row i: R² on the first i + 1 columns.

    Examples
    --------
    >>> corr = np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.5], [0.6, 0.5, 1.0]]])
    >>> chain_r2(corr, [1, 0]).round(2).ravel().tolist()
    [0.25, 0.61]
    """
    order = np.append(np.asarray(columns, dtype=np.intp), corr.shape[1] - 1)
    result = np.empty((len(columns), len(corr)))
    for begin in range(0, len(corr), BLOCK):
        part = slice(begin, begin + BLOCK)
        state = np.ascontiguousarray(np.moveaxis(corr[part], 0, -1)[np.ix_(order, order)])
        for c in range(len(columns)):
            pivot = state[c, c]
            inv = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=pivot > PIVOT)
            for a in range(c + 1, len(order)):
                state[a, a:] -= state[c, a:] * (state[c, a] * inv)
            result[c, part] = 1.0 - state[-1, -1]
    return np.asarray(np.clip(result, 0.0, 1.0))
