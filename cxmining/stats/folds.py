"""Folds that part nobody."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["deal_folds"]


def deal_folds(group: npt.ArrayLike, folds: int = 5, seed: int = 1) -> npt.NDArray[np.int64]:
    """Deal groups out to folds at random, as many rows to each as can be, and return the fold of each row.

    What stands in one group comes into one fold, so that nobody is judged by what was learned from himself.

    Parameters
    ----------
    group : array-like
        Whose row it is.
    folds : int, default 5
    seed : int, default 1

    Returns
    -------
    ndarray of int64
        From 0 up to `folds`; it depends on who shares a group, not on the names or on the order of the rows of a group.

    Examples
    --------
    >>> deal_folds(["a", "b", "a", "c"], folds=2).tolist()
    [0, 1, 0, 1]
    """
    code = pd.factorize(pd.Series(np.asarray(group)))[0]
    sizes = np.bincount(code)
    shuffled = np.random.default_rng(seed).permutation(len(sizes))
    # Large groups first, to and fro over the folds: no fold gets all of them.
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    turn = np.arange(len(sizes)) % (2 * folds)
    fold = np.empty(len(sizes), dtype=np.int64)
    fold[order] = np.minimum(turn, 2 * folds - 1 - turn)
    return fold[code]
